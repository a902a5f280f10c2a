//! What must hold for any bytes that come under the name of one of the vendors; fuzz targets and the tests run these.

use entities::{Inbound, Timestamp};
use serde_json::Value;
use switchboard::channels::{
    adapter::{Adapter, Notification},
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    request::RawRequest,
    sms::{Sms, VENDORS},
};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// The longest string of anything that is told: a message's text.
const STRING_CHARS_MAX: usize = 10_000;

fn now() -> Timestamp {
    Timestamp::from_micros(1_760_000_000_000_000)
}

fn credential(vendor: &str) -> Credential {
    let secrets = [
        ("account_sid", "AC1"),
        ("auth_token", "a-token-that-nobody-guesses"),
        ("signature_secret", "a-secret-that-nobody-guesses"),
        // The public half of a key of these tests.
        ("public_key", "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="),
        ("signing_key", "a-key-that-nobody-guesses"),
        ("messaging_service_sid", "MG00000000000000000000000000000001"),
    ];
    let mut credential = Credential::new(secrets.map(|(name, value)| (name.to_owned(), value.to_owned())));
    credential.vendor = Some(vendor.to_owned());
    credential
}

/// The first line is every header that a vendor signs with, and the query; the rest a body. Who has no secret gets in by nothing.
pub fn verify(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, body) = bytes.split_at(end);
    let names = [
        "x-twilio-signature",
        "authorization",
        "telnyx-signature-ed25519",
        "telnyx-timestamp",
        "messagebird-signature-jwt",
        "x-plivo-signature-v2",
        "x-plivo-signature-v2-nonce",
        "x-plivo-signature-v3",
        "x-plivo-signature-v3-nonce",
    ];
    let query = String::from_utf8_lossy(line).into_owned();
    for (method, kind) in [("POST", FORM), ("POST", JSON), ("GET", "")] {
        let mut request = RawRequest {
            method: method.to_owned(),
            url: format!("https://support.example.org/api/webhooks/sms?{query}"),
            query: query.clone(),
            kind: String::new(),
            headers: vec![("content-type".to_owned(), kind.as_bytes().to_vec())],
            body: body.to_vec(),
            received_at: now(),
        };
        request.headers.extend(names.iter().map(|name| ((*name).to_owned(), line.to_vec())));
        drop(Sms.claimed_accounts(&request));
        for vendor in VENDORS {
            assert!(Sms.verify(&credential(vendor), &request).is_err(), "{vendor} let in what nobody signed");
        }
    }
}

/// What can be read tells something, the same each time, nothing that a database refuses, and nothing without a bound.
pub fn parse(bytes: &[u8]) {
    for vendor in VENDORS {
        for kind in [FORM, JSON] {
            let notification =
                Notification { body: bytes.to_vec(), content_type: kind.to_owned(), kind: String::new(), received_at: now() };
            drop(Sms.acknowledgement(&notification));
            let Ok(told) = Sms.parse(&credential(vendor), &notification) else { continue };
            assert!(!told.is_empty(), "what is read tells at least why it is ignored");
            assert_eq!(told, Sms.parse(&credential(vendor), &notification).unwrap_or_default());
            storable(&told);
        }
    }
}

fn storable(told: &[Inbound]) {
    fn strings(value: &Value) {
        match value {
            Value::String(text) => {
                assert!(!text.contains('\0'), "a database refuses NUL");
                assert!(text.chars().count() <= STRING_CHARS_MAX, "no string is without a bound");
            }
            Value::Array(items) => items.iter().for_each(strings),
            Value::Object(members) => members.values().for_each(strings),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    strings(&serde_json::to_value(told).unwrap_or_default());
}

/// An answer has a meaning, whatever it says.
pub fn answer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let headers = vec![("retry-after".to_owned(), text.clone()), ("date".to_owned(), text)];
    for purpose in ["twilio.send", "vonage.messages", "vonage.sms", "telnyx.send", "messagebird.send", "plivo.send"] {
        let call = ProviderCall::sending("POST", "https://api.example.org", "/", Body::None, purpose);
        for status in [200, 400, 403, 429, 500] {
            let reply = ProviderReply::Answered { status, headers: headers.clone(), body: bytes.to_vec() };
            drop(Sms.classify(&call, &reply));
        }
    }
    for vendor in VENDORS {
        let reply = ProviderReply::Answered { status: 200, headers: Vec::new(), body: bytes.to_vec() };
        drop(Sms.judge_check(&credential(vendor), &reply));
    }
}
