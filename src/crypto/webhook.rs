//! What a webhook's row holds sealed: its secrets, and the headers that its owner wants sent.
//!
//! Guarantees: what is sealed here opens here, for the same tenant alone; the secret before a rotation is sealed as the present one is, so
//! that a rotation moves it as it is.

use std::collections::BTreeMap;

use entities::{TenantId, WebhookSecret};
use thiserror::Error;

use super::{Keys, SealError};

/// What both secrets of a webhook are sealed for.
const SECRET_COLUMN: &str = "webhook.secret";
/// What the headers are sealed for.
const HEADERS_COLUMN: &str = "webhook.headers";

/// Headers by name, with the spelling that their owner gave them.
pub type Headers = BTreeMap<String, String>;

/// Why what is in a webhook's row cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// It does not open.
    #[error("what a webhook's row holds sealed {0}")]
    Seal(#[from] SealError),
    /// It opens, and is not what was sealed.
    #[error("what a webhook's row holds sealed is damaged")]
    Damaged,
}

/// Seals a webhook's secret.
///
/// # Errors
/// As [`Keys::seal`].
pub fn seal_secret(keys: &Keys, tenant_id: TenantId, secret: &WebhookSecret) -> Result<Vec<u8>, SealError> {
    Ok(keys.seal(tenant_id, SECRET_COLUMN, secret.text().as_bytes())?.into_bytes())
}

/// Opens a webhook's secret, the present one or the one before.
///
/// # Errors
/// [`OpenError`].
pub fn open_secret(keys: &Keys, tenant_id: TenantId, sealed: &[u8]) -> Result<WebhookSecret, OpenError> {
    let plain = open(keys, tenant_id, SECRET_COLUMN, sealed)?;
    let text = std::str::from_utf8(&plain).map_err(|_the_text_is_secret| OpenError::Damaged)?;
    text.parse().map_err(|_the_text_is_secret| OpenError::Damaged)
}

/// Seals a webhook's headers; `None` if there are none.
///
/// # Errors
/// As [`Keys::seal`].
pub fn seal_headers(keys: &Keys, tenant_id: TenantId, headers: &Headers) -> Result<Option<Vec<u8>>, OpenError> {
    if headers.is_empty() {
        return Ok(None);
    }
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(headers).map_err(|_the_text_is_secret| OpenError::Damaged)?);
    Ok(Some(keys.seal(tenant_id, HEADERS_COLUMN, &plain)?.into_bytes()))
}

/// Opens a webhook's headers.
///
/// # Errors
/// [`OpenError`].
pub fn open_headers(keys: &Keys, tenant_id: TenantId, sealed: Option<&[u8]>) -> Result<Headers, OpenError> {
    let Some(sealed) = sealed else { return Ok(Headers::new()) };
    let plain = open(keys, tenant_id, HEADERS_COLUMN, sealed)?;
    serde_json::from_slice(&plain).map_err(|_the_text_is_secret| OpenError::Damaged)
}

fn open(keys: &Keys, tenant_id: TenantId, column: &str, sealed: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, OpenError> {
    let sealed = std::str::from_utf8(sealed).map_err(|_not_ours| OpenError::Damaged)?;
    Ok(keys.open(tenant_id, column, sealed)?)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_own_tenant() {
        let keys = Keys::new([1; 32]);
        let (tenant, other) = (TenantId::new(Uuid::from_u128(1)), TenantId::new(Uuid::from_u128(2)));
        let secret = WebhookSecret::from_random([7; 32]);
        let sealed = seal_secret(&keys, tenant, &secret).unwrap();
        assert_eq!(open_secret(&keys, tenant, &sealed).unwrap(), secret);
        assert_eq!(open_secret(&keys, other, &sealed), Err(OpenError::Seal(SealError::Broken)));
        assert_eq!(open_headers(&keys, tenant, Some(&sealed)), Err(OpenError::Seal(SealError::Broken)));
        let headers = Headers::from([("X-Api-Key".to_owned(), "hush".to_owned())]);
        let sealed = seal_headers(&keys, tenant, &headers).unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("hush"));
        assert_eq!(open_headers(&keys, tenant, Some(&sealed)).unwrap(), headers);
        assert_eq!(seal_headers(&keys, tenant, &Headers::new()).unwrap(), None);
        assert!(open_headers(&keys, tenant, None).unwrap().is_empty());
    }
}
