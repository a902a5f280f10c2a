//! What a Telnyx credential holds, and how it is checked.

use entities::ProviderError;
use serde_json::Value;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    sms::{
        calls::{member, status},
        phone,
    },
    tidy,
};

/// Where Telnyx listens.
pub const BASE: &str = "https://api.telnyx.com";
/// The purpose of the call that checks a credential.
pub const CHECK: &str = "telnyx.check";

/// The fields.
pub const FIELDS: &[Field] = &[
    Field { name: "api_key", label: "API key", hint: "Portal, API keys: begins with KEY.", required: true, verifies: false, secret: true },
    Field {
        name: "public_key",
        label: "Public key",
        hint: "Portal, Keys & credentials, Public key: webhooks are signed with its other half.",
        required: true,
        verifies: true,
        secret: false,
    },
];

/// The value of the header that proves who we are.
pub fn authorization(credential: &Credential) -> String {
    format!("Bearer {}", credential.secret("api_key").unwrap_or_default())
}

/// Asks for the account's numbers.
pub fn check(credential: &Credential) -> ProviderCall {
    ProviderCall::asking("GET", BASE, "/v2/phone_numbers?page%5Bsize%5D=100", Body::None, CHECK)
        .header("authorization", authorization(credential))
}

/// The numbers.
///
/// # Errors
/// [`ProviderError`] in Telnyx's words.
pub fn judge_check(reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    if status(reply) != 200 {
        return Err(super::classify::error(reply));
    }
    let json = reply.json();
    let numbers = json.get("data").and_then(Value::as_array).into_iter().flatten();
    let account = |number: &Value| {
        let address = phone::ours(&member(number, "phone_number"));
        let name = tidy::name(&member(number, "connection_name")).unwrap_or_else(|| address.clone());
        (!address.is_empty()).then_some(Account { address, name })
    };
    Ok(numbers.filter_map(account).collect())
}
