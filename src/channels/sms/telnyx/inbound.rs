//! What Telnyx tells: messages that came in, and what became of ours (specification `sms`, part C).

use chrono::DateTime;
use entities::{
    ChannelKind, Consequence, Happening, Inbound, InboundMedia, InboundMessage, MediaAuth, MessageId, MessageType, Party, ProviderError,
    Receipt, ReceiptStatus, Timestamp,
};
use serde_json::Value;

use super::classify;
use crate::channels::{
    adapter::{Notification, Unreadable},
    sms::{calls::member, keywords, media, phone, words},
    tidy,
};

/// Most files that are read of one message.
const MEDIA_MAX: usize = 10;

/// Reads a notification.
///
/// # Errors
/// [`Unreadable`] if it is no JSON, or a message of nobody.
pub fn parse(notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    let json: Value = serde_json::from_slice(&notification.body).map_err(|error| Unreadable(error.to_string()))?;
    let data = json.get("data").ok_or_else(|| Unreadable("no data".to_owned()))?;
    let payload = data.get("payload").unwrap_or(&Value::Null);
    let instant = |json: &Value, name: &str| DateTime::parse_from_rfc3339(&member(json, name)).ok().map(|at| Timestamp::new(at.to_utc()));
    let (account, at, happenings) = match member(data, "event_type").as_str() {
        "message.received" => {
            let account = our_end(payload);
            let happenings = message(payload, &account)?;
            (account, instant(payload, "received_at").or_else(|| instant(data, "occurred_at")), happenings)
        }
        "message.sent" | "message.finalized" => {
            let account = phone::ours(&end(payload.get("from")));
            (account.clone(), instant(data, "occurred_at"), receipt(payload, &account)?)
        }
        other => {
            let reason = format!("event {}", tidy::name(other).unwrap_or_default());
            (String::new(), None, vec![Happening::Ignored { reason }])
        }
    };
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at, what };
    Ok(happenings.into_iter().map(inbound).collect())
}

/// The number at an end.
fn end(end: Option<&Value>) -> String {
    end.map(|end| member(end, "phone_number")).unwrap_or_default()
}

/// Which of the recipients of a group message we are: the one whose webhook this is.
fn our_end(payload: &Value) -> String {
    let ends = payload.get("to").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let ours = ends.iter().find(|end| member(end, "status") == "webhook_delivered").or_else(|| ends.first());
    phone::ours(&end(ours))
}

fn message(payload: &Value, account: &str) -> Result<Vec<Happening>, Unreadable> {
    let id = Some(member(payload, "id")).filter(|id| !id.is_empty()).ok_or_else(|| Unreadable("no id".to_owned()))?;
    let contact = phone::contact(&end(payload.get("from")), account).ok_or_else(|| Unreadable("nobody sent it".to_owned()))?;
    let body = member(payload, "text");
    let subject = member(payload, "subject");
    let shown = if subject.trim().is_empty() { body.clone() } else { format!("{subject}\n{body}") };
    let mut message = InboundMessage::text(id, Party::of(contact.clone()), tidy::message(&shown));
    let files = payload.get("media").and_then(Value::as_array).into_iter().flatten();
    message.media = files.take(MEDIA_MAX).filter_map(file).collect();
    if let Some(first) = message.media.first() {
        message.kind = first.kind;
    } else if message.text.is_empty() {
        message.kind = MessageType::Text;
        words::EMPTY.clone_into(&mut message.text);
    }
    let preference = keywords::wish(&body, account).and_then(|wish| keywords::preference(wish, contact, &body));
    Ok([Some(Happening::Message(Box::new(message))), preference].into_iter().flatten().collect())
}

fn file(file: &Value) -> Option<InboundMedia> {
    let text = |name: &str| Some(member(file, name)).filter(|text| !text.is_empty());
    let mime = text("content_type").map(|mime| mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    Some(InboundMedia {
        kind: media::kind(mime.as_deref().unwrap_or_default()),
        id: None,
        url: Some(text("url")?),
        mime,
        filename: None,
        size: file.get("size").and_then(Value::as_u64),
        sha256: text("hash_sha256").map(|hash| hash.to_ascii_lowercase()),
        auth: MediaAuth::None,
        expires_at: None,
    })
}

fn receipt(payload: &Value, account: &str) -> Result<Vec<Happening>, Unreadable> {
    let target = Some(member(payload, "id")).filter(|id| !id.is_empty()).ok_or_else(|| Unreadable("no id".to_owned()))?;
    let to = payload.pointer("/to/0");
    let word = to.map(|end| member(end, "status")).unwrap_or_default();
    let status = match word.as_str() {
        "queued" | "sending" => ReceiptStatus::Accepted,
        // Nobody will ever say more about one that is not confirmed.
        "sent" | "delivery_unconfirmed" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "sending_failed" | "delivery_failed" => ReceiptStatus::Failed,
        _ => return Ok(vec![Happening::Ignored { reason: format!("message status {}", tidy::name(&word).unwrap_or_default()) }]),
    };
    let error = (status == ReceiptStatus::Failed).then(|| {
        classify::first_error(payload).unwrap_or_else(|| ProviderError::new(word.clone(), "not delivered, and Telnyx does not say why"))
    });
    let opted_out = error.as_ref().is_some_and(|error| error.code == classify::OPTED_OUT);
    let contact = opted_out.then(|| phone::contact(&end(to), account)).flatten();
    let receipt = Receipt { target, own_id: own_id(payload), status, error, consequence: Consequence::None };
    Ok([Some(Happening::Receipt(receipt)), contact.map(keywords::opted_out)].into_iter().flatten().collect())
}

/// The tag that is an id of ours.
fn own_id(payload: &Value) -> Option<String> {
    let tags = payload.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    tags.filter(|tag| tag.parse::<MessageId>().is_ok()).map(str::to_owned).next()
}
