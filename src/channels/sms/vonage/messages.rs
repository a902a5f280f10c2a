//! What the Messages API tells (specification `sms`, part B): messages, files, and what became of ours.

use chrono::DateTime;
use entities::{
    ChannelKind, Consequence, Happening, Inbound, InboundMedia, InboundMessage, MediaAuth, MessageType, Party, ProviderError, Receipt,
    ReceiptStatus, Timestamp,
};
use serde_json::Value;

use super::credential::{api_key, api_secret};
use crate::channels::{
    adapter::{Unreadable, Unsupported},
    call::{MediaCall, MediaSource},
    credential::Credential,
    sms::{
        calls::{basic, member},
        keywords, media, phone, words,
    },
    tidy,
};

/// Vonage's own hosts, which get our name and password.
const MEDIA_HOSTS: &[&str] = &["api.nexmo.com", "api-us.nexmo.com", "api-eu.nexmo.com", "api-ap.nexmo.com"];

/// Reads a notification.
///
/// # Errors
/// [`Unreadable`] if it names no message, or nobody.
pub fn read(json: &Value) -> Result<Vec<Inbound>, Unreadable> {
    let id = Some(member(json, "message_uuid")).filter(|id| !id.is_empty()).ok_or_else(|| Unreadable("no message_uuid".to_owned()))?;
    let at = DateTime::parse_from_rfc3339(&member(json, "timestamp")).ok().map(|at| Timestamp::new(at.to_utc()));
    let status = member(json, "status");
    let (account, happenings) = if status.is_empty() {
        let account = phone::ours(&member(json, "to"));
        let contact = phone::contact(&member(json, "from"), &account).ok_or_else(|| Unreadable("no from".to_owned()))?;
        let message = message(json, id, Party::of(contact.clone()));
        let body = member(json, "text");
        let preference = keywords::wish(&body, &account).and_then(|wish| keywords::preference(wish, contact, &body));
        (account, [Some(Happening::Message(Box::new(message))), preference].into_iter().flatten().collect())
    } else {
        (phone::ours(&member(json, "from")), vec![receipt(json, id, &status)])
    };
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at, what };
    Ok(happenings.into_iter().map(inbound).collect())
}

fn message(json: &Value, id: String, party: Party) -> InboundMessage {
    let mut message = InboundMessage::text(id, party, tidy::message(&member(json, "text")));
    let kind = member(json, "message_type");
    if let Some(file) = json.get(&kind).filter(|file| file.get("url").is_some()) {
        let file = of_kind(&kind, file);
        message.kind = file.kind;
        message.media.push(file);
        if message.text.is_empty() {
            message.text = tidy::message(&member(json.get(&kind).unwrap_or(json), "caption"));
        }
    } else if message.text.is_empty() && !matches!(kind.as_str(), "" | "text") {
        message.kind = MessageType::Unsupported;
        words::UNKNOWN.clone_into(&mut message.text);
    } else if message.text.is_empty() {
        words::EMPTY.clone_into(&mut message.text);
    }
    message
}

fn of_kind(kind: &str, file: &Value) -> InboundMedia {
    let kind = match kind {
        "image" => MessageType::Image,
        "video" => MessageType::Video,
        "audio" => MessageType::Audio,
        "vcard" => MessageType::Contacts,
        _ => MessageType::Document,
    };
    InboundMedia {
        kind,
        id: None,
        url: Some(member(file, "url")).filter(|url| !url.is_empty()),
        mime: None,
        filename: tidy::name(&member(file, "name")),
        size: None,
        sha256: None,
        auth: MediaAuth::Basic,
        expires_at: None,
    }
}

fn receipt(json: &Value, id: String, word: &str) -> Happening {
    let status = match word {
        "submitted" => ReceiptStatus::Accepted,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "rejected" | "undeliverable" => ReceiptStatus::Failed,
        _ => return Happening::Ignored { reason: format!("message status {}", tidy::name(word).unwrap_or_default()) },
    };
    let error = (status == ReceiptStatus::Failed).then(|| error(json.get("error").unwrap_or(&Value::Null), word));
    let own_id = Some(member(json, "client_ref")).filter(|id| !id.is_empty());
    Happening::Receipt(Receipt { target: id, own_id, status, error, consequence: Consequence::None })
}

/// An error as receipts and answers have it (RFC 9457): the code is its title, or stands behind the hash of its type.
pub fn error(json: &Value, otherwise: &str) -> ProviderError {
    let title = member(json, "title");
    let (kind, detail) = (member(json, "type"), tidy::name(&member(json, "detail")));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let code = kind.rsplit_once('#').map(|(_, code)| code).filter(|code| number(code)).or_else(|| number(&title).then_some(title.as_str()));
    let said = tidy::name(&title).filter(|title| !number(title));
    let error = |title: Option<String>| {
        ProviderError::new(code.unwrap_or(otherwise), title.unwrap_or_else(|| "Vonage does not say why".to_owned()))
    };
    match (said, detail) {
        (Some(title), Some(detail)) => error(Some(title)).with_detail(detail),
        (title, detail) => error(title.or(detail)),
    }
}

/// How a file is fetched.
///
/// # Errors
/// [`Unsupported`] for an address that is none of the web.
pub fn media(credential: &Credential, file: &InboundMedia) -> Result<MediaCall, Unsupported> {
    Ok(MediaCall::Direct(MediaSource {
        url: media::address(file)?,
        headers: vec![("authorization", basic(api_key(credential), api_secret(credential)))],
        trusted_hosts: MEDIA_HOSTS,
        follow_redirects: true,
        html_means_unauthorised: false,
    }))
}
