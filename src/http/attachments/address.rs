//! Addresses under which a file can be fetched for an hour by whoever has them: `/files/{id}?expires=&signature=`.
//!
//! Guarantees: only this installation can write one, for one file and one expiry. The signature carries the tenant, so that the file is
//! looked for in that tenant alone.

use entities::{AttachmentId, TenantId, Timestamp};
use uuid::Uuid;

use crate::crypto::{self, Keys, Purpose};

/// How long an address is good for.
pub const LIFETIME_MS: i64 = 60 * 60 * 1000;
const TENANT_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// Writes the address of a file, good for an hour from now.
#[must_use]
pub fn write(keys: &Keys, tenant_id: TenantId, id: AttachmentId, now: Timestamp) -> String {
    let expires = seconds(now.plus_ms(LIFETIME_MS));
    let mut signature = tenant_id.uuid().as_bytes().to_vec();
    signature.extend_from_slice(&tag(keys, tenant_id, id, expires));
    format!("/files/{id}?expires={expires}&signature={}", hex::encode(signature))
}

/// Checks what an address says, and answers whose file it is; `None` if we did not write it or its hour is over.
#[must_use]
pub fn verify(keys: &Keys, id: AttachmentId, expires: u64, signature: &str, now: Timestamp) -> Option<TenantId> {
    let mut bytes = [0u8; TENANT_BYTES + TAG_BYTES];
    hex::decode_to_slice(signature, &mut bytes).ok()?;
    let (tenant, given) = bytes.split_first_chunk::<TENANT_BYTES>()?;
    let tenant_id = TenantId::new(Uuid::from_bytes(*tenant));
    let known = crypto::equal(&tag(keys, tenant_id, id, expires), given);
    (known && seconds(now) < expires).then_some(tenant_id)
}

fn tag(keys: &Keys, tenant_id: TenantId, id: AttachmentId, expires: u64) -> [u8; TAG_BYTES] {
    keys.mac(Purpose::FileUrl, &[tenant_id.uuid().as_bytes(), id.uuid().as_bytes(), &expires.to_be_bytes()])
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.micros() / 1_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_good_for_its_file_and_its_hour_and_nothing_else() {
        let keys = Keys::new([3; 32]);
        let (tenant, id) = (TenantId::new(Uuid::from_u128(1)), AttachmentId::new(Uuid::from_u128(2)));
        let now = Timestamp::from_micros(1_795_262_400_000_000);
        let address = write(&keys, tenant, id, now);
        let (path, query) = address.split_once('?').unwrap();
        assert_eq!(path, format!("/files/{id}"));
        let (expires, signature) = query.split_once('&').unwrap();
        assert_eq!(expires, "expires=1795266000");
        let signature = signature.strip_prefix("signature=").unwrap();

        assert_eq!(verify(&keys, id, 1_795_266_000, signature, now), Some(tenant));
        assert_eq!(verify(&keys, id, 1_795_266_000, signature, now.plus_ms(LIFETIME_MS)), None);
        assert_eq!(verify(&keys, id, 1_795_266_001, signature, now), None);
        assert_eq!(verify(&keys, AttachmentId::new(Uuid::from_u128(3)), 1_795_266_000, signature, now), None);
        assert_eq!(verify(&Keys::new([4; 32]), id, 1_795_266_000, signature, now), None);
        let other_tenant = format!("{}{}", Uuid::from_u128(9).simple(), &signature[32..]);
        assert_eq!(verify(&keys, id, 1_795_266_000, &other_tenant, now), None);
        for text in ["", "3f9a", "zz", &signature[..94], &format!("{signature}00"), &"ä".repeat(48)] {
            assert_eq!(verify(&keys, id, 1_795_266_000, text, now), None, "{text}");
        }
    }
}
