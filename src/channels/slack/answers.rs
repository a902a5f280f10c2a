//! What Slack's answers mean (`slack.md`, parts 10 to 12). An error is usually HTTP 200 with `"ok": false`.

use entities::{Consequence, Holds, ProviderError, SendOutcome};
use serde_json::{Value, json};

use super::{credential, files::API, wire};
use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    tidy,
};

/// Longest pause that a `Retry-After` is believed to ask for, in seconds.
const RETRY_AFTER_SECONDS_MAX: u64 = 3_600;
/// What without which nothing can be sent.
const SCOPE_NEEDED: &str = "chat:write";

/// What stands behind an error's name (part 10.2).
enum Meaning {
    Done,
    Later,
    Paced,
    Stopped(&'static str),
    Operator(&'static str),
    Never(&'static str),
    Unreachable(&'static str),
}

/// What an answer to one of our calls means.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    let (status, body) = match reply {
        ProviderReply::Answered { status, body, .. } => (*status, body),
        ProviderReply::Unreachable { why } => return retry(None, ProviderError::new("unreachable", tidy::cut(why, 200))),
        // There is no key that makes a repeat harmless (part 10): only the echo tells.
        ProviderReply::Silent { why } if call.sends => {
            return SendOutcome::Unknown { error: ProviderError::new("no_answer", tidy::cut(why, 200)) };
        }
        ProviderReply::Silent { why } => return retry(None, ProviderError::new("no_answer", tidy::cut(why, 200))),
    };
    if call.purpose == "upload" {
        return uploaded(status);
    }
    if status == 429 {
        return paced(reply, ProviderError::new("ratelimited", "Slack asks us to wait"));
    }
    if status >= 500 {
        return retry(None, ProviderError::new(status.to_string(), "Slack failed to answer"));
    }
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        let error = ProviderError::new(status.to_string(), "Slack's answer cannot be read");
        return if call.sends { SendOutcome::Unknown { error } } else { retry(None, error) };
    };
    if answer.get("ok").and_then(Value::as_bool) == Some(true) {
        return accepted(call, &answer);
    }
    failed(call, reply, &answer, status)
}

fn accepted(call: &ProviderCall, answer: &Value) -> SendOutcome {
    let posted = wire::id(answer, "/channel").zip(wire::ts(answer, "/ts")).map(|(channel, ts)| wire::message_id(channel, ts));
    // The message of a file is made later; until its event comes it is known by the file.
    let shared = wire::id(answer, "/files/0/id").map(str::to_owned);
    let id = if call.sends { posted.or(shared) } else { None };
    SendOutcome::Accepted { id, delivered: true, also: Vec::new() }
}

/// Only the status counts: the words of the body are not promised (part 16).
fn uploaded(status: u16) -> SendOutcome {
    let error = ProviderError::new(status.to_string(), "Slack did not take the file's bytes");
    match status {
        200 => SendOutcome::Accepted { id: None, delivered: true, also: Vec::new() },
        429 | 500.. => retry(None, error),
        _ => SendOutcome::Refused { error, consequence: Consequence::None },
    }
}

fn retry(after_ms: Option<u64>, error: ProviderError) -> SendOutcome {
    SendOutcome::Retry { after_ms, holds: Holds::Message, error, tries_max: None }
}

/// The limit is one of the method in one Slack channel (part 11): it holds up that contact and nobody else.
fn paced(reply: &ProviderReply, error: ProviderError) -> SendOutcome {
    let seconds = reply.header("retry-after").and_then(|seconds| seconds.trim().parse::<u64>().ok());
    let after_ms = seconds.map(|seconds| seconds.min(RETRY_AFTER_SECONDS_MAX) * 1_000);
    SendOutcome::Retry { after_ms, holds: Holds::Contact, error, tries_max: None }
}

fn failed(call: &ProviderCall, reply: &ProviderReply, answer: &Value, status: u16) -> SendOutcome {
    let code = wire::text(answer, "/error").map_or_else(|| status.to_string(), |code| tidy::cut(code, 100));
    let meaning = meaning(&code);
    let error = error(&code, &meaning, answer);
    match meaning {
        Meaning::Done => SendOutcome::Accepted { id: None, delivered: true, also: Vec::new() },
        Meaning::Later => retry(None, error),
        Meaning::Paced => paced(reply, error),
        Meaning::Stopped(remedy) => SendOutcome::Halted { error, remedy: remedy.to_owned() },
        // What is missing for a reaction or a file stops that alone; what is missing for a message stops them all.
        Meaning::Operator(remedy) if call.purpose == "chat.postMessage" => SendOutcome::Halted { error, remedy: remedy.to_owned() },
        Meaning::Operator(_) | Meaning::Never(_) => SendOutcome::Refused { error, consequence: Consequence::None },
        Meaning::Unreachable(_) => SendOutcome::Refused { error, consequence: Consequence::AddressUnusable },
    }
}

/// The table of part 10.2. What it does not name is permanent and shown: trying it again would not change it.
fn meaning(code: &str) -> Meaning {
    match code {
        "already_reacted" | "no_reaction" | "already_in_channel" => Meaning::Done,
        "ratelimited" | "rate_limited" => Meaning::Paced,
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => Meaning::Later,
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "org_login_required" | "team_access_not_granted" => {
            Meaning::Stopped("Slack no longer accepts the bot's token: install the app again and enter the new token")
        }
        "token_expired" => Meaning::Stopped("the bot's token has expired: refresh it or install the app again"),
        "missing_scope" | "not_allowed_token_type" | "no_permission" | "access_denied" | "ekm_access_denied" => {
            Meaning::Operator("the app lacks a permission: add the scope that Slack names, and install the app again")
        }
        "channel_not_found" => Meaning::Never("the Slack channel does not exist, or is private and the bot is not in it"),
        "not_in_channel" => Meaning::Never("the bot is not in this Slack channel: somebody there has to invite it"),
        "method_not_supported_for_channel_type" => {
            Meaning::Never("the bot cannot join this Slack channel by itself: somebody there has to invite it")
        }
        "is_archived" | "channel_is_archived" => Meaning::Never("the Slack channel is archived"),
        "user_not_found" | "user_disabled" | "cannot_dm_bot" | "messages_tab_disabled" => {
            Meaning::Unreachable("this person cannot be written to in Slack")
        }
        "msg_too_long" | "msg_blocks_too_long" | "too_many_attachments" => Meaning::Never("Slack finds the message too long"),
        "no_text" | "invalid_blocks" | "invalid_blocks_format" => Meaning::Never("Slack finds the message malformed"),
        "thread_locked" | "cannot_reply_to_message" => Meaning::Never("this thread takes no replies"),
        "message_limit_exceeded" => Meaning::Never("the workspace has reached its limit of messages"),
        "message_not_found" => Meaning::Never("the message is no longer there"),
        "cant_update_message" | "edit_window_closed" => Meaning::Never("the message can no longer be changed"),
        "cant_delete_message" | "compliance_exports_prevent_deletion" => Meaning::Never("the message cannot be deleted"),
        _ if code.starts_with("restricted_action") => Meaning::Never("the workspace's settings forbid it"),
        _ => Meaning::Never("Slack refused it"),
    }
}

/// What an error of Slack's means, in our words and in its own.
pub fn described(code: &str, answer: &Value) -> ProviderError {
    error(code, &meaning(code), answer)
}

/// Whether an error of Slack's goes away by itself.
pub fn passes(code: &str) -> bool {
    matches!(meaning(code), Meaning::Later | Meaning::Paced)
}

/// Our words, Slack's name for it, and what else Slack says.
fn error(code: &str, meaning: &Meaning, answer: &Value) -> ProviderError {
    let title = match meaning {
        Meaning::Done => "done already",
        Meaning::Later => "Slack had a failure of its own",
        Meaning::Paced => "Slack asks us to wait",
        Meaning::Stopped(words) | Meaning::Operator(words) | Meaning::Never(words) | Meaning::Unreachable(words) => words,
    };
    let mut detail = Vec::new();
    for (pointer, label) in [("/needed", "needed"), ("/provided", "provided")] {
        if let Some(words) = wire::text(answer, pointer) {
            detail.push(format!("{label}: {}", tidy::cut(words, 500)));
        }
    }
    let messages = answer.pointer("/response_metadata/messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    detail.extend(messages.iter().take(5).filter_map(Value::as_str).map(|words| tidy::cut(words, 500)));
    let error = ProviderError::new(code, title);
    if detail.is_empty() { error } else { error.with_detail(detail.join("; ")) }
}

/// Joining a public channel that the bot is not in, once, before the message is posted again (part 10.2).
pub fn cure(credential: &Credential, call: &ProviderCall, reply: &ProviderReply) -> Option<ProviderCall> {
    let Body::Json(body) = &call.body else { return None };
    if wire::text(&reply.json(), "/error") != Some("not_in_channel") {
        return None;
    }
    // Public channels begin with C; some private ones do, too, and there Slack refuses to let the bot in by itself.
    let channel = wire::id(body, "/channel").or_else(|| wire::id(body, "/channel_id")).filter(|channel| channel.starts_with('C'))?;
    Some(
        ProviderCall::asking("POST", API, "/api/conversations.join", Body::Json(json!({ "channel": channel })), "conversations.join")
            .header("authorization", credential::bearer(credential)),
    )
}

/// Who the token is.
pub fn check(credential: &Credential) -> ProviderCall {
    ProviderCall::asking("POST", API, "/api/auth.test", Body::Form(Vec::new()), "auth.test")
        .header("authorization", credential::bearer(credential))
}

/// The workspace that the token is for, if it is a bot's and may write.
pub fn judge_check(reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    let status = match reply {
        ProviderReply::Answered { status, .. } => *status,
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => {
            return Err(ProviderError::new("unreachable", "Slack did not answer").with_detail(tidy::cut(why, 200)));
        }
    };
    let answer = reply.json();
    if answer.get("ok").and_then(Value::as_bool) != Some(true) {
        let code = wire::text(&answer, "/error").map_or_else(|| status.to_string(), |code| tidy::cut(code, 100));
        return Err(error(&code, &meaning(&code), &answer));
    }
    if wire::id(&answer, "/bot_id").is_none() {
        return Err(ProviderError::new("not_allowed_token_type", "this is the token of a person: the bot's begins with xoxb-"));
    }
    if let Some(scopes) = reply.header("x-oauth-scopes")
        && !scopes.split(',').any(|scope| scope.trim() == SCOPE_NEEDED)
    {
        let error = ProviderError::new("missing_scope", "the app may not write: add the scope chat:write, and install it again");
        return Err(error.with_detail(format!("provided: {}", tidy::cut(scopes, 500))));
    }
    let address = wire::account(&answer).ok_or_else(|| ProviderError::new("no_team", "Slack's answer names no workspace"))?;
    let name = wire::text(&answer, "/team").and_then(tidy::name).unwrap_or_else(|| address.to_owned());
    Ok(vec![Account { address: address.to_owned(), name }])
}
