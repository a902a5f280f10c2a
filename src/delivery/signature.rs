//! Signatures: how a receiver knows that a delivery is ours.
//!
//! Guarantees: two schemes side by side, over exactly the bytes that are sent. The plain one is lower-case hex HMAC-SHA256 of the body, keyed
//! with the secret's text as it is shown. The other is Standard Webhooks 1.0.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`),
//! keyed with the decoded bytes. While two secrets live, both sign.
//!
//! Does not: make secrets, or keep them.

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{EventId, Timestamp, WebhookSecret};

use crate::{crypto::hmac_sha256_joined, options::SignatureHeader};

/// Standard Webhooks: the id that is the same on every attempt.
pub const ID: &str = "webhook-id";
/// Standard Webhooks: seconds since 1970, of the attempt.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Standard Webhooks: `v1,` and base64, several separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// What is signed, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The event.
    pub event_id: EventId,
    /// When the attempt is made.
    pub at: Timestamp,
    /// The bytes that are sent.
    pub body: &'a [u8],
    /// The secret.
    pub secret: &'a WebhookSecret,
    /// The one before it, while it still counts.
    pub previous_secret: Option<&'a WebhookSecret>,
}

/// The headers that prove a delivery, as names and values. `header` names the plain signature.
#[must_use]
pub fn headers(signed: &Signed<'_>, header: &SignatureHeader) -> Vec<(String, String)> {
    let id = signed.event_id.to_string();
    let timestamp = signed.at.micros().div_euclid(1_000_000).to_string();
    let standard = |secret: &WebhookSecret| {
        let mac = hmac_sha256_joined(secret.key(), &[id.as_bytes(), b".", timestamp.as_bytes(), b".", signed.body]);
        format!("v1,{}", BASE64_STANDARD.encode(mac))
    };
    let plain = |secret: &WebhookSecret| hex::encode(hmac_sha256_joined(secret.text().as_bytes(), &[signed.body]));

    let mut signature = standard(signed.secret);
    let mut headers = vec![(header.name().to_owned(), plain(signed.secret))];
    if let Some(previous) = signed.previous_secret {
        signature = format!("{signature} {}", standard(previous));
        headers.push((header.previous_name(), plain(previous)));
    }
    headers.extend([(ID.to_owned(), id), (TIMESTAMP.to_owned(), timestamp), (SIGNATURE.to_owned(), signature)]);
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"0198","event":"ticket.created"}"#;

    fn signed<'a>(secret: &'a WebhookSecret, previous_secret: Option<&'a WebhookSecret>) -> Signed<'a> {
        Signed {
            event_id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            at: Timestamp::from_micros(1_774_535_400_999_999),
            body: BODY,
            secret,
            previous_secret,
        }
    }

    /// Computed apart from this code, by OpenSSL 3 in a shell:
    ///
    /// ```text
    /// S=whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=    # 32 times the byte 7; P is 32 times the byte 9
    /// printf '%s' '{"id":"0198","event":"ticket.created"}' | openssl dgst -sha256 -hmac "$S"
    /// printf '%s' '01890a5d-ac96-774b-bcce-b302099a8057.1774535400.{"id":"0198","event":"ticket.created"}' |
    ///   openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '07%.0s' $(seq 32)) -binary | base64
    /// ```
    #[test]
    fn both_schemes_give_what_openssl_gives() {
        let secret = WebhookSecret::from_random([7; 32]);
        let header = "X-Switchboard-Signature".parse().unwrap();
        let named: Vec<_> = headers(&signed(&secret, None), &header);
        let expected = [
            ("X-Switchboard-Signature", "92008800ebe9903579d3ed84df7c1ef50cbb1103a3ead848761057a3aa4dde6c"),
            ("webhook-id", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("webhook-timestamp", "1774535400"),
            ("webhook-signature", "v1,yJr83QrmAhQF/UUcoh58yicTuOpSbnCgjBU41BGXqtg="),
        ];
        assert_eq!(named, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn while_two_secrets_live_both_sign_and_the_header_has_the_name_it_is_given() {
        let (secret, previous) = (WebhookSecret::from_random([7; 32]), WebhookSecret::from_random([9; 32]));
        let header = "X-Old-Product-Signature".parse().unwrap();
        let named: Vec<_> = headers(&signed(&secret, Some(&previous)), &header);
        let expected = [
            ("X-Old-Product-Signature", "92008800ebe9903579d3ed84df7c1ef50cbb1103a3ead848761057a3aa4dde6c"),
            ("X-Old-Product-Signature-Previous", "d69f463395b540338933ec4e42bff180eacffb197533f356e58272b158d0fa53"),
            ("webhook-id", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("webhook-timestamp", "1774535400"),
            ("webhook-signature", "v1,yJr83QrmAhQF/UUcoh58yicTuOpSbnCgjBU41BGXqtg= v1,jlkQi6PRMmRyNo5tFEZFUlEROWP2X0K/awPDipRGIBY="),
        ];
        assert_eq!(named, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
