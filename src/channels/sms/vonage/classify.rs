//! What Vonage's answers mean (specification `sms`, part B). The SMS API answers 200 also when it refuses.

use entities::{Consequence, Holds, ProviderError, SendOutcome};
use serde_json::Value;

use super::{messages, outbound::SEND_SMS};
use crate::channels::{
    call::{ProviderCall, ProviderReply},
    sms::calls::{self, member},
    tidy,
};

/// Throttled.
const THROTTLED: &str = "1000";

/// Judges an answer.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    if let Some(outcome) = calls::unanswered(call, reply) {
        return outcome;
    }
    let answered = (200..300).contains(&calls::status(reply));
    if answered && call.purpose == SEND_SMS {
        return by_sms(reply);
    }
    if answered {
        return calls::accepted(Some(member(&reply.json(), "message_uuid")));
    }
    let error = error(reply);
    // 429 also says that a message can never go (B: 1020, 1260, 1300): only 1000, or no code at all, is about too many.
    let numbered = error.code.bytes().all(|digit| digit.is_ascii_digit());
    if calls::status(reply) == 429 && numbered && error.code != THROTTLED {
        return calls::refused(error);
    }
    calls::by_status(call, reply, error)
}

/// The error in Vonage's words; where it has none, the status.
pub fn error(reply: &ProviderReply) -> ProviderError {
    match reply {
        ProviderReply::Answered { status, .. } => messages::error(&reply.json(), &format!("http_{status}")),
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => ProviderError::new("no_answer", why.clone()),
    }
}

/// An answer of the SMS API: the first of its messages decides, for with it the text is on its way or is not.
fn by_sms(reply: &ProviderReply) -> SendOutcome {
    let json = reply.json();
    let Some(first) = json.get("messages").and_then(Value::as_array).and_then(|messages| messages.first()) else {
        return SendOutcome::Unknown { error: ProviderError::new("answer", "Vonage's answer cannot be read") };
    };
    let (code, said) = (member(first, "status"), member(first, "error-text"));
    let title = tidy::name(&said).unwrap_or_else(|| "Vonage refused it".to_owned());
    let error = ProviderError::new(code.clone(), title);
    match code.as_str() {
        "0" => calls::accepted(Some(member(first, "message-id"))),
        "1" => SendOutcome::Retry { after_ms: milliseconds(&said), holds: Holds::Channel, error, tries_max: None },
        "4" => calls::halted(error, "Vonage refuses the API key or secret: enter the current ones"),
        "5" => calls::later(error, Holds::Message),
        "8" => calls::halted(error, "the account is barred at Vonage: ask them"),
        "9" => calls::halted(error, "the account at Vonage has no credit: top it up"),
        "15" => calls::halted(error, "Vonage does not accept the channel's number as sender: check it there"),
        "33" => calls::refused_with(error, Consequence::AddressUnusable),
        _ => calls::refused(error),
    }
}

/// The first number of the words: `Throughput Rate Exceeded - please wait [ 250 ] and retry`.
fn milliseconds(said: &str) -> Option<u64> {
    said.split(|letter: char| !letter.is_ascii_digit()).find_map(|digits| digits.parse().ok())
}
