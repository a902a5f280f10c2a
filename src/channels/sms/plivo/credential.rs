//! What a Plivo credential holds, and how it is checked.

use entities::ProviderError;
use serde_json::Value;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    sms::{
        calls::{basic, member, segment, status},
        phone,
    },
    tidy,
};

/// Where Plivo listens.
pub const BASE: &str = "https://api.plivo.com";
/// The purpose of the call that checks a credential.
pub const CHECK: &str = "plivo.check";

/// The fields.
pub const FIELDS: &[Field] = &[
    Field {
        name: "auth_id",
        label: "Auth ID",
        hint: "Console, Overview; for a subaccount, its own.",
        required: true,
        verifies: false,
        secret: false,
    },
    Field {
        name: "auth_token",
        label: "Auth token",
        hint: "Console, Overview, beside the Auth ID. Webhooks are signed with it, too.",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: "main_auth_token",
        label: "Auth token of the main account",
        hint: "Only for a subaccount whose webhooks the main account signs.",
        required: false,
        verifies: true,
        secret: true,
    },
];

/// The value of the header that proves who we are.
pub fn authorization(credential: &Credential) -> String {
    basic(credential.secret("auth_id").unwrap_or_default(), credential.secret("auth_token").unwrap_or_default())
}

/// The path of something of the account.
pub fn path(credential: &Credential, rest: &str) -> String {
    format!("/v1/Account/{}/{rest}", segment(credential.secret("auth_id").unwrap_or_default()))
}

/// Asks for the account's numbers.
pub fn check(credential: &Credential) -> ProviderCall {
    ProviderCall::asking("GET", BASE, path(credential, "Number/?limit=20"), Body::None, CHECK)
        .header("authorization", authorization(credential))
}

/// The numbers.
///
/// # Errors
/// [`ProviderError`] in Plivo's words.
pub fn judge_check(reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    if status(reply) != 200 {
        return Err(super::classify::error(reply));
    }
    let json = reply.json();
    let numbers = json.get("objects").and_then(Value::as_array).into_iter().flatten();
    let account = |number: &Value| {
        let address = phone::ours(&member(number, "number"));
        let name = tidy::name(&member(number, "alias")).unwrap_or_else(|| address.clone());
        (!address.is_empty()).then_some(Account { address, name })
    };
    Ok(numbers.filter_map(account).collect())
}
