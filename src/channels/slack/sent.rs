//! Whether a message was posted whose answer was lost (`slack.md`, part 10): Slack has no key that would make a repeat harmless, and shows our
//! id in the metadata of what it has.
//!
//! Guarantees: a message of ours is known by its own id and the part that it is. Where Slack shows no metadata, it is known by its words: then
//! the same words said twice are told apart by what is known already, which is the caller's to look up.
//!
//! Does not: know a file's message again, which carries no metadata; that is settled by its event alone.

use entities::Timestamp;
use serde_json::Value;

use super::{
    credential,
    files::API,
    outbound::{METADATA_EVENT, POST},
    wire,
};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
};

/// The purpose of the calls.
const LIST: &str = "sent";
/// Messages a page; Slack gives 15 to apps that are sold outside its Marketplace (part 11).
const PAGE: &str = "100";
/// The clocks may differ.
const SKEW_MS: i64 = 60_000;

/// Asks for what was posted in the same channel, or in the same thread, since an instant. With `oldest` alone the messages next to it come
/// first (Slack's documentation of `channels.history`, "Navigating through collections of messages", read in November 2026).
pub fn ask(credential: &Credential, call: &ProviderCall, since: Timestamp) -> Option<ProviderCall> {
    let (Body::Json(sent), POST) = (&call.body, call.purpose) else { return None };
    let mut pairs = vec![("channel".to_owned(), wire::text(sent, "/channel")?.to_owned())];
    let root = wire::ts(sent, "/thread_ts");
    pairs.extend(root.map(|root| ("ts".to_owned(), root.to_owned())));
    let oldest = wire::ts_of(since.plus_ms(-SKEW_MS));
    for (name, value) in [("oldest", oldest.as_str()), ("inclusive", "true"), ("include_all_metadata", "true"), ("limit", PAGE)] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    // A channel's history does not have what stands in its threads.
    let path = if root.is_some() { "/api/conversations.replies" } else { "/api/conversations.history" };
    Some(ProviderCall::asking("POST", API, path, Body::Form(pairs), LIST).header("authorization", credential::bearer(credential)))
}

/// The keys of the messages listed that are what the call would have posted, the oldest first.
pub fn read(call: &ProviderCall, reply: &ProviderReply) -> Vec<String> {
    let Body::Json(sent) = &call.body else { return Vec::new() };
    let Some(channel) = wire::id(sent, "/channel") else { return Vec::new() };
    let answer = reply.json();
    let listed = answer.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let found = |is_it: &dyn Fn(&Value) -> bool| {
        let mut found: Vec<&str> = listed.iter().filter(|message| is_it(message)).filter_map(|message| wire::ts(message, "/ts")).collect();
        found.sort_by_key(|ts| wire::micros(ts));
        found.into_iter().map(|ts| wire::message_id(channel, ts)).collect::<Vec<_>>()
    };
    let by_id = found(&|message| is_ours(message) && payload(message) == payload(sent));
    if by_id.is_empty() {
        return found(&|message| message.get("metadata").is_none() && has_words(message, sent));
    }
    by_id
}

/// The page behind an answer.
pub fn further(question: &ProviderCall, reply: &ProviderReply) -> Option<ProviderCall> {
    let (Body::Form(asked), LIST) = (&question.body, question.purpose) else { return None };
    let cursor = wire::cursor(&reply.json())?.to_owned();
    // The same cursor again would lead round in a circle.
    if form::first(asked, "cursor") == Some(cursor.as_str()) {
        return None;
    }
    let mut pairs: Vec<(String, String)> = asked.iter().filter(|(name, _)| name != "cursor").cloned().collect();
    pairs.push(("cursor".to_owned(), cursor));
    Some(ProviderCall { body: Body::Form(pairs), ..question.clone() })
}

fn is_ours(message: &Value) -> bool {
    wire::text(message, "/metadata/event_type") == Some(METADATA_EVENT)
}

/// Our id of a message, and which part of it this is.
fn payload(message: &Value) -> Option<(&str, u64)> {
    let part = message.pointer("/metadata/event_payload/part").and_then(Value::as_u64)?;
    Some((wire::id(message, "/metadata/event_payload/id")?, part))
}

fn has_words(message: &Value, sent: &Value) -> bool {
    wire::text(message, "/bot_id").is_some() && wire::text(message, "/text").is_some() && message.get("text") == sent.get("text")
}
