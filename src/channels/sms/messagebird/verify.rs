//! Whether a request is MessageBird's (specification `sms`, part D): a JWT that holds the digests of the address and of the body.

use serde_json::Value;

use super::inbound::Folded;
use crate::{
    channels::{
        adapter::{Notification, Refusal, Verified},
        credential::Credential,
        jwt::{self, Algorithm},
        request::RawRequest,
        sms::{calls, phone},
    },
    crypto::mac,
};

const SIGNATURE: &str = "messagebird-signature-jwt";
const ISSUER: &str = "MessageBird";
/// How far MessageBird's clock may be off.
const LEEWAY_SECS: u32 = 1;
const ALGORITHMS: &[Algorithm] = &[Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a request looks like MessageBird's.
pub fn recognises(request: &RawRequest) -> bool {
    request.has_header(SIGNATURE)
}

/// The number of ours that a request names. Receipts do not name it: it stands in the address that we gave along.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    let query = Folded::of(request.query.as_bytes(), FORM);
    let account = query.get(calls::OWN_ACCOUNT);
    let body = Folded::of(&request.body, &request.content_type());
    let ours = if account.is_empty() { body.any(&["recipient", "shortcode"]) } else { account };
    let number = phone::ours(ours);
    if number.is_empty() { Vec::new() } else { vec![number] }
}

/// Judges a request.
///
/// # Errors
/// [`Refusal::Unauthentic`] for anything that is not proven; [`Refusal::Unconfigured`] without a signing key.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    if credential.secret("signing_key").is_none() {
        return Err(Refusal::Unconfigured("signing_key"));
    }
    let token = request.header(SIGNATURE).ok_or(Refusal::Unauthentic("MessageBird-Signature-JWT is missing or repeated"))?.trim();
    let mut keys = credential.secrets("signing_key");
    let claims = keys
        .find_map(|key| jwt::hmac_signed(token, key.as_bytes(), ALGORITHMS, request.received_at, LEEWAY_SECS).ok())
        .ok_or(Refusal::Unauthentic("the token does not verify"))?;
    // It was an object of JSON when it was verified.
    covers(&serde_json::from_slice(&claims).unwrap_or_default(), request)?;
    let (body, content_type) = match (request.method.as_str(), request.content_type().as_str()) {
        ("GET", _) => (request.query.clone().into_bytes(), FORM),
        ("POST", JSON) => (request.body.clone(), JSON),
        ("POST", _) => (calls::body_with_ours(request), FORM),
        _ => return Err(Refusal::Malformed("neither GET nor POST")),
    };
    Ok(Verified::Notification(Notification {
        body,
        content_type: content_type.to_owned(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    }))
}

/// Whether the claims are those of this very request.
fn covers(claims: &Value, request: &RawRequest) -> Result<(), Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(ISSUER) {
        return Err(Refusal::Unauthentic("the token is of another issuer"));
    }
    // That they hold was checked with the signature; that they are there was not.
    if claims.get("exp").is_none() || claims.get("nbf").is_none() {
        return Err(Refusal::Unauthentic("the token does not say when it is good"));
    }
    let is = |hash: &str, bytes: &[u8]| mac::equal(hash.as_bytes(), hex::encode(mac::sha256(bytes)).as_bytes());
    let url = text("url_hash").ok_or(Refusal::Unauthentic("the token does not cover the address"))?;
    if !spellings(&request.url).iter().any(|spelling| is(url, spelling.as_bytes())) {
        return Err(Refusal::Unauthentic("the token is of another address"));
    }
    match claims.get("payload_hash").map(Value::as_str) {
        None if request.body.is_empty() => Ok(()),
        None => Err(Refusal::Unauthentic("the token does not cover the body")),
        Some(_) if request.body.is_empty() => Err(Refusal::Unauthentic("the token is of a request with a body")),
        Some(Some(hash)) if is(hash, &request.body) => Ok(()),
        Some(_) => Err(Refusal::Unauthentic("the token is of another body")),
    }
}

/// The address as called, and without its port where that is the scheme's own.
fn spellings(url: &str) -> Vec<String> {
    let url = url.split('#').next().unwrap_or_default();
    let mut spellings = vec![url.to_owned()];
    if let Some((scheme, rest)) = url.split_once("://") {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let standard = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
        spellings.extend(authority.strip_suffix(standard).map(|host| format!("{scheme}://{host}{tail}")));
    }
    spellings
}
