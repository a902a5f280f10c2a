//! Verifies a delivery, with the crates `hmac`, `sha2`, `hex` and `base64`. `verify_slice` compares in constant time.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// `signatures` are the headers `X-Switchboard-Signature` and, while two secrets live, `X-Switchboard-Signature-Previous`.
pub fn verify_plain(body: &[u8], signatures: &[&str], secret: &str) -> bool {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    signatures.iter().any(|signature| hex::decode(signature).is_ok_and(|bytes| mac.clone().verify_slice(&bytes).is_ok()))
}

/// `now` is in seconds since 1970, as the header `webhook-timestamp` is.
pub fn verify_standard(body: &[u8], id: &str, timestamp: &str, signatures: &str, secret: &str, now: i64) -> bool {
    if !timestamp.parse::<i64>().is_ok_and(|sent| now.abs_diff(sent) <= 300) {
        return false;
    }
    let Ok(key) = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_")) else { return false };
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&key) else { return false };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let given = signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
    given.filter_map(|text| BASE64_STANDARD.decode(text).ok()).any(|bytes| mac.clone().verify_slice(&bytes).is_ok())
}
