//! What Dialpad's answers mean (`dialpad.md`, parts 9 and 10).

use entities::{Consequence, Holds, ProviderError, SendOutcome};
use serde_json::Value;

use super::{credential, wire};
use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    sms::phone,
    tidy,
};

/// How long the window of a rate limit is, in milliseconds, where Dialpad does not say when to come back (part 10).
const RATE_WINDOW_MS: u64 = 60_000;
/// Longest pause that a `Retry-After` is believed to ask for, in seconds.
const RETRY_AFTER_SECONDS_MAX: u64 = 3_600;
/// Most numbers of one answer that are offered.
const NUMBERS_MAX: usize = 50;

/// What an answer to one of our calls means.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    let status = match reply {
        ProviderReply::Answered { status, .. } => *status,
        ProviderReply::Unreachable { why } => return retry(None, Holds::Message, ProviderError::new("unreachable", tidy::cut(why, 200))),
        ProviderReply::Silent { why } => return doubtful(call, ProviderError::new("no_answer", tidy::cut(why, 200))),
    };
    let answer = reply.json();
    let error = error(status, &answer);
    match status {
        200..=299 => {
            let id = wire::id(&answer, "/id").map(|id| id.to_string());
            SendOutcome::Accepted { id: id.filter(|_| call.sends), delivered: false, also: Vec::new() }
        }
        401 => halted(error, "Dialpad no longer accepts the key: enter a new one, or connect Dialpad again"),
        403 => {
            halted(error, "the API key lacks a scope, or the number may not send text messages (10DLC registration): see Dialpad's words")
        }
        // What is asked to exist exists (part 10); a message is never in conflict with another.
        409 if !call.sends => SendOutcome::Accepted { id: None, delivered: false, also: Vec::new() },
        429 => {
            let seconds = reply.header("retry-after").and_then(|seconds| seconds.trim().parse::<u64>().ok());
            let after_ms = seconds.map_or(RATE_WINDOW_MS, |seconds| seconds.min(RETRY_AFTER_SECONDS_MAX) * 1_000);
            // The limit is the key's, not one contact's.
            retry(Some(after_ms), Holds::Channel, error)
        }
        500.. => doubtful(call, error),
        _ => SendOutcome::Refused { error, consequence: Consequence::None },
    }
}

/// Nothing makes a repeat harmless (part 9): a message that may have gone out waits for its own event.
fn doubtful(call: &ProviderCall, error: ProviderError) -> SendOutcome {
    if call.sends { SendOutcome::Unknown { error } } else { retry(None, Holds::Message, error) }
}

fn retry(after_ms: Option<u64>, holds: Holds, error: ProviderError) -> SendOutcome {
    SendOutcome::Retry { after_ms, holds, error, tries_max: None }
}

fn halted(error: ProviderError, remedy: &str) -> SendOutcome {
    SendOutcome::Halted { error, remedy: remedy.to_owned() }
}

/// Dialpad's own words, or what its status means.
pub fn error(status: u16, answer: &Value) -> ProviderError {
    let plain = match status {
        400 => "Dialpad finds the request wrong",
        401 => "Dialpad does not accept the API key",
        403 => "Dialpad does not allow it",
        404 => "Dialpad knows no such thing",
        429 => "Dialpad asks us to wait",
        500.. => "Dialpad failed to answer",
        _ => "Dialpad refused it",
    };
    let title = wire::text(answer, "/error/message").map_or_else(|| plain.to_owned(), |words| tidy::cut(words, 500));
    let error = ProviderError::new(status.to_string(), title);
    let reasons: Vec<String> = wire::list(answer, "/error/errors")
        .iter()
        .take(5)
        .filter_map(|one| wire::text(one, "/reason"))
        .map(|words| tidy::cut(words, 100))
        .collect();
    if reasons.is_empty() { error } else { error.with_detail(reasons.join(", ")) }
}

/// Whose the key is (part 11): a person's, or the company's.
pub fn check(credential: &Credential) -> ProviderCall {
    let path = if credential.secret(credential::KEY_LEVEL) == Some("company") { "/api/v2/company" } else { "/api/v2/users/me" };
    ProviderCall::asking("GET", credential::base(credential), path, Body::None, "check")
        .header("authorization", credential::bearer(credential))
}

/// The numbers that can be connected: the one that was entered with the credential, and those of the person whose key it is.
pub fn judge_check(credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    let status = match reply {
        ProviderReply::Answered { status, .. } => *status,
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => {
            return Err(ProviderError::new("unreachable", "Dialpad did not answer").with_detail(tidy::cut(why, 200)));
        }
    };
    let answer = reply.json();
    if !(200..=299).contains(&status) {
        return Err(error(status, &answer));
    }
    let owner = ["/display_name", "/name", "/first_name"].iter().find_map(|at| wire::text(&answer, at)).and_then(tidy::name);
    let entered = credential.account.as_deref().filter(|account| account.trim_start().starts_with('+'));
    let mut accounts: Vec<Account> = Vec::new();
    for number in entered.into_iter().chain(wire::strings(&answer, "/phone_numbers").into_iter().take(NUMBERS_MAX)) {
        let address = phone::ours(number);
        if address.starts_with('+') && accounts.iter().all(|known| known.address != address) {
            let name = owner.as_ref().map_or_else(|| address.clone(), |owner| format!("{owner} {address}"));
            accounts.push(Account { address, name });
        }
    }
    Ok(accounts)
}
