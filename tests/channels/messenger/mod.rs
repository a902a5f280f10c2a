//! Messenger and Instagram: their specification's checklist, as far as pure functions can hold it.

mod answers;
mod fuzz;
pub mod fuzzed;
mod instagram;
mod kinds;
mod oddities;
mod profile;
mod sending;
mod signing;

use std::{fs, path::Path};

use entities::{Happening, Inbound, InboundMessage};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Notification},
    credential::Credential,
    messenger::Messenger,
};

use super::whatsapp::{SECRET, brief, credential_with, names_only_tests_that_exist, seconds};

pub const TOKEN: &str = "EXAMPLE_TOKEN";
pub const PAGE: &str = "110000000000001";
pub const IG: &str = "17841400000000001";
pub const PSID: &str = "7100000000000001";
pub const IGSID: &str = "1180000000000001";
pub const MID: &str = "m_AbCdEf0123456789-example_1";
/// 2025-10-09T08:53:20.123Z, when everything in the fixtures happens, in milliseconds.
pub const THEN_MS: i64 = 1_760_000_000_123;

pub fn credential() -> Credential {
    credential_with(&[("app_secret", SECRET), ("verify_token", "a-word-of-ours"), ("page_access_token", TOKEN), ("app_id", "1234567890")])
}

fn folder() -> std::path::PathBuf {
    Path::new(file!()).parent().unwrap().join("../fixtures/messenger")
}

pub fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.json"))).unwrap_or_else(|why| panic!("the fixture {name}: {why}"))
}

pub fn fixture_json(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

pub fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    all.sort();
    assert!(all.len() > 40, "the fixtures are gone");
    all
}

pub fn notification(body: &[u8]) -> Notification {
    Notification {
        body: body.to_vec(),
        content_type: "application/json".to_owned(),
        kind: String::new(),
        received_at: seconds(THEN_MS / 1_000 + 1),
    }
}

pub fn parse(body: &[u8]) -> Vec<Inbound> {
    Messenger.parse(&credential(), &notification(body)).unwrap()
}

/// An event of the usual person to the usual page, in its envelope.
pub fn event(fields: Value) -> Vec<u8> {
    let mut event = json!({"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": THEN_MS});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    json!({"object": "page", "entry": [{"id": PAGE, "time": THEN_MS + 500, "messaging": [event]}]}).to_string().into_bytes()
}

/// The one message that a body tells of.
pub fn said(body: &[u8]) -> InboundMessage {
    match parse(body).remove(0).what {
        Happening::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

/// What a fixture tells, without what all have in common: the usual channel, account, instant, person and message id, and what is empty.
pub fn told(name: &str) -> Value {
    told_of(&parse(&fixture(name)))
}

pub fn told_of(all: &[Inbound]) -> Value {
    let short = |inbound: &Inbound| {
        let Value::Object(mut whole) = brief(&serde_json::to_value(inbound).unwrap()) else { unreachable!() };
        let channel = whole.remove("channel").unwrap();
        let (account, person) =
            if channel == "instagram" { (IG, format!("instagram:{IGSID}")) } else { (PAGE, format!("messenger:{PSID}")) };
        whole.retain(|name, value| !(name == "account" && value == account));
        whole.retain(|name, value| !(name == "at" && value == "2025-10-09T08:53:20.123000Z"));
        let Some(Value::Object(what)) = whole.remove("what") else { unreachable!() };
        whole.extend(what);
        for what in whole.values_mut().filter_map(Value::as_object_mut) {
            let mut inner: Vec<&mut serde_json::Map<String, Value>> = vec![what];
            if inner[0].contains_key("message") {
                let message = inner.remove(0).get_mut("message").unwrap().as_object_mut().unwrap();
                inner.push(message);
            }
            for what in inner {
                what.retain(|name, value| {
                    !((name == "direction" && value == "in")
                        || (name == "id" && value == MID)
                        || (["party", "from"].contains(&name.as_str()) && *value == json!({"address": person}))
                        || (name == "contact" && *value == json!(person)))
                });
            }
        }
        Value::Object(whole)
    };
    all.iter().map(short).collect()
}

#[test]
fn its_page_names_only_tests_that_exist() {
    names_only_tests_that_exist("messenger", 32);
}
