//! Dialpad's envelope (specification `dialpad` 3): the whole body is a compact JWT, signed with HS256.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::crypto::mac;

/// The claims in their envelope.
pub fn wrap(secret: &str, claims: &str) -> String {
    let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = mac::hmac_sha256_joined(secret.as_bytes(), &[signed.as_bytes()]);
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_that_of_the_specifications_example() {
        let claims = r#"{"call_id":5000000000000001,"state":"ringing","direction":"inbound","external_number":"+15005550001","internal_number":"+15005550006","event_timestamp":1760000000123}"#;
        let wanted = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJjYWxsX2lkIjo1MDAwMDAwMDAwMDAwMDAxLCJzdGF0ZSI6InJpbmdpbmciLCJkaXJlY3Rpb24iOiJpbmJvdW5kIiwiZXh0ZXJuYWxfbnVtYmVyIjoiKzE1MDA1NTUwMDAxIiwiaW50ZXJuYWxfbnVtYmVyIjoiKzE1MDA1NTUwMDA2IiwiZXZlbnRfdGltZXN0YW1wIjoxNzYwMDAwMDAwMTIzfQ.ARWh3yHIffdzjGTPvp3EnlPFUp6onyPy3PzKeC_yVEI";
        assert_eq!(wrap("example-dialpad-secret", claims), wanted);
    }
}
