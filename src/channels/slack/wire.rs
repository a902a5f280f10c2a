//! Slack's shapes, walked leniently: what is missing or of another type is as if it were not there.

use entities::{Address, AddressKind, Timestamp};
use serde_json::Value;

/// Longest id that is believed; Slack's own have about a dozen characters.
const ID_BYTES_MAX: usize = 64;
/// Longest cursor that is handed back.
const CURSOR_BYTES_MAX: usize = 500;

/// A string that is there and not empty.
pub fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// An id: short, visible ASCII, and none of the characters that our own keys are joined with.
pub fn id<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    text(value, pointer).filter(|id| is_id(id))
}

/// Whether it is such an id.
pub fn is_id(id: &str) -> bool {
    id.len() <= ID_BYTES_MAX && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// A message's `ts`: digits, a dot, digits. Kept as a string: `1.000100` and `1.0001` are two messages (`slack.md`, part 1).
pub fn ts<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    text(value, pointer).filter(|ts| micros(ts).is_some())
}

/// The instant in a `ts`, in microseconds; `None` if it is none. For order and display alone, never for identity.
pub fn micros(ts: &str) -> Option<i64> {
    let (seconds, sequence) = ts.split_once('.')?;
    let digits = |part: &str, max: usize| (1..=max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds, 11) || !digits(sequence, 6) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    // The halves are two integers (part 6): the second counts within the first.
    let sequence: i64 = sequence.parse().ok()?;
    Some(seconds * 1_000_000 + sequence)
}

/// The instant of a `ts`.
pub fn at(ts: &str) -> Option<Timestamp> {
    micros(ts).map(Timestamp::from_micros)
}

/// An instant as a `ts`.
pub fn ts_of(at: Timestamp) -> String {
    let micros = at.micros().max(0);
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Where a list goes on behind a page; Slack writes an empty one at the end.
pub fn cursor(answer: &Value) -> Option<&str> {
    text(answer, "/response_metadata/next_cursor").filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX)
}

/// The key of a message: its channel and its `ts`.
pub fn message_id(channel: &str, ts: &str) -> String {
    format!("{channel}:{ts}")
}

/// The parts of [`message_id`], and of a thread's key.
pub fn message_parts(id: &str) -> Option<(&str, &str)> {
    id.split_once(':').filter(|(channel, ts)| is_id(channel) && micros(ts).is_some())
}

/// Direct messages' channels begin with D (part 1).
pub fn is_direct(channel: &str) -> bool {
    channel.starts_with('D')
}

/// The key of the thread that a message stands in: the channel itself for direct messages, else the channel and the thread's root.
pub fn thread(channel: &str, direct: bool, root: &str) -> String {
    if direct { channel.to_owned() } else { message_id(channel, root) }
}

/// The contact's address: the user in their home workspace.
pub fn address(team: &str, user: &str) -> Address {
    Address { kind: AddressKind::Slack, value: format!("{team}/{user}") }
}

/// The installation that sees an event, as the channel's `address` has it (part 4): the enterprise for an organisation-wide install, else
/// the workspace of the first authorization, which for shared channels is ours and not the sender's.
pub fn account(envelope: &Value) -> Option<&str> {
    let organisation = |at: &Value| at.get("is_enterprise_install").and_then(Value::as_bool).unwrap_or(false);
    let authorization = envelope.pointer("/authorizations/0").unwrap_or(&Value::Null);
    if organisation(authorization) || organisation(envelope) {
        let enterprise =
            id(authorization, "/enterprise_id").or_else(|| id(envelope, "/enterprise_id")).or_else(|| id(envelope, "/enterprise/id"));
        if enterprise.is_some() {
            return enterprise;
        }
    }
    id(authorization, "/team_id").or_else(|| id(envelope, "/team_id")).or_else(|| id(envelope, "/team/id"))
}
