//! Slack, fixture in and value out; checklist numbers are those of its specification, part 15.

mod answers;
mod events;
mod files;
pub mod fuzzed;
mod history;
mod interactive;
mod loops;
mod outbound;
mod texts;
mod verify;

use entities::{Happening, Inbound, InboundMessage, Timestamp};
use serde_json::Value;
use switchboard::channels::{
    adapter::{Adapter, Notification},
    call::ProviderReply,
    credential::Credential,
    request::RawRequest,
    slack::Slack,
};

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const NOW_SECONDS: i64 = 1_760_000_000;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/slack/", $name, ".json"))
    };
}
pub(crate) use fixture;

pub fn credential() -> Credential {
    credential_with(&[])
}

pub fn credential_with(more: &[(&str, &str)]) -> Credential {
    let base = [("signing_secret", SECRET), ("bot_token", "xoxb-EXAMPLE"), ("app_id", "A0EXAMPLE01")];
    Credential::new(base.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

pub fn now() -> Timestamp {
    Timestamp::from_micros(NOW_SECONDS * 1_000_000)
}

pub fn request(body: &str, content_type: &str, headers: &[(&str, &str)]) -> RawRequest {
    let mut all = vec![("content-type".to_owned(), content_type.as_bytes().to_vec())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())));
    RawRequest {
        method: "POST".to_owned(),
        url: "https://desk.example.org/api/webhooks/slack".to_owned(),
        query: String::new(),
        kind: String::new(),
        headers: all,
        body: body.as_bytes().to_vec(),
        received_at: now(),
    }
}

pub fn signature(secret: &str, timestamp: &str, body: &str) -> String {
    let mac = switchboard::crypto::mac::hmac_sha256_joined(secret.as_bytes(), &[b"v0:", timestamp.as_bytes(), b":", body.as_bytes()]);
    format!("v0={}", hex::encode(mac))
}

pub fn signed(body: &str, content_type: &str) -> RawRequest {
    let timestamp = NOW_SECONDS.to_string();
    let signature = signature(SECRET, &timestamp, body);
    request(body, content_type, &[("x-slack-request-timestamp", &timestamp), ("x-slack-signature", &signature)])
}

pub fn notification(body: &str, content_type: &str) -> Notification {
    Notification { body: body.as_bytes().to_vec(), content_type: content_type.to_owned(), kind: String::new(), received_at: now() }
}

/// What an event's JSON tells.
pub fn parsed(body: &str) -> Inbound {
    parsed_with(&credential(), body)
}

pub fn parsed_with(credential: &Credential, body: &str) -> Inbound {
    let mut told = Slack.parse(credential, &notification(body, "application/json")).expect("it can be read");
    assert_eq!(told.len(), 1, "one request tells one thing");
    told.remove(0)
}

/// The message that an event's JSON tells.
pub fn message(body: &str) -> InboundMessage {
    match parsed(body).what {
        Happening::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

/// A fixture with some of its values replaced.
pub fn changed(body: &str, changes: &[(&str, Value)]) -> String {
    let mut value: Value = serde_json::from_str(body).expect("a fixture is JSON");
    for (pointer, new) in changes {
        if let Some(place) = value.pointer_mut(pointer) {
            *place = new.clone();
            continue;
        }
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        value.pointer_mut(parent).expect("the parent is there").as_object_mut().expect("an object").insert(name.to_owned(), new.clone());
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

pub fn ignored(body: &str) -> String {
    match parsed(body).what {
        Happening::Ignored { reason } => reason,
        other => panic!("not ignored: {other:?}"),
    }
}
