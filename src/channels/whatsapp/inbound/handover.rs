//! Who has the conversation, and what the one before us says of it (section 6.26).

use entities::{
    Happening, Inbound, Party, Timestamp,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::{Value, json};

use super::{Scope, party};
use crate::channels::meta::read;

/// What a change of the field `messaging_handovers` tells: who has the conversation now, and a note if there is a summary.
pub fn told(scope: &Scope<'_>, value: &Value) -> Vec<Inbound> {
    let at = read::instant(value, "timestamp");
    let kind = read::word(value, "type");
    let details = value.get(kind).unwrap_or(&Value::Null);
    let owner = match kind {
        "control_passed" => "us",
        "control_taken" => "another",
        other => return vec![scope.ignored(format!("handover: {}", read::one_line(other)))],
    };
    let party = value.get("sender").and_then(|sender| party::of(scope, sender, &["phone_number", "wa_id", "user_id"]));
    let words = if owner == "us" { "The conversation was handed to us" } else { "The conversation was taken from us" };
    let reason = read::line(details, "metadata");
    let data = json!({
        "contact": party.as_ref().map(|party| &party.address),
        "owner": owner,
        "reason": reason,
        "new_owner_role": read::line(details, "new_owner_role"),
        "previous_owner_role": read::line(details, "previous_owner_role"),
        "previous_owner_app_id": read::id(details, "previous_owner_app_id"),
        "previous_owner_app_role": read::line(details, "previous_owner_app_role"),
    });
    let detail = reason.map_or_else(|| words.to_owned(), |reason| format!("{words}: {reason}"));
    let news = ChannelNews { kind: ChannelNewsKind::ThreadControl, detail, data: Some(read::without_nulls(data)) };
    let mut told = vec![scope.tell(at, Happening::Channel(news))];
    if let (Some(contact), Some(text)) = (party, summary_text(details)) {
        let instant = value.get("timestamp").unwrap_or(&Value::Null).to_string();
        told.push(note(scope, at, contact, instant.as_bytes(), text));
    }
    told
}

/// The summary that stands beside messages, as a note for the one who sent the first of them.
pub fn summary(scope: &Scope<'_>, value: &Value, messages: &[Value]) -> Option<Inbound> {
    let text = summary_text(value)?;
    let first = messages.first().unwrap_or(&Value::Null);
    let contact = party::of(scope, first, &["from", "from_user_id"])?;
    let id = read::id(first, "id").unwrap_or_default();
    Some(note(scope, read::instant(first, "timestamp"), contact, id.as_bytes(), text))
}

fn summary_text(holder: &Value) -> Option<String> {
    holder.get("conversation_context")?.get("summary").and_then(|summary| read::text(summary, "text"))
}

fn note(scope: &Scope<'_>, at: Option<Timestamp>, contact: Party, occasion: &[u8], text: String) -> Inbound {
    let key = read::derived_id(&[b"summary", contact.address.value.as_bytes(), occasion, text.as_bytes()]);
    scope.tell(at, Happening::Note { contact, key, text })
}
