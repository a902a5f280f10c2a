//! The Graph API: addresses, tokens, and what is wrong when it says that something is wrong.
//!
//! Guarantees: what goes into a path cannot leave it; every error that Meta describes is found, also in an answer of 200.
//!
//! Sources: whatsapp.md sections 2 and 13, messenger.md sections 2 and 12 (Meta, "Graph API: handle errors", "Secure Graph API calls",
//! "Rate limits"), read 2026-11.

use entities::ProviderError;
use serde_json::Value;

use super::read;
use crate::{
    channels::{
        call::{Body, ProviderCall, ProviderReply},
        credential::Credential,
    },
    crypto::mac,
};

/// Where the Graph API listens.
pub const BASE: &str = "https://graph.facebook.com";
/// The version of the API that is spoken where the credential names none. Meta retires each about two years after its release.
pub const VERSION_DEFAULT: &str = "v25.0";
/// Longest text of an error that is kept, in characters.
const ERROR_CHARS_MAX: usize = 1_000;
/// Longest pause that a rate limit's header may ask for: a day.
const REGAIN_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// A call that goes out with a token, for `segments` below the version; `query` is encoded already and may be empty.
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// [`BASE`], or where else.
    pub base: &'static str,
    /// The token, if there is one.
    pub token: Option<&'a str>,
    /// The parts of the path behind the version.
    pub segments: &'a [&'a str],
    /// The query, encoded, without what proves the token.
    pub query: &'a str,
    /// The body.
    pub body: Body,
    /// As [`ProviderCall::purpose`].
    pub purpose: &'static str,
    /// As [`ProviderCall::sends`].
    pub sends: bool,
}

impl Request<'_> {
    /// The call. Where the app's secret is known, `appsecret_proof` goes with it: some apps demand it, none minds.
    pub fn call(self, credential: &Credential) -> ProviderCall {
        let mut path = format!("/{}", version(credential));
        for segment in self.segments {
            path.push('/');
            path.push_str(&escape(segment));
        }
        let mut query = self.query.to_owned();
        if let (Some(token), Some(secret)) = (self.token, credential.secret("app_secret")) {
            query.push_str(if query.is_empty() { "" } else { "&" });
            query.push_str(&format!("appsecret_proof={}", proof(secret, token)));
        }
        if !query.is_empty() {
            path.push('?');
            path.push_str(&query);
        }
        let headers = self.token.map(|token| ("authorization", format!("Bearer {token}"))).into_iter().collect();
        ProviderCall {
            method: self.method,
            base: self.base,
            path,
            headers,
            body: self.body,
            captures: Vec::new(),
            purpose: self.purpose,
            sends: self.sends,
        }
    }
}

/// The version of the API: the credential's if it has one of the right form, else [`VERSION_DEFAULT`].
pub fn version(credential: &Credential) -> &str {
    let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = |text: &&str| text.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(|(a, b)| digits(a) && digits(b));
    credential.secret("graph_version").filter(whole).unwrap_or(VERSION_DEFAULT)
}

/// `appsecret_proof`: that who has the token has the app's secret, too.
pub fn proof(secret: &str, token: &str) -> String {
    hex::encode(mac::hmac_sha256_joined(secret.as_bytes(), &[token.as_bytes()]))
}

/// One part of a path, in which nothing means anything.
fn escape(segment: &str) -> String {
    segment.bytes().fold(String::with_capacity(segment.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || (byte == b'.' && segment.len() > 2) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

/// What is wrong, as Meta says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Meta's code; `None` if the answer names none.
    pub code: Option<i64>,
    /// What it is more exactly.
    pub subcode: Option<i64>,
    /// Meta says that it will pass.
    pub transient: bool,
    /// The status of the answer; 0 for what a notification told.
    pub status: u16,
    /// In Meta's words.
    pub error: ProviderError,
}

/// What is wrong with an answer; `None` if nothing is. An answer of 200 may hold an error, too (messenger.md section 12).
pub fn fault(status: u16, json: &Value) -> Option<Fault> {
    let body = json.get("error").filter(|error| !error.is_null());
    if (200..300).contains(&status) && body.is_none() {
        return None;
    }
    let body = body.unwrap_or(&Value::Null);
    let code = read::code(body, "code");
    let named = code.map_or_else(|| format!("http_{status}"), |code| code.to_string());
    let title = words(body, "message")
        .or_else(|| body.as_str().map(|text| read::clean(text, ERROR_CHARS_MAX)))
        .unwrap_or_else(|| format!("the provider answered {status}"));
    let detail = body
        .get("error_data")
        .and_then(|data| words(data, "details"))
        .or_else(|| words(body, "error_user_msg"))
        .or_else(|| words(body, "error_user_title"));
    Some(Fault {
        code,
        subcode: read::code(body, "error_subcode"),
        transient: read::marked(body, "is_transient"),
        status,
        error: ProviderError { code: named, title, detail },
    })
}

/// What is wrong, of the form in which notifications tell it (`errors[]`).
pub fn told_fault(error: &Value) -> Fault {
    let code = read::code(error, "code");
    let title =
        words(error, "title").or_else(|| words(error, "message")).unwrap_or_else(|| "failed for a reason that was not told".to_owned());
    let detail = error
        .get("error_data")
        .and_then(|data| words(data, "details"))
        .or_else(|| words(error, "message").filter(|message| *message != title));
    let named = code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
    let error_ = ProviderError { code: named, title, detail };
    Fault { code, subcode: read::code(error, "error_subcode"), transient: false, status: 0, error: error_ }
}

fn words(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(|text| read::clean(text, ERROR_CHARS_MAX)).filter(|text| !text.is_empty())
}

/// When a rate limit will be over: the longest that `X-Business-Use-Case-Usage`, `X-App-Usage` or `X-Page-Usage` names
/// (`estimated_time_to_regain_access`, minutes), or `Retry-After` (seconds).
pub fn regain_ms(reply: &ProviderReply) -> Option<u64> {
    let usage = ["x-business-use-case-usage", "x-app-usage", "x-page-usage"]
        .into_iter()
        .filter_map(|name| reply.header(name))
        .filter_map(|text| serde_json::from_str::<Value>(text).ok())
        .filter_map(|usage| longest_minutes(&usage, 0))
        .map(|minutes| minutes.saturating_mul(60_000));
    let retry_after =
        reply.header("retry-after").and_then(|text| text.trim().parse::<u64>().ok()).map(|seconds| seconds.saturating_mul(1_000));
    usage.chain(retry_after).filter(|ms| *ms > 0).max().map(|ms| ms.min(REGAIN_MS_MAX))
}

/// `{"<id>": [{…, "estimated_time_to_regain_access": 5}]}`: three levels, and not more are looked at.
fn longest_minutes(usage: &Value, depth: usize) -> Option<u64> {
    const DEPTH_MAX: usize = 4;
    if depth > DEPTH_MAX {
        return None;
    }
    let here = read::number(usage, "estimated_time_to_regain_access");
    let below: Vec<&Value> = match usage {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    below.into_iter().filter_map(|value| longest_minutes(value, depth + 1)).chain(here).max()
}
