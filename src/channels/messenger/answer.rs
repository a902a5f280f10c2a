//! What Meta's answers mean: one table, code and subcode (section 12).
//!
//! Guarantees: an error in an answer of 200 is an error; an answer that cannot be understood after a message went out is never taken for a
//! failure.
//!
//! Does not: trust the subcodes 2018108, 2018300, 2018034 and 2018109 far, whose meanings vary (section 17): they make nothing but this
//! message final.

use entities::{Consequence, Holds, ProviderError, SendOutcome};
use serde_json::Value;

use super::outbound::UPLOAD;
use crate::channels::{
    call::{ProviderCall, ProviderReply},
    meta::{
        graph::{self, Fault},
        read,
    },
};

/// "Attachment upload or fetch failed: retry 2×".
const MEDIA_TRIES_MAX: u32 = 2;
/// "Conversation not found for this user: retry once".
const THREAD_TRIES_MAX: u32 = 1;

/// What an answer to a call means.
pub fn classify(call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
    match reply {
        ProviderReply::Unreachable { why } => {
            retry(ProviderError::new("unreachable", "Meta cannot be reached").with_detail(why.as_str()), None, Holds::Message, None)
        }
        ProviderReply::Silent { why } => {
            let error = ProviderError::new("no_answer", "Meta did not answer").with_detail(why.as_str());
            if call.sends { SendOutcome::Unknown { error } } else { retry(error, None, Holds::Message, None) }
        }
        ProviderReply::Answered { status, .. } => {
            let json = reply.json();
            match graph::fault(*status, &json) {
                Some(fault) => judge(&with_subcode(fault), graph::regain_ms(reply)),
                None => accepted(call, &json),
            }
        }
    }
}

fn accepted(call: &ProviderCall, json: &Value) -> SendOutcome {
    if call.purpose == UPLOAD && read::id(json, "attachment_id").is_none() {
        return retry(
            ProviderError::new("unreadable", "Meta took a file and gave no id of it"),
            None,
            Holds::Message,
            Some(MEDIA_TRIES_MAX),
        );
    }
    let id = read::id(json, "message_id").filter(|_| call.sends);
    if call.sends && id.is_none() {
        let error = ProviderError::new("unreadable", "Meta's answer cannot be read: what became of the message is not known");
        return SendOutcome::Unknown { error };
    }
    SendOutcome::Accepted { id, delivered: false, also: Vec::new() }
}

/// The subcode is half of what Meta says: it stands behind the code.
fn with_subcode(mut fault: Fault) -> Fault {
    if let (Some(code), Some(subcode)) = (fault.code, fault.subcode) {
        fault.error.code = format!("{code}/{subcode}");
    }
    fault
}

/// What a fault means: the table of section 12, the more exact rows first.
fn judge(fault: &Fault, regain_ms: Option<u64>) -> SendOutcome {
    let error = fault.error.clone();
    let Some(code) = fault.code else { return by_status(fault, regain_ms) };
    match (code, fault.subcode.unwrap_or_default()) {
        (190 | 102 | 467, _) => halted(error, "The token is not good, or no longer: connect again"),
        (10, 2_018_278 | 2_018_065) => refused(error, Consequence::WindowClosed),
        (10, 1_893_063) => halted(error, "Meta has restricted the page from sending for a time: see Page Support Home"),
        (200, 2_018_028) => refused(
            with_hint(error, "The app is in development mode: give this person a role in it, or have the app reviewed"),
            Consequence::None,
        ),
        (100, 2_018_001) => refused(error, Consequence::AddressUnusable),
        (100, 2_018_047 | 2_018_008) => retry(error, None, Holds::Message, Some(MEDIA_TRIES_MAX)),
        (1_545_012, _) | (_, 1_545_012) => retry(error, None, Holds::Message, Some(THREAD_TRIES_MAX)),
        (1 | 2 | 1_200, _) => retry(error, None, Holds::Message, None),
        (4 | 17 | 32 | 613 | 80_001 | 80_002 | 80_006, _) => retry(error, regain_ms, Holds::Channel, None),
        (368, _) => halted(error, "Meta has blocked the page for breaking a policy: see Page Support Home"),
        // Final for this message: 10 (cannot or does not want to receive), 551 and 200 (not available right now), 100 and what was not found.
        // Labels (2018344) are not used, so that nothing follows from their terms.
        (10, 2_018_108 | 2_018_300) | (200, 1_545_041) | (_, 2_018_344) | (33 | 100 | 551 | 803 | 2_018_344, _) => {
            if fault.transient {
                retry(error, None, Holds::Message, None)
            } else {
                refused(error, Consequence::None)
            }
        }
        (10 | 200..=299, _) => halted(error, "A permission is missing or was taken away: connect again and grant pages_messaging"),
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
        401 => halted(error, "The token is not good, or no longer: connect again"),
        _ => refused(error, Consequence::None),
    }
}

fn with_hint(error: ProviderError, hint: &str) -> ProviderError {
    let detail = error.detail.as_deref().map_or_else(|| hint.to_owned(), |detail| format!("{detail} {hint}"));
    error.with_detail(detail)
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
