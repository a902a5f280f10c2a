//! Whether a request is Telnyx's (specification `sms`, part C): an Ed25519 signature over the time and the bytes of the body.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::{
    channels::{
        adapter::{Notification, Refusal, Verified},
        credential::Credential,
        request::RawRequest,
        sms::{calls::member, phone},
    },
    crypto::mac,
};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";
/// How far the signed time may be from now.
const SECS_MAX: i64 = 300;
const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// Whether a request looks like Telnyx's.
pub fn recognises(request: &RawRequest) -> bool {
    request.has_header(SIGNATURE)
}

/// The numbers of ours that a request names: those that a message came to, or the one that sent.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    let json: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let payload = json.pointer("/data/payload").unwrap_or(&Value::Null);
    let ends: Vec<&Value> = if member(payload, "direction") == "outbound" {
        payload.get("from").into_iter().collect()
    } else {
        payload.get("to").and_then(Value::as_array).into_iter().flatten().collect()
    };
    ends.into_iter().map(|end| phone::ours(&member(end, "phone_number"))).filter(|number| !number.is_empty()).collect()
}

/// Judges a request.
///
/// # Errors
/// [`Refusal::Unauthentic`] for anything that is not proven; [`Refusal::Unconfigured`] without a public key that is one.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    if request.method != "POST" {
        return Err(Refusal::Malformed("not a POST"));
    }
    let keys: Vec<Vec<u8>> = credential
        .secrets("public_key")
        .filter_map(|key| BASE64_STANDARD.decode(key.trim()).ok())
        .filter(|key| key.len() == KEY_BYTES)
        .collect();
    if keys.is_empty() {
        return Err(Refusal::Unconfigured("public_key of 32 bytes in base64"));
    }
    let stated = request.header(TIMESTAMP).ok_or(Refusal::Unauthentic("telnyx-timestamp is missing or repeated"))?;
    let proof = request.header(SIGNATURE).and_then(|text| BASE64_STANDARD.decode(text.trim()).ok());
    let proof = proof
        .filter(|proof| proof.len() == SIGNATURE_BYTES)
        .ok_or(Refusal::Unauthentic("telnyx-signature-ed25519 is missing, repeated or no signature"))?;
    // Digits alone: what is signed is this text, and no other spelling of the number.
    let seconds = Some(stated).filter(|text| text.bytes().all(|digit| digit.is_ascii_digit())).and_then(|text| text.parse::<i64>().ok());
    let seconds = seconds.ok_or(Refusal::Unauthentic("telnyx-timestamp is no number"))?;
    let message = [stated.as_bytes(), b"|", &request.body].concat();
    if !keys.iter().any(|key| mac::ed25519_verifies(key, &message, &proof)) {
        return Err(Refusal::Unauthentic("telnyx-signature-ed25519 does not verify"));
    }
    let now = request.received_at.micros().div_euclid(1_000_000);
    if now.saturating_sub(seconds).saturating_abs() > SECS_MAX {
        return Err(Refusal::Unauthentic("telnyx-timestamp is more than 5 minutes off"));
    }
    Ok(Verified::Notification(Notification {
        body: request.body.clone(),
        content_type: "application/json".to_owned(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    }))
}
