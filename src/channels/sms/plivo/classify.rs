//! What Plivo's answers mean (specification `sms`, part E): its errors have words and no codes, so the status decides.

use entities::{ProviderError, SendOutcome};
use serde_json::Value;

use crate::channels::{
    call::{ProviderCall, ProviderReply},
    sms::calls::{self, member},
    tidy,
};

/// Judges an answer.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    if let Some(outcome) = calls::unanswered(call, reply) {
        return outcome;
    }
    if (200..300).contains(&calls::status(reply)) {
        return calls::accepted(reply.json().pointer("/message_uuid/0").and_then(Value::as_str).map(str::to_owned));
    }
    calls::by_status(call, reply, error(reply))
}

/// The error in Plivo's words.
pub fn error(reply: &ProviderReply) -> ProviderError {
    match reply {
        ProviderReply::Answered { status, .. } => {
            let said = tidy::name(&member(&reply.json(), "error"));
            ProviderError::new(format!("http_{status}"), said.unwrap_or_else(|| "Plivo answered with an error".to_owned()))
        }
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => ProviderError::new("no_answer", why.clone()),
    }
}
