//! WhatsApp: its specification's checklist, as far as pure functions can hold it. What needs a store, a clock or the network is in the stories.

mod accounts;
mod answers;
mod fuzz;
pub mod fuzzed;
mod kinds;
mod news;
mod oddities;
mod sending;
mod signing;
mod templates;

use std::{fs, path::Path};

use entities::{Address, AddressKind, ChannelKind, Happening, Inbound, InboundMessage, Timestamp};
use serde_json::{Map, Value, json};
use switchboard::{
    channels::{
        adapter::{Adapter, Notification},
        credential::Credential,
        request::RawRequest,
        whatsapp::Whatsapp,
    },
    crypto::mac,
};

pub const SECRET: &str = "example-app-secret-01";
pub const TOKEN: &str = "EXAMPLE_TOKEN";
pub const NUMBER: &str = "106000000000001";
pub const WABA: &str = "102000000000001";
pub const MID: &str = "wamid.HBgLMTU1NTAxMDk5OTkVAgASGBQzQUExMDAwMA==";
/// 2025-10-09T08:53:20Z, when everything in the fixtures happens.
pub const THEN: i64 = 1_760_000_000;

pub fn credential() -> Credential {
    credential_with(&[("app_secret", SECRET), ("verify_token", "a-word-of-ours"), ("access_token", TOKEN), ("waba_id", WABA)])
}

pub fn credential_with(secrets: &[(&str, &str)]) -> Credential {
    Credential::new(secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

pub fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(file!()).parent().unwrap().join("../fixtures/whatsapp");
    fs::read(folder.join(format!("{name}.json"))).unwrap_or_else(|why| panic!("the fixture {name}: {why}"))
}

pub fn fixture_json(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

pub fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(file!()).parent().unwrap().join("../fixtures/whatsapp");
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    all.sort();
    assert!(all.len() > 50, "the fixtures are gone");
    all
}

pub fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

pub fn signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac::hmac_sha256_joined(secret.as_bytes(), &[body])))
}

pub fn post(body: &[u8], headers: &[(&str, &str)]) -> RawRequest {
    let mut all = vec![("content-type".to_owned(), b"application/json".to_vec())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())));
    RawRequest {
        method: "POST".to_owned(),
        url: "https://support.example.org/api/webhooks/whatsapp".to_owned(),
        query: String::new(),
        kind: String::new(),
        headers: all,
        body: body.to_vec(),
        received_at: seconds(THEN + 1),
    }
}

pub fn get(query: &str) -> RawRequest {
    RawRequest { method: "GET".to_owned(), query: query.to_owned(), headers: Vec::new(), ..post(b"", &[]) }
}

pub fn parse(body: &[u8]) -> Vec<Inbound> {
    let notification = Notification {
        body: body.to_vec(),
        content_type: "application/json".to_owned(),
        kind: String::new(),
        received_at: seconds(THEN + 1),
    };
    Whatsapp.parse(&credential(), &notification).unwrap()
}

/// One message of `messages[]` in its envelope.
pub fn message(item: Value) -> Vec<u8> {
    change("messages", json!({"messages": [item]}))
}

/// The content of a change in its envelope, from the usual number to the usual person.
pub fn change(field: &str, value: Value) -> Vec<u8> {
    let mut whole = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100001", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Dana Field"}, "wa_id": "15550109999", "user_id": "US.13000000000000000042"}],
    });
    for (name, value) in value.as_object().unwrap() {
        whole[name] = value.clone();
    }
    json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [{"field": field, "value": whole}]}]})
        .to_string()
        .into_bytes()
}

/// The one message that a body tells of.
pub fn said(body: &[u8]) -> InboundMessage {
    match parse(body).remove(0).what {
        Happening::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

pub fn whatsapp(value: &str) -> Address {
    Address { kind: AddressKind::Whatsapp, value: value.to_owned() }
}

pub fn phone(value: &str) -> Address {
    Address { kind: AddressKind::Phone, value: value.to_owned() }
}

/// What a fixture tells, without what all have in common: the channel, the usual number, person (`Dana`), message id and instant, and what is empty.
pub fn told(name: &str) -> Value {
    told_of(&parse(&fixture(name)))
}

pub fn told_of(all: &[Inbound]) -> Value {
    let dana = brief(&json!({
        "address": whatsapp("15550109999"), "also": [phone("+15550109999"), whatsapp("US.13000000000000000042")], "name": "Dana Field",
    }));
    let short = |inbound: &Inbound| {
        assert_eq!(inbound.channel, ChannelKind::Whatsapp);
        let Value::Object(mut whole) = brief(&serde_json::to_value(inbound).unwrap()) else { unreachable!() };
        whole.remove("channel");
        whole.retain(|name, value| !(name == "account" && value == NUMBER));
        whole.retain(|name, value| !(name == "at" && *value == json!(seconds(THEN))));
        let Some(Value::Object(what)) = whole.remove("what") else { unreachable!() };
        whole.extend(what);
        for what in whole.values_mut().filter_map(Value::as_object_mut) {
            shorten(what, &dana);
            if let Some(message) = what.get_mut("message").and_then(Value::as_object_mut) {
                shorten(message, &dana);
            }
        }
        Value::Object(whole)
    };
    all.iter().map(short).collect()
}

fn shorten(what: &mut Map<String, Value>, dana: &Value) {
    what.retain(|name, value| !((name == "direction" && value == "in") || (name == "id" && value == MID)));
    for who in ["party", "from", "contact"] {
        if what.get(who) == Some(dana) {
            what.insert(who.to_owned(), json!("Dana"));
        }
    }
    what.retain(|name, value| !(name == "party" && value == "Dana"));
}

/// The tests that a provider's page in `docs/channels` names, which have to be there; and every item of its checklist has a row.
pub fn names_only_tests_that_exist(provider: &str, items: usize) {
    let tests = Path::new(file!()).parent().unwrap().join("..").join(provider);
    let page = fs::read_to_string(tests.join("../../../docs/channels").join(format!("{provider}.md"))).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()).collect();
    let numbers: Vec<String> = rows.iter().map(|row| row.split('|').nth(1).unwrap().trim().to_owned()).collect();
    assert_eq!(numbers, (1..=items).map(|number| number.to_string()).collect::<Vec<_>>());
    for name in rows.iter().flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|name| name.contains("::")) {
        let (module, test) = name.rsplit_once("::").unwrap();
        // A module of the folder; or, with its whole path, one of the other tests, or of the actors' own.
        let path = match module.split_once("::") {
            None => tests.join(format!("{module}.rs")),
            Some(("actors", rest)) => tests.join("../../../actors/src").join(format!("{}.rs", rest.replace("::", "/"))),
            Some(_) => tests.join("../..").join(format!("{}.rs", module.replace("::", "/"))),
        };
        let source = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{provider}.md names {name}, and {}: {why}", path.display()));
        assert!(source.contains(&format!("fn {test}(")), "{provider}.md names {name}, which is no test");
    }
}

#[test]
fn its_page_names_only_tests_that_exist() {
    names_only_tests_that_exist("whatsapp", 37);
}

/// Without nulls and empty lists; addresses as `kind:value`.
pub fn brief(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            if let (2, Some(Value::String(kind)), Some(Value::String(value))) = (fields.len(), fields.get("kind"), fields.get("value")) {
                return json!(format!("{kind}:{value}"));
            }
            let kept = fields.iter().map(|(name, value)| (name.clone(), brief(value)));
            Value::Object(kept.filter(|(_, value)| !value.is_null() && *value != json!([])).collect())
        }
        Value::Array(items) => items.iter().map(brief).collect(),
        other => other.clone(),
    }
}
