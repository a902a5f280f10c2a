//! Calls of which we were not told: Dialpad repeats an event for seconds, and lists finished calls for ever (`dialpad.md`, part 8).
//!
//! Guarantees: a call that is read here has the legs that its events name, so it is in the conversation once, whichever comes first.
//!
//! Does not: find text messages: of these there is no list.

use entities::{ChannelKind, Inbound, Timestamp};
use serde_json::{Value, json};

use super::{calls, credential, inbound, wire};
use crate::channels::{
    adapter::Missed,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
};

/// The purpose of the calls.
pub const LIST: &str = "missed";
/// A list is asked for by when calls began: one that was missed at its end may have begun so long before.
const LONGEST_MS: i64 = 4 * 60 * 60 * 1_000;
/// Where a list goes on for the page behind it; the account's own words, cut.
const CURSOR_BYTES_MAX: usize = 2_000;
/// Most calls of a page.
const CALLS_MAX: usize = 1_000;

/// Asks for the calls that have ended since an instant. Needs the scope `calls:list`.
pub fn ask(credential: &Credential, since: Timestamp) -> ProviderCall {
    page(credential, since, None)
}

fn page(credential: &Credential, since: Timestamp, cursor: Option<&str>) -> ProviderCall {
    let after = (since.plus_ms(-LONGEST_MS).micros() / 1_000).to_string();
    let mut pairs = vec![("started_after", after.as_str())];
    pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
    ProviderCall::asking("GET", credential::base(credential), format!("/api/v2/call?{}", form::encode(pairs)), Body::None, LIST)
        .header("authorization", credential::bearer(credential))
}

/// The calls of a page that were with this number of ours, and the call that asks for the next page.
pub fn read(credential: &Credential, account: &str, since: Timestamp, reply: &ProviderReply) -> Missed {
    let json = reply.json();
    let items = wire::list(&json, "/items").iter().take(CALLS_MAX).filter_map(|call| ended(call, account)).collect();
    let cursor = wire::text(&json, "/cursor").filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX);
    Missed { items, next: cursor.map(|cursor| page(credential, since, Some(cursor))) }
}

/// A call as the list has it: what the event of its end would have said.
fn ended(call: &Value, account: &str) -> Option<Inbound> {
    let mut event = call.clone();
    let known = event.as_object_mut()?;
    known.insert("state".to_owned(), "hangup".into());
    if !known.contains_key("target") {
        // Whom it reached is not told; that somebody spoke is.
        let spoke = ["/talk_time", "/duration"].iter().any(|at| wire::millis(call, at).is_some_and(|millis| millis > 0));
        known.insert("target".to_owned(), if spoke { json!({"type": "user"}) } else { Value::Null });
    }
    if wire::is(call, "/is_internal") || !inbound::our_accounts(&event).iter().any(|ours| ours == account) {
        return None;
    }
    wire::id(&event, "/call_id")?;
    let at = wire::at(&event, "/date_ended").or_else(|| wire::at(&event, "/date_started"));
    Some(Inbound { channel: ChannelKind::Dialpad, account: account.to_owned(), at, what: calls::read(&event, account) })
}
