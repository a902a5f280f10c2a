//! What Plivo tells: messages that came in, and what became of ours (specification `sms`, part E).
//!
//! Guarantees: a receipt of any part of a long message is one of the whole, which is known by its first part.

use entities::{
    ChannelKind, Consequence, Happening, Inbound, InboundMedia, InboundMessage, MediaAuth, MessageType, Party, ProviderError, Receipt,
    ReceiptStatus,
};

use crate::channels::{
    adapter::{Notification, Unreadable},
    sms::{calls::OWN_ID, keywords, parameters::Parameters, phone, words},
    tidy,
};

/// `ErrorCode`: the recipient has opted out.
const OPTED_OUT: &str = "200";
/// Most files that are read of one message.
const MEDIA_MAX: usize = 10;
/// The names of the status, for Plivo writes both.
const STATUS: [&str; 2] = ["Status", "status"];

/// Whether parameters are a receipt; else they are a message that came in.
pub fn is_receipt(parameters: &Parameters) -> bool {
    parameters.any(&STATUS).is_some() && !parameters.has("Text") && !parameters.has("Type")
}

/// Reads a notification.
///
/// # Errors
/// [`Unreadable`] if it names no message, or nobody.
pub fn parse(notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    let parameters = Parameters::from_form(&notification.body);
    let id = parameters.some("MessageUUID").ok_or_else(|| Unreadable("no MessageUUID".to_owned()))?;
    let (account, happenings) = if is_receipt(&parameters) {
        let account = phone::ours(parameters.get("From"));
        let happenings = receipt(&parameters, parameters.some("ParentMessageUUID").unwrap_or(id), &account);
        (account, happenings)
    } else {
        let account = phone::ours(parameters.get("To"));
        let happenings = message(&parameters, id, &account)?;
        (account, happenings)
    };
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at: None, what };
    Ok(happenings.into_iter().map(inbound).collect())
}

fn message(parameters: &Parameters, id: &str, account: &str) -> Result<Vec<Happening>, Unreadable> {
    let contact = phone::contact(parameters.get("From"), account).ok_or_else(|| Unreadable("no From".to_owned()))?;
    let body = parameters.get("Text");
    let mut message = InboundMessage::text(id, Party::of(contact.clone()), tidy::message(body));
    message.media = (0..MEDIA_MAX).filter_map(|at| parameters.some(&format!("Media{at}"))).map(file).collect();
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

fn receipt(parameters: &Parameters, target: &str, account: &str) -> Vec<Happening> {
    let word = parameters.any(&STATUS).unwrap_or_default();
    let status = match word {
        "queued" => ReceiptStatus::Accepted,
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "undelivered" | "failed" | "rejected" => ReceiptStatus::Failed,
        _ => return vec![Happening::Ignored { reason: format!("message status {}", tidy::name(word).unwrap_or_default()) }],
    };
    let code = parameters.some("ErrorCode");
    let error = (status == ReceiptStatus::Failed).then(|| ProviderError::new(code.unwrap_or(word), meaning(code.unwrap_or_default())));
    let contact = if code == Some(OPTED_OUT) { phone::contact(parameters.get("To"), account) } else { None };
    let own_id = parameters.some(OWN_ID).map(str::to_owned);
    let receipt = Receipt { target: target.to_owned(), own_id, status, error, consequence: Consequence::None };
    [Some(Happening::Receipt(receipt)), contact.map(keywords::opted_out)].into_iter().flatten().collect()
}

/// `ErrorCode` in words.
fn meaning(code: &str) -> &'static str {
    match code {
        "10" => "the message is not valid",
        "20" => "a fault in the carrier's network",
        "30" => "filtered as spam",
        "40" => "Plivo does not accept our number as sender",
        "50" => "the number is not valid",
        "60" => "stopped because the same text went to and fro",
        "70" | "80" => "the handset or the carrier cannot be reached",
        "90" | "100" | "110" => "blocked by a list or a limit of the carrier",
        OPTED_OUT => "the recipient has opted out (STOP)",
        "300" => "a fault in handing it over",
        "420" => "it could not be delivered in its time",
        "900" => "the account has no credit",
        _ => "not delivered, for a reason that is not known",
    }
}
