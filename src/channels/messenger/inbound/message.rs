//! Messages, echoes, pressed buttons and edits (sections 6.1 to 6.9, 6.12, 6.15, 6.19).

use entities::{Direction, Happening, Inbound, InboundMessage, MessageType};
use serde_json::{Map, Value};

use super::{Event, content};
use crate::channels::meta::read;

/// What a message of a customer tells.
pub fn told(event: &Event<'_>, said: &Value, customer: String) -> Vec<Inbound> {
    if read::marked(said, "is_deleted") {
        return vec![deletion(event, said)];
    }
    let message = message(event, said, customer, Direction::In);
    vec![event.tell(Happening::Message(Box::new(message)))]
}

/// What we said, from here or from elsewhere. What was sent from here carries our own id in `metadata`.
pub fn echo(event: &Event<'_>, said: &Value, customer: String) -> Vec<Inbound> {
    if read::marked(said, "is_deleted") {
        return vec![deletion(event, said)];
    }
    if content::mentions_story(said) {
        return vec![event.ignored("an echo of a story mention")];
    }
    let mut message = message(event, said, customer, Direction::Out);
    message.own_id = read::id(said, "metadata");
    vec![event.tell(Happening::Message(Box::new(message)))]
}

/// Unsent: what we have of it must go, whatever it was (section 6.19).
fn deletion(event: &Event<'_>, said: &Value) -> Inbound {
    match read::id(said, "mid") {
        Some(target) => event.tell(Happening::Deletion { target }),
        None => event.ignored("a deletion of nothing"),
    }
}

fn message(event: &Event<'_>, said: &Value, customer: String, direction: Direction) -> InboundMessage {
    let content = content::of(said);
    let mut details = content.details;
    if let Some(referral) = said.get("referral").filter(|referral| referral.is_object()) {
        details.insert("referral".to_owned(), read::tidied(referral));
    }
    mark(event, &mut details);
    let id = read::id(said, "mid").unwrap_or_else(|| derived(event, &customer, &[content.text.as_bytes(), said.to_string().as_bytes()]));
    InboundMessage {
        direction,
        kind: content.kind,
        media: content.media,
        reply_to: said.get("reply_to").and_then(|reply| read::id(reply, "mid")),
        payload: content.payload,
        details: read::details(details),
        ..InboundMessage::text(id, event.party(customer), content.text)
    }
}

/// A button, a menu's item or an ice breaker (section 6.9): without an id it is known by who pressed what, and when.
pub fn postback(event: &Event<'_>, pressed: &Value, customer: String) -> Inbound {
    let payload = read::text(pressed, "payload");
    let text = read::text(pressed, "title").or_else(|| payload.clone()).unwrap_or_else(|| "A button was pressed".to_owned());
    let mut details = Map::new();
    if let Some(referral) = pressed.get("referral").filter(|referral| referral.is_object()) {
        details.insert("referral".to_owned(), read::tidied(referral));
    }
    mark(event, &mut details);
    let id = read::id(pressed, "mid").unwrap_or_else(|| derived(event, &customer, &[payload.as_deref().unwrap_or(&text).as_bytes()]));
    event.tell(Happening::Message(Box::new(InboundMessage {
        kind: MessageType::InteractiveReply,
        payload,
        details: read::details(details),
        ..InboundMessage::text(id, event.party(customer), text)
    })))
}

/// An edit keeps the id and counts itself. On Instagram the text may be missing (section 17): then what we have is left as it is.
pub fn edit(event: &Event<'_>, edit: &Value, customer: String) -> Inbound {
    let (Some(target), Some(text)) = (read::id(edit, "mid"), read::text(edit, "text")) else {
        return event.ignored("an edit without its message or its text");
    };
    let revision = read::number(edit, "num_edit").and_then(|count| i64::try_from(count).ok()).unwrap_or(1);
    let mut details = Map::new();
    mark(event, &mut details);
    let message = InboundMessage { details: read::details(details), ..InboundMessage::text(target, event.party(customer), text) };
    event.tell(Happening::Edit { message: Box::new(message), revision })
}

fn mark(event: &Event<'_>, details: &mut Map<String, Value>) {
    if event.standby {
        details.insert("standby".to_owned(), Value::Bool(true));
    }
}

fn derived(event: &Event<'_>, customer: &str, parts: &[&[u8]]) -> String {
    let instant = event.item.get("timestamp").unwrap_or(&Value::Null).to_string();
    let mut all: Vec<&[u8]> = vec![customer.as_bytes(), instant.as_bytes()];
    all.extend(parts);
    read::derived_id(&all)
}
