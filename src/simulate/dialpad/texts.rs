//! Texts (specification `dialpad` 5).

use serde_json::{Value, json};

use super::{AGENT_ID, Dialpad, OFFICE_ID, fresh_id};
use crate::simulate::{
    provider::{Act, Acted, Notice, Refused, Told},
    world::{Customer, FileRef, Message, Side, Status, World},
};

/// A number that nobody has.
pub fn free_number(world: &World, own: &str) -> String {
    let numbers = (1..10_000u32).map(|last| format!("+1500555{last:04}"));
    let mut free = numbers.filter(|number| world.customer(number).is_none() && number != own);
    free.next().unwrap_or_default()
}

/// A number as it is shown, which is not to be relied on (5.1).
fn displayed(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).skip(1).collect();
    let part = |from: usize, count: usize| digits.chars().skip(from).take(count).collect::<String>();
    format!("({}) {}-{}", part(0, 3), part(3, 3), part(6, 4))
}

/// A contact's id: the same for a number for ever.
pub(super) fn contact_id(number: &str) -> u64 {
    5_910_000_000_000_000
        + number.chars().filter(char::is_ascii_digit).fold(0, |id, digit| (id * 10 + u64::from(digit) - 48) % 1_000_000_000)
}

/// Something about a text that an event tells.
pub struct Text<'a> {
    /// Its id.
    pub id: u64,
    /// When it was written.
    pub created_ms: i64,
    /// `inbound` or `outbound`.
    pub inbound: bool,
    /// Its words; nothing if they are not told.
    pub words: Option<&'a str>,
    /// Where its file lies.
    pub mms_url: Option<String>,
    /// `pending`, `success`, `failed`.
    pub status: &'static str,
    /// Why, or `accepted`.
    pub result: Option<&'a str>,
}

impl Dialpad {
    /// The event of a text.
    pub(super) fn text_event(&self, world: &World, customer: &Customer, said: &Text<'_>) -> Value {
        let (from, to) = if said.inbound { (&customer.key, &self.number) } else { (&self.number, &customer.key) };
        let target = if said.inbound {
            json!({"id": OFFICE_ID, "name": "Example Office", "phone_number": displayed(&self.number), "type": "office"})
        } else {
            json!({"id": AGENT_ID, "name": "Alex Agent", "phone_number": displayed(&self.number), "type": "user"})
        };
        let mut event = json!({
            "id": said.id, "created_date": said.created_ms, "event_timestamp": world.now_ms(),
            "direction": if said.inbound { "inbound" } else { "outbound" }, "from_number": from, "to_number": [to],
            "contact": {"id": contact_id(&customer.key), "name": customer.name, "phone_number": customer.key}, "target": target,
            "sender_id": if said.inbound { Value::Null } else { AGENT_ID.into() }, "is_internal": false, "mms": said.mms_url.is_some(),
            "mms_url": said.mms_url, "message_status": said.status, "message_delivery_result": said.result,
        });
        if let (Some(words), Some(event)) = (said.words.filter(|_| self.text_scope), event.as_object_mut()) {
            event.insert("text".to_owned(), words.into());
            event.insert("text_content".to_owned(), words.into());
        }
        event
    }

    /// The customer does something.
    pub(super) fn customer_does(&self, world: &mut World, key: &str, act: &Act) -> Result<Acted, Refused> {
        match act {
            Act::Write { text, file_id, .. } => self.write(world, key, text, file_id.as_deref(), true),
            Act::Extra { name } => match name.as_str() {
                "stop" => self.write(world, key, "STOP", None, true),
                "start" => self.write(world, key, "START", None, true),
                "without_text" => self.write(world, key, "(words that are not told)", None, false),
                "group" => self.group(world, key),
                "agent_answer" => self.agent_answer(world, key),
                call if call.starts_with("call_") => self.call(world, key, call),
                other => Err(Refused::Nothing(format!("extra {other}"))),
            },
            Act::React { .. } | Act::Press { .. } | Act::Edit { .. } | Act::Delete { .. } => Err(Refused::Unknown("a text message")),
        }
    }

    fn write(&self, world: &mut World, key: &str, words: &str, file_id: Option<&str>, told: bool) -> Result<Acted, Refused> {
        let (id, now_ms) = (fresh_id(world), world.now_ms());
        let mut message = Message::new(id.to_string(), Side::Customer, "sms", words, now_ms);
        let mut mms_url = None;
        if let Some(file_id) = file_id {
            let file = world.file(file_id).ok_or_else(|| Refused::Nothing(format!("file {file_id}")))?.clone();
            let kind = file.mime.split('/').next().unwrap_or_default().to_owned();
            mms_url = Some(format!("{}/mms/{}", world.own_url, file.id));
            message.files.push(FileRef { kind, mime: file.mime, name: file.name, file_id: Some(file.id), link: None });
        }
        let customer = world.customer_mut(key).ok_or_else(|| Refused::NoCustomer(key.to_owned()))?;
        customer.push(message);
        customer.last_wrote_ms = Some(now_ms);
        let wanted = !customer.opted_out;
        match words.trim().to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" => customer.opted_out = true,
            "START" | "UNSTOP" => customer.opted_out = false,
            _ => {}
        }
        let wants = !customer.opted_out;
        if wants != wanted {
            self.note(|books| books.wish(key, wants, now_ms));
        }
        let customer = customer.clone();
        let said =
            Text { id, created_ms: now_ms, inbound: true, words: Some(words).filter(|_| told), mms_url, status: "pending", result: None };
        let event = self.text_event(world, &customer, &said);
        let mut notices = self.tell("sms", &event, "text: inbound", 0);
        for notice in &mut notices {
            notice.ticks.push((key.to_owned(), id.to_string()));
        }
        Ok(Acted { message_id: Some(id.to_string()), notices })
    }

    fn group(&self, world: &mut World, key: &str) -> Result<Acted, Refused> {
        let mut acted = self.write(world, key, "to all of you", None, true)?;
        let everybody = json!([self.number, "+15005550008", "+15005550009"]);
        for notice in &mut acted.notices {
            let Told::Json(event) = &mut notice.told else { continue };
            if let Some(to) = event.get_mut("to_number") {
                to.clone_from(&everybody);
            }
        }
        Ok(acted)
    }

    fn agent_answer(&self, world: &mut World, key: &str) -> Result<Acted, Refused> {
        let (id, now_ms, words) = (fresh_id(world), world.now_ms(), "Yes, you can collect it.");
        let customer = world.customer_mut(key).ok_or_else(|| Refused::NoCustomer(key.to_owned()))?;
        let mut message = Message::new(id.to_string(), Side::Business, "sms", words, now_ms);
        "Alex Agent".clone_into(&mut message.author);
        message.status = Status::Delivered;
        customer.push(message);
        let customer = customer.clone();
        let said = Text { id, created_ms: now_ms, inbound: false, words: Some(words), mms_url: None, status: "pending", result: None };
        let event = self.text_event(world, &customer, &said);
        Ok(Acted { message_id: Some(id.to_string()), notices: self.tell("sms", &event, "text: outbound, by the agent", 0) })
    }

    /// The event of a text of the business (5.4), or of its end (5.5). What is only under way is not told again.
    pub(super) fn status(&self, world: &World, customer: &str, message: &Message, status: Status, code: Option<&str>) -> Vec<Notice> {
        let (Some(customer), Ok(id)) = (world.customer(customer), message.id.parse()) else { return Vec::new() };
        let (word, result) = match status {
            Status::Delivered => ("success", "accepted"),
            Status::Failed => ("failed", code.unwrap_or("internal_error")),
            Status::Accepted | Status::Sent | Status::Read => return Vec::new(),
        };
        let said = Text {
            id,
            created_ms: message.at_ms,
            inbound: false,
            words: Some(&message.text),
            mms_url: None,
            status: word,
            result: Some(result),
        };
        let event = self.text_event(world, customer, &said);
        self.tell("sms", &event, &format!("text: {word}"), 0)
    }
}
