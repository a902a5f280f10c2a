//! Notifications of Messenger and Instagram, taken apart (sections 5 and 6).
//!
//! Guarantees: every `entry` and every event in it is looked at, in order; one that cannot be read spoils no other; an event whose other end is
//! not the account of its entry is ignored.
//!
//! Does not: drop repeats or sort; ids and instants are handed on for that.
//!
//! Start reading at [`parse`]; what a message says is in [`content`].

mod content;
mod events;
mod message;
mod thread;

use entities::{
    Address, AddressKind, ChannelKind, Happening, Inbound, Party, Timestamp,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::Value;

use super::credential::is_instagram_login;
use crate::channels::{
    adapter::{Notification, Unreadable},
    credential::Credential,
    meta::{read, signed_request},
};

/// Most accounts that a request may claim to be for.
const ACCOUNTS_MAX: usize = 100;
/// What the app dashboard's test button sends as the account and as the sender (section 6.19).
const TEST_ACCOUNT: &str = "0";
const TEST_SENDER: &str = "12334";

/// One event, and where it stands.
struct Event<'a> {
    channel: ChannelKind,
    /// The page or the Instagram account (`entry[].id`).
    account: &'a str,
    /// The app that we are, if the credential says so.
    app_id: Option<&'a str>,
    item: &'a Value,
    at: Option<Timestamp>,
    /// Another app has the thread (section 6.16).
    standby: bool,
}

impl Event<'_> {
    fn tell(&self, what: Happening) -> Inbound {
        Inbound { channel: self.channel, account: self.account.to_owned(), at: self.at, what }
    }

    fn ignored(&self, reason: impl Into<String>) -> Inbound {
        self.tell(Happening::Ignored { reason: reason.into() })
    }

    /// The id of the one end or the other.
    fn end(&self, name: &str) -> Option<String> {
        self.item.get(name).and_then(|end| read::id(end, "id"))
    }

    fn address(&self, id: String) -> Address {
        let kind = if self.channel == ChannelKind::Instagram { AddressKind::Instagram } else { AddressKind::Messenger };
        Address { kind, value: id }
    }

    fn party(&self, id: String) -> Party {
        Party::of(self.address(id))
    }
}

/// The pages and accounts that a request claims to be for.
pub fn claimed_accounts(body: &[u8]) -> Vec<String> {
    let Ok(body) = read::body(body) else { return Vec::new() };
    let mut accounts: Vec<String> = Vec::new();
    for account in read::list(&body, "entry").iter().filter_map(|entry| read::id(entry, "id")) {
        if accounts.len() < ACCOUNTS_MAX && !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    accounts
}

/// What a notification tells.
pub fn parse(credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    let body = read::body(&notification.body)?;
    let object = read::word(&body, "object");
    let channel = match object {
        "page" => ChannelKind::Messenger,
        "instagram" => ChannelKind::Instagram,
        other => return Ok(vec![ignored(ChannelKind::Messenger, String::new(), format!("object: {}", read::one_line(other)))]),
    };
    let mut told = Vec::new();
    for entry in read::list(&body, "entry") {
        let account = read::id(entry, "id").unwrap_or_default();
        for (list, standby) in [("messaging", false), ("standby", true)] {
            for item in read::list(entry, list) {
                let at = read::instant(item, "timestamp").or_else(|| read::instant(entry, "time"));
                let event = Event { channel, account: &account, app_id: credential.secret("app_id"), item, at, standby };
                told.extend(self::event(&event));
            }
        }
        for change in read::list(entry, "changes") {
            let field = read::one_line(read::word(change, "field"));
            told.push(ignored(channel, account.clone(), format!("field: {field}")));
        }
    }
    if told.is_empty() {
        told.push(ignored(channel, String::new(), "nothing in it".to_owned()));
    }
    Ok(told)
}

/// The person who connected the account has taken the app away, or wants what it has deleted (section 11.3): the token goes. It is news of the
/// whole credential, so that the account is the credential's, or empty.
pub fn removed(credential: &Credential, notification: &Notification) -> Inbound {
    let channel = if is_instagram_login(credential) { ChannelKind::Instagram } else { ChannelKind::Messenger };
    let words = match notification.kind.as_str() {
        signed_request::DELETION => "The person who connected this account asks Meta to have its data deleted: connect again",
        _ => "The person who connected this account has removed the app: connect again",
    };
    let news = ChannelNews { kind: ChannelNewsKind::TokenRevoked, detail: words.to_owned(), data: None };
    Inbound { channel, account: credential.account.clone().unwrap_or_default(), at: None, what: Happening::Channel(news) }
}

fn ignored(channel: ChannelKind, account: String, reason: String) -> Inbound {
    Inbound { channel, account, at: None, what: Happening::Ignored { reason } }
}

/// What an event tells: its kind is which key it has.
fn event(event: &Event<'_>) -> Vec<Inbound> {
    let (sender, recipient) = (event.end("sender"), event.end("recipient"));
    if event.account == TEST_ACCOUNT || sender.as_deref() == Some(TEST_SENDER) {
        return vec![event.ignored("test of the app dashboard")];
    }
    let of = |key: &str| event.item.get(key).filter(|value| value.is_object());
    if let Some(said) = of("message").filter(|said| read::marked(said, "is_echo")) {
        return match recipient {
            // What we said comes back with the ends exchanged; the recipient is the customer.
            Some(customer) if sender.as_deref() == Some(event.account) && customer != event.account => message::echo(event, said, customer),
            _ => vec![event.ignored("an echo of another account")],
        };
    }
    if recipient.is_some_and(|recipient| recipient != event.account) {
        return vec![event.ignored("recipient differs from the account")];
    }
    if let Some(policy) = of("policy_enforcement") {
        return vec![events::policy(event, policy)];
    }
    let Some(customer) = sender else { return vec![event.ignored("an event of nobody")] };
    if customer == event.account {
        return vec![event.ignored("from our own account")];
    }
    if let Some(said) = of("message") {
        return message::told(event, said, customer);
    }
    if let Some(pressed) = of("postback") {
        return vec![message::postback(event, pressed, customer)];
    }
    if let Some(edit) = of("message_edit") {
        return vec![message::edit(event, edit, customer)];
    }
    if let Some(reaction) = of("reaction") {
        return vec![events::reaction(event, reaction, customer)];
    }
    if let Some(delivery) = of("delivery") {
        return events::delivery(event, delivery, customer);
    }
    if let Some(seen) = of("read") {
        return events::read_up_to(event, seen, customer);
    }
    if let Some(told) = thread::told(event, &customer) {
        return vec![told];
    }
    for (key, words) in [("referral", "Somebody came by a link or an advertisement"), ("optin", "Somebody opted in")] {
        if let Some(what) = of(key) {
            return vec![events::notice(event, key, words, what, customer)];
        }
    }
    vec![event.ignored("an event that is not known")]
}
