//! Sealing: secrets in the database, readable only with the secret key and only in their own place.
//!
//! The text is `v1.{key id}.{base64url of nonce and ciphertext}`: XChaCha20-Poly1305 with a random nonce of 24 bytes, and the tenant's id
//! and the column's name as associated data, so that a sealed value copied to another tenant's row or another column does not open.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use entities::TenantId;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Keys, Purpose, random_bytes};

const NONCE_BYTES: usize = 24;

/// Why a sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// It was sealed with another secret key.
    #[error("was sealed with another secret key")]
    OtherKey,
    /// It was changed, or belongs to another tenant or column.
    #[error("does not open here")]
    Broken,
}

impl Keys {
    /// Seals bytes for one tenant's column.
    ///
    /// # Errors
    /// [`SealError::Broken`] if the cipher refuses, which it does only beyond 256 GiB.
    pub fn seal(&self, tenant_id: TenantId, column: &str, plain: &[u8]) -> Result<String, SealError> {
        let nonce = random_bytes::<NONCE_BYTES>();
        let aad = associated(tenant_id, column);
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_opaque_by_design| SealError::Broken)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(format!("v1.{}.{}", self.id(), BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what was sealed for the same tenant's column.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, tenant_id: TenantId, column: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let rest = sealed.strip_prefix("v1.").ok_or(SealError::Broken)?;
        let (key_id, text) = rest.split_once('.').ok_or(SealError::Broken)?;
        if key_id != self.id() {
            return Err(SealError::OtherKey);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_not_base64| SealError::Broken)?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Broken)?;
        let aad = associated(tenant_id, column);
        let plain =
            self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg, aad: &aad }).map_err(|_opaque_by_design| SealError::Broken)?;
        Ok(Zeroizing::new(plain))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let key = self.derive(Purpose::Seal);
        XChaCha20Poly1305::new((&*key).into())
    }
}

/// The id has a fixed length, so no tenant and column can be read as another pair.
fn associated(tenant_id: TenantId, column: &str) -> Vec<u8> {
    let mut aad = tenant_id.uuid().as_bytes().to_vec();
    aad.extend_from_slice(column.as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_in_its_own_place() {
        let keys = Keys::new([1; 32]);
        let tenant = TenantId::new(Uuid::from_u128(1));
        let sealed = keys.seal(tenant, "identity_secret.secret", b"hush").unwrap();
        assert!(!sealed.contains("hush"));
        assert_eq!(keys.open(tenant, "identity_secret.secret", &sealed).unwrap().as_slice(), b"hush");
        assert_eq!(keys.open(tenant, "other.column", &sealed).unwrap_err(), SealError::Broken);
        assert_eq!(keys.open(TenantId::new(Uuid::from_u128(2)), "identity_secret.secret", &sealed).unwrap_err(), SealError::Broken);
        assert_eq!(Keys::new([2; 32]).open(tenant, "identity_secret.secret", &sealed).unwrap_err(), SealError::OtherKey);
        assert_ne!(sealed, keys.seal(tenant, "identity_secret.secret", b"hush").unwrap());
    }
}
