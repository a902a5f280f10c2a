//! Whether a message was sent whose answer was lost (specification `sms`, A7): Twilio takes no key that would make a repeat harmless, and lists
//! what it has.
//!
//! Does not: know a template again, whose text Twilio makes; that is settled by its receipt alone.

use chrono::DateTime;
use entities::Timestamp;
use serde_json::Value;

use super::{
    credential::{BASE, authorization, path},
    outbound::SEND,
};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    sms::parameters::scalar,
};

/// The purpose of the call.
pub const LIST: &str = "twilio.sent";
/// The newest are listed; what is in doubt was sent a minute ago.
const PAGE: &str = "50";
/// The clocks may differ.
const SKEW_MS: i64 = 60_000;

/// Asks for what went to the same recipient, from the same sender, since an instant.
pub fn ask(credential: &Credential, call: &ProviderCall, since: Timestamp) -> Option<ProviderCall> {
    let (Body::Form(sent), SEND) = (&call.body, call.purpose) else { return None };
    form::first(sent, "Body")?;
    let since = since.plus_ms(-SKEW_MS).utc().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let ends = ["To", "From"].into_iter().filter_map(|name| Some((name, form::first(sent, name)?)));
    let query = form::encode(ends.chain([("DateSent>", since.as_str()), ("PageSize", PAGE)]));
    let path = path(credential, &format!("Messages.json?{query}"));
    Some(ProviderCall::asking("GET", BASE, path, Body::None, LIST).header("authorization", authorization(credential)))
}

/// The SIDs of what has the same words, as many files, and goes to the same recipient.
pub fn read(call: &ProviderCall, reply: &ProviderReply) -> Vec<String> {
    let Body::Form(sent) = &call.body else { return Vec::new() };
    let (to, body) = (form::first(sent, "To").unwrap_or_default(), form::first(sent, "Body").unwrap_or_default());
    let files = sent.iter().filter(|(name, _)| name == "MediaUrl").count().to_string();
    let json = reply.json();
    let text = |message: &Value, name: &str| message.get(name).and_then(scalar).unwrap_or_default();
    let messages = json.get("messages").and_then(Value::as_array).into_iter().flatten();
    let mut found: Vec<(Option<DateTime<chrono::FixedOffset>>, String)> = messages
        .filter(|message| text(message, "direction").starts_with("outbound") && text(message, "to") == to)
        .filter(|message| text(message, "body").trim() == body.trim() && text(message, "num_media") == files)
        .map(|message| (DateTime::parse_from_rfc2822(&text(message, "date_created")).ok(), text(message, "sid")))
        .filter(|(_, sid)| !sid.is_empty())
        .collect();
    // The newest stand first there; of those that were made in one second the later is the newer.
    found.reverse();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, sid)| sid).collect()
}
