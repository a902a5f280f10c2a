//! What was sent from elsewhere in our name: the phone app (section 6.21), and another sender on the number (section 6.26).

use entities::{Direction, Inbound};
use serde_json::Value;

use super::{Scope, message, party};
use crate::channels::meta::read;

/// Under which names an echo has the customer.
const RECIPIENT: &[&str] = &["to", "to_user_id", "to_parent_user_id", "recipient"];

/// An echo of the phone app: an item as in `messages`, addressed to the customer.
pub fn of_phone_app(scope: &Scope<'_>, item: &Value) -> Vec<Inbound> {
    sent(scope, item, item)
}

/// An echo of another sender: the content stands one level deeper and has the form of a request to send.
pub fn of_other_sender(scope: &Scope<'_>, item: &Value) -> Vec<Inbound> {
    let Some(Value::Object(request)) = item.get("message") else { return sent(scope, item, item) };
    let mut flat = request.clone();
    for name in ["id", "timestamp"] {
        if let Some(value) = item.get(name) {
            flat.insert(name.to_owned(), value.clone());
        }
    }
    let flat = Value::Object(flat);
    sent(scope, item, &flat)
}

fn sent(scope: &Scope<'_>, item: &Value, said: &Value) -> Vec<Inbound> {
    if item.get("group_id").is_some_and(|group| !group.is_null()) || read::word(said, "recipient_type") == "group" {
        return vec![scope.ignored("group")];
    }
    // An echo's `to` alone names the customer: with nobody named, the one contact of the change must not be guessed from our own number.
    match party::of(scope, said, RECIPIENT) {
        Some(party) => message::said(scope, said, read::word(said, "type"), party, Direction::Out),
        None => vec![scope.ignored("an echo to nobody")],
    }
}
