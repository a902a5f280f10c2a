//! What the business is told: texts (specification `sms`, A3) and statuses (A4).

use super::Sms;
use crate::simulate::{
    provider::{Act, Acted, Notice, Refused, To, Told},
    world::{Customer, File, FileRef, Message, Side, Status, World},
};

/// The keywords of A6.
const STOP: &[&str] = &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: &[&str] = &["START", "YES", "UNSTOP"];
const HELP: &[&str] = &["HELP", "INFO"];
/// Characters of a message's part, where all are of the plain alphabet (A7).
const SEGMENT_CHARS: usize = 160;

/// A number that nobody has.
pub fn free_number(world: &World) -> String {
    let numbers = (1..10_000u32).map(|last| format!("+1500555{last:04}"));
    let mut free = numbers.filter(|number| world.customer(number).is_none() && number != "+15005550006");
    free.next().unwrap_or_default()
}

/// A SID with these two letters in front.
pub fn sid(world: &mut World, letters: &str) -> String {
    format!("{letters}{:032x}", world.next_id())
}

/// Form parameters from their names and values.
pub fn form<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Sms {
    /// The customer does something: on a telephone there is nothing but texts.
    pub(super) fn customer_does(&self, world: &mut World, key: &str, act: &Act) -> Result<Acted, Refused> {
        match act {
            Act::Write { text, file_id, .. } => {
                let wanted = |id: &String| world.file(id).cloned().ok_or_else(|| Refused::Nothing(format!("file {id}")));
                let file = file_id.as_ref().map(wanted).transpose()?;
                Ok(self.text(world, key, text, file.as_ref(), &[]))
            }
            Act::Extra { name } => match name.as_str() {
                "stop" => Ok(self.text(world, key, "STOP", None, &[])),
                "start" => Ok(self.text(world, key, "START", None, &[])),
                "help" => Ok(self.text(world, key, "HELP", None, &[])),
                "stop_advanced" => Ok(self.text(world, key, "STOP", None, &[("OptOutType", "STOP")])),
                "fallback" => {
                    let url = world.hook_url.clone();
                    Ok(self.text(world, key, "by the fallback address", None, &[("ErrorCode", "11200"), ("ErrorUrl", &url)]))
                }
                "lost" => {
                    let mut acted = self.text(world, key, "this one is only in the list of messages", None, &[]);
                    acted.notices.clear();
                    Ok(acted)
                }
                other => Err(Refused::Nothing(format!("extra {other}"))),
            },
            Act::React { .. } | Act::Press { .. } | Act::Edit { .. } | Act::Delete { .. } => Err(Refused::Unknown("a text message")),
        }
    }

    fn text(&self, world: &mut World, key: &str, body: &str, file: Option<&File>, more: &[(&str, &str)]) -> Acted {
        let id = sid(world, if file.is_some() { "MM" } else { "SM" });
        let now_ms = world.now_ms();
        let (account, segments) = (self.account_sid.as_str(), body.chars().count().div_ceil(SEGMENT_CHARS).max(1).to_string());
        let mut pairs = form([
            ("ToCountry", "US"),
            ("SmsMessageSid", &id),
            ("NumMedia", if file.is_some() { "1" } else { "0" }),
            ("SmsSid", &id),
            ("FromState", "CA"),
            ("SmsStatus", "received"),
            ("Body", body),
            ("FromCountry", "US"),
            ("To", &self.number),
            ("NumSegments", &segments),
            ("MessageSid", &id),
            ("AccountSid", account),
            ("From", key),
            ("ApiVersion", "2010-04-01"),
        ]);
        let mut message = Message::new(id.clone(), Side::Customer, if file.is_some() { "mms" } else { "sms" }, body, now_ms);
        if let Some(file) = file {
            let url = format!("{}/2010-04-01/Accounts/{account}/Messages/{id}/Media/ME{:0>32}", world.own_url, file.id);
            pairs.extend(form([("MediaContentType0", &file.mime), ("MediaUrl0", &url)]));
            let kind = file.mime.split('/').next().unwrap_or_default().to_owned();
            message.files.push(FileRef {
                kind,
                mime: file.mime.clone(),
                name: file.name.clone(),
                file_id: Some(file.id.clone()),
                link: None,
            });
        }
        pairs.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut notice =
            Notice { to: To::Hook(""), told: Told::Form(pairs), about: "message received".to_owned(), ticks: Vec::new(), after: 0 };
        notice = notice.ticking(key, &id);
        let reply = sid(world, "SM");
        if let Some(customer) = world.customer_mut(key) {
            customer.push(message);
            customer.last_wrote_ms = Some(now_ms);
            keywords(customer, body, reply, now_ms);
        }
        Acted { message_id: Some(id), notices: vec![notice] }
    }

    /// A status, if the business asked to be told (A4).
    pub(super) fn status(&self, customer: &str, message: &Message, status: Status, code: Option<&str>) -> Option<Notice> {
        let url = message.reference.clone()?;
        let word = match status {
            Status::Accepted => return None,
            Status::Sent => "sent",
            Status::Delivered => "delivered",
            Status::Read => "read",
            // What a carrier refused was underway; what Twilio refused never was.
            Status::Failed if code.is_some_and(|code| code.starts_with("30")) => "undelivered",
            Status::Failed => "failed",
        };
        let mut pairs = form([("SmsSid", &message.id), ("SmsStatus", word), ("MessageStatus", word)]);
        if status == Status::Failed {
            pairs.extend(form([("ErrorCode", code.unwrap_or("30008"))]));
        }
        let account = self.account_sid.as_str();
        pairs.extend(form([("To", customer), ("MessageSid", &message.id), ("AccountSid", account), ("From", &self.number)]));
        pairs.extend(form([("ApiVersion", "2010-04-01")]));
        Some(Notice { to: To::Url(url), told: Told::Form(pairs), about: format!("status: {word}"), ticks: Vec::new(), after: 0 })
    }
}

/// What Twilio does by itself with a keyword (A6): it notes the wish, and answers in the business's place without telling.
fn keywords(customer: &mut Customer, body: &str, id: String, now_ms: i64) {
    let word = body.trim().to_ascii_uppercase();
    let answer = if STOP.contains(&word.as_str()) {
        customer.opted_out = true;
        "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
    } else if START.contains(&word.as_str()) && (word != "YES" || customer.opted_out) {
        customer.opted_out = false;
        "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe."
    } else if HELP.contains(&word.as_str()) {
        "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    } else {
        return;
    };
    let mut message = Message::new(id, Side::Business, "sms", answer, now_ms);
    "Twilio".clone_into(&mut message.author);
    message.status = Status::Delivered;
    customer.push(message);
}
