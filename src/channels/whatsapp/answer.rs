//! What WhatsApp's answers mean: one table, code by code (section 13).
//!
//! Guarantees: the code decides, not the status, which is "somewhat inconsistent"; a code that is not in the table is judged by its status; an
//! answer that cannot be understood after a message went out is never taken for a failure.
//!
//! Does not: count tries. A pair limit (131056) asks for 4^n seconds, n being the tries so far: the pause is left to the caller's back-off.

use entities::{Consequence, Holds, ProviderError, SendOutcome};
use serde_json::Value;

use super::{inbound, outbound::UPLOAD};
use crate::channels::{
    call::{ProviderCall, ProviderReply},
    meta::{
        graph::{self, Fault},
        read,
    },
};

/// Account in maintenance mode (131057): "retry later (15 min)".
const MAINTENANCE_MS: u64 = 15 * 60 * 1_000;
/// Flow throttled (132069): "retry in 1 h".
const FLOW_THROTTLED_MS: u64 = 60 * 60 * 1_000;
/// Media upload or link fetch failed (131053): "retry up to 3 times".
const MEDIA_TRIES_MAX: u32 = 3;
/// Identity key hash mismatch (137000): "retry without hash"; none is ever sent, so once more is what is meant.
const HASH_TRIES_MAX: u32 = 1;

/// What an answer to a call means.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    match reply {
        ProviderReply::Unreachable { why } => {
            retry(ProviderError::new("unreachable", "WhatsApp cannot be reached").with_detail(why.as_str()), None, Holds::Message, None)
        }
        ProviderReply::Silent { why } => {
            let error = ProviderError::new("no_answer", "WhatsApp did not answer").with_detail(why.as_str());
            if call.sends { SendOutcome::Unknown { error } } else { retry(error, None, Holds::Message, None) }
        }
        ProviderReply::Answered { status, .. } => {
            let json = reply.json();
            match graph::fault(*status, &json) {
                Some(fault) => judge(&fault, graph::regain_ms(reply)),
                None => accepted(call, &json),
            }
        }
    }
}

/// 200 means accepted, not delivered (section 11).
fn accepted(call: &ProviderCall, json: &Value) -> SendOutcome {
    if call.purpose == UPLOAD && read::id(json, "id").is_none() {
        return retry(
            ProviderError::new("unreadable", "WhatsApp took a file and gave no id of it"),
            None,
            Holds::Message,
            Some(MEDIA_TRIES_MAX),
        );
    }
    let id = read::list(json, "messages").first().and_then(|message| read::id(message, "id"));
    if call.sends && id.is_none() {
        let error = ProviderError::new("unreadable", "WhatsApp's answer cannot be read: what became of the message is not known");
        return SendOutcome::Unknown { error };
    }
    let also = read::list(json, "contacts").first().map(inbound::told_addresses).unwrap_or_default();
    SendOutcome::Accepted { id, delivered: false, also }
}

/// How bad a fault is for the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The token is no longer good.
    Token,
    /// Nothing can be sent until somebody does something.
    Stops,
    /// It concerns a message, or will pass.
    Passes,
}

/// How bad a fault is that a notification tells.
pub fn severity(fault: &Fault) -> Severity {
    match (judge(fault, None), fault.code) {
        (SendOutcome::Halted { .. }, Some(0 | 190)) => Severity::Token,
        (SendOutcome::Halted { .. }, _) => Severity::Stops,
        _ => Severity::Passes,
    }
}

/// What a fault that a notification tells of a message means besides the failure: that the window is closed (section 11.2). Of marketing, which
/// a person may also have wanted again since, the status is told as a wish of its own.
pub fn consequence(fault: &Fault) -> Consequence {
    match judge(fault, None) {
        SendOutcome::Refused { consequence: Consequence::WindowClosed, .. } => Consequence::WindowClosed,
        _ => Consequence::None,
    }
}

/// What a fault means: the table of section 13, row by row.
fn judge(fault: &Fault, regain_ms: Option<u64>) -> SendOutcome {
    let error = fault.error.clone();
    let Some(code) = fault.code else { return by_status(fault, regain_ms) };
    match code {
        0 | 190 => halted(error, token_remedy(fault.subcode)),
        3 | 10 | 200..=299 => halted(error, "A permission is missing or was taken away: give the token whatsapp_business_messaging again"),
        1 | 2 | 131_000 | 131_016 | 133_004 => retry(error, None, Holds::Message, None),
        4 | 80_007 | 130_429 => retry(error, regain_ms, Holds::Channel, None),
        131_056 => retry(error, None, Holds::Contact, None),
        131_053 => retry(error, None, Holds::Message, Some(MEDIA_TRIES_MAX)),
        131_057 => retry(error, Some(MAINTENANCE_MS), Holds::Channel, None),
        132_069 => retry(error, Some(FLOW_THROTTLED_MS), Holds::Message, None),
        137_000 => retry(error, None, Holds::Message, Some(HASH_TRIES_MAX)),
        131_047 => refused(error, Consequence::WindowClosed),
        131_050 => refused(error, Consequence::OptedOutOfMarketing),
        131_005 | 131_031 | 131_037 | 131_042 | 131_044 | 131_045 | 131_048 | 131_064 | 133_000..=133_016 | 368 => {
            halted(error, remedy(code))
        }
        131_030 => {
            refused(error.with_hint("This is a test number: add the recipient to its list at WhatsApp, API setup"), Consequence::None)
        }
        132_000 | 132_001 | 132_005 | 132_007 | 132_008 | 132_012 | 132_015 | 132_016 => template_refused(fault, code),
        // These are final, and so is what the table does not name but Meta calls the caller's fault.
        33 | 100 | 130_472 | 130_497 | 131_008 | 131_009 | 131_021 | 131_026 | 131_049 | 131_051 | 131_052 | 131_062 | 131_063
        | 132_068 | 135_000 => final_unless_transient(fault),
        _ => by_status(fault, regain_ms),
    }
}

/// What a fault means whose code says nothing to us.
fn by_status(fault: &Fault, regain_ms: Option<u64>) -> SendOutcome {
    let error = fault.error.clone();
    match fault.status {
        _ if fault.transient => retry(error, None, Holds::Message, None),
        429 => retry(error, regain_ms, Holds::Channel, None),
        500.. => retry(error, None, Holds::Message, None),
        401 => halted(error, token_remedy(None)),
        _ => refused(error, Consequence::None),
    }
}

fn final_unless_transient(fault: &Fault) -> SendOutcome {
    let error = fault.error.clone();
    if fault.transient { retry(error, None, Holds::Message, None) } else { refused(error, Consequence::None) }
}

/// A template is not as it is known here, or its words are not: what to do is said beside Meta's words.
fn template_refused(fault: &Fault, code: i64) -> SendOutcome {
    if fault.transient {
        return final_unless_transient(fault);
    }
    let hint = match code {
        132_000 => "The template has another number of variables than were given: it has changed; choose it again",
        132_001 => "There is no approved template of this name in this language: choose another",
        132_005 => "With these words the template is too long: shorten them",
        132_007 => "The words break WhatsApp's policy: change them",
        132_008 | 132_012 => "A variable does not have the form that the template wants: choose the template again",
        132_015 => "WhatsApp has paused the template because too many people blocked or reported it: choose another",
        _ => "WhatsApp has disabled the template for good: choose another",
    };
    refused(fault.error.clone().with_hint(hint), Consequence::TemplateChanged)
}

fn token_remedy(subcode: Option<i64>) -> &'static str {
    match subcode {
        Some(460) => "The password was changed and the token with it is no longer good: connect again",
        Some(463) => "The token has expired: connect again",
        Some(467) => "The token was made invalid: connect again",
        _ => "The token is not good, or no longer: connect again",
    }
}

fn remedy(code: i64) -> &'static str {
    match code {
        131_037 => "The number's display name is not approved yet: see to it in WhatsApp Manager",
        131_042 | 131_044 => "There is a problem with paying: see to the payment method in WhatsApp Manager",
        131_045 | 133_010 => "The number is not registered: register it again",
        131_048 => "Too many people have blocked or reported this number: Meta limits it; see its quality in WhatsApp Manager",
        131_064 => "Meta limits this account because of how its templates are classed: see WhatsApp Manager",
        133_005 => "The two-step PIN is wrong: register the number with the right one",
        133_006 => "The number has to be verified before it is registered",
        133_008 | 133_009 => "The PIN was tried too often or too fast: wait, and register the number again",
        133_016 => "The number was registered too often: wait 72 hours, and register it again",
        133_000..=133_015 => "The number's registration is not in order: register it again",
        _ => "Meta has locked or restricted the account: see WhatsApp Manager",
    }
}

fn retry(error: ProviderError, after_ms: Option<u64>, holds: Holds, tries_max: Option<u32>) -> SendOutcome {
    SendOutcome::Retry { after_ms, holds, error, tries_max }
}

fn refused(error: ProviderError, consequence: Consequence) -> SendOutcome {
    SendOutcome::Refused { error, consequence }
}

fn halted(error: ProviderError, remedy: &str) -> SendOutcome {
    SendOutcome::Halted { error, remedy: remedy.to_owned() }
}

/// Errors that carry advice for the operator.
trait Hint {
    fn with_hint(self, hint: &str) -> Self;
}

impl Hint for ProviderError {
    fn with_hint(self, hint: &str) -> Self {
        let detail = self.detail.as_deref().map_or_else(|| hint.to_owned(), |detail| format!("{detail} {hint}"));
        self.with_detail(detail)
    }
}
