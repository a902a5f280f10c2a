//! Credentials: the apps and accounts at providers that channels send and verify with.
//!
//! Guarantees: secrets come in and never go out; a credential is made, and a secret that sends is added, only if the provider takes it, or if
//! who enters it says that it is not to be asked; provider and vendor stay what they were.
//!
//! Does not: connect anything (channels do), or speak as a provider does (`crate::channels`).

mod add_secret;
mod check;
mod create;
mod delete;
mod end_secret;
mod entered;
mod get;
mod list;
mod update;
pub mod wire;

use std::collections::BTreeMap;

use actors::port::StoreError;
use entities::{ChannelStatus, CredentialId, CredentialSecretId, Provider, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::{
    channels::{
        adapter::{Account, Adapter},
        credential::Credential as Open,
        registry,
    },
    delivery::provider_check::{self, CheckOutcome},
    store::{
        read::{self, credential::Credential},
        settings::{
            self,
            credential::{CREDENTIALS_MAX, Checked, Refused, SECRETS_MAX},
        },
    },
};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_credentials)
        .service(create::create_credential)
        .service(get::get_credential)
        .service(update::update_credential)
        .service(delete::delete_credential)
        .service(check::check_credential)
        .service(add_secret::add_credential_secret)
        .service(end_secret::end_only_credential_secret)
        .service(end_secret::end_credential_secret);
}

/// Which credential a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct CredentialPath {
    credential_id: CredentialId,
}

/// Which secrets a path names.
#[derive(Debug, Clone, Deserialize)]
pub struct NamePath {
    credential_id: CredentialId,
    name: String,
}

/// Which secret a path names.
#[derive(Debug, Clone, Deserialize)]
pub struct SecretPath {
    credential_id: CredentialId,
    name: String,
    secret_id: CredentialSecretId,
}

async fn find(app: &App, tenant_id: TenantId, id: CredentialId) -> Answer<Credential> {
    let found = read::credential::find(&app.db, tenant_id, id).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such credential")
}

/// What speaks with a provider.
///
/// # Errors
/// 422 if nothing here does.
fn adapter(provider: Provider) -> Answer<&'static dyn Adapter> {
    registry::find(provider)
        .ok_or_else(|| Problem::invalid("/provider", "unsupported", format!("this server cannot speak with {provider} yet")))
}

/// A credential with its secrets open, under this server's address.
async fn open(app: &App, tenant_id: TenantId, id: CredentialId) -> Answer<(Provider, Open)> {
    let opened = read::credential::open(&app.db, &app.keys, tenant_id, id).await?.ok_or_else(not_found)?;
    let mut credential = opened.credential;
    credential.public_url.clone_from(&app.public_url);
    Ok((opened.provider, credential))
}

/// Asks the provider about a credential as it is.
pub(in crate::http) async fn ask(app: &App, tenant_id: TenantId, id: CredentialId) -> Answer<CheckOutcome> {
    let (provider, credential) = open(app, tenant_id, id).await?;
    Ok(provider_check::check(&app.providers, adapter(provider)?, &credential).await)
}

/// The accounts that can be connected, if the provider took it.
///
/// # Errors
/// 422 `credential_refused` or 502 `provider_unreachable`, with the provider's own words.
pub(in crate::http) fn require_taken(provider: &str, outcome: CheckOutcome) -> Answer<Vec<Account>> {
    match outcome {
        CheckOutcome::Working(accounts) => Ok(accounts),
        CheckOutcome::Refused(error) => Err(Problem::new(Code::CredentialRefused)
            .detail(format!("{provider} refuses it: {error}"))
            .with("provider_error", serde_json::json!(error))),
        CheckOutcome::Unanswered(error) => Err(Problem::new(Code::ProviderUnreachable)
            .detail(format!("{provider} could not be asked: {error}; nothing was changed"))
            .with("provider_error", serde_json::json!(error))
            .because(error)),
    }
}

/// Asks the provider about a credential that is to be, and answers with the accounts that can be connected.
///
/// # Errors
/// As [`require_taken`].
async fn require_working(app: &App, adapter: &dyn Adapter, credential: &Open) -> Answer<Vec<Account>> {
    require_taken(adapter.provider().as_str(), provider_check::check(&app.providers, adapter, credential).await)
}

/// Keeps what a provider said of a credential; nothing, if nothing became known.
///
/// # Errors
/// 404 if it is gone.
pub(in crate::http) async fn keep(app: &App, tenant_id: TenantId, id: CredentialId, outcome: &CheckOutcome) -> Answer<()> {
    let error = match outcome {
        CheckOutcome::Working(_) => None,
        CheckOutcome::Refused(_) => outcome.sentence(),
        CheckOutcome::Unanswered(_) => return Ok(()),
    };
    let checked = Checked { error, at: app.clock.now() };
    settings::credential::record_check(&app.db, tenant_id, id, &checked).await.map_err(|error| match error {
        StoreError::NotFound => not_found(),
        error => error.into(),
    })?;
    tell_channels(app, tenant_id, id, checked.error.as_deref()).await
}

/// Has a credential's channels say what a check of it said: those that work only in part because of what was wrong work again, and the other
/// way round. Channels that are disconnected stay so.
async fn tell_channels(app: &App, tenant_id: TenantId, id: CredentialId, error: Option<&str>) -> Answer<()> {
    let (from, to) = match error {
        None => (ChannelStatus::Degraded, ChannelStatus::Connected),
        Some(_) => (ChannelStatus::Connected, ChannelStatus::Degraded),
    };
    for channel in read::channel::list_of_credential(&app.db, tenant_id, id).await? {
        if channel.status == from {
            match app.changer(None).set_status(tenant_id, channel.id, to, error).await {
                Ok(()) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::TooMany => {
            let detail = format!("a workspace may have {CREDENTIALS_MAX} credentials, and a name {SECRETS_MAX} living secrets");
            Problem::new(Code::QuotaExceeded).detail(detail)
        }
        Refused::InUse(channels) => {
            Problem::new(Code::Conflict).detail(format!("{channels} channels use it: remove them, or give them another one"))
        }
        Refused::Ambiguous => Problem::new(Code::Conflict).detail("several secrets of this name are alive: say which, by its id"),
        Refused::Last => Problem::new(Code::Conflict).detail("the credential needs a secret of this name: add another one first"),
    }
}

fn wire(app: &App, credential: Credential) -> wire::Credential {
    let fields = registry::find(credential.provider).map_or(&[][..], |adapter| adapter.fields(credential.vendor.as_deref()));
    let mut secrets: BTreeMap<String, wire::SecretState> =
        fields.iter().map(|field| (field.name.to_owned(), wire::SecretState::default())).collect();
    for secret in credential.secrets {
        let state = secrets.entry(secret.name).or_default();
        // The newest comes first, and is the one that is used.
        state.hint.get_or_insert_with(|| secret.hint.clone());
        state.set = true;
        state.living.push(wire::LivingSecret { id: secret.id, hint: secret.hint, created_at: secret.created_at });
    }
    wire::Credential {
        id: credential.id,
        provider: credential.provider,
        vendor: credential.vendor,
        name: credential.name,
        account: credential.account,
        status: credential.status,
        status_detail: credential.status_detail,
        checked_at: credential.checked_at,
        expires_at: credential.expires_at,
        secrets,
        webhook_url: format!("{}/api/webhooks/{}/{}", app.public_url, credential.provider, credential.id),
        version: credential.version,
        created_at: credential.created_at,
        updated_at: credential.updated_at,
    }
}

fn wire_accounts(accounts: Vec<Account>) -> Vec<wire::FoundAccount> {
    accounts.into_iter().map(|account| wire::FoundAccount { address: account.address, name: account.name }).collect()
}
