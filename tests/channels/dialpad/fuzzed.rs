//! What must hold for any bytes that come under Dialpad's name; fuzz targets and the tests run these.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::Timestamp;
use switchboard::{
    channels::{
        adapter::{Adapter, Notification},
        credential::Credential,
        dialpad::Dialpad,
        request::RawRequest,
    },
    crypto::mac,
};

const SECRET: &str = "example-dialpad-secret";

fn now() -> Timestamp {
    Timestamp::from_micros(1_760_000_200_000_000)
}

fn credential() -> Credential {
    let secrets = [("webhook_secret", SECRET), ("api_key", "key-EXAMPLE")];
    Credential::new(secrets.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn request(body: &[u8]) -> RawRequest {
    RawRequest {
        method: "POST".to_owned(),
        url: "https://support.example.org/api/webhooks/dialpad".to_owned(),
        query: String::new(),
        kind: String::new(),
        headers: vec![("content-type".to_owned(), b"application/jwt".to_vec())],
        body: body.to_vec(),
        received_at: now(),
    }
}

/// A body that nobody signed is no token; nor is one whose header or claims were chosen and whose signature was not.
pub fn verify(bytes: &[u8]) {
    drop(Dialpad.claimed_accounts(&request(bytes)));
    let taken = Dialpad.verify(&credential(), &request(bytes)).is_ok();
    assert!(!taken || signed(bytes), "what nobody signed was let in");
    let unsigned = format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), BASE64_URL_SAFE_NO_PAD.encode(bytes));
    assert!(Dialpad.verify(&credential(), &request(unsigned.as_bytes())).is_err());
    // Whatever it claims, what is signed is judged without breaking anything.
    let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let proof = mac::hmac_sha256_joined(SECRET.as_bytes(), &[message.as_bytes()]);
    drop(Dialpad.verify(&credential(), &request(format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(proof)).as_bytes())));
}

/// Whether the bytes are a token of ours after all: the worked example is in the corpus.
fn signed(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    let text = serde_json::from_str(text).unwrap_or_else(|_no_string| text.to_owned());
    let Some((message, proof)) = text.rsplit_once('.') else { return false };
    let right = BASE64_URL_SAFE_NO_PAD.encode(mac::hmac_sha256_joined(SECRET.as_bytes(), &[message.as_bytes()]));
    // Without the last letter, of which two bits mean nothing.
    proof.get(..42) == right.get(..42)
}

/// What can be read tells something, the same each time, and nothing that a database refuses.
pub fn parse(bytes: &[u8]) {
    let notification =
        Notification { body: bytes.to_vec(), content_type: "application/json".to_owned(), kind: String::new(), received_at: now() };
    let Ok(told) = Dialpad.parse(&credential(), &notification) else { return };
    assert!(!told.is_empty(), "what is read tells at least why it is ignored");
    assert_eq!(told, Dialpad.parse(&credential(), &notification).unwrap_or_default());
    assert!(!serde_json::to_string(&told).unwrap_or_default().contains("\\u0000"));
}
