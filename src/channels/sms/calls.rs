//! What calls to all vendors share: who we are, where receipts shall go, and what an answer means whoever gave it.
//!
//! Guarantees: a send whose outcome is not known is never tried again blindly (specification `sms`, A7: no vendor has an idempotency key).

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{Consequence, Holds, MessageId, OutboundMessage, ProviderError, SendOutcome};
use serde_json::Value;

use crate::channels::{
    adapter::Unsupported,
    call::{ProviderCall, ProviderReply},
    credential::Credential,
    form,
    request::RawRequest,
    sms::parameters::scalar,
};

/// The parameter of our receipts' address that holds our own id of the message.
pub const OWN_ID: &str = "mid";
/// The parameter that holds our number, for a vendor whose receipts do not name it.
pub const OWN_ACCOUNT: &str = "account";
/// No vendor is waited for longer than this, whatever it asks for.
const RETRY_AFTER_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// The value of an `Authorization` header with a name and a password.
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

/// Where the vendor shall send receipts of a message: the path that all credentials share, which finds the credential by our number. `None`
/// if this server has no public address.
pub fn receipts_url(credential: &Credential, id: MessageId, account: Option<&str>) -> Option<String> {
    if credential.public_url.is_empty() {
        return None;
    }
    let id = id.to_string();
    let pairs = [Some((OWN_ID, id.as_str())), account.map(|account| (OWN_ACCOUNT, account))];
    Some(format!("{}/api/webhooks/sms?{}", credential.public_url, form::encode(pairs.into_iter().flatten())))
}

/// Where a vendor shall send receipts that names our own id in them anyway; `None` if this server has no public address.
pub fn webhook_url(credential: &Credential) -> Option<String> {
    (!credential.public_url.is_empty()).then(|| format!("{}/api/webhooks/sms", credential.public_url))
}

/// The body of a form, and behind it what of our own stands in the query, for vendors that sign the query with the address.
pub fn body_with_ours(request: &RawRequest) -> Vec<u8> {
    let mut body = request.body.clone();
    let query = form::decode(request.query.as_bytes());
    for name in [OWN_ID, OWN_ACCOUNT] {
        let Some(value) = form::first(&query, name) else { continue };
        if !body.is_empty() {
            body.push(b'&');
        }
        body.extend_from_slice(form::encode([(name, value)]).as_bytes());
    }
    body
}

/// What SMS knows of a message besides its text and files: nothing. A template is the vendor's own matter.
///
/// # Errors
/// [`Unsupported`] for buttons and lists.
pub fn plain(message: &OutboundMessage) -> Result<(), Unsupported> {
    if message.extra.is_some() {
        return Err(Unsupported::new("unsupported", "text messages have no buttons, lists or templates here: write it as text"));
    }
    if message.text.trim().is_empty() && message.media.is_empty() {
        return Err(Unsupported::new("empty", "there is nothing to send"));
    }
    Ok(())
}

/// A string as one segment of a path: what has a meaning in addresses is escaped.
pub fn segment(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

/// What it means that no answer came; `None` if one did.
pub fn unanswered(call: &ProviderCall, reply: &ProviderReply) -> Option<SendOutcome> {
    match reply {
        ProviderReply::Answered { .. } => None,
        ProviderReply::Unreachable { why } => Some(later(ProviderError::new("unreachable", why.clone()), Holds::Channel)),
        ProviderReply::Silent { why } if call.sends => Some(SendOutcome::Unknown { error: ProviderError::new("no_answer", why.clone()) }),
        ProviderReply::Silent { why } => Some(later(ProviderError::new("no_answer", why.clone()), Holds::Message)),
    }
}

/// The status of an answer; 0 if none came.
pub fn status(reply: &ProviderReply) -> u16 {
    match reply {
        ProviderReply::Answered { status, .. } => *status,
        ProviderReply::Unreachable { .. } | ProviderReply::Silent { .. } => 0,
    }
}

/// What a status means by itself, where the answer's body says no more.
pub fn by_status(call: &ProviderCall, reply: &ProviderReply, error: ProviderError) -> SendOutcome {
    match status(reply) {
        401 | 403 => halted(error, "the vendor refuses our name and password: enter the current ones"),
        402 => halted(error, "the account at the vendor has no credit: top it up"),
        // Too many, or the vendor says that it did nothing.
        429 | 503 => SendOutcome::Retry { after_ms: retry_after_ms(reply), holds: Holds::Channel, error, tries_max: None },
        // Whatever stands before the vendor's program answered for it: the program may have done it or not.
        500..=599 if call.sends => SendOutcome::Unknown { error },
        408 | 500..=599 => later(error, Holds::Message),
        _ => refused(error),
    }
}

/// Taken.
pub fn accepted(id: Option<String>) -> SendOutcome {
    SendOutcome::Accepted { id: id.filter(|id| !id.is_empty()), delivered: false, also: Vec::new() }
}

/// Again, by our own back-off.
pub fn later(error: ProviderError, holds: Holds) -> SendOutcome {
    SendOutcome::Retry { after_ms: None, holds, error, tries_max: None }
}

/// Never like this.
pub fn refused(error: ProviderError) -> SendOutcome {
    SendOutcome::Refused { error, consequence: Consequence::None }
}

/// Never like this, and more follows.
pub fn refused_with(error: ProviderError, consequence: Consequence) -> SendOutcome {
    SendOutcome::Refused { error, consequence }
}

/// Nothing goes until somebody does something.
pub fn halted(error: ProviderError, remedy: &str) -> SendOutcome {
    SendOutcome::Halted { error, remedy: remedy.to_owned() }
}

/// What `Retry-After` asks for: seconds, or an instant (RFC 9110, section 10.2.3), which is read by the vendor's own clock (`Date`).
pub fn retry_after_ms(reply: &ProviderReply) -> Option<u64> {
    let asked = reply.header("retry-after")?.trim();
    let ms = if let Ok(seconds) = asked.parse::<u64>() {
        seconds.saturating_mul(1000)
    } else {
        let until = httpdate::parse_http_date(asked).ok()?;
        let now = httpdate::parse_http_date(reply.header("date")?).ok()?;
        until.duration_since(now).map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
    };
    Some(ms.min(RETRY_AFTER_MS_MAX))
}

/// A member of a JSON object as text; empty if it is none.
pub fn member(json: &Value, name: &str) -> String {
    json.get(name).and_then(scalar).unwrap_or_default()
}
