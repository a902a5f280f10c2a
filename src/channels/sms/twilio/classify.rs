//! What Twilio's answers mean (specification `sms`, A7, A9).
//!
//! Guarantees: a fault is tried again only if Twilio itself says that it failed; where a stranger between us answered, the message may have
//! been sent, and only its receipt tells.

use entities::{ProviderError, SendOutcome};
use serde_json::Value;

use super::errors::{self, Verdict};
use crate::channels::{
    call::{ProviderCall, ProviderReply},
    sms::{calls, parameters::scalar},
    tidy,
};

/// Codes from here on are about messages; those below are about calls and who makes them.
const MESSAGE_CODES: u32 = 21_000;

/// Judges an answer.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    if let Some(outcome) = calls::unanswered(call, reply) {
        return outcome;
    }
    if (200..300).contains(&calls::status(reply)) {
        return calls::accepted(reply.json().get("sid").and_then(Value::as_str).map(str::to_owned));
    }
    let error = error(reply);
    let code = code(&reply.json());
    match code.and_then(errors::verdict) {
        Some(Verdict::Retry { after_ms, holds, tries_max }) => {
            SendOutcome::Retry { after_ms: calls::retry_after_ms(reply).or(after_ms), holds, error, tries_max }
        }
        Some(Verdict::Refused(consequence)) => calls::refused_with(error, consequence),
        Some(Verdict::Halted(remedy)) => calls::halted(error, remedy),
        // A code about messages is about this message, whatever the status: it is not to stop the channel.
        None if code.is_some_and(|code| code >= MESSAGE_CODES) && (400..429).contains(&calls::status(reply)) => calls::refused(error),
        None => calls::by_status(call, reply, error),
    }
}

fn code(json: &Value) -> Option<u32> {
    scalar(json.get("code")?)?.parse().ok()
}

/// The error in Twilio's words; where it has none, the status.
pub fn error(reply: &ProviderReply) -> ProviderError {
    let json = reply.json();
    let told = json.get("message").and_then(Value::as_str).and_then(tidy::name);
    let Some(code) = code(&json) else {
        let title = match reply {
            ProviderReply::Answered { .. } => told.unwrap_or_else(|| "Twilio answered with an error".to_owned()),
            ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => why.clone(),
        };
        return ProviderError::new(format!("http_{}", calls::status(reply)), title);
    };
    let meaning = errors::meaning(code);
    let title = meaning.map(str::to_owned).or_else(|| told.clone()).unwrap_or_else(|| "Twilio refused it".to_owned());
    let error = ProviderError::new(code.to_string(), title);
    match told.filter(|_| meaning.is_some()) {
        Some(told) => error.with_detail(told),
        None => error,
    }
}
