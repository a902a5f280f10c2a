//! What a Vonage credential holds, and how it is checked.

use entities::ProviderError;
use serde_json::Value;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    sms::{
        calls::{basic, status},
        parameters::scalar,
        phone,
    },
};

/// Where the SMS API and the account's own API listen.
pub const REST: &str = "https://rest.nexmo.com";
/// Where the Messages API listens.
pub const API: &str = "https://api.nexmo.com";
/// The purpose of the call that checks a credential.
pub const CHECK: &str = "vonage.check";

/// The fields.
pub const FIELDS: &[Field] = &[
    Field { name: "api_key", label: "API key", hint: "Dashboard, API settings.", required: true, verifies: false, secret: false },
    Field { name: "api_secret", label: "API secret", hint: "Dashboard, API settings.", required: true, verifies: false, secret: true },
    Field {
        name: "signature_secret",
        label: "Signature secret",
        hint: "Dashboard, API settings, Signed webhooks. Webhooks have to be signed.",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: "signature_method",
        label: "Signature method of the SMS API",
        hint: "As in the dashboard: sha512, sha256 (both are taken if this is empty), sha1, md5 or md5hash.",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: "api",
        label: "API to send with",
        hint: "messages (if this is empty) or sms, as the account's Default SMS Setting says.",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: "application_id",
        label: "Application ID",
        hint: "Dashboard, Applications: together with the private key it signs calls of the Messages API.",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: "private_key",
        label: "Private key",
        hint: "The file private.key of the application, whole. Without it the API key and secret send.",
        required: false,
        verifies: false,
        secret: true,
    },
];

/// The account's API key; empty if it is missing.
pub fn api_key(credential: &Credential) -> &str {
    credential.secret("api_key").unwrap_or_default()
}

/// The account's API secret; empty if it is missing.
pub fn api_secret(credential: &Credential) -> &str {
    credential.secret("api_secret").unwrap_or_default()
}

/// Asks for the account's numbers.
pub fn check(credential: &Credential) -> ProviderCall {
    ProviderCall::asking("GET", REST, "/account/numbers?size=100", Body::None, CHECK)
        .header("authorization", basic(api_key(credential), api_secret(credential)))
}

/// The numbers.
///
/// # Errors
/// [`ProviderError`] in Vonage's words.
pub fn judge_check(reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    if status(reply) != 200 {
        return Err(super::classify::error(reply));
    }
    let json = reply.json();
    let numbers = json.get("numbers").and_then(Value::as_array).into_iter().flatten();
    let account = |number: &Value| {
        let address = phone::ours(&number.get("msisdn").and_then(scalar)?);
        (!address.is_empty()).then(|| Account { name: address.clone(), address })
    };
    Ok(numbers.filter_map(account).collect())
}
