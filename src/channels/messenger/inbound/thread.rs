//! Who has a thread: us, or another app of the page (section 6.16).

use entities::{
    Happening, Inbound,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::json;

use super::Event;
use crate::channels::meta::read;

/// What an event tells of who has the thread; `None` if it tells of something else.
pub fn told(event: &Event<'_>, customer: &str) -> Option<Inbound> {
    let of = |key: &str| event.item.get(key).filter(|value| value.is_object());
    let (what, details) =
        ["pass_thread_control", "take_thread_control", "request_thread_control"].into_iter().find_map(|key| Some((key, of(key)?)))?;
    let new_owner = read::id(details, "new_owner_app_id");
    // Who is handed a thread is told so; with several apps on one webhook our own id decides.
    let ours = match (event.app_id, &new_owner) {
        (Some(app), Some(owner)) => app == owner,
        _ => what == "pass_thread_control",
    };
    let (owner, words) = match what {
        "pass_thread_control" if ours => (Some("us"), "The conversation was handed to us"),
        "pass_thread_control" => (Some("another"), "The conversation was handed to another app"),
        "take_thread_control" => (Some("another"), "The conversation was taken from us"),
        _ => (None, "Another app asks for the conversation"),
    };
    let reason = read::line(details, "metadata");
    let data = json!({
        "contact": event.address(customer.to_owned()),
        "owner": owner,
        "reason": reason,
        "new_owner_app_id": new_owner,
        "previous_owner_app_id": read::id(details, "previous_owner_app_id"),
        "requested_owner_app_id": read::id(details, "requested_owner_app_id"),
    });
    let detail = reason.map_or_else(|| words.to_owned(), |reason| format!("{words}: {reason}"));
    Some(event.tell(Happening::Channel(ChannelNews {
        kind: ChannelNewsKind::ThreadControl,
        detail,
        data: Some(read::without_nulls(data)),
    })))
}
