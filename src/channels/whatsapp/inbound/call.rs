//! Telephone calls over WhatsApp (section 6.25).

use entities::{
    Direction, Happening, Inbound, Party,
    inbound::{Call, CallPhase},
};
use serde_json::Value;

use super::{Scope, party};
use crate::channels::meta::read;

/// What a change of the field `calls` tells.
pub fn told(scope: &Scope<'_>, value: &Value) -> Vec<Inbound> {
    let mut told: Vec<Inbound> = read::list(value, "calls").iter().map(|item| news(scope, item)).collect();
    told.extend(read::list(value, "statuses").iter().flat_map(|item| status(scope, item)));
    told
}

fn news(scope: &Scope<'_>, item: &Value) -> Inbound {
    let direction = if read::word(item, "direction") == "BUSINESS_INITIATED" { Direction::Out } else { Direction::In };
    let names: &[&str] = match direction {
        Direction::In => &["from", "from_user_id"],
        Direction::Out => &["to", "to_user_id"],
    };
    let (Some(id), Some(party)) = (read::id(item, "id"), party::of(scope, item, names)) else {
        return scope.ignored("a call of nobody");
    };
    let at = read::instant(item, "timestamp");
    let (connected_at, ended_at) = (read::instant(item, "start_time"), read::instant(item, "end_time"));
    let phase = match (read::word(item, "event"), connected_at.is_some(), direction) {
        ("connect", ..) => Some(CallPhase::Ringing),
        ("terminate", true, _) => Some(CallPhase::Ended),
        ("terminate", false, Direction::In) => Some(CallPhase::Missed),
        ("terminate", false, Direction::Out) => Some(CallPhase::NoAnswer),
        _ => None,
    };
    let over = read::word(item, "event") == "terminate";
    scope.tell(
        at,
        Happening::Call(Box::new(Call {
            started_at: at.filter(|_| !over),
            connected_at,
            ended_at: ended_at.or_else(|| at.filter(|_| over)),
            talk_ms: read::number(item, "duration").map(|seconds| seconds.saturating_mul(1_000)),
            phase,
            ..call(id, direction, party)
        })),
    )
}

/// How far a call of ours has come, told as a status of type `call`.
pub fn status(scope: &Scope<'_>, item: &Value) -> Vec<Inbound> {
    let phase = match read::word(item, "status") {
        "RINGING" => CallPhase::Ringing,
        "ACCEPTED" => CallPhase::Answered,
        "REJECTED" => CallPhase::NoAnswer,
        other => return vec![scope.ignored(format!("call: {}", read::one_line(other)))],
    };
    let (Some(id), Some(party)) = (read::id(item, "id"), party::of(scope, item, &["recipient_id", "recipient_user_id"])) else {
        return vec![scope.ignored("a call of nobody")];
    };
    let at = read::instant(item, "timestamp");
    let connected_at = at.filter(|_| phase == CallPhase::Answered);
    vec![scope.tell(at, Happening::Call(Box::new(Call { phase: Some(phase), connected_at, ..call(id, Direction::Out, party) })))]
}

fn call(leg: String, direction: Direction, party: Party) -> Call {
    Call {
        legs: vec![leg],
        phase: None,
        direction,
        party,
        agent_name: None,
        started_at: None,
        connected_at: None,
        ended_at: None,
        talk_ms: None,
        recordings: Vec::new(),
        voicemail: None,
        transcript: None,
        summary: None,
        about: None,
    }
}
