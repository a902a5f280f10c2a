//! One item of `messages[]` (sections 6.1 to 6.19).

use entities::{Direction, Happening, Inbound, InboundMessage, MessageType, Party};
use serde_json::{Map, Value};

use super::{Scope, content, content::Content, party, system};
use crate::channels::{
    meta::{graph, read},
    tidy,
};

/// Under which names an item has its sender.
const SENDER: &[&str] = &["from", "from_user_id", "from_parent_user_id"];

/// What a message tells.
pub fn told(scope: &Scope<'_>, item: &Value) -> Vec<Inbound> {
    let kind = read::word(item, "type");
    if item.get("group_id").is_some_and(|group| !group.is_null()) {
        return vec![scope.ignored("group")];
    }
    // Section 7, rule 3: what our own number says must never come back as a customer's words.
    if party::phone(read::word(item, "from")) == Some(scope.own_number.as_str()) {
        return vec![scope.ignored("from our own number")];
    }
    if kind == "system" {
        return system::told(scope, item);
    }
    let Some(party) = party::of(scope, item, SENDER) else {
        return vec![scope.ignored(format!("a message without a sender: {}", read::one_line(kind)))];
    };
    said(scope, item, kind, party, Direction::In)
}

/// What an item tells that is from, or to, a known person.
pub fn said(scope: &Scope<'_>, item: &Value, kind: &str, party: Party, direction: Direction) -> Vec<Inbound> {
    let at = read::instant(item, "timestamp");
    let what = match kind {
        "reaction" => reaction(item, party, direction),
        "revoke" => {
            item.get("revoke").and_then(|revoke| read::id(revoke, "original_message_id")).map(|target| Happening::Deletion { target })
        }
        "edit" => return edit(scope, item, party, direction),
        _ => Some(Happening::Message(Box::new(message(scope, item, kind, party, direction)))),
    };
    vec![what.map_or_else(|| scope.ignored(format!("{kind} of nothing")), |what| scope.tell(at, what))]
}

/// A reaction; its removal comes without an emoji or with an empty one (section 6.10).
fn reaction(item: &Value, from: Party, direction: Direction) -> Option<Happening> {
    if direction == Direction::Out {
        return Some(Happening::Ignored { reason: "a reaction of ours from elsewhere".to_owned() });
    }
    let reaction = item.get("reaction")?;
    Some(Happening::Reaction { target: read::id(reaction, "message_id")?, from, emoji: read::line(reaction, "emoji") })
}

/// An edit has an id of its own and names the message that it changes (section 6.18).
fn edit(scope: &Scope<'_>, item: &Value, party: Party, direction: Direction) -> Vec<Inbound> {
    let at = read::instant(item, "timestamp");
    let edit = item.get("edit").unwrap_or(&Value::Null);
    let Some(target) = read::id(edit, "original_message_id") else { return vec![scope.ignored("edit of nothing")] };
    let inner = edit.get("message").unwrap_or(&Value::Null);
    let mut message = message(scope, inner, read::word(inner, "type"), party, direction);
    message.id = target;
    let revision = at.unwrap_or(scope.received_at).micros();
    vec![scope.tell(at, Happening::Edit { message: Box::new(message), revision })]
}

fn message(scope: &Scope<'_>, item: &Value, kind: &str, party: Party, direction: Direction) -> InboundMessage {
    let mut content = content::of(item, kind).unwrap_or_else(|| unsupported(scope, item, kind));
    if kind == "contacts" && direction == Direction::In {
        return with_own_numbers(finish(scope, item, party, direction, content), item);
    }
    content.details.extend(context(item));
    finish(scope, item, party, direction, content)
}

fn finish(scope: &Scope<'_>, item: &Value, party: Party, direction: Direction, mut content: Content) -> InboundMessage {
    if let Some(referral) = item.get("referral").filter(|referral| referral.is_object()) {
        content.details.insert("referral".to_owned(), read::tidied(referral));
    }
    if scope.standby {
        content.details.insert("standby".to_owned(), Value::Bool(true));
    }
    let id = read::id(item, "id").unwrap_or_else(|| {
        read::derived_id(&[
            party.address.value.as_bytes(),
            item.get("timestamp").unwrap_or(&Value::Null).to_string().as_bytes(),
            content.text.as_bytes(),
        ])
    });
    InboundMessage {
        id,
        direction,
        party,
        author_name: None,
        thread: None,
        kind: content.kind,
        text: content.text,
        media: content.media,
        reply_to: item.get("context").and_then(|context| read::id(context, "id").or_else(|| read::id(context, "message_id"))),
        payload: content.payload,
        details: read::details(content.details),
        own_id: None,
    }
}

/// What the context says besides the message that is answered: passed on, or about goods (section 6.11).
fn context(item: &Value) -> Map<String, Value> {
    let mut details = Map::new();
    let Some(context) = item.get("context") else { return details };
    for mark in ["forwarded", "frequently_forwarded"] {
        if read::marked(context, mark) {
            details.insert(mark.to_owned(), Value::Bool(true));
        }
    }
    if let Some(product) = context.get("referred_product").filter(|product| product.is_object()) {
        details.insert("product".to_owned(), read::tidied(product));
    }
    details
}

/// A card that answers our question for contact details is the sender's own (section 6.9); any other may be anybody's.
fn with_own_numbers(mut message: InboundMessage, item: &Value) -> InboundMessage {
    let own = read::list(item, "contacts").iter().filter(|card| read::word(card, "origin") == "contact_request");
    let numbers = own.flat_map(|card| read::list(card, "phones")).map(|phone| read::word(phone, "wa_id"));
    for address in party::addresses(numbers) {
        if address != message.party.address && !message.party.also.contains(&address) {
            message.party.also.push(address);
        }
    }
    message
}

/// What stands for a message that cannot be shown, so that agents know that something came (section 6.17).
fn unsupported(scope: &Scope<'_>, item: &Value, kind: &str) -> Content {
    let inner = item.get(kind).map_or(&[][..], |inner| read::list(inner, "errors"));
    let error = read::list(item, "errors").first().or_else(|| inner.first()).or_else(|| scope.errors.first());
    let named = item.get("unsupported").and_then(|inner| read::line(inner, "type")).unwrap_or_else(|| read::one_line(kind));
    let told = error.map(|error| {
        let error = graph::told_fault(error).error;
        error.detail.unwrap_or(error.title)
    });
    let text = match (told, named.is_empty()) {
        (Some(told), true) => told,
        (Some(told), false) => format!("{told} ({named})"),
        (None, true) => "A message that cannot be shown".to_owned(),
        (None, false) => format!("A message that cannot be shown ({named})"),
    };
    let caption = item.get(kind).and_then(|inner| read::text(inner, "caption"));
    let text = caption.map_or(text.clone(), |caption| tidy::message(&format!("{caption}\n{text}")));
    Content { text, ..Content::new(MessageType::Unsupported) }
}
