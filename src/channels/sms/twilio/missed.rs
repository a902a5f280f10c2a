//! Messages whose webhook was lost: Twilio does not repeat one that failed, so the list of messages is read now and then
//! (specification `sms`, A5).
//!
//! Guarantees: a message that is read here has the id that its webhook gives it, so it is stored once, whichever comes first.
//!
//! Does not: run by itself. Whoever is due to look makes the call of [`ask`] and reads each answer with [`read`] until no page is left.
//! The list has no addresses of files: a message with files says how many there are. Nor can it be asked by messaging service, or by a
//! number of WhatsApp's: what comes to those is not looked for.

use chrono::DateTime;
use entities::{ChannelKind, Happening, Inbound, InboundMessage, Timestamp};
use serde_json::Value;

use super::{
    credential::{BASE, authorization, path},
    inbound::party,
    verify::our_end,
};
use crate::channels::{
    adapter::Missed,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    sms::{
        bounds, keywords,
        parameters::{Parameters, scalar},
        words,
    },
    tidy,
};

/// The purpose of the calls.
pub const LIST: &str = "twilio.missed";
/// Messages a page: some 700 bytes each, well within an answer's mebibyte.
const PAGE: &str = "100";

/// Asks for what was sent to a number of ours since an instant.
pub fn ask(credential: &Credential, account: &str, since: Timestamp) -> Option<ProviderCall> {
    if !account.starts_with('+') {
        return None;
    }
    let since = since.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let query = form::encode([("To", account), ("DateSent>", since.as_str()), ("PageSize", PAGE)]);
    Some(page(credential, path(credential, &format!("Messages.json?{query}"))))
}

fn page(credential: &Credential, path: String) -> ProviderCall {
    ProviderCall::asking("GET", BASE, path, Body::None, LIST).header("authorization", authorization(credential))
}

/// The messages of a page, and the call that asks for the next; nothing of an answer that is no list.
pub fn read(credential: &Credential, account: &str, reply: &ProviderReply) -> Missed {
    let json = reply.json();
    let messages = json.get("messages").and_then(Value::as_array).into_iter().flatten();
    let items = messages.filter_map(|message| read_message(account, message)).flatten().collect();
    // A path of Twilio's own, and nothing else: an answer does not choose whom our password is sent to.
    let next = json.get("next_page_uri").and_then(Value::as_str).filter(|next| next.starts_with("/2010-04-01/Accounts/"));
    Missed { items, next: next.map(|next| page(credential, next.to_owned())) }
}

fn read_message(account: &str, message: &Value) -> Option<Vec<Inbound>> {
    let text = |name: &str| message.get(name).and_then(scalar).unwrap_or_default();
    if text("direction") != "inbound" {
        return None;
    }
    let (sid, from, to, body) = (text("sid"), text("from"), text("to"), text("body"));
    let ours = our_end(&to);
    let party = party(&Parameters::default(), &from, &ours).ok()?;
    let contact = party.address.clone();
    let files: u32 = text("num_media").parse().unwrap_or(0);
    let mut shown = tidy::message(&body);
    if files > 0 {
        shown = tidy::message(&format!("{shown}\n({files} files, kept at Twilio)"));
    } else if shown.is_empty() {
        words::EMPTY.clone_into(&mut shown);
    }
    let at = DateTime::parse_from_rfc2822(&text("date_sent")).ok().map(|at| Timestamp::new(at.to_utc()));
    let wish = keywords::wish(&body, &ours).and_then(|wish| keywords::preference(wish, contact, &body));
    let happenings = [Some(Happening::Message(Box::new(InboundMessage::text(sid, party, shown)))), wish];
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.to_owned(), at, what };
    Some(happenings.into_iter().flatten().map(inbound).filter_map(|told| bounds::within(told).ok()).collect())
}
