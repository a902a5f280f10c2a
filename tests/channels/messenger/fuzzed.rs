//! What must hold for any bytes that come under the name of Messenger or Instagram; fuzz targets and the tests run these.

use entities::Timestamp;
use switchboard::{
    channels::{
        adapter::{Adapter, Notification},
        call::{Body, ProviderCall, ProviderReply},
        credential::Credential,
        messenger::Messenger,
        request::RawRequest,
    },
    crypto::mac,
};

const SECRET: &str = "example-app-secret-01";

fn credential() -> Credential {
    let secrets = [("app_secret", SECRET), ("verify_token", "a-word-of-ours"), ("page_access_token", "EXAMPLE_TOKEN")];
    Credential::new(secrets.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn request(method: &str, query: &str, header: &[u8], body: &[u8]) -> RawRequest {
    RawRequest {
        method: method.to_owned(),
        url: "https://support.example.org/api/webhooks/messenger".to_owned(),
        query: query.to_owned(),
        kind: String::new(),
        headers: vec![("x-hub-signature-256".to_owned(), header.to_vec())],
        body: body.to_vec(),
        received_at: Timestamp::from_micros(1_760_000_001_000_000),
    }
}

/// The first line is a header or a query, the rest a body: who has no secret gets in by nothing, and what is signed gets in.
pub fn verify(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, body) = bytes.split_at(end);
    let right = format!("sha256={}", hex::encode(mac::hmac_sha256_joined(SECRET.as_bytes(), &[body])));
    let taken = Messenger.verify(&credential(), &request("POST", "", line, body)).is_ok();
    assert!(!taken || line.len() == right.len());
    assert!(Messenger.verify(&credential(), &request("POST", "", right.as_bytes(), body)).is_ok());
    let query = String::from_utf8_lossy(line);
    let shaken = Messenger.verify(&credential(), &request("GET", &query, b"", body)).is_ok();
    // The token may be written in escapes, each of three letters.
    assert!(!shaken || query.len() >= "hub.mode=subscribe&hub.verify_token=a-word-of-ours&hub.challenge=1".len());
}

/// What can be read tells something, the same each time, and nothing that a database refuses.
pub fn parse(bytes: &[u8]) {
    drop(Messenger.claimed_accounts(&request("POST", "", b"", bytes)));
    let notification = Notification {
        body: bytes.to_vec(),
        content_type: "application/json".to_owned(),
        kind: String::new(),
        received_at: Timestamp::from_micros(1_760_000_001_000_000),
    };
    let Ok(told) = Messenger.parse(&credential(), &notification) else { return };
    assert!(!told.is_empty(), "what is read tells at least why it is ignored");
    assert_eq!(told, Messenger.parse(&credential(), &notification).unwrap_or_default());
    assert!(!serde_json::to_string(&told).unwrap_or_default().contains("\\u0000"));
}

/// A request of the other scheme: nothing of it is believed that is not signed.
pub fn signed_request(bytes: &[u8]) {
    for kind in ["deauthorize", "data-deletion"] {
        let told = RawRequest { kind: kind.to_owned(), ..request("POST", "", b"", bytes) };
        assert!(Messenger.verify(&credential(), &told).is_err() || bytes.len() > 43 + 1);
        let query = String::from_utf8_lossy(bytes);
        drop(Messenger.verify(&credential(), &RawRequest { kind: kind.to_owned(), ..request("GET", &query, b"", b"") }));
    }
}

/// An answer has a meaning, whatever it says.
pub fn answer(bytes: &[u8]) {
    let call = ProviderCall::sending("POST", "https://graph.facebook.com", "/", Body::None, "send");
    let text = String::from_utf8_lossy(bytes).into_owned();
    let headers = vec![("x-business-use-case-usage".to_owned(), text.clone()), ("retry-after".to_owned(), text)];
    for status in [200, 400, 500] {
        let reply = ProviderReply::Answered { status, headers: headers.clone(), body: bytes.to_vec() };
        drop(Messenger.classify(&call, &reply));
        drop(Messenger.judge_check(&credential(), &reply));
    }
}
