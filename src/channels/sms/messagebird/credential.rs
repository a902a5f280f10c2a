//! What a MessageBird credential holds, and how it is checked.

use entities::ProviderError;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    sms::calls::status,
};

/// Where MessageBird listens.
pub const BASE: &str = "https://rest.messagebird.com";
/// The purpose of the call that checks a credential.
pub const CHECK: &str = "messagebird.check";

/// The fields.
pub const FIELDS: &[Field] = &[
    Field {
        name: "access_key",
        label: "Access key",
        hint: "Dashboard, Developers, API access: a live key.",
        required: true,
        verifies: false,
        secret: true,
    },
    Field {
        name: "signing_key",
        label: "Signing key",
        hint: "Dashboard, Developers, API settings. Not the access key: webhooks are signed with this one.",
        required: true,
        verifies: true,
        secret: true,
    },
];

/// The value of the header that proves who we are.
pub fn authorization(credential: &Credential) -> String {
    format!("AccessKey {}", credential.secret("access_key").unwrap_or_default())
}

/// Asks for the balance, which every key may see.
pub fn check(credential: &Credential) -> ProviderCall {
    ProviderCall::asking("GET", BASE, "/balance", Body::None, CHECK).header("authorization", authorization(credential))
}

/// That the key is good. It does not say which numbers there are: the channel's number is entered by hand.
///
/// # Errors
/// [`ProviderError`] in MessageBird's words.
pub fn judge_check(reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    if status(reply) == 200 { Ok(Vec::new()) } else { Err(super::classify::error(reply)) }
}
