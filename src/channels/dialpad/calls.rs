//! Telephone calls (`dialpad.md`, part 6).
//!
//! Guarantees: each piece of news names every leg that it links, so that whoever keeps calls can join them in any order; a leg that only a
//! menu or a queue picked up is not answered.

use entities::{
    Address, AddressKind, Direction, Happening, InboundMedia, MediaAuth, MessageType, Party,
    inbound::{Call, CallPhase},
};
use serde_json::Value;
use uuid::{Uuid, fmt::Hyphenated};

use super::{inbound, wire};
use crate::channels::tidy;

/// Where an event names legs of its call (part 6.11).
const LEGS: [&str; 4] = ["/call_id", "/master_call_id", "/entry_point_call_id", "/operator_call_id"];
/// A call has one voicemail, whether an event names it by its recording's id, by its link alone, or by both: the same file each time.
const VOICEMAIL: &str = "voicemail";
/// Most recordings of one event, and most lines of a list, that are read.
const ITEMS_MAX: usize = 50;

/// What an event about a call tells.
pub fn read(event: &Value, account: &str) -> Happening {
    let state = wire::text(event, "/state").unwrap_or_default();
    let Some(call) = call(event, account, state) else {
        return Happening::Ignored { reason: format!("a state of calls that says nothing here: {}", tidy::cut(state, 60)) };
    };
    let Some((title, said)) = recap(event, state) else { return Happening::Call(Box::new(call)) };
    // A call has one summary; what else is found out about it is written beside it.
    let key = format!("{}:{state}", call.legs.first().map(String::as_str).unwrap_or_default());
    Happening::Note { contact: call.party, key, text: tidy::message(&format!("{title}\n{said}")) }
}

fn call(event: &Value, account: &str, state: &str) -> Option<Call> {
    let phase = match state_of(event, state)? {
        State::Phase(phase) => Some(phase),
        State::Besides => None,
    };
    let legs = legs(event);
    let answered = is_human(event);
    let user = wire::text(event, "/target/type") == Some("user");
    let mut call = Call {
        phase,
        direction: if is_outbound(event) { Direction::Out } else { Direction::In },
        party: party(event, account, &legs),
        // The last who answered speaks: the end of an earlier leg, which may come later, must not say otherwise (part 6.11).
        agent_name: wire::text(event, "/target/name")
            .filter(|_| user && ((state == "connected" && answered) || matches!(state, "takeover" | "calling")))
            .and_then(tidy::name),
        started_at: wire::at(event, "/date_started"),
        connected_at: wire::at(event, "/date_connected").filter(|_| answered),
        ended_at: wire::at(event, "/date_ended"),
        talk_ms: wire::millis(event, "/talk_time").or_else(|| wire::millis(event, "/duration")).filter(|_| answered && state == "hangup"),
        recordings: Vec::new(),
        voicemail: None,
        transcript: wire::text(event, "/transcription_text").map(tidy::message),
        summary: wire::text(event, "/recap_summary").map(tidy::message),
        legs: legs.iter().map(u64::to_string).collect(),
        about: named(event),
    };
    recordings(event, state, &mut call);
    Some(call)
}

/// What a state says of its call.
enum State {
    /// How far it has come.
    Phase(CallPhase),
    /// Something else about it.
    Besides,
}

/// What the event's state says (part 6.10); `None`: nothing here.
fn state_of(event: &Value, state: &str) -> Option<State> {
    Some(State::Phase(match state {
        "connected" if is_human(event) => CallPhase::Answered,
        // A menu or a queue that picked up has answered nobody: for the caller it still rings (part 6.2).
        "calling" | "preanswer" | "ringing" | "queued" | "connected" => CallPhase::Ringing,
        "hold" | "parked" => CallPhase::OnHold,
        "hangup" if is_human(event) => CallPhase::Ended,
        "hangup" if is_outbound(event) => CallPhase::NoAnswer,
        "missed" | "hangup" => CallPhase::Missed,
        "voicemail" | "voicemail_uploaded" | "transcription" => CallPhase::Voicemail,
        "recording" | "admin_recording" | "call_transcription" | "merged" | "takeover" | "recap_summary" | "recap_purposes"
        | "recap_outcome" | "recap_action_items" => return Some(State::Besides),
        _ => return None,
    }))
}

fn is_outbound(event: &Value) -> bool {
    wire::text(event, "/direction") == Some("outbound")
}

/// The conversation or contact of ours that whoever placed an outbound call named in `custom_data` (part 9). Anything else in there, and anything
/// in a call from outside, names nothing.
fn named(event: &Value) -> Option<Uuid> {
    let given = wire::text(event, "/custom_data").filter(|_| is_outbound(event))?.trim();
    if given.len() == Hyphenated::LENGTH { Uuid::try_parse(given).ok() } else { None }
}

/// Somebody of ours and somebody else spoke in this leg (part 6.2).
fn is_human(event: &Value) -> bool {
    let somebody = wire::text(event, "/target/type") == Some("user") || wire::id(event, "/operator_call_id").is_some();
    wire::at(event, "/date_connected").is_some() && somebody
}

/// The legs that the event links, each once, its own first.
fn legs(event: &Value) -> Vec<u64> {
    let mut legs = Vec::new();
    for leg in LEGS.iter().filter_map(|at| wire::id(event, at)) {
        if !legs.contains(&leg) {
            legs.push(leg);
        }
    }
    legs
}

/// The other side. Who withholds their number is somebody of their own in each call (part 12).
fn party(event: &Value, account: &str, legs: &[u64]) -> Party {
    let number = wire::text(event, "/external_number").filter(|number| number.bytes().any(|byte| byte.is_ascii_digit()));
    let known = number.and_then(|number| inbound::party(event, number, account));
    known.unwrap_or_else(|| {
        let key = legs.iter().min().copied().unwrap_or_default();
        Party::of(Address { kind: AddressKind::External, value: format!("anonymous:dialpad:{key}") })
    })
}

/// What was found out about the call besides its summary (part 6.7).
fn recap(event: &Value, state: &str) -> Option<(&'static str, String)> {
    let title = match state {
        "recap_purposes" => "Why the customer called",
        "recap_outcome" => "What came of the call",
        "recap_action_items" => "To do after the call",
        _ => return None,
    };
    let lines = wire::strings(event, &format!("/{state}"));
    let said: Vec<String> = match lines.as_slice() {
        [one] => vec![(*one).to_owned()],
        several => several.iter().take(ITEMS_MAX).map(|line| format!("- {line}")).collect(),
    };
    (!said.is_empty()).then(|| (title, said.join("\n")))
}

/// Sound and text of the call, as files to fetch. Dialpad's links are pages or redirects (part 6.6): they stay what they are.
fn recordings(event: &Value, state: &str, call: &mut Call) {
    for detail in wire::list(event, "/recording_details").iter().take(ITEMS_MAX) {
        let Some(url) = wire::text(detail, "/url") else { continue };
        let media = sound(url, wire::id(detail, "/id"));
        if wire::text(detail, "/recording_type") == Some("voicemail") {
            call.voicemail = Some(InboundMedia { id: Some(VOICEMAIL.to_owned()), ..media });
        } else {
            call.recordings.push(media);
        }
    }
    for url in ["/recording_url", "/admin_recording_urls"].iter().flat_map(|at| wire::strings(event, at)).take(ITEMS_MAX) {
        let known = |media: &InboundMedia| media.url.as_deref() == Some(url);
        if !call.recordings.iter().any(known) && !call.voicemail.as_ref().is_some_and(known) {
            call.recordings.push(sound(url, None));
        }
    }
    if let Some(link) = wire::text(event, "/voicemail_link") {
        // The link is the sound itself, where the recording's is a page.
        call.voicemail = Some(InboundMedia { id: Some(VOICEMAIL.to_owned()), ..sound(link, None) });
    }
    if state == "call_transcription"
        && let Some(id) = wire::id(event, "/call_id")
    {
        let name = format!("transcript-{id}.json");
        call.recordings.push(InboundMedia {
            kind: MessageType::Document,
            mime: Some("application/json".to_owned()),
            filename: Some(name),
            ..sound(&format!("https://dialpad.com/api/v2/transcripts/{id}"), None)
        });
    }
}

fn sound(url: &str, id: Option<u64>) -> InboundMedia {
    InboundMedia {
        kind: MessageType::Audio,
        id: id.map(|id| id.to_string()),
        url: Some(url.to_owned()),
        mime: None,
        filename: None,
        size: None,
        sha256: None,
        auth: MediaAuth::Bearer,
        expires_at: None,
    }
}
