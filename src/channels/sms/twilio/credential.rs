//! What a Twilio credential holds, and how it is checked.

use entities::ProviderError;
use serde_json::Value;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    sms::{
        calls::{basic, segment, status},
        phone,
    },
    tidy,
};

/// Where Twilio listens (specification `sms`, A1).
pub const BASE: &str = "https://api.twilio.com";
/// The purpose of the call that checks a credential.
pub const CHECK: &str = "twilio.check";
/// As many numbers as one answer of at most 1 MiB surely holds.
const NUMBERS_PAGE: u32 = 200;

/// The fields. Several `auth_token` are alive while Twilio promotes the secondary one (A1).
pub const FIELDS: &[Field] = &[
    Field {
        name: "account_sid",
        label: "Account SID",
        hint: "Console, Account Info: begins with AC. For a number of a subaccount, the subaccount's.",
        required: true,
        verifies: false,
        secret: false,
    },
    Field {
        name: "auth_token",
        label: "Auth token",
        hint: "Console, Account Info, of the same account. Webhooks are signed with it, also where an API key sends.",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: "api_key_sid",
        label: "API key SID",
        hint: "Console, Account, API keys: begins with SK. Without one the auth token sends.",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: "api_key_secret",
        label: "API key secret",
        hint: "Shown once, when the key is made.",
        required: false,
        verifies: false,
        secret: true,
    },
    Field {
        name: "messaging_service_sid",
        label: "Messaging Service SID",
        hint: "Console, Messaging, Services: begins with MG. Only where a channel's address is the service instead of one number.",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: "signing_key",
        label: "Shared signing key",
        hint: "Console, webhook settings (beta): only where the account signs with a shared key instead of the auth token.",
        required: false,
        verifies: true,
        secret: true,
    },
    Field {
        name: "signing_algorithm",
        label: "Algorithm of the shared signing key",
        hint: "hmac-sha1 (as the auth token's) or hmac-sha256.",
        required: false,
        verifies: false,
        secret: false,
    },
];

/// The account's SID; empty if it is missing.
pub fn account_sid(credential: &Credential) -> &str {
    credential.secret("account_sid").unwrap_or_default()
}

/// Name and password for calls: the API key where there is one, else the account and its token (A1).
pub fn authorization(credential: &Credential) -> String {
    match (credential.secret("api_key_sid"), credential.secret("api_key_secret")) {
        (Some(sid), Some(secret)) => basic(sid, secret),
        _ => basic(account_sid(credential), credential.secret("auth_token").unwrap_or_default()),
    }
}

/// The path of something of the account.
pub fn path(credential: &Credential, rest: &str) -> String {
    format!("/2010-04-01/Accounts/{}/{rest}", segment(account_sid(credential)))
}

/// Asks for the account's numbers: what answers it may also send (A11).
pub fn check(credential: &Credential) -> ProviderCall {
    let path = path(credential, &format!("IncomingPhoneNumbers.json?PageSize={NUMBERS_PAGE}"));
    ProviderCall::asking("GET", BASE, path, Body::None, CHECK).header("authorization", authorization(credential))
}

/// The numbers, and the messaging services that the credential names.
///
/// # Errors
/// [`ProviderError`] in Twilio's words, if it is not this account's name and password.
pub fn judge_check(credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    let json = reply.json();
    if status(reply) != 200 {
        return Err(super::classify::error(reply));
    }
    let numbers = json.get("incoming_phone_numbers").and_then(Value::as_array).into_iter().flatten().filter_map(|number| {
        let address = phone::ours(number.get("phone_number")?.as_str()?);
        let name = number.get("friendly_name").and_then(Value::as_str).and_then(tidy::name).unwrap_or_else(|| address.clone());
        (!address.is_empty()).then_some(Account { address, name })
    });
    let services = credential
        .secrets("messaging_service_sid")
        .map(|sid| Account { address: sid.to_owned(), name: format!("Messaging Service {sid}") });
    Ok(numbers.chain(services).collect())
}
