//! Whether a request is Vonage's, for this account (specification `sms`, part B): a JWT for the Messages API, a parameter `sig` for the SMS API.
//!
//! Guarantees: an account that does not sign its webhooks is not listened to; what a JWT does not cover is not believed.

use entities::Timestamp;
use serde_json::Value;

use super::{credential::api_key, inbound::FORM, signature};
use crate::{
    channels::{
        adapter::{Notification, Refusal, Verified},
        credential::Credential,
        jwt,
        request::{Answer, RawRequest},
        sms::{parameters::Parameters, phone},
    },
    crypto::mac,
};

/// The type of a body in JSON.
pub const JSON: &str = "application/json";
/// How far a signed timestamp of the SMS API may be from now.
const TIMESTAMP_SECS_MAX: i64 = 5 * 60;
/// How old a JWT may be: Vonage sends the first one again for a day.
const ISSUED_SECS_MAX: i64 = 24 * 60 * 60;
/// How far Vonage's clock may be before ours.
const LEEWAY_SECS: u32 = 60;

/// Whether a request looks like Vonage's.
pub fn recognises(request: &RawRequest) -> bool {
    let parameters = parameters(request);
    parameters.has("message_uuid") || parameters.has("msisdn")
}

/// The number of ours that a request names.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    let parameters = parameters(request);
    // Receipts of the Messages API say it from our side, those of the SMS API do not.
    let ours = if parameters.has("message_uuid") && parameters.has("status") { "from" } else { "to" };
    let number = phone::ours(parameters.get(ours));
    if number.is_empty() { Vec::new() } else { vec![number] }
}

fn parameters(request: &RawRequest) -> Parameters {
    match (request.method.as_str(), request.content_type().as_str()) {
        ("GET", _) => Parameters::from_form(request.query.as_bytes()),
        (_, JSON) => Parameters::from_json(&serde_json::from_slice(&request.body).unwrap_or_default()),
        _ => Parameters::from_form(&request.body),
    }
}

/// Judges a request.
///
/// # Errors
/// [`Refusal::Unauthentic`] for anything that is not proven; [`Refusal::Unconfigured`] without a signature secret.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    if !matches!(request.method.as_str(), "GET" | "POST") {
        return Err(Refusal::Malformed("neither GET nor POST"));
    }
    if request.query.is_empty() && request.body.is_empty() && !request.has_header("authorization") {
        // Vonage looks whether the address answers before it takes it.
        return Ok(Verified::Handshake(Answer::empty(200)));
    }
    if credential.secret("signature_secret").is_none() {
        return Err(Refusal::Unconfigured("signature_secret"));
    }
    if request.has_header("authorization") {
        by_token(credential, request)?;
    } else {
        by_parameter(credential, request)?;
    }
    let get = request.method == "GET";
    Ok(Verified::Notification(Notification {
        body: if get { request.query.clone().into_bytes() } else { request.body.clone() },
        content_type: if get { FORM.to_owned() } else { request.content_type() },
        kind: request.kind.clone(),
        received_at: request.received_at,
    }))
}

/// The Messages API: a JWT that holds the digest of the body.
fn by_token(credential: &Credential, request: &RawRequest) -> Result<(), Refusal> {
    if request.method != "POST" {
        return Err(Refusal::Malformed("a token that does not cover the query"));
    }
    let header = request.header("authorization").unwrap_or_default();
    let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let token = token.ok_or(Refusal::Unauthentic("no bearer token"))?;
    let mut keys = credential.secrets("signature_secret");
    let claims = keys
        .find_map(|key| jwt::hs256(token, key.as_bytes(), request.received_at, LEEWAY_SECS).ok())
        .ok_or(Refusal::Unauthentic("the token does not verify"))?;
    // It was an object of JSON when it was verified.
    let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some("Vonage") {
        return Err(Refusal::Unauthentic("the token is of another issuer"));
    }
    let issued = claims.get("iat").and_then(Value::as_i64).ok_or(Refusal::Unauthentic("the token does not say when it was issued"))?;
    let age = seconds(request.received_at).saturating_sub(issued);
    if age > ISSUED_SECS_MAX || age < -i64::from(LEEWAY_SECS) {
        return Err(Refusal::Unauthentic("the token is too old, or of the future"));
    }
    if text("api_key").is_some_and(|key| key != api_key(credential)) {
        return Err(Refusal::Unauthentic("the token is of another account"));
    }
    if let (Some(claimed), Some(ours)) = (text("application_id"), credential.secret("application_id"))
        && claimed != ours
    {
        return Err(Refusal::Unauthentic("the token is of another application"));
    }
    let digest = hex::encode(mac::sha256(&request.body));
    match text("payload_hash") {
        Some(hash) if mac::equal(hash.to_ascii_lowercase().as_bytes(), digest.as_bytes()) => Ok(()),
        Some(_) => Err(Refusal::Unauthentic("the token is of another body")),
        None if request.body.is_empty() => Ok(()),
        None => Err(Refusal::Unauthentic("the token does not cover the body")),
    }
}

/// The SMS API: a signature among the parameters.
fn by_parameter(credential: &Credential, request: &RawRequest) -> Result<(), Refusal> {
    let parameters = parameters(request);
    let sig = parameters.some("sig").ok_or(Refusal::Unauthentic("neither a token nor sig: webhooks have to be signed"))?;
    let mut verified = false;
    for secret in credential.secrets("signature_secret") {
        let method = credential.secret("signature_method");
        let by_this = signature::verifies(parameters.pairs(), sig, secret, method);
        verified |= by_this.ok_or(Refusal::Unconfigured("signature_method that is known"))?;
    }
    if !verified {
        return Err(Refusal::Unauthentic("sig does not verify"));
    }
    let stated = parameters.get("timestamp").trim().parse::<i64>().map_err(|_no_number| Refusal::Unauthentic("no timestamp"))?;
    if seconds(request.received_at).saturating_sub(stated).saturating_abs() > TIMESTAMP_SECS_MAX {
        return Err(Refusal::Unauthentic("the timestamp is more than 5 minutes off"));
    }
    if parameters.some("api-key").is_some_and(|key| key != api_key(credential)) {
        return Err(Refusal::Unauthentic("of another account"));
    }
    Ok(())
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}
