//! Telephone calls as one entry of the conversation that several pieces of news change. Pure.
//!
//! Guarantees: the order of the news does not matter. What was seen of a call only grows, and where two pieces tell the same field, the
//! earlier start, the later end and the longer text win.

use entities::{
    Direction, InboundMessage, MessageType,
    inbound::{Call, CallPhase},
};
use serde_json::{Map, Value, json};

/// What the entry says.
pub struct Said {
    /// For people.
    pub text: String,
    /// For programs; what the next piece of news is merged into.
    pub details: Value,
    /// The call is over.
    pub over: bool,
}

/// The keys by which later news finds the entry: one for each leg.
pub fn keys(news: &Call) -> impl Iterator<Item = String> {
    news.legs.iter().map(|leg| key(leg))
}

/// The key of a leg.
#[must_use]
pub fn key(leg: &str) -> String {
    format!("call:{leg}")
}

/// The entry as a message.
pub fn message(news: &Call) -> InboundMessage {
    let id = keys(news).min().unwrap_or_else(|| key(&news.party.address.value));
    InboundMessage {
        direction: news.direction,
        author_name: news.agent_name.clone(),
        kind: MessageType::Call,
        ..InboundMessage::text(id, news.party.clone(), String::new())
    }
}

/// What the first piece of news says.
pub fn first(news: &Call) -> Said {
    merged(&Value::Null, news)
}

/// What is known, with a piece of news.
pub fn merged(known: &Value, news: &Call) -> Said {
    let mut call = known.as_object().cloned().unwrap_or_default();
    call.entry("direction").or_insert_with(|| json!(news.direction));
    let mut seen: Vec<CallPhase> = phases(&call);
    seen.extend(news.phase.filter(|phase| !seen.contains(phase)));
    seen.sort_unstable();
    call.insert("seen".to_owned(), json!(seen));
    let phase = phase(&seen);
    call.insert("phase".to_owned(), json!(phase));
    earlier(&mut call, "started_at", json!(news.started_at));
    earlier(&mut call, "connected_at", json!(news.connected_at));
    later(&mut call, "ended_at", json!(news.ended_at));
    later(&mut call, "talk_ms", json!(news.talk_ms));
    agent(&mut call, news);
    longer(&mut call, "transcript", news.transcript.as_deref());
    longer(&mut call, "summary", news.summary.as_deref());
    if news.voicemail.is_some() {
        call.insert("voicemail".to_owned(), json!(true));
    }
    let details = Value::Object(call);
    Said { text: text(&details, phase, news.direction), over: is_over(&details), details }
}

/// Whether an entry says that its call is over.
pub fn is_over(details: &Value) -> bool {
    let seen = details.as_object().map(phases).unwrap_or_default();
    let has = |phases: &[CallPhase]| phases.iter().any(|phase| seen.contains(phase));
    // A leg that nobody took says nothing of the others.
    has(&[CallPhase::Ended, CallPhase::NoAnswer, CallPhase::Voicemail])
        || (has(&[CallPhase::Missed]) && !has(&[CallPhase::Answered, CallPhase::OnHold]))
}

fn phases(call: &Map<String, Value>) -> Vec<CallPhase> {
    let seen = call.get("seen").and_then(Value::as_array).into_iter().flatten();
    seen.filter_map(Value::as_str).filter_map(CallPhase::parse).collect()
}

/// What the phases that were seen come to: a leg that was missed counts only if none was answered.
fn phase(seen: &[CallPhase]) -> CallPhase {
    const STRONGEST_FIRST: [CallPhase; 6] =
        [CallPhase::Voicemail, CallPhase::Ended, CallPhase::Answered, CallPhase::OnHold, CallPhase::NoAnswer, CallPhase::Missed];
    STRONGEST_FIRST.into_iter().find(|phase| seen.contains(phase)).unwrap_or(CallPhase::Ringing)
}

/// Who speaks: of several, the one who took the call last.
fn agent(call: &mut Map<String, Value>, news: &Call) {
    let Some(name) = &news.agent_name else { return };
    let told = json!([news.connected_at, name]);
    let known = call.get("agent").filter(|known| !known.is_null());
    let place = |of: &Value| (of.get(0).and_then(Value::as_str).map(str::to_owned), of.get(1).and_then(Value::as_str).map(str::to_owned));
    if known.is_none_or(|known| place(known) < place(&told)) {
        call.insert("agent_name".to_owned(), json!(name));
        call.insert("agent".to_owned(), told);
    }
}

/// Instants are text that sorts as they do; what is missing yields.
fn earlier(call: &mut Map<String, Value>, field: &str, told: Value) {
    let known = call.get(field).filter(|known| !known.is_null());
    if !told.is_null() && known.is_none_or(|known| less(&told, known)) {
        call.insert(field.to_owned(), told);
    }
}

fn later(call: &mut Map<String, Value>, field: &str, told: Value) {
    let known = call.get(field).filter(|known| !known.is_null());
    if !told.is_null() && known.is_none_or(|known| less(known, &told)) {
        call.insert(field.to_owned(), told);
    }
}

fn less(a: &Value, b: &Value) -> bool {
    match (a.as_u64(), b.as_u64()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_str() < b.as_str(),
    }
}

fn longer(call: &mut Map<String, Value>, field: &str, told: Option<&str>) {
    let known = call.get(field).and_then(Value::as_str).unwrap_or_default();
    if let Some(told) = told.filter(|told| (told.len(), *told) > (known.len(), known)) {
        call.insert(field.to_owned(), json!(told));
    }
}

fn text(details: &Value, phase: CallPhase, direction: Direction) -> String {
    let way = if direction == Direction::In { "Incoming" } else { "Outgoing" };
    let mut text = match phase {
        CallPhase::Ringing => format!("{way} call, ringing"),
        CallPhase::Answered => format!("{way} call, in progress"),
        CallPhase::OnHold => format!("{way} call, on hold"),
        CallPhase::Missed => "Missed call".to_owned(),
        CallPhase::NoAnswer => "Outgoing call, not answered".to_owned(),
        CallPhase::Voicemail => "Missed call, with a voicemail".to_owned(),
        CallPhase::Ended => match details.get("talk_ms").and_then(Value::as_u64).map(|ms| ms / 1_000) {
            Some(secs) => format!("{way} call, {}:{:02} min", secs / 60, secs % 60),
            None => format!("{way} call, ended"),
        },
    };
    for field in ["summary", "transcript"] {
        if let Some(said) = details.get(field).and_then(Value::as_str) {
            text.push_str("\n\n");
            text.push_str(said);
        }
    }
    text
}
