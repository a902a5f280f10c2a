//! What credentials look like on the REST API.

use std::collections::BTreeMap;

use entities::{CredentialId, CredentialSecretId, CredentialStatus, Provider, ProviderError, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::nullable::{Nullable, nullable};

/// An app or account at a provider, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198a1fd-fc00-7000-8000-000000000001", "provider": "whatsapp", "vendor": null, "name": "Support app",
    "account": null, "status": "working", "status_detail": null, "checked_at": "2026-03-26T14:30:00Z",
    "expires_at": null, "secrets": {"app_secret": {"set": true, "hint": "…9f3c", "living": [
        {"id": "0198a1fd-fc00-7000-8000-000000000002", "hint": "…9f3c", "created_at": "2026-03-26T14:30:00Z"}]}},
    "webhook_url": "https://chat.example.com/api/webhooks/whatsapp/0198a1fd-fc00-7000-8000-000000000001",
    "version": 1, "created_at": "2026-03-26T14:30:00Z", "updated_at": "2026-03-26T14:30:00Z"}))]
pub struct Credential {
    /// The credential's id.
    pub id: CredentialId,
    /// Whose servers it is for.
    pub provider: Provider,
    /// The vendor, for providers that have several.
    pub vendor: Option<String>,
    /// The name that agents see.
    pub name: String,
    /// The account at the provider, as entered.
    pub account: Option<String>,
    /// What is known of it: whether the provider took it when it was last asked.
    pub status: CredentialStatus,
    /// What is wrong and what to do, in words.
    pub status_detail: Option<String>,
    /// When the provider was last asked.
    pub checked_at: Option<Timestamp>,
    /// When its token ends, if it was given by consent and does. It is renewed before, where the provider renews.
    pub expires_at: Option<Timestamp>,
    /// Its fields by name: which are set.
    pub secrets: BTreeMap<String, SecretState>,
    /// The address to enter at the provider, where it asks for a webhook.
    pub webhook_url: String,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whether a field is set.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SecretState {
    /// It has a value.
    pub set: bool,
    /// The last characters of the newest value; all of it, where it is no secret.
    pub hint: Option<String>,
    /// Each living value, the newest first. The newest sends; all of them verify.
    pub living: Vec<LivingSecret>,
}

/// A living value of a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct LivingSecret {
    /// The secret's id.
    pub id: CredentialSecretId,
    /// Its last characters.
    pub hint: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A credential that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeCredential {
    /// What can be read of it later, too.
    #[serde(flatten)]
    pub credential: Credential,
    /// What can be connected with it, as far as the provider named it when it was asked.
    pub accounts: Vec<FoundAccount>,
}

/// An account at a provider that can become a channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"address": "106540352242922", "name": "Northwind Cycles (+1 555 0100)"}))]
pub struct FoundAccount {
    /// The channel's `address`.
    pub address: String,
    /// The name to show.
    pub name: String,
}

/// What the provider says of a credential.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"ok": true, "accounts": [{"address": "106540352242922", "name": "Northwind Cycles (+1 555 0100)"}], "error": null,
    "detail": null, "checked_at": "2026-03-26T14:30:00Z"}))]
pub struct Check {
    /// It takes it.
    pub ok: bool,
    /// What can be connected with it.
    pub accounts: Vec<FoundAccount>,
    /// What is wrong, in the provider's own words.
    pub error: Option<ProviderError>,
    /// What is wrong and what to do, in ours.
    pub detail: Option<String>,
    /// When it was asked.
    pub checked_at: Timestamp,
}

/// A credential to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "whatsapp", "name": "Support app", "secrets": {"app_secret": "0f2a…", "verify_token": "a word of yours",
    "access_token": "EAAG…"}}))]
pub struct CreateCredential {
    /// Whose servers it is for; stays.
    pub provider: Provider,
    /// The vendor, for providers that have several (`twilio`); stays.
    pub vendor: Option<String>,
    /// The name that agents see.
    #[schema(max_length = 200)]
    pub name: String,
    /// The account at the provider, where it helps to name one.
    #[schema(max_length = 200)]
    pub account: Option<String>,
    /// The fields that `GET /api/v1/providers` names for it. Never read back.
    pub secrets: BTreeMap<String, String>,
    /// Ask the provider first, and make nothing if it refuses or cannot be reached; true unless said.
    #[serde(default = "yes")]
    pub check: bool,
}

/// Changes to a credential; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Support app"}))]
pub struct UpdateCredential {
    /// The name that agents see.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// The account at the provider; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub account: Nullable<String>,
}

/// A secret to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": "EAAG…"}))]
pub struct AddSecret {
    /// The value. Never read back.
    #[schema(max_length = 8192)]
    pub value: String,
    /// Ask the provider first if the secret is one that it can be asked about, and keep nothing if it refuses or cannot be reached; true
    /// unless said.
    #[serde(default = "yes")]
    pub check: bool,
}

const fn yes() -> bool {
    true
}
