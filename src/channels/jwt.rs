//! JSON web tokens (RFC 7519), as providers prove with them that a request is theirs, and as one of them wants proof from us.
//!
//! Guarantees: which algorithm is right is the caller's word, never the token's; nothing of the claims is read before the signature
//! verified, in a time that does not depend on where it differs; no empty key verifies anything; `exp` and `nbf` are honoured.
//!
//! Does not: fetch keys, know issuers or audiences (the caller compares what it expects), or remember tokens (`jti`).
//!
//! Start reading at [`hs256`].

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use entities::Timestamp;
use serde_json::Value;
use thiserror::Error;

use crate::crypto::mac;

/// Longest token that is looked at, in bytes: as long as the largest notification.
pub const TOKEN_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Longest header, in characters of base64url: a real one has under a hundred.
const HEADER_CHARS_MAX: usize = 4 * 1024;

/// Base64url as RFC 7515 wants it, without padding; padding is tolerated because some senders add it. Other alphabets are refused.
const BASE64URL: GeneralPurpose =
    GeneralPurpose::new(&URL_SAFE, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// How a token is signed, with a secret that both sides know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl Algorithm {
    /// Its name in a token's header (RFC 7518, section 3.1): exactly so, case and all.
    const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    fn verifies(self, key: &[u8], message: &[&[u8]], signature: &[u8]) -> bool {
        match self {
            Self::Hs256 => mac::equal(&mac::hmac_sha256_joined(key, message), signature),
            Self::Hs384 => mac::equal(&mac::hmac_sha384_joined(key, message), signature),
            Self::Hs512 => mac::equal(&mac::hmac_sha512_joined(key, message), signature),
        }
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JwtError {
    /// Not three parts of base64url with a JSON object in the first, and (once verified) in the second.
    #[error("the token is not a signed JWT")]
    Malformed,
    /// Its header names another algorithm than those that are allowed, or something that we would have to understand (`crit`).
    #[error("the token's algorithm is not allowed")]
    Algorithm,
    /// Another key, or other bytes.
    #[error("the token's signature does not verify")]
    Signature,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// It is not good yet.
    #[error("the token is not valid yet")]
    TooEarly,
}

/// The claims of a token signed with HMAC-SHA256: the bytes of its JSON object, as they were signed. Several keys may be alive: call it for
/// each. `leeway_secs` is how far the sender's clock may be off for `exp` and `nbf`, where those are there at all.
///
/// # Errors
/// [`JwtError`].
pub fn hs256(token: &str, key: &[u8], now: Timestamp, leeway_secs: u32) -> Result<Vec<u8>, JwtError> {
    hmac_signed(token, key, &[Algorithm::Hs256], now, leeway_secs)
}

/// As [`hs256`], for senders that may use one of several algorithms.
///
/// # Errors
/// [`JwtError`].
pub fn hmac_signed(token: &str, key: &[u8], allowed: &[Algorithm], now: Timestamp, leeway_secs: u32) -> Result<Vec<u8>, JwtError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(JwtError::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(JwtError::Malformed)?;
    if payload.contains('.') || header.len() > HEADER_CHARS_MAX {
        return Err(JwtError::Malformed);
    }
    let algorithm = algorithm(header, allowed)?;
    let signature = BASE64URL.decode(signature).map_err(|_not_base64| JwtError::Malformed)?;
    // A credential without its secret must verify nothing: HMAC itself would take the empty key.
    if key.is_empty() || !algorithm.verifies(key, &[message.as_bytes()], &signature) {
        return Err(JwtError::Signature);
    }
    let claims = BASE64URL.decode(payload).map_err(|_not_base64| JwtError::Malformed)?;
    in_time(&claims, now, leeway_secs)?;
    Ok(claims)
}

/// The algorithm that the header names, if it is allowed. `typ`, `kid`, `jku` and `x5u` are the sender's talk: no key is looked up by them.
fn algorithm(header: &str, allowed: &[Algorithm]) -> Result<Algorithm, JwtError> {
    let bytes = BASE64URL.decode(header).map_err(|_not_base64| JwtError::Malformed)?;
    let header: Value = serde_json::from_slice(&bytes).map_err(|_not_json| JwtError::Malformed)?;
    let header = header.as_object().ok_or(JwtError::Malformed)?;
    // RFC 7515, section 4.1.11: who does not understand what `crit` lists must refuse the token.
    if header.contains_key("crit") {
        return Err(JwtError::Algorithm);
    }
    let named = header.get("alg").and_then(Value::as_str);
    allowed.iter().copied().find(|algorithm| Some(algorithm.name()) == named).ok_or(JwtError::Algorithm)
}

/// Whether the claims are a JSON object that is good now (RFC 7519, sections 4.1.4 and 4.1.5).
fn in_time(claims: &[u8], now: Timestamp, leeway_secs: u32) -> Result<(), JwtError> {
    let claims: Value = serde_json::from_slice(claims).map_err(|_not_json| JwtError::Malformed)?;
    let claims = claims.as_object().ok_or(JwtError::Malformed)?;
    let (now, leeway) = (now.micros() as f64 / 1e6, f64::from(leeway_secs));
    // Numbers may have a fraction; an instant that is no number at all is no instant.
    let instant = |name: &str| claims.get(name).map(|value| value.as_f64().ok_or(JwtError::Malformed)).transpose();
    if instant("exp")?.is_some_and(|end| now >= end + leeway) {
        return Err(JwtError::Expired);
    }
    if instant("nbf")?.is_some_and(|begin| now + leeway < begin) {
        return Err(JwtError::TooEarly);
    }
    Ok(())
}

/// A token that we sign with our RSA key (`RS256`), for providers that know its public half. `None` if the key cannot be read: it is PEM, as
/// the provider's page gives it (`PRIVATE KEY` or `RSA PRIVATE KEY`).
pub fn rs256(claims: &Value, private_key_pem: &str) -> Option<String> {
    let key = der(private_key_pem)?;
    let message = format!(
        "{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#),
        BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = mac::rsa_sha256_signature(&key, message.as_bytes())?;
    Some(format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

/// What stands between the lines `-----BEGIN … PRIVATE KEY-----` and `-----END …`. Line breaks may have been lost, or written as `\n`, on
/// the way through a form or an environment variable.
fn der(pem: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let (_, behind) = pem.split_once("PRIVATE KEY-----")?;
    let (inside, _) = behind.split_once("-----END")?;
    let digits: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(inside.replace("\\n", "").chars().filter(|letter| !letter.is_whitespace()).collect());
    BASE64_STANDARD.decode(digits.as_bytes()).ok().map(zeroize::Zeroizing::new)
}
