//! `signed_request`: how Meta tells that somebody has removed the app, or wants their data deleted.
//!
//! Guarantees: the claims are those that one of the living app secrets signed, by HMAC-SHA256 and nothing else.
//!
//! Does not: expire. The scheme names when it was issued and no end; repeats do no harm.
//!
//! Source: messenger.md section 11.3 (Meta, "Data deletion request callback"), read 2026-11.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Value, json};

use super::read;
use crate::{
    channels::{
        adapter::{Notification, Refusal},
        credential::Credential,
        form,
        request::{Answer, RawRequest},
    },
    crypto::mac,
};

/// The path behind a credential's under which Meta tells that the app was removed.
pub const DEAUTHORISE: &str = "deauthorize";
/// The path behind a credential's under which Meta tells that data shall be deleted, and where people see what became of it.
pub const DELETION: &str = "data-deletion";
/// The secret that signs, by its name in a credential.
const SECRET: &str = "app_secret";
/// Longest request that is looked at, in characters: a real one has some two hundred.
const CHARS_MAX: usize = 16 * 1024;
/// Base64url; padding is left out and tolerated.
const BASE64URL: GeneralPurpose =
    GeneralPurpose::new(&URL_SAFE, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Takes a request of this scheme. What is handed on has the claims, and the address that was called.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Notification, Refusal> {
    let mut secrets = credential.secrets(SECRET).peekable();
    if secrets.peek().is_none() {
        return Err(Refusal::Unconfigured(SECRET));
    }
    let pairs = form::decode(&request.body);
    let signed = form::first(&pairs, "signed_request").ok_or(Refusal::Malformed("signed_request is missing"))?;
    let (signature, payload) =
        signed.split_once('.').filter(|_| signed.len() <= CHARS_MAX).ok_or(Refusal::Malformed("signed_request has no dot"))?;
    let signature = BASE64URL.decode(signature).map_err(|_other_letters| Refusal::Malformed("the signature is no base64url"))?;
    if !secrets.any(|secret| mac::equal(&mac::hmac_sha256_joined(secret.as_bytes(), &[payload.as_bytes()]), &signature)) {
        return Err(Refusal::Malformed("signed_request is signed by none of the app secrets"));
    }
    let claims = BASE64URL.decode(payload).map_err(|_other_letters| Refusal::Malformed("the payload is no base64url"))?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_no_json| Refusal::Malformed("the payload is no JSON"))?;
    if read::word(&claims, "algorithm") != "HMAC-SHA256" {
        return Err(Refusal::Malformed("another algorithm than HMAC-SHA256"));
    }
    let called = request.url.split(['?', '#']).next().unwrap_or_default();
    Ok(Notification {
        body: json!({"claims": claims, "called": called}).to_string().into_bytes(),
        content_type: "application/json".to_owned(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    })
}

/// The answer that Meta wants to a deletion request: where it can be followed, and under which code.
pub fn confirmation(notification: &Notification) -> Answer {
    let body = serde_json::from_slice(&notification.body).unwrap_or(Value::Null);
    let claims = body.get("claims").unwrap_or(&Value::Null);
    let code = code(claims);
    let url = format!("{}?code={code}", read::word(&body, "called"));
    Answer { status: 200, content_type: "application/json", body: json!({"url": url, "confirmation_code": code}).to_string() }
}

/// What people see at the address that [`confirmation`] names.
pub fn status(request: &RawRequest) -> Result<Answer, Refusal> {
    let pairs = form::decode(request.query.as_bytes());
    let code = form::first(&pairs, "code").filter(|code| code.len() == 16 && code.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let code = code.ok_or(Refusal::Malformed("no code of a deletion request"))?;
    Ok(Answer::plain(format!(
        "Deletion request {code} was received; whoever runs this server is told that the account has to be disconnected. About messages that \
         you exchanged with the business, please ask the business."
    )))
}

/// The same for the same person and instant.
fn code(claims: &Value) -> String {
    let part = |name: &str| claims.get(name).unwrap_or(&Value::Null).to_string();
    hex::encode(mac::short_sha256(format!("{} {}", part("user_id"), part("issued_at")).as_bytes()))
}
