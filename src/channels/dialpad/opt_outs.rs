//! Dialpad's own list of who does not want texts (`dialpad.md`, part 5.6): STOP that came while nobody listened, or that somebody entered there.
//!
//! Guarantees: an entry says when it was made, so that a later word of the person's own counts more.

use entities::{ChannelKind, Happening, Inbound, Timestamp, inbound::PreferenceScope};
use serde_json::Value;

use super::{credential, wire};
use crate::channels::{
    adapter::{Missed, Unreadable},
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    sms::phone,
};

/// The purpose of the calls.
const LIST: &str = "opt_outs";
/// Where a list goes on for the page behind it; the account's own words, cut.
const CURSOR_BYTES_MAX: usize = 2_000;
/// Most entries of a page.
const ENTRIES_MAX: usize = 1_000;

/// Asks which company it is: the list is the company's, and is asked for by its id.
pub fn ask(credential: &Credential) -> ProviderCall {
    let company = credential.secret(credential::KEY_LEVEL) == Some("company");
    call(credential, if company { "company" } else { "users/me" })
}

fn call(credential: &Credential, path: &str) -> ProviderCall {
    ProviderCall::asking("GET", credential::base(credential), format!("/api/v2/{path}"), Body::None, LIST)
        .header("authorization", credential::bearer(credential))
}

/// The wishes of a page, and the call that asks for the next page; of the answer about the company, the call that asks for the first.
pub fn read(credential: &Credential, account: &str, asked: &ProviderCall, reply: &ProviderReply) -> Result<Missed, Unreadable> {
    let answer = reply.json();
    let path = asked.path.split('?').next().unwrap_or_default().trim_start_matches("/api/v2/");
    if !path.ends_with("/smsoptout") {
        let id = wire::id(&answer, if path == "company" { "/id" } else { "/company_id" });
        let id = id.ok_or_else(|| Unreadable("Dialpad does not say which company it is".to_owned()))?;
        return Ok(Missed { items: Vec::new(), next: Some(call(credential, &format!("company/{id}/smsoptout"))) });
    }
    let entries = answer.get("items").and_then(Value::as_array).ok_or_else(|| Unreadable("Dialpad's answer is no list".to_owned()))?;
    let items = entries.iter().take(ENTRIES_MAX).filter_map(|entry| wish(entry, account)).collect();
    let cursor = wire::text(&answer, "/cursor").filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX);
    let next = cursor.map(|cursor| call(credential, &format!("{path}?{}", form::encode([("cursor", cursor)]))));
    Ok(Missed { items, next })
}

fn wish(entry: &Value, account: &str) -> Option<Inbound> {
    let wants = match wire::text(entry, "/opt_out_state")? {
        "opted_out" => false,
        "opted_back_in" => true,
        _ => return None,
    };
    let contact = phone::contact(wire::text(entry, "/external_endpoint")?, account)?;
    // Of what is not dated, anything that the person said here counts more.
    let at = wire::at(entry, "/date").unwrap_or(Timestamp::from_micros(0));
    let what = Happening::Preference { contact, wants, scope: PreferenceScope::All, keyword: None };
    Some(Inbound { channel: ChannelKind::Dialpad, account: account.to_owned(), at: Some(at), what })
}
