//! WhatsApp and other channels that Twilio carries in the shape of text messages: `whatsapp:+15005550001` (specification `sms`, A3, A12).
//!
//! Guarantees: a WhatsApp user is the same person here and on WhatsApp's own channel: digits, or the id that stands for them (BSUID).

use entities::{Address, AddressKind, InboundMessage, MessageType, Party};
use serde_json::{Map, Value, json};

use crate::channels::{
    sms::{parameters::Parameters, phone, words},
    tidy,
};

/// What the ends of a WhatsApp message begin with.
pub const PREFIX: &str = "whatsapp:";

/// The person behind an end with a prefix.
pub fn party(parameters: &Parameters, prefix: &str, rest: &str, ours: &str) -> Option<Party> {
    if prefix == "messenger" {
        let value = tidy::name(rest)?;
        return Some(Party::of(Address { kind: AddressKind::Messenger, value }));
    }
    if prefix != "whatsapp" {
        // RCS and whatever comes next: a telephone, or a name.
        return phone::contact(rest, ours).map(Party::of);
    }
    let whatsapp = |value: String| Address { kind: AddressKind::Whatsapp, value };
    let digits = parameters.some("WaId").and_then(number).or_else(|| number(rest));
    // `ExternalUserId` is the BSUID; where the number is hidden, the end itself holds it.
    let stated = parameters.some("ExternalUserId").map(|id| id.strip_prefix(PREFIX).unwrap_or(id)).and_then(tidy::name);
    let hidden = if digits.is_none() { tidy::name(rest) } else { None };
    let user_id = stated.or(hidden);

    let mut addresses: Vec<Address> = Vec::new();
    addresses.extend(digits.clone().map(whatsapp));
    addresses.extend(user_id.map(whatsapp));
    addresses.extend(digits.map(|digits| Address { kind: AddressKind::Phone, value: format!("+{digits}") }));
    let mut addresses = addresses.into_iter();
    let mut party = Party::of(addresses.next()?);
    party.also = addresses.collect();
    party.name = parameters.some("ProfileName").and_then(tidy::name);
    Some(party)
}

/// The digits of a number, if it is one.
fn number(text: &str) -> Option<String> {
    match phone::end(text) {
        Some(phone::End::Number(number)) => Some(phone::bare(&number).to_owned()),
        _ => None,
    }
}

/// Fills in what only WhatsApp messages have.
pub fn fill(parameters: &Parameters, message: &mut InboundMessage, details: &mut Map<String, Value>) {
    message.reply_to = parameters.some("OriginalRepliedMessageSid").map(str::to_owned);
    if parameters.get("Forwarded") == "true" || parameters.get("FrequentlyForwarded") == "true" {
        details.insert("forwarded".to_owned(), json!(true));
    }
    if let Some(referral) = referral(parameters) {
        details.insert("referral".to_owned(), referral);
    }
    if let Some((line, place)) = place(parameters) {
        message.kind = MessageType::Location;
        message.text = line;
        details.insert("location".to_owned(), place);
    } else if let Some((label, payload)) = pressed(parameters) {
        message.kind = MessageType::InteractiveReply;
        message.text = tidy::message(label);
        message.payload = payload.map(str::to_owned);
    } else if message.text.is_empty() && message.media.is_empty() {
        // `unknown`, or a kind that was invented after this was written.
        message.kind = MessageType::Unsupported;
        words::UNKNOWN.clone_into(&mut message.text);
    } else if parameters.get("MessageType") == "sticker" {
        message.kind = MessageType::Sticker;
    }
}

/// What was pressed: its label and what it stands for.
fn pressed(parameters: &Parameters) -> Option<(&str, Option<&str>)> {
    let label = parameters.any(&["ButtonText", "ListTitle"]);
    let payload = parameters.any(&["ButtonPayload", "ListId"]);
    let label = label.or_else(|| payload.and(parameters.some("Body"))).or(payload)?;
    Some((label, payload))
}

fn place(parameters: &Parameters) -> Option<(String, Value)> {
    let number = |name| parameters.some(name)?.trim().parse::<f64>().ok().filter(|degrees| degrees.is_finite());
    let (latitude, longitude) = (number("Latitude")?, number("Longitude")?);
    let (name, address) = (parameters.some("Label").and_then(tidy::name), parameters.some("Address").and_then(tidy::name));
    let words: Vec<&str> = [&name, &address].into_iter().flatten().map(String::as_str).collect();
    let line = tidy::message(&format!("{} ({latitude}, {longitude})", words.join(", ")));
    Some((line, json!({"latitude": latitude, "longitude": longitude, "name": name, "address": address})))
}

/// Where the contact came from: an advertisement or a post.
fn referral(parameters: &Parameters) -> Option<Value> {
    const NAMES: [(&str, &str); 7] = [
        ("ReferralSourceId", "source_id"),
        ("ReferralSourceType", "source_type"),
        ("ReferralSourceUrl", "source_url"),
        ("ReferralHeadline", "headline"),
        ("ReferralBody", "body"),
        ("ReferralMediaUrl", "media_url"),
        ("ReferralCtwaClid", "ctwa_clid"),
    ];
    let known = NAMES.iter().filter_map(|(theirs, ours)| Some(((*ours).to_owned(), json!(tidy::message(parameters.some(theirs)?)))));
    let referral: Map<String, Value> = known.collect();
    (!referral.is_empty()).then_some(Value::Object(referral))
}
