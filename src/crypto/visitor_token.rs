//! Visitors' session tokens: who a visitor is, in a text that only this installation can write.
//!
//! Guarantees: nothing has to be stored for a visitor who says nothing; a token that was changed, cut or made elsewhere is refused, in a
//! time that does not depend on where it differs; a token ends at its expiry.
//!
//! Does not: know whether the channel still exists or the contact is blocked. `http::widget::session` asks the database for that.
//!
//! The text is `sbv_` and base64url of: version (1 byte), tenant, channel and visitor (16 each), session nonce (8), expiry in seconds since
//! 1970 (8), HMAC-SHA256 of all that (32); numbers are big-endian.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::{ChannelId, TenantId, Timestamp, VisitorId};
use thiserror::Error;
use uuid::Uuid;

use super::{Keys, Purpose};

/// What every visitor's session token begins with.
pub const PREFIX: &str = "sbv_";
/// How long a token is good for: a visitor who comes back later than this is given a new one by `init`, without noticing.
pub const LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1000;

const VERSION: u8 = 1;
const PAYLOAD_BYTES: usize = 1 + 3 * 16 + 8 + 8;
const TAG_BYTES: usize = 32;
/// Base64url without padding of payload and tag. A text of another length is refused before it is decoded.
const TEXT_BYTES: usize = (PAYLOAD_BYTES + TAG_BYTES).div_ceil(3) * 4 - (3 - (PAYLOAD_BYTES + TAG_BYTES) % 3) % 3;

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorClaims {
    /// Whose visitor.
    pub tenant_id: TenantId,
    /// The widget.
    pub channel_id: ChannelId,
    /// The browser, as the widget remembers it.
    pub visitor_id: VisitorId,
    /// Different for every session; what "the same session" means when a text is sent twice.
    pub session_nonce: u64,
    /// The end, in seconds since 1970.
    pub expires_at_secs: u64,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VisitorTokenError {
    /// This installation did not write it.
    #[error("is not a session token of this server")]
    Unknown,
    /// It was good once.
    #[error("has expired")]
    Expired,
}

/// Writes a token.
#[must_use]
pub fn seal(keys: &Keys, claims: &VisitorClaims) -> String {
    let mut bytes = payload(claims);
    let tag = keys.mac(Purpose::VisitorSession, &[&bytes]);
    bytes.extend_from_slice(&tag);
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Reads a token.
///
/// # Errors
/// [`VisitorTokenError`]; expiry is told only of tokens that were ours.
pub fn open(keys: &Keys, token: &str, now: Timestamp) -> Result<VisitorClaims, VisitorTokenError> {
    let text = token.strip_prefix(PREFIX).filter(|text| text.len() == TEXT_BYTES).ok_or(VisitorTokenError::Unknown)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_not_base64| VisitorTokenError::Unknown)?;
    let (payload, tag) = bytes.split_at_checked(PAYLOAD_BYTES).ok_or(VisitorTokenError::Unknown)?;
    // `verify` takes beginnings of a tag as well; a session's tag is always whole.
    if tag.len() != TAG_BYTES || !keys.verify(Purpose::VisitorSession, &[payload], tag) {
        return Err(VisitorTokenError::Unknown);
    }
    let claims = read(payload).ok_or(VisitorTokenError::Unknown)?;
    let now_secs = u64::try_from(now.micros() / 1_000_000).unwrap_or(0);
    if now_secs >= claims.expires_at_secs {
        return Err(VisitorTokenError::Expired);
    }
    Ok(claims)
}

fn payload(claims: &VisitorClaims) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PAYLOAD_BYTES + TAG_BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(claims.tenant_id.uuid().as_bytes());
    bytes.extend_from_slice(claims.channel_id.uuid().as_bytes());
    bytes.extend_from_slice(claims.visitor_id.uuid().as_bytes());
    bytes.extend_from_slice(&claims.session_nonce.to_be_bytes());
    bytes.extend_from_slice(&claims.expires_at_secs.to_be_bytes());
    bytes
}

fn read(payload: &[u8]) -> Option<VisitorClaims> {
    let (version, rest) = payload.split_first()?;
    if *version != VERSION {
        return None;
    }
    let (tenant, rest) = rest.split_first_chunk::<16>()?;
    let (channel, rest) = rest.split_first_chunk::<16>()?;
    let (visitor, rest) = rest.split_first_chunk::<16>()?;
    let (nonce, rest) = rest.split_first_chunk::<8>()?;
    let (expiry, rest) = rest.split_first_chunk::<8>()?;
    rest.is_empty().then_some(VisitorClaims {
        tenant_id: TenantId::new(Uuid::from_bytes(*tenant)),
        channel_id: ChannelId::new(Uuid::from_bytes(*channel)),
        visitor_id: VisitorId::new(Uuid::from_bytes(*visitor)),
        session_nonce: u64::from_be_bytes(*nonce),
        expires_at_secs: u64::from_be_bytes(*expiry),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_262_400_000_000;

    fn claims() -> VisitorClaims {
        VisitorClaims {
            tenant_id: TenantId::new(Uuid::from_u128(1)),
            channel_id: ChannelId::new(Uuid::from_u128(2)),
            visitor_id: VisitorId::new(Uuid::from_u128(3)),
            session_nonce: 4,
            expires_at_secs: 1_795_262_400 + 60,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(NOW + seconds * 1_000_000)
    }

    #[test]
    fn a_token_says_what_was_put_in_until_it_expires() {
        let keys = Keys::new([1; 32]);
        let token = seal(&keys, &claims());
        assert_eq!(token.len(), PREFIX.len() + TEXT_BYTES);
        assert_eq!(open(&keys, &token, at(59)), Ok(claims()));
        assert_eq!(open(&keys, &token, at(60)), Err(VisitorTokenError::Expired));
    }

    #[test]
    fn a_token_with_any_letter_changed_is_unknown_also_when_it_has_expired() {
        let keys = Keys::new([1; 32]);
        let token = seal(&keys, &claims());
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(open(&keys, &changed, at(0)), Err(VisitorTokenError::Unknown), "place {place}");
            assert_eq!(open(&keys, &changed, at(100)), Err(VisitorTokenError::Unknown), "place {place}");
        }
    }

    #[test]
    fn a_token_that_is_cut_longer_or_of_another_installation_is_unknown() {
        let keys = Keys::new([1; 32]);
        let token = seal(&keys, &claims());
        for text in
            ["", "sbv_", "ss_abc", "sbv_ÄÖ", &token[..token.len() - 1], &format!("{token}A"), &token[4..], &token.replace("sbv_", "sb_")]
        {
            assert_eq!(open(&keys, text, at(0)), Err(VisitorTokenError::Unknown), "{text}");
        }
        assert_eq!(open(&Keys::new([2; 32]), &token, at(0)), Err(VisitorTokenError::Unknown));
    }
}
