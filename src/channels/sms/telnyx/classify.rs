//! What Telnyx's answers mean (specification `sms`, part C).

use entities::{Consequence, Holds, ProviderError, SendOutcome};
use serde_json::Value;

use crate::channels::{
    call::{ProviderCall, ProviderReply},
    sms::calls::{self, member},
    tidy,
};

/// The recipient has said STOP.
pub const OPTED_OUT: &str = "40300";

/// Judges an answer.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    if let Some(outcome) = calls::unanswered(call, reply) {
        return outcome;
    }
    if (200..300).contains(&calls::status(reply)) {
        return calls::accepted(reply.json().pointer("/data/id").and_then(Value::as_str).map(str::to_owned));
    }
    let error = error(reply);
    match error.code.as_str() {
        OPTED_OUT => calls::refused_with(error, Consequence::OptedOut),
        "40310" | "40001" => calls::refused_with(error, Consequence::AddressUnusable),
        "40333" => calls::halted(error, "the spending limit at Telnyx is reached: raise it there"),
        "40005" | "40010" => calls::halted(error, "register the number for an A2P 10DLC campaign at Telnyx"),
        "10007" | "10009" => calls::halted(error, "Telnyx refuses the API key: enter the current one"),
        "10011" => SendOutcome::Retry { after_ms: calls::retry_after_ms(reply), holds: Holds::Channel, error, tries_max: None },
        // A code about messages is about this message, whatever the status: it is not to stop the channel.
        code if code.len() == 5 && code.starts_with('4') && (400..429).contains(&calls::status(reply)) => calls::refused(error),
        _ => calls::by_status(call, reply, error),
    }
}

/// The error in Telnyx's words; where it has none, the status.
pub fn error(reply: &ProviderReply) -> ProviderError {
    match reply {
        ProviderReply::Answered { status, .. } => {
            first_error(&reply.json()).unwrap_or_else(|| ProviderError::new(format!("http_{status}"), "Telnyx answered with an error"))
        }
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => ProviderError::new("no_answer", why.clone()),
    }
}

/// The first of the errors that an answer or a payload lists.
pub fn first_error(json: &Value) -> Option<ProviderError> {
    let first = json.pointer("/errors/0")?;
    let title = tidy::name(&member(first, "title")).unwrap_or_else(|| "Telnyx does not say why".to_owned());
    let error = ProviderError::new(member(first, "code"), title);
    Some(match tidy::name(&member(first, "detail")) {
        Some(detail) => error.with_detail(detail),
        None => error,
    })
}
