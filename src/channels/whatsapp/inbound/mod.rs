//! Notifications of WhatsApp, taken apart.
//!
//! Guarantees: every `entry`, every change and every item in it is looked at, in order; one that cannot be read spoils no other; a group's
//! messages and our own numbers' never reach a customer's conversation.
//!
//! Does not: drop repeats or sort receipts; ids and instants are handed on for that.
//!
//! Start reading at [`parse`]; a message's content is in [`content`], who sent it in [`party`].

mod account;
mod call;
mod content;
mod echo;
mod handover;
mod message;
mod party;
mod status;
mod system;

use entities::{Address, ChannelKind, Happening, Inbound, Timestamp};
use serde_json::Value;

use crate::channels::{
    adapter::{Notification, Unreadable},
    credential::Credential,
    meta::read,
};

/// Most accounts that a request may claim to be for.
const ACCOUNTS_MAX: usize = 100;
/// Most people of a change among whom the sender of a message is looked for: a notification has at most 1,000 updates (section 5).
const CONTACTS_MAX: usize = 1_000;
/// What the test buttons of the app dashboard send as account.
const TEST_ACCOUNT: &str = "0";

/// Where an item stands: what it shares with its neighbours.
struct Scope<'a> {
    /// The phone number id, or the business account's where an event concerns all its numbers.
    account: String,
    /// The digits of our own number, as shown; empty if not told.
    own_number: String,
    /// The people that the change tells of.
    contacts: &'a [Value],
    /// Errors that belong to the change and to no item of it.
    errors: &'a [Value],
    /// Another sender has the conversation (section 6.26).
    standby: bool,
    /// When the request came.
    received_at: Timestamp,
}

impl Scope<'_> {
    fn tell(&self, at: Option<Timestamp>, what: Happening) -> Inbound {
        Inbound { channel: ChannelKind::Whatsapp, account: self.account.clone(), at, what }
    }

    fn ignored(&self, reason: impl Into<String>) -> Inbound {
        self.tell(None, Happening::Ignored { reason: reason.into() })
    }
}

/// The numbers, and behind them the business accounts, that a request claims to be for.
pub fn claimed_accounts(body: &[u8]) -> Vec<String> {
    let Ok(body) = read::body(body) else { return Vec::new() };
    let (mut numbers, mut wabas): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let keep = |known: &mut Vec<String>, found: Option<String>| {
        let Some(found) = found else { return };
        if known.len() < ACCOUNTS_MAX && !known.contains(&found) {
            known.push(found);
        }
    };
    for entry in read::list(&body, "entry") {
        for change in read::list(entry, "changes") {
            keep(&mut numbers, change.get("value").and_then(number_id));
        }
        keep(&mut wabas, read::id(entry, "id"));
    }
    numbers.extend(wabas);
    numbers
}

/// The phone number id that a change is for.
fn number_id(value: &Value) -> Option<String> {
    let named = |holder: &str| value.get(holder).and_then(|holder| read::id(holder, "phone_number_id"));
    named("metadata").or_else(|| named("recipient"))
}

/// What a notification tells (section 5).
pub fn parse(credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    let body = read::body(&notification.body)?;
    let object = read::word(&body, "object");
    if object != "whatsapp_business_account" {
        return Ok(vec![ignored(String::new(), format!("object: {}", read::one_line(object)))]);
    }
    let mut told = Vec::new();
    for entry in read::list(&body, "entry") {
        let waba = read::id(entry, "id");
        for change in read::list(entry, "changes") {
            told.extend(self::change(credential, notification, waba.as_deref(), change));
        }
    }
    if told.is_empty() {
        told.push(ignored(String::new(), "nothing in it".to_owned()));
    }
    Ok(told)
}

fn ignored(account: String, reason: String) -> Inbound {
    Inbound { channel: ChannelKind::Whatsapp, account, at: None, what: Happening::Ignored { reason } }
}

fn change(credential: &Credential, notification: &Notification, waba: Option<&str>, change: &Value) -> Vec<Inbound> {
    let field = read::word(change, "field");
    let value = change.get("value").unwrap_or(&Value::Null);
    let waba = value.get("waba_info").and_then(|info| read::id(info, "waba_id")).or_else(|| waba.map(ToOwned::to_owned));
    let account = number_id(value).or_else(|| waba.clone()).unwrap_or_default();
    if waba.as_deref() == Some(TEST_ACCOUNT) {
        return vec![ignored(account, "test of the app dashboard".to_owned())];
    }
    // Section 7: what another business account sends about this number is not believed.
    if let (Some(known), Some(claimed)) = (credential.secret("waba_id"), waba.as_deref())
        && known != claimed
    {
        return vec![ignored(account, format!("waba_mismatch: from {claimed}"))];
    }
    let own_number = value.get("metadata").map(|metadata| party::digits(read::word(metadata, "display_phone_number"))).unwrap_or_default();
    let mut scope = Scope {
        account,

        own_number,
        contacts: people(value),
        errors: read::list(value, "errors"),
        standby: false,
        received_at: notification.received_at,
    };
    let mut told = match field {
        "messages" => messages(&scope, value),
        "smb_message_echoes" => read::list(value, "message_echoes").iter().flat_map(|item| echo::of_phone_app(&scope, item)).collect(),
        "standby" => {
            let inner = value.get("standby").unwrap_or(&Value::Null);
            scope.contacts = people(inner);
            scope.errors = &[];
            scope.standby = true;
            standby(&scope, inner)
        }
        "messaging_handovers" => handover::told(&scope, value),
        "calls" => call::told(&scope, value),
        "user_preferences" => account::preferences(&scope, value),
        "user_id_update" => system::user_id_updates(&scope, value),
        _ => account::told(&scope, field, value),
    };
    if told.is_empty() {
        told.push(scope.ignored(format!("nothing to do: {}", read::one_line(field))));
    }
    told
}

fn people(value: &Value) -> &[Value] {
    let all = read::list(value, "contacts");
    all.get(..CONTACTS_MAX).unwrap_or(all)
}

fn messages(scope: &Scope<'_>, value: &Value) -> Vec<Inbound> {
    let items = read::list(value, "messages");
    let mut told: Vec<Inbound> = items.iter().flat_map(|item| message::told(scope, item)).collect();
    told.extend(read::list(value, "statuses").iter().flat_map(|item| status::told(scope, item)));
    told.extend(read::list(value, "message_echoes").iter().flat_map(|item| echo::of_phone_app(scope, item)));
    told.extend(handover::summary(scope, value, items));
    if items.is_empty() {
        // With a message they belong to the one that has no content, which shows them (section 6.17).
        told.extend(scope.errors.iter().map(|error| account::error(scope, error)));
    }
    if !read::list(value, "user_actions").is_empty() {
        told.push(scope.ignored("user_actions"));
    }
    told
}

fn standby(scope: &Scope<'_>, inner: &Value) -> Vec<Inbound> {
    let mut told: Vec<Inbound> = read::list(inner, "messages").iter().flat_map(|item| message::told(scope, item)).collect();
    told.extend(read::list(inner, "message_echoes").iter().flat_map(|item| echo::of_other_sender(scope, item)));
    told.extend(read::list(inner, "statuses").iter().flat_map(|item| status::told(scope, item)));
    told
}

/// The addresses that an answer to a message names: the number as WhatsApp has it, where that differs from the one that was asked for (some
/// countries' do, section 1), and the user id.
pub fn told_addresses(contact: &Value) -> Vec<Address> {
    let asked = party::addresses([read::word(contact, "input")]);
    let told = party::addresses([read::word(contact, "wa_id"), read::word(contact, "user_id")]);
    told.into_iter().filter(|address| !asked.contains(address)).collect()
}

/// Under which name a message is addressed to somebody, and their id: `to` for a telephone number, `recipient` for a user id (section 11).
pub fn recipient(id: &str) -> Option<(&'static str, &str)> {
    match party::phone(id) {
        Some(number) => Some(("to", number)),
        None => party::is_user_id(id).then_some(("recipient", id)),
    }
}
