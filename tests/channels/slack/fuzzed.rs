//! What must hold for any bytes that come under Slack's name; fuzz targets and the tests run these.

use entities::Timestamp;
use switchboard::{
    channels::{
        adapter::{Adapter, Notification, Refusal},
        credential::Credential,
        request::RawRequest,
        slack::Slack,
    },
    crypto::mac,
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW_SECONDS: i64 = 1_760_000_000;
const KINDS: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

fn now() -> Timestamp {
    Timestamp::from_micros(NOW_SECONDS * 1_000_000)
}

fn credential() -> Credential {
    let secrets = [("signing_secret", SECRET), ("bot_token", "xoxb-EXAMPLE"), ("app_id", "A0EXAMPLE01")];
    Credential::new(secrets.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn request(kind: &str, timestamp: &[u8], signature: &[u8], body: &[u8]) -> RawRequest {
    let headers = [("content-type", kind.as_bytes()), ("x-slack-request-timestamp", timestamp), ("x-slack-signature", signature)];
    RawRequest {
        method: "POST".to_owned(),
        url: "https://support.example.org/api/webhooks/slack".to_owned(),
        query: String::new(),
        kind: String::new(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_vec())).into(),
        body: body.to_vec(),
        received_at: now(),
    }
}

/// The first line is the signature and the instant, the rest a body: who has no secret gets in by nothing, and what is signed gets in, or is
/// answered as a handshake.
pub fn verify(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, body) = bytes.split_at(end);
    let instant = NOW_SECONDS.to_string();
    let right = format!("v0={}", hex::encode(mac::hmac_sha256_joined(SECRET.as_bytes(), &[b"v0:", instant.as_bytes(), b":", body])));
    for kind in KINDS {
        drop(Slack.claimed_accounts(&request(kind, line, line, body)));
        assert!(Slack.verify(&credential(), &request(kind, line, line, body)).is_err(), "nobody signs with an instant");
        let guessed = Slack.verify(&credential(), &request(kind, instant.as_bytes(), line, body)).is_ok();
        assert!(!guessed || line.trim_ascii() == right.as_bytes());
        let signed = Slack.verify(&credential(), &request(kind, instant.as_bytes(), right.as_bytes(), body));
        // A handshake without a challenge is authentic, and still nothing that can be answered.
        assert!(matches!(signed, Ok(_) | Err(Refusal::Malformed(_))), "what is signed was not let in: {signed:?}");
    }
}

/// What can be read tells something, the same each time, and nothing that a database refuses.
pub fn parse(bytes: &[u8]) {
    for kind in KINDS {
        let notification = Notification { body: bytes.to_vec(), content_type: kind.to_owned(), kind: String::new(), received_at: now() };
        drop(Slack.acknowledgement(&notification));
        let Ok(told) = Slack.parse(&credential(), &notification) else { continue };
        assert!(!told.is_empty(), "what is read tells at least why it is ignored");
        assert_eq!(told, Slack.parse(&credential(), &notification).unwrap_or_default());
        assert!(!serde_json::to_string(&told).unwrap_or_default().contains("\\u0000"));
    }
}
