//! Slack's signatures (specification `slack`, 2).

use crate::crypto::mac;

/// The value of `X-Slack-Signature`.
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    format!("v0={}", hex::encode(mac::hmac_sha256_joined(secret.as_bytes(), &[b"v0:", timestamp.as_bytes(), b":", body])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specifications_examples() {
        let signed = |body: &str| sign("0123456789abcdef0123456789abcdef", "1760000000", body.as_bytes());
        let form = "payload=%7B%22type%22%3A%22block_actions%22%7D";
        assert_eq!(signed(form), "v0=1a1f719bd681427aa9c1425adfe73cdecc3849c4232493eed56a403500467334");
        let json = r#"{"type":"url_verification","token":"tok","challenge":"abc123"}"#;
        assert_eq!(signed(json), "v0=d1935054aa6c24e234cd3038a1ea8e13580724f573ae17707c28f8e99debf352");
    }
}
