//! What MessageBird tells: messages that came in, and what became of ours (specification `sms`, part D).
//!
//! Guarantees: names are read whatever their case, and of a name that comes several times the last value counts, as its products write.

use chrono::{DateTime, NaiveDateTime};
use entities::{
    ChannelKind, Consequence, Happening, Inbound, InboundMedia, InboundMessage, MediaAuth, MessageType, Party, ProviderError, Receipt,
    ReceiptStatus, Timestamp,
};

use crate::channels::{
    adapter::{Notification, Unreadable},
    sms::{
        calls::{OWN_ACCOUNT, OWN_ID},
        keywords,
        parameters::Parameters,
        phone, words,
    },
    tidy,
};

/// `statusErrorCode`: the recipient has said STOP.
const OPTED_OUT: &str = "103";
/// Most files that are read of one message.
const MEDIA_MAX: usize = 10;

/// Parameters whose names are in lower case.
#[derive(Debug, Default)]
pub struct Folded(Vec<(String, String)>);

impl Folded {
    /// Of a body or a query.
    pub fn of(bytes: &[u8], content_type: &str) -> Self {
        let parameters = if content_type == "application/json" {
            Parameters::from_json(&serde_json::from_slice(bytes).unwrap_or_default())
        } else {
            Parameters::from_form(bytes)
        };
        Self(parameters.pairs().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect())
    }

    /// The last value of a name; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The last value that is not empty, of the first name that has one.
    pub fn any(&self, names: &[&str]) -> &str {
        names.iter().map(|name| self.get(name)).find(|value| !value.is_empty()).unwrap_or_default()
    }

    /// Every value of a name that is a list: `name`, `name[]`, `name[0]`, …
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_list = move |known: &str| known.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
        self.0.iter().filter(move |(known, value)| of_list(known) && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// Reads a notification.
///
/// # Errors
/// [`Unreadable`] if it names no message, or nobody.
pub fn parse(notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    let told = Folded::of(&notification.body, &notification.content_type);
    let is_receipt = !told.get("status").is_empty() && told.any(&["body", "message", "originator"]).is_empty();
    let id = Some(told.any(&["id", "mid", "message_id"])).filter(|id| !id.is_empty()).ok_or_else(|| Unreadable("no id".to_owned()))?;
    let (account, at, happenings) = if is_receipt {
        let account = phone::ours(told.get(OWN_ACCOUNT));
        if account.is_empty() {
            return Err(Unreadable("a receipt that does not say which number sent".to_owned()));
        }
        let happenings = receipt(&told, id, &account);
        (account, instant(told.get("statusdatetime")), happenings)
    } else {
        let account = phone::ours(told.any(&["recipient", "shortcode"]));
        let happenings = message(&told, id, &account)?;
        (account, instant(told.any(&["createddatetime", "receive_datetime"])), happenings)
    };
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at, what };
    Ok(happenings.into_iter().map(inbound).collect())
}

/// RFC 3339, or `YYYYMMDDhhmmss` in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let stated = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    let instant = stated.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").map(|at| at.and_utc()));
    instant.ok().map(Timestamp::new)
}

fn message(told: &Folded, id: &str, account: &str) -> Result<Vec<Happening>, Unreadable> {
    let contact = phone::contact(told.get("originator"), account).ok_or_else(|| Unreadable("no originator".to_owned()))?;
    let body = told.any(&["body", "message"]);
    let mut message = InboundMessage::text(id, Party::of(contact.clone()), tidy::message(body));
    message.media = told.all("mediaurls").take(MEDIA_MAX).map(file).collect();
    if !message.media.is_empty() {
        message.kind = MessageType::Document;
    } else if message.text.is_empty() {
        words::EMPTY.clone_into(&mut message.text);
    }
    let preference = keywords::wish(body, account).and_then(|wish| keywords::preference(wish, contact, body));
    Ok([Some(Happening::Message(Box::new(message))), preference].into_iter().flatten().collect())
}

/// A file of which only the address is told; the fetched bytes say what it is.
fn file(url: &str) -> InboundMedia {
    InboundMedia {
        kind: MessageType::Document,
        id: None,
        url: Some(url.to_owned()),
        mime: None,
        filename: None,
        size: None,
        sha256: None,
        auth: MediaAuth::None,
        expires_at: None,
    }
}

fn receipt(told: &Folded, id: &str, account: &str) -> Vec<Happening> {
    let word = told.get("status");
    let status = match word {
        "scheduled" => ReceiptStatus::Accepted,
        "sent" | "buffered" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "delivery_failed" | "expired" => ReceiptStatus::Failed,
        _ => return vec![Happening::Ignored { reason: format!("message status {}", tidy::name(word).unwrap_or_default()) }],
    };
    let code = told.get("statuserrorcode");
    let error = (status == ReceiptStatus::Failed).then(|| {
        let code = Some(code).filter(|code| !code.is_empty() && *code != "0");
        let reason = tidy::name(told.get("statusreason")).unwrap_or_else(|| "not delivered, and MessageBird does not say why".to_owned());
        ProviderError::new(code.unwrap_or(word), reason)
    });
    let own_id = Some(told.any(&["reference", OWN_ID])).filter(|id| !id.is_empty()).map(str::to_owned);
    let contact = if code == OPTED_OUT { phone::contact(told.get("recipient"), account) } else { None };
    let receipt = Receipt { target: id.to_owned(), own_id, status, error, consequence: Consequence::None };
    [Some(Happening::Receipt(receipt)), contact.map(keywords::opted_out)].into_iter().flatten().collect()
}
