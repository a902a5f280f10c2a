//! What a Dialpad account's credential holds.

use crate::channels::credential::{Credential, Field};

/// Signs what Dialpad sends us.
pub const WEBHOOK_SECRET: &str = "webhook_secret";
/// Lets us call Dialpad: a key, or a token that came by consent.
pub const API_KEY: &str = "api_key";
/// Lets us ask for the next token; no field of a form: it comes by consent alone.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// `company` where the key is a company's and no person's.
pub const KEY_LEVEL: &str = "key_level";
/// `sandbox` for Dialpad's sandbox.
pub const ENVIRONMENT: &str = "environment";
/// `allow` takes in what is not signed, where there is no secret.
pub const UNSIGNED: &str = "unsigned";
/// `allow` takes in what colleagues write and say to each other.
pub const INTERNAL: &str = "internal";

/// In the order in which they are asked for.
pub const FIELDS: &[Field] = &[
    Field {
        name: WEBHOOK_SECRET,
        label: "Webhook secret",
        hint: "a long random text of your own: the \"secret\" with which the webhook is created at Dialpad",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: API_KEY,
        label: "API key",
        hint: "Dialpad, Admin settings, My company, Authentication, API keys; with the scopes message_content_export and recordings_export",
        required: true,
        verifies: false,
        secret: true,
    },
    Field {
        name: KEY_LEVEL,
        label: "Whose key",
        hint: "\"company\" for a key of the company; anything else is a person's",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: ENVIRONMENT,
        label: "Environment",
        hint: "\"sandbox\" for Dialpad's sandbox, which has accounts and keys of its own",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: INTERNAL,
        label: "Among colleagues",
        hint: "\"allow\" takes in calls and messages between colleagues; anything else ignores them",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: UNSIGNED,
        label: "Unsigned events",
        hint: "\"allow\" takes in events without a signature, and only where there is no webhook secret. Not recommended",
        required: false,
        verifies: false,
        secret: false,
    },
];

/// Whether an optional field says `allow`.
pub fn allows(credential: &Credential, field: &str) -> bool {
    credential.secret(field) == Some("allow")
}

/// Where Dialpad listens (part 1).
pub fn base(credential: &Credential) -> &'static str {
    if credential.secret(ENVIRONMENT) == Some("sandbox") { "https://sandbox.dialpad.com" } else { "https://dialpad.com" }
}

/// The header that lets us call Dialpad; empty where there is no key. Never the query, which ends up in logs (part 1).
pub fn bearer(credential: &Credential) -> String {
    credential.secret(API_KEY).map(|key| format!("Bearer {key}")).unwrap_or_default()
}
