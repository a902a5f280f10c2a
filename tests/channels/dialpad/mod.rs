//! Dialpad, fixture in and value out; checklist numbers are those of its specification, part 14.

mod answers;
mod calls;
pub mod fuzzed;
mod missed;
mod opt_outs;
mod outbound;
mod setup;
mod texts;
mod verify;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::{Happening, Inbound, Timestamp};
use serde_json::Value;
use switchboard::channels::{
    adapter::{Adapter, Notification},
    call::ProviderReply,
    credential::Credential,
    dialpad::Dialpad,
    request::RawRequest,
};

pub const SECRET: &str = "example-dialpad-secret";
pub const NOW_MS: i64 = 1_760_000_200_000;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/dialpad/", $name))
    };
}
pub(crate) use fixture;

pub fn credential() -> Credential {
    credential_with(&[])
}

pub fn credential_with(more: &[(&str, &str)]) -> Credential {
    let base = [("webhook_secret", SECRET), ("api_key", "key-EXAMPLE")];
    Credential::new(base.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

pub fn now() -> Timestamp {
    Timestamp::from_micros(NOW_MS * 1_000)
}

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(ms * 1_000)
}

pub fn request(body: &str, content_type: &str) -> RawRequest {
    RawRequest {
        method: "POST".to_owned(),
        url: "https://desk.example.org/api/webhooks/dialpad".to_owned(),
        query: String::new(),
        kind: String::new(),
        headers: vec![("content-type".to_owned(), content_type.as_bytes().to_vec())],
        body: body.as_bytes().to_vec(),
        received_at: now(),
    }
}

/// A token over a claims text, signed with HMAC-SHA256 whatever its header says.
pub fn token(header: &str, claims: &str, secret: &str) -> String {
    let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims));
    let mac = switchboard::crypto::mac::hmac_sha256_joined(secret.as_bytes(), &[message.as_bytes()]);
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
}

pub const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

pub fn notification(claims: &str) -> Notification {
    Notification { body: claims.as_bytes().to_vec(), content_type: "application/json".to_owned(), kind: String::new(), received_at: now() }
}

/// What an event tells.
pub fn told(claims: &str) -> Vec<Inbound> {
    told_with(&credential(), claims)
}

pub fn told_with(credential: &Credential, claims: &str) -> Vec<Inbound> {
    Dialpad.parse(credential, &notification(claims)).expect("it can be read")
}

pub fn ignored(claims: &str) -> String {
    match told(claims).remove(0).what {
        Happening::Ignored { reason } => reason,
        other => panic!("not ignored: {other:?}"),
    }
}

/// A fixture with some of its values replaced or added; `None` takes one out.
pub fn changed(body: &str, changes: &[(&str, Option<Value>)]) -> String {
    let mut value: Value = serde_json::from_str(body).expect("a fixture is JSON");
    for (pointer, new) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let fields = value.pointer_mut(parent).expect("the parent is there").as_object_mut().expect("an object");
        match new {
            Some(new) => fields.insert(name.to_owned(), new.clone()),
            None => fields.remove(name),
        };
    }
    value.to_string()
}

pub fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> ProviderReply {
    ProviderReply::Answered {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    }
}
