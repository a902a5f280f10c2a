//! Who somebody is (`slack.md`, part 13): events name people by their id alone.
//!
//! Does not: take the e-mail address for one of the contact's. In a shared channel another company's administrator chooses it, and whoever
//! writes a customer's address there must not become that customer.

use entities::{Address, Party};
use serde_json::Value;

use super::{credential, files::API, wire};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    tidy,
};

/// Asks for the profile; needs the scope `users:read`.
pub fn ask(credential: &Credential, contact: &Address) -> Option<ProviderCall> {
    let (_, user) = contact.value.rsplit_once('/')?;
    // A bot that is let in has no profile of a person.
    if !user.starts_with(['U', 'W']) {
        return None;
    }
    let form = Body::Form(vec![("user".to_owned(), user.to_owned())]);
    Some(ProviderCall::asking("POST", API, "/api/users.info", form, "users.info").header("authorization", credential::bearer(credential)))
}

/// The name and the picture; `None` if Slack tells neither.
pub fn read(contact: &Address, reply: &ProviderReply) -> Option<Party> {
    let answer = reply.json();
    if answer.get("ok").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let names =
        ["/user/profile/display_name", "/user/profile/real_name_normalized", "/user/profile/real_name", "/user/real_name", "/user/name"];
    let name = names.iter().find_map(|at| wire::text(&answer, at)).and_then(tidy::name);
    let avatar_url = wire::text(&answer, "/user/profile/image_192").filter(|url| url.starts_with("https://")).map(str::to_owned);
    (name.is_some() || avatar_url.is_some()).then(|| Party { name, avatar_url, ..Party::of(contact.clone()) })
}
