//! `X-Hub-Signature-256`: the proof that a notification is Meta's.
//!
//! Guarantees: judged on the bytes as they came, with every living secret, in a time that does not tell how much of it was right. The older
//! `X-Hub-Signature` (SHA-1) is never looked at.
//!
//! Does not: protect from replay. The scheme has no instant in it; what is told twice is absorbed by its id.
//!
//! Sources: whatsapp.md section 4 and messenger.md section 4 (Meta, "Webhooks: validating payloads"), read 2026-11.

use crate::{
    channels::{
        adapter::{Notification, Refusal},
        credential::Credential,
        request::RawRequest,
    },
    crypto::mac,
};

/// The header, in lower case as requests have it.
pub const HEADER: &str = "x-hub-signature-256";
/// What stands before the digits.
const PREFIX: &str = "sha256=";
/// The secret that signs, by its name in a credential.
const SECRET: &str = "app_secret";

/// Takes a notification if one of the living app secrets has signed it.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Notification, Refusal> {
    if credential.secret(SECRET).is_none() {
        return Err(Refusal::Unconfigured(SECRET));
    }
    let claimed = claimed(request)?;
    let signed = |body: &[u8]| credential.secrets(SECRET).any(|secret| signs(secret, body, &claimed));
    // The second step is taken only if the first failed: it is dear, and strangers can ask for it.
    if !signed(&request.body) && !escaped(&request.body).is_some_and(|body| signed(&body)) {
        return Err(Refusal::Unauthentic("the signature is by none of the app secrets"));
    }
    Ok(Notification {
        body: request.body.clone(),
        content_type: request.content_type(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    })
}

/// The 32 bytes that the header claims.
fn claimed(request: &RawRequest) -> Result<Vec<u8>, Refusal> {
    let header = request.header(HEADER).ok_or(Refusal::Unauthentic("X-Hub-Signature-256 is missing, repeated or no visible text"))?;
    let digits = header.strip_prefix(PREFIX).ok_or(Refusal::Unauthentic("X-Hub-Signature-256 does not begin with sha256="))?;
    if digits.len() != 64 {
        return Err(Refusal::Unauthentic("X-Hub-Signature-256 has not 64 digits"));
    }
    hex::decode(digits).map_err(|_not_hexadecimal| Refusal::Unauthentic("X-Hub-Signature-256 is not hexadecimal"))
}

fn signs(secret: &str, body: &[u8], claimed: &[u8]) -> bool {
    mac::equal(&mac::hmac_sha256_joined(secret.as_bytes(), &[body]), claimed)
}

/// The body as Meta signed it, if something between us has undone its escapes: every UTF-16 unit above 0x7E as `\u` and four lower-case digits.
/// `None` if the body has no such unit, or is no UTF-8.
fn escaped(body: &[u8]) -> Option<Vec<u8>> {
    if body.iter().all(|byte| *byte < 0x7F) {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let mut escaped = Vec::with_capacity(body.len() * 2);
    for letter in text.chars() {
        if u32::from(letter) <= 0x7E {
            escaped.push(letter as u8);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let mut digits = [0; 4];
            // Two bytes are always four digits.
            if hex::encode_to_slice(unit.to_be_bytes(), &mut digits).is_ok() {
                escaped.extend_from_slice(b"\\u");
                escaped.extend_from_slice(&digits);
            }
        }
    }
    Some(escaped)
}
