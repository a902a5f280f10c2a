//! A customer's number or user id has changed (section 6.16).
//!
//! Guarantees: nothing here makes a message, and a repeat tells the same again.

use entities::{Happening, Inbound};
use serde_json::Value;

use super::{Scope, party};
use crate::channels::meta::read;

/// What a system message tells: by what the customer was known, and what is to be added to it. The old identity is looked for where the
/// specification says, in its order: the previous user id, `from`, `from_user_id` if it is not the new one, and the ids in the sentence.
pub fn told(scope: &Scope<'_>, item: &Value) -> Vec<Inbound> {
    let at = read::instant(item, "timestamp");
    let system = item.get("system").unwrap_or(&Value::Null);
    let in_body: Vec<&str> = ids_in(read::word(system, "body"));
    let told = |name: &str| Some(read::word(system, name)).filter(|id| !id.is_empty());
    let mut new: Vec<&str> = ["wa_id", "new_wa_id", "user_id", "parent_user_id"].into_iter().filter_map(told).collect();
    if new.is_empty() && changes_identity(read::word(system, "type")) {
        new.extend(in_body.get(1));
    }
    let before = [read::word(system, "previous_user_id"), read::word(item, "from"), read::word(item, "from_user_id")];
    let old: Vec<&str> = before.into_iter().chain(in_body.first().copied()).filter(|id| !id.is_empty() && !new.contains(id)).collect();
    let kind = read::one_line(read::word(system, "type"));
    changed(old, new).map_or_else(|| vec![scope.ignored(format!("system: {kind}"))], |what| vec![scope.tell(at, what)])
}

/// `user_id_update`: announced early and said not to come any more; the same news in another form.
pub fn user_id_updates(scope: &Scope<'_>, value: &Value) -> Vec<Inbound> {
    let told = |update: &Value| {
        let part = |holder: &str, name: &str| update.get(holder).map(|ids| read::word(ids, name).to_owned()).unwrap_or_default();
        let (previous, current) = (part("user_id", "previous"), part("user_id", "current"));
        let parent = part("parent_user_id", "current");
        let old = [previous.as_str(), read::word(update, "wa_id")].into_iter().filter(|id| !id.is_empty()).collect();
        let new = [current.as_str(), parent.as_str()].into_iter().filter(|id| !id.is_empty()).collect();
        let what = changed(old, new)?;
        Some(scope.tell(read::instant(update, "timestamp"), what))
    };
    read::list(value, "user_id_update").iter().filter_map(told).collect()
}

fn changes_identity(kind: &str) -> bool {
    matches!(kind, "user_changed_number" | "user_changed_user_id" | "customer_changed_number")
}

/// `also` begins with what is new, so that the first telephone number in it is the one to show; other old identities are behind it.
fn changed(old: Vec<&str>, new: Vec<&str>) -> Option<Happening> {
    let (old, mut also) = (party::addresses(old), party::addresses(new));
    if also.is_empty() {
        return None;
    }
    let known_by = old.first().or_else(|| also.first()).cloned()?;
    also.retain(|address| *address != known_by);
    also.extend(old.into_iter().filter(|address| *address != known_by));
    (!also.is_empty()).then_some(Happening::ContactChanged { known_by, also, name: None })
}

/// The ids in "… changed from A to B", in order.
fn ids_in(sentence: &str) -> Vec<&str> {
    const SHORTEST_NUMBER: usize = 7;
    let bare = |word: &'_ str| word.trim_matches(|letter: char| matches!(letter, '.' | ',' | ';' | ':' | '"' | '\'' | '(' | ')')).len();
    let is_id = |word: &&str| party::is_user_id(word) || party::phone(word).is_some_and(|number| number.len() >= SHORTEST_NUMBER);
    sentence
        .split_whitespace()
        .map(|word| if bare(word) == word.len() { word } else { word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()) })
        .filter(is_id)
        .take(2)
        .collect()
}
