//! Text messages: fixtures in, values out.

mod fuzz;
pub mod fuzzed;
mod messagebird;
mod plivo;
mod shared;
mod telnyx;
mod twilio_inbound;
mod twilio_outbound;
mod twilio_receipts;
mod twilio_verify;
mod vonage_told;
mod vonage_verify;

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{
    Action, Address, AddressKind, ChannelKind, Document, Happening, Inbound, InboundMessage, MessageId, Outbound, OutboundMessage, Receipt,
    Timestamp,
    outbound::{OutboundAuthor, OutboundMedia},
};
use switchboard::{
    channels::{
        adapter::{Adapter, Notification, Refusal, Verified},
        call::{Body, ProviderCall, ProviderReply},
        credential::Credential,
        form,
        request::RawRequest,
        sms::Sms,
    },
    crypto::mac,
};
use uuid::Uuid;

pub const PUBLIC: &str = "https://msg.example.org";
pub const OUR_NUMBER: &str = "+15005550006";
pub const CUSTOMER: &str = "+15005550001";
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "example_auth_token_0001";
/// 9 October 2025, 08:53:20 UTC.
pub const NOW_SECS: i64 = 1_760_000_000;

pub fn now() -> Timestamp {
    Timestamp::from_micros(NOW_SECS * 1_000_000)
}

pub fn credential(vendor: &str, secrets: &[(&str, &str)]) -> Credential {
    let mut credential = Credential::new(secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    credential.vendor = Some(vendor.to_owned());
    PUBLIC.clone_into(&mut credential.public_url);
    credential
}

pub fn twilio() -> Credential {
    credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN)])
}

/// A request as it would come to this address.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> RawRequest {
    RawRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        query: url.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default(),
        kind: String::new(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect(),
        body: body.into(),
        received_at: now(),
    }
}

pub fn form_request(url: &str, headers: &[(&str, &str)], body: &str) -> RawRequest {
    let mut all = vec![("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    all.extend_from_slice(headers);
    request("POST", url, &all, body)
}

/// As Twilio signs: the address, and the sorted parameters of the body.
pub fn twilio_signature(token: &str, url: &str, body: &str) -> String {
    let mut pairs = form::decode(body.as_bytes());
    pairs.sort();
    pairs.dedup();
    let joined: String = pairs.into_iter().map(|(name, value)| name + &value).collect();
    BASE64_STANDARD.encode(mac::hmac_sha1_joined(token.as_bytes(), &[url.as_bytes(), joined.as_bytes()]))
}

pub fn signed(url: &str, body: &str) -> RawRequest {
    form_request(url, &[("x-twilio-signature", &twilio_signature(TOKEN, url, body))], body)
}

pub fn notification(credential: &Credential, request: &RawRequest) -> Notification {
    match Sms.verify(credential, request) {
        Ok(Verified::Notification(notification)) => notification,
        other => panic!("{other:?}"),
    }
}

pub fn refusal(credential: &Credential, request: &RawRequest) -> Refusal {
    match Sms.verify(credential, request) {
        Err(refusal) => refusal,
        Ok(verified) => panic!("{verified:?}"),
    }
}

/// What a request tells, verified and read.
pub fn told(credential: &Credential, request: &RawRequest) -> Vec<Inbound> {
    Sms.parse(credential, &notification(credential, request)).unwrap()
}

/// What a form of Twilio tells.
pub fn twilio_tells(body: &str) -> Vec<Inbound> {
    told(&twilio(), &signed("https://msg.example.org/api/webhooks/sms", body))
}

pub fn message(inbound: &[Inbound]) -> &InboundMessage {
    match &inbound[0].what {
        Happening::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

pub fn receipt(inbound: &[Inbound]) -> &Receipt {
    match &inbound[0].what {
        Happening::Receipt(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

pub fn ignored(inbound: &[Inbound]) -> &str {
    match inbound {
        [Inbound { what: Happening::Ignored { reason }, .. }] => reason,
        other => panic!("{other:?}"),
    }
}

/// What a contact is said to want, and by which word.
pub fn preferences(inbound: &[Inbound]) -> Vec<(String, bool, Option<String>)> {
    let preference = |item: &Inbound| match &item.what {
        Happening::Preference { contact, wants, keyword, .. } => Some((contact.value.clone(), *wants, keyword.clone())),
        _ => None,
    };
    inbound.iter().filter_map(preference).collect()
}

pub fn phone(number: &str) -> Address {
    Address { kind: AddressKind::Phone, value: number.to_owned() }
}

pub fn own_id() -> MessageId {
    MessageId::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))
}

pub const OWN_ID: &str = "01900000-0000-7000-8000-000000000001";

pub fn outbound(account: &str, to: Address, text: &str, media: Vec<OutboundMedia>) -> Outbound {
    Outbound {
        channel: ChannelKind::Sms,
        account: account.to_owned(),
        to,
        thread: None,
        last_inbound_at: None,
        now: now(),
        what: Action::Send(Box::new(OutboundMessage {
            id: own_id(),
            content: Document::plain(text),
            text: text.to_owned(),
            media,
            reply_to: None,
            author: OutboundAuthor { name: None, avatar_url: None, human: true },
            extra: None,
        })),
    }
}

pub fn file(name: &str, mime: &str, size: u64) -> OutboundMedia {
    OutboundMedia {
        id: entities::AttachmentId::new(Uuid::from_u128(7)),
        filename: name.to_owned(),
        mime: mime.to_owned(),
        size,
        url: format!("https://files.example.org/{name}"),
    }
}

pub fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> ProviderReply {
    ProviderReply::Answered {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// The values of one field of a call's form.
pub fn field(call: &ProviderCall, name: &str) -> Vec<String> {
    let Body::Form(pairs) = &call.body else { panic!("no form") };
    pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
}

pub fn header(call: &ProviderCall, name: &str) -> String {
    call.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

pub fn json_of(call: &ProviderCall) -> serde_json::Value {
    match &call.body {
        Body::Json(json) => json.clone(),
        _ => panic!("no JSON"),
    }
}

/// A token signed with HMAC, as vendors send it.
pub fn token(alg: &str, claims: &serde_json::Value, key: &[u8]) -> String {
    let part = |json: &serde_json::Value| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&serde_json::json!({"alg": alg, "typ": "JWT"})), part(claims));
    let signature = match alg {
        "HS384" => mac::hmac_sha384_joined(key, &[message.as_bytes()]).to_vec(),
        "HS512" => mac::hmac_sha512_joined(key, &[message.as_bytes()]).to_vec(),
        "none" => Vec::new(),
        _ => mac::hmac_sha256_joined(key, &[message.as_bytes()]).to_vec(),
    };
    format!("{message}.{}", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(signature))
}

pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(mac::sha256(bytes))
}

/// The addresses and what is wanted of what a plan sends, without its secrets.
pub fn send(credential: &Credential, to: &str, text: &str) -> Vec<ProviderCall> {
    Sms.plan(credential, &outbound(OUR_NUMBER, phone(to), text, Vec::new())).unwrap()
}
