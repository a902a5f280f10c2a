//! A site vouches for its visitor: checking the JWT or the hash that the site's own server made with the widget's identity secret.
//!
//! Guarantees: HS256 is the only algorithm, whatever the token's header wishes; a JWT without `sub`, `exp` or a known `kid` is refused;
//! comparisons take constant time. Secrets are used exactly as shown to the operator: their text is the key, prefix included.
//!
//! Does not: decide what a proven identity changes (`http::widget::identify` does), or keep secrets (the store does, sealed).
//!
//! Written out here because one algorithm and five claims are less to read than a library that supports a dozen of each:
//! RFC 7515 (JWS compact serialization, section 3.1) and RFC 7519 (`sub`, `exp`, `nbf`, sections 4.1.2 to 4.1.5).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// Longest JWT that is looked at, in bytes.
pub const JWT_BYTES_MAX: usize = 8 * 1024;
/// Longest identifier of a person at the site, in characters.
pub const IDENTIFIER_CHARS_MAX: usize = 200;
/// How far the site's clock may be from ours, in seconds.
const LEEWAY_SECS: i64 = 30;

/// One of a widget's identity secrets.
pub struct IdentitySecret {
    /// Its name; the JWT's `kid`.
    pub key_id: String,
    /// Its text, as shown when it was made.
    pub secret: Zeroizing<String>,
}

/// Who somebody is, proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The site's own id of the person.
    pub identifier: String,
    /// The name, if the site signed one.
    pub name: Option<String>,
    /// The e-mail address, if the site signed one.
    pub email: Option<String>,
}

/// Why a proof is not taken. Told to the site's developer: it says what is wrong, never what would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Not three parts of base64url with JSON inside, or too long.
    #[error("the JWT cannot be read")]
    Malformed,
    /// Another algorithm than HS256, or none.
    #[error("the JWT must be signed with HS256")]
    Algorithm,
    /// `kid` is missing, or names no live secret of this widget.
    #[error("the JWT's kid names no identity secret of this widget")]
    UnknownKey,
    /// The signature or the hash is another.
    #[error("the signature does not match")]
    Signature,
    /// `exp` lies in the past.
    #[error("the JWT has expired")]
    Expired,
    /// `nbf` lies in the future.
    #[error("the JWT is not valid yet")]
    NotYet,
    /// `sub` or `exp` is missing or of the wrong kind, or the identifier is empty, too long, or holds control characters.
    #[error("the identity has no usable identifier or expiry")]
    Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood (RFC 7515, 4.1.11). We understand none.
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    name: Option<String>,
    email: Option<String>,
}

/// Checks a JWT.
///
/// # Errors
/// [`IdentityError`]: the first thing found wrong, the signature before any claim.
pub fn verify_jwt(secrets: &[IdentitySecret], jwt: &str, now: Timestamp) -> Result<Proven, IdentityError> {
    if jwt.len() > JWT_BYTES_MAX {
        return Err(IdentityError::Malformed);
    }
    let (signed, signature) = jwt.rsplit_once('.').ok_or(IdentityError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(IdentityError::Malformed)?;
    let header: Header = part(header)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return Err(IdentityError::Algorithm);
    }
    let kid = header.kid.ok_or(IdentityError::UnknownKey)?;
    let secret = secrets.iter().find(|secret| secret.key_id == kid).ok_or(IdentityError::UnknownKey)?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_not_base64| IdentityError::Malformed)?;
    if !matches(&secret.secret, signed.as_bytes(), &signature) {
        return Err(IdentityError::Signature);
    }
    let claims: Claims = match part(claims) {
        Err(IdentityError::Malformed) => return Err(IdentityError::Claims),
        other => other?,
    };
    let now_secs = now.micros() / 1_000_000;
    if (now_secs - LEEWAY_SECS) as f64 >= claims.exp {
        return Err(IdentityError::Expired);
    }
    if claims.nbf.is_some_and(|nbf| nbf > (now_secs + LEEWAY_SECS) as f64) {
        return Err(IdentityError::NotYet);
    }
    Ok(Proven { identifier: identifier(&claims.sub)?, name: claims.name, email: claims.email })
}

/// Checks the hash of an identifier: hex HMAC-SHA256 under any of the widget's live secrets.
///
/// # Errors
/// [`IdentityError::Signature`] or [`IdentityError::Claims`].
pub fn verify_hash(secrets: &[IdentitySecret], identifier_text: &str, hash: &str) -> Result<String, IdentityError> {
    let mut tag = [0u8; 32];
    hex::decode_to_slice(hash, &mut tag).map_err(|_not_a_hash| IdentityError::Signature)?;
    // Every secret is tried, so that the time tells nothing about which one it was.
    let mut known = false;
    for secret in secrets {
        known |= matches(&secret.secret, identifier_text.as_bytes(), &tag);
    }
    if !known {
        return Err(IdentityError::Signature);
    }
    identifier(identifier_text)
}

fn identifier(text: &str) -> Result<String, IdentityError> {
    let checked = entities::text::line(text, IDENTIFIER_CHARS_MAX).map_err(|_any| IdentityError::Claims)?;
    // White space at the ends would be a second spelling of the same person.
    if checked == text { Ok(checked) } else { Err(IdentityError::Claims) }
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, IdentityError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_not_base64| IdentityError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_not_as_expected| IdentityError::Malformed)
}

fn matches(secret: &str, message: &[u8], tag: &[u8]) -> bool {
    // HMAC takes keys of any length: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(message);
    mac.verify_slice(tag).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW_SECS: i64 = 1_795_262_400;

    fn now() -> Timestamp {
        Timestamp::from_micros(NOW_SECS * 1_000_000)
    }

    fn secrets() -> Vec<IdentitySecret> {
        [("k1", "wis_first"), ("k2", "wis_second")]
            .map(|(key_id, secret)| IdentitySecret { key_id: key_id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
            .into()
    }

    fn tag(secret: &str, message: &str) -> Vec<u8> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(message.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn jwt(secret: &str, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()), BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(tag(secret, &signed));
        format!("{signed}.{signature}")
    }

    fn verify(header: Value, claims: Value) -> Result<Proven, IdentityError> {
        verify_jwt(&secrets(), &jwt("wis_second", &header, &claims), now())
    }

    fn header() -> Value {
        json!({"alg": "HS256", "typ": "JWT", "kid": "k2"})
    }

    #[test]
    fn a_jwt_signed_with_a_live_secret_proves_its_subject() {
        let claims = json!({"sub": "user-81", "exp": NOW_SECS + 60, "name": "Jane", "email": "jane@example.com", "plan": 7});
        let proven = Proven { identifier: "user-81".into(), name: Some("Jane".into()), email: Some("jane@example.com".into()) };
        assert_eq!(verify(header(), claims), Ok(proven));
    }

    #[test]
    fn no_algorithm_but_hs256_is_taken() {
        let claims = json!({"sub": "user-81", "exp": NOW_SECS + 60});
        for alg in ["none", "None", "", "HS512", "hs256", "RS256"] {
            assert_eq!(verify(json!({"alg": alg, "kid": "k2"}), claims.clone()), Err(IdentityError::Algorithm), "{alg}");
        }
        assert_eq!(verify(json!({"alg": "HS256", "kid": "k2", "crit": ["b64"]}), claims.clone()), Err(IdentityError::Algorithm));
        let unsigned = jwt("wis_second", &header(), &claims);
        let unsigned = unsigned.rsplit_once('.').unwrap().0.to_owned() + ".";
        assert_eq!(verify_jwt(&secrets(), &unsigned, now()), Err(IdentityError::Signature));
    }

    #[test]
    fn the_kid_must_name_the_secret_that_signed() {
        let claims = json!({"sub": "user-81", "exp": NOW_SECS + 60});
        assert_eq!(verify(json!({"alg": "HS256", "kid": "k1"}), claims.clone()), Err(IdentityError::Signature));
        assert_eq!(verify(json!({"alg": "HS256", "kid": "gone"}), claims.clone()), Err(IdentityError::UnknownKey));
        assert_eq!(verify(json!({"alg": "HS256"}), claims), Err(IdentityError::UnknownKey));
    }

    #[test]
    fn a_jwt_has_a_subject_and_an_expiry_within_the_leeway() {
        assert!(verify(header(), json!({"sub": "u", "exp": NOW_SECS - 29})).is_ok());
        assert_eq!(verify(header(), json!({"sub": "u", "exp": NOW_SECS - 30})), Err(IdentityError::Expired));
        assert_eq!(verify(header(), json!({"sub": "u", "exp": NOW_SECS + 60, "nbf": NOW_SECS + 31})), Err(IdentityError::NotYet));
        for claims in [
            json!({"sub": "u"}),
            json!({"exp": NOW_SECS + 60}),
            json!({"sub": 81, "exp": NOW_SECS + 60}),
            json!({"sub": "u", "exp": "tomorrow"}),
            json!({"sub": "", "exp": NOW_SECS + 60}),
            json!({"sub": " u", "exp": NOW_SECS + 60}),
            json!({"sub": "a\u{0}b", "exp": NOW_SECS + 60}),
            json!({"sub": "x".repeat(201), "exp": NOW_SECS + 60}),
            json!([]),
        ] {
            assert_eq!(verify(header(), claims.clone()), Err(IdentityError::Claims), "{claims}");
        }
    }

    #[test]
    fn what_is_no_jwt_is_malformed() {
        let long = "a".repeat(JWT_BYTES_MAX + 1);
        for text in ["", ".", "..", "a.b", "a.b.c", "....", "e30.e30.%%", &long, "ÄÖ.Ü.ß"] {
            assert_eq!(verify_jwt(&secrets(), text, now()), Err(IdentityError::Malformed), "{text}");
        }
    }

    #[test]
    fn a_hash_under_any_live_secret_proves_the_identifier() {
        for secret in ["wis_first", "wis_second"] {
            assert_eq!(verify_hash(&secrets(), "user-81", &hex::encode(tag(secret, "user-81"))), Ok("user-81".to_owned()));
        }
        let good = hex::encode(tag("wis_first", "user-81"));
        for (identifier, hash) in [
            ("user-82", good.clone()),
            ("user-81", hex::encode(tag("wis_third", "user-81"))),
            ("user-81", good[..62].to_owned()),
            ("user-81", String::new()),
            ("user-81", format!("{good}00")),
        ] {
            assert_eq!(verify_hash(&secrets(), identifier, &hash), Err(IdentityError::Signature));
        }
        assert_eq!(verify_hash(&[], "user-81", &good), Err(IdentityError::Signature));
        assert_eq!(verify_hash(&secrets(), " a ", &hex::encode(tag("wis_first", " a "))), Err(IdentityError::Claims));
    }
}
