//! Who somebody is (sections 2 and 14): notifications name people by an id that means something to one page alone.
//!
//! Does not: take the picture, whose address ends after a few days.

use entities::{Address, AddressKind, Party};

use super::credential::{INSTAGRAM_BASE, is_instagram_login};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    meta::{
        graph::{self, Request},
        read,
    },
};

/// Asks for the name; a person may have refused it, and then nothing is told.
pub fn ask(credential: &Credential, contact: &Address) -> Option<ProviderCall> {
    let (base, query) = match contact.kind {
        AddressKind::Messenger => (graph::BASE, "fields=first_name,last_name"),
        AddressKind::Instagram if is_instagram_login(credential) => (INSTAGRAM_BASE, "fields=name,username"),
        AddressKind::Instagram => (graph::BASE, "fields=name,username"),
        _ => return None,
    };
    let request = Request {
        method: "GET",
        base,
        token: Some(credential.secret("page_access_token")?),
        segments: &[&contact.value],
        query,
        body: Body::None,
        purpose: "profile",
        sends: false,
    };
    Some(request.call(credential))
}

/// The name: both names on Messenger; on Instagram the one that is shown, else that of the account.
pub fn read(contact: &Address, reply: &ProviderReply) -> Option<Party> {
    let json = reply.json();
    let line = |name: &str| read::line(&json, name);
    let name = match contact.kind {
        AddressKind::Messenger => {
            let names: Vec<String> = [line("first_name"), line("last_name")].into_iter().flatten().collect();
            Some(names.join(" ")).filter(|name| !name.is_empty())
        }
        _ => line("name").or_else(|| line("username").map(|name| format!("@{name}"))),
    };
    name.map(|name| Party { name: Some(name), ..Party::of(contact.clone()) })
}
