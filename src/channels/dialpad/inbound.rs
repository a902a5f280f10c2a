//! Which kind of event it is (`dialpad.md`, part 4), whose it is (part 12), and whether it is too old or nobody's business.

use entities::{Address, AddressKind, ChannelKind, Happening, Inbound, Party, Timestamp};
use serde_json::Value;

use super::{calls, credential, texts, wire};
use crate::channels::{
    adapter::{Notification, Unreadable},
    credential::Credential,
    sms::phone,
    tidy,
};

/// An event older than this is a replay and no late retry (part 3): texts are retried for hours.
const AGE_MS_MAX: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Most numbers of one event that are looked at.
const NUMBERS_MAX: usize = 20;

/// What a verified event tells.
pub fn parse(credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    let event: Value = serde_json::from_slice(&notification.body).map_err(|error| Unreadable(format!("no JSON: {error}")))?;
    if !event.is_object() {
        return Err(Unreadable("not an event".to_owned()));
    }
    let account = our_accounts(&event).into_iter().next();
    let happened = wire::at(&event, "/event_timestamp");
    let internal = wire::is(&event, "/is_internal") || wire::text(&event, "/contact/type") == Some("user");
    let told = match account.as_deref() {
        _ if happened.is_some_and(|at| notification.received_at.ms_since(at) > AGE_MS_MAX) => ignored("older than seven days"),
        _ if internal && !credential::allows(credential, credential::INTERNAL) => ignored("among colleagues"),
        None => ignored("names no number of ours"),
        Some(account) if is_call(&event) => vec![(happened, calls::read(&event, account))],
        Some(account) if is_text(&event) => texts::read(&event, account, happened),
        Some(_) => ignored("neither a call nor a text message"),
    };
    let account = account.unwrap_or_default();
    Ok(told.into_iter().map(|(at, what)| Inbound { channel: ChannelKind::Dialpad, account: account.clone(), at, what }).collect())
}

/// What is told, and when it happened.
pub type Told = Vec<(Option<Timestamp>, Happening)>;

/// Nothing to do.
pub fn ignored(reason: &str) -> Told {
    vec![(None, Happening::Ignored { reason: reason.to_owned() })]
}

fn is_call(event: &Value) -> bool {
    wire::id(event, "/call_id").is_some() && wire::text(event, "/state").is_some()
}

fn is_text(event: &Value) -> bool {
    let ends = event.get("from_number").is_some() && event.get("to_number").is_some() && event.get("direction").is_some();
    wire::id(event, "/id").is_some() && (event.get("message_status").is_some() || ends)
}

/// The ends of ours that an event names, the likeliest first: numbers as channels have them, else the target (part 12).
pub fn our_accounts(event: &Value) -> Vec<String> {
    let outbound = wire::text(event, "/direction") == Some("outbound");
    // A text's own numbers are E.164; its target's number is written for people and never used (part 5.1).
    let texts = if outbound { "/from_number" } else { "/to_number" };
    let mut ours: Vec<String> = Vec::new();
    let mut claim = |text: &str| {
        let number = phone::ours(text);
        if !number.is_empty() && !ours.contains(&number) {
            ours.push(number);
        }
    };
    wire::strings(event, "/internal_number").into_iter().take(1).for_each(&mut claim);
    wire::strings(event, texts).into_iter().take(NUMBERS_MAX).for_each(&mut claim);
    wire::strings(event, "/target/phone").into_iter().filter(|number| number.starts_with('+')).take(1).for_each(&mut claim);
    if let (Some(kind), Some(id)) = (wire::text(event, "/target/type"), wire::id(event, "/target/id")) {
        ours.push(format!("{}:{id}", tidy::cut(kind, 40)));
    }
    ours
}

/// The person on the other side, known by their number. Dialpad's own id of them is a further address: calls and texts share the contact.
pub fn party(event: &Value, number: &str, account: &str) -> Option<Party> {
    let address = phone::contact(number, account)?;
    let also = wire::id(event, "/contact/id").map(|id| Address { kind: AddressKind::External, value: format!("dialpad:{id}") });
    Some(Party { address, also: also.into_iter().collect(), name: name(event), avatar_url: None })
}

/// The contact's name, unless Dialpad put something in its place: the number, or the town that it is from (part 5.1).
pub fn name(event: &Value) -> Option<String> {
    let name = wire::text(event, "/contact/name").and_then(tidy::name)?;
    let town = name.rsplit_once(", ").is_some_and(|(_, state)| state.len() == 2 && state.bytes().all(|byte| byte.is_ascii_uppercase()));
    (name.chars().any(char::is_alphabetic) && !town).then_some(name)
}
