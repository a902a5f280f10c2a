//! What Vonage tells. Messages of the SMS API, and its receipts, are read here; those of the Messages API in [`messages`].

use chrono::NaiveDateTime;
use entities::{
    ChannelKind, Consequence, Happening, Inbound, InboundMessage, MessageType, Party, ProviderError, Receipt, ReceiptStatus, Timestamp,
};
use serde_json::Value;

use super::{messages, parts};
use crate::channels::{
    adapter::{Notification, Unreadable},
    sms::{keywords, parameters::Parameters, phone, words},
    tidy,
};

/// The type of a form, and of a query.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Reads a notification.
///
/// # Errors
/// [`Unreadable`] if it names no message, or nobody.
pub fn parse(notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    if notification.content_type != super::verify::JSON {
        return read(&Parameters::from_form(&notification.body));
    }
    let json: Value = serde_json::from_slice(&notification.body).map_err(|error| Unreadable(error.to_string()))?;
    if json.get("message_uuid").is_some() { messages::read(&json) } else { read(&Parameters::from_json(&json)) }
}

/// A notification of the SMS API, in whichever of its three shapes.
fn read(parameters: &Parameters) -> Result<Vec<Inbound>, Unreadable> {
    let account = phone::ours(parameters.get("to"));
    let at = instant(parameters.get("message-timestamp"));
    let contact = phone::contact(parameters.get("msisdn"), &account).ok_or_else(|| Unreadable("no msisdn".to_owned()))?;
    let id = parameters.some("messageId").ok_or_else(|| Unreadable("no messageId".to_owned()))?;
    let happenings = if parameters.has("status") && !parameters.has("text") {
        vec![receipt(id, parameters)]
    } else {
        let body = parameters.get("text");
        let message = message(id, Party::of(contact.clone()), parameters);
        if let Some(part) = parts::part(parameters, &message) {
            vec![Happening::Part(Box::new(part))]
        } else {
            let preference = keywords::wish(body, &account).and_then(|wish| keywords::preference(wish, contact, body));
            [Some(Happening::Message(Box::new(message))), preference].into_iter().flatten().collect()
        }
    };
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at, what };
    Ok(happenings.into_iter().map(inbound).collect())
}

fn message(id: &str, party: Party, parameters: &Parameters) -> InboundMessage {
    let mut message = InboundMessage::text(id, party, tidy::message(parameters.get("text")));
    if parameters.get("type") == "binary" {
        message.kind = MessageType::Unsupported;
        words::UNKNOWN.clone_into(&mut message.text);
    } else if message.text.is_empty() {
        words::EMPTY.clone_into(&mut message.text);
    }
    message
}

/// `2025-10-09 08:53:20`, in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().map(|at| Timestamp::new(at.and_utc()))
}

fn receipt(id: &str, parameters: &Parameters) -> Happening {
    let word = parameters.get("status");
    let status = match word {
        // The carrier has it, or keeps it for a handset that is off.
        "accepted" | "buffered" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "expired" | "failed" | "rejected" => ReceiptStatus::Failed,
        _ => return Happening::Ignored { reason: format!("message status {}", tidy::name(word).unwrap_or_default()) },
    };
    let code = parameters.get("err-code");
    let error = (status == ReceiptStatus::Failed).then(|| ProviderError::new(if code.is_empty() { word } else { code }, meaning(code)));
    let own_id = parameters.some("client-ref").map(str::to_owned);
    Happening::Receipt(Receipt { target: id.to_owned(), own_id, status, error, consequence: Consequence::None })
}

/// `err-code` in words.
fn meaning(code: &str) -> &'static str {
    match code {
        "2" | "3" => "the handset cannot be reached",
        "4" => "the recipient blocks such messages",
        "5" => "the number has moved to another network",
        "6" => "stopped by the carrier's protection against spam",
        "7" => "the handset was busy",
        "8" => "a fault in the carrier's network",
        "9" => "the number does not exist",
        "10" => "the carrier does not take this message",
        "11" => "there is no way to this number",
        "12" => "the handset cannot be reached for now",
        "13" => "the recipient's age is not confirmed",
        "14" => "blocked by the carrier",
        "15" => "the recipient's prepaid credit is used up",
        "16" => "the recipient's quota is used up",
        "50" | "51" | "52" | "53" | "54" => "filtered",
        _ => "not delivered, for a reason that is not known",
    }
}
