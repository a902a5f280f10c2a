//! What MessageBird's answers mean (specification `sms`, part D).

use entities::{Holds, ProviderError, SendOutcome};

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
        return calls::accepted(Some(member(&reply.json(), "id")));
    }
    let error = error(reply);
    match error.code.as_str() {
        "2" => calls::halted(error, "MessageBird refuses the access key: enter the current one"),
        "9" | "10" | "20" | "21" => calls::refused(error),
        "25" => calls::halted(error, "the account at MessageBird has no credit: top it up"),
        // Its own word that it failed.
        "98" | "99" => calls::later(error, Holds::Message),
        _ => calls::by_status(call, reply, error),
    }
}

/// The error in MessageBird's words; where it has none, the status.
pub fn error(reply: &ProviderReply) -> ProviderError {
    let status = match reply {
        ProviderReply::Answered { status, .. } => status,
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => return ProviderError::new("no_answer", why.clone()),
    };
    let json = reply.json();
    let Some(first) = json.pointer("/errors/0") else {
        return ProviderError::new(format!("http_{status}"), "MessageBird answered with an error");
    };
    let title = tidy::name(&member(first, "description")).unwrap_or_else(|| "MessageBird does not say why".to_owned());
    let error = ProviderError::new(member(first, "code"), title);
    match tidy::name(&member(first, "parameter")) {
        Some(parameter) => error.with_detail(format!("parameter {parameter}")),
        None => error,
    }
}
