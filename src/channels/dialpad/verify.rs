//! Whether a request is Dialpad's own (`dialpad.md`, part 3): its whole body is a JSON web token, whose claims are the event.

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;

use super::{credential, inbound};
use crate::channels::{
    adapter::{Notification, Refusal, Verified},
    credential::Credential,
    jwt,
    request::RawRequest,
};

/// How far clocks may be apart for `exp` and `nbf`, should they appear, in seconds (part 3).
const LEEWAY_SECS: u32 = 60;
/// What the claims are, once they are out of the token.
const CLAIMS: &str = "application/json";

/// Judges the signature; the claims become the body.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    if request.method != "POST" {
        return Err(Refusal::Malformed("Dialpad only posts"));
    }
    let token = token(&request.body);
    if credential.secret(credential::WEBHOOK_SECRET).is_none() {
        // A webhook that was made without a secret sends plain JSON: taken only where somebody said so.
        return match token {
            None if credential::allows(credential, credential::UNSIGNED) => Ok(told(request, request.body.clone())),
            _ => Err(Refusal::Unconfigured(credential::WEBHOOK_SECRET)),
        };
    }
    let token = token.ok_or(Refusal::Unauthentic("the body is no signed token"))?;
    let mut why = Refusal::Unauthentic("no living secret gives this signature");
    for secret in credential.secrets(credential::WEBHOOK_SECRET) {
        match jwt::hs256(token, secret.as_bytes(), request.received_at, LEEWAY_SECS) {
            Ok(claims) => return Ok(told(request, claims)),
            Err(jwt::JwtError::Signature) => {}
            Err(jwt::JwtError::Algorithm) => why = Refusal::Unauthentic("signed by another algorithm than HS256"),
            Err(jwt::JwtError::Malformed) => why = Refusal::Unauthentic("the token is malformed"),
            Err(jwt::JwtError::Expired | jwt::JwtError::TooEarly) => why = Refusal::Unauthentic("the token is not valid now"),
        }
    }
    Err(why)
}

fn told(request: &RawRequest, body: Vec<u8>) -> Verified {
    Verified::Notification(Notification {
        body,
        content_type: CLAIMS.to_owned(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    })
}

/// The token in a body, whatever its content type says: between white space, or written as a JSON string by a proxy.
fn token(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).trim();
    (text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2).then_some(text)
}

/// The numbers of ours that an unverified event names.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let claims = match token(&request.body) {
        Some(token) => token.split('.').nth(1).and_then(|claims| LENIENT.decode(claims).ok()),
        None => Some(request.body.clone()),
    };
    let event: Value = claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or(Value::Null);
    inbound::our_accounts(&event)
}
