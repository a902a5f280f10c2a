//! What providers look like on the REST API.

use entities::{Capabilities, ChannelKind};
use serde::Serialize;
use utoipa::ToSchema;

/// The providers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Providers {
    /// All of them, in the order in which they are offered.
    pub data: Vec<Provider>,
}

/// Whose servers carry messages, and what it takes to connect them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderAbout)]
pub struct Provider {
    /// Which.
    pub provider: entities::Provider,
    /// The kinds of channels that it carries.
    pub kinds: Vec<Kind>,
    /// What a credential consists of; one form for each vendor, where there are several.
    pub credentials: Vec<CredentialForm>,
    /// The address to enter at the provider for all credentials alike; each credential's own is in its `webhook_url`.
    #[schema(example = "https://chat.example.com/api/webhooks/whatsapp")]
    pub webhook_url: String,
    /// How an account is connected by consent at the provider; null where its secrets are entered by hand alone.
    pub install: Option<Consent>,
}

/// How an account is connected by consent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderConsent)]
pub struct Consent {
    /// Where a signed-in member's browser begins.
    #[schema(example = "/api/slack/install")]
    pub path: String,
    /// Where the provider leads back to: the operator enters it at the provider's app.
    #[schema(example = "https://chat.example.com/api/slack/callback")]
    pub redirect_uri: String,
    /// The options that the operator has to give first; empty if it works.
    pub missing: Vec<&'static str>,
}

/// A kind of channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderKind)]
pub struct Kind {
    /// Which.
    pub kind: ChannelKind,
    /// What such channels can do.
    pub capabilities: Capabilities,
}

/// What a credential consists of.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialForm {
    /// The vendor; null for providers that have no several.
    #[schema(example = "twilio")]
    pub vendor: Option<&'static str>,
    /// Its fields, in the order in which they are asked for.
    pub fields: Vec<Field>,
}

/// A field of a credential.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CredentialField)]
pub struct Field {
    /// Its name.
    #[schema(example = "app_secret")]
    pub name: &'static str,
    /// What it is, for people.
    #[schema(example = "App secret")]
    pub label: &'static str,
    /// Where to find it, for people.
    #[schema(example = "App dashboard, App settings, Basic, App secret")]
    pub hint: &'static str,
    /// Cannot be left out.
    pub required: bool,
    /// Verifies what comes in: several may be alive at once.
    pub verifies: bool,
    /// Never read back.
    pub secret: bool,
}
