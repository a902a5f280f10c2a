//! Renewing tokens before they end, and saying in words where that is not possible.
//!
//! Guarantees: of several nodes one renews a token, and new tokens take the old ones' place whole or not at all; what is told is kept on the
//! credential and its channels until somebody connects the account again. A stop waits for what is under way: a token by which tokens are
//! renewed may be good once.
//!
//! Does not: renew what was entered by hand.
//!
//! Start reading at [`renew_due`].

use std::{sync::atomic::Ordering, time::Duration};

use actix_web::web;
use actors::port::StoreError;
use entities::{AuditEntryId, ChannelId, ChannelStatus, Timestamp};
use tokio::time::sleep;

use super::connect;
use crate::{
    channels::{
        adapter::Adapter,
        oauth::{ClientApp, Consent, Failed, Grant},
        registry,
    },
    delivery::provider_dialogue,
    http::{App, channels::disconnect::BY_HAND, problem::Problem},
    store::{
        read,
        settings::{
            audit::Doer,
            consent::{self, Due},
            credential::{self, Checked},
        },
    },
};

/// How often is looked for what is due.
const EVERY: Duration = Duration::from_secs(20);
/// How long a token is this node's to renew: longer than the longest dialogue.
const LEASE_MS: i64 = 3 * 60 * 1_000;
/// How long after a failure that may pass comes the next try.
const AGAIN_MS: i64 = 5 * 60 * 1_000;
/// Most tokens of one round.
const ROUND_MAX: u64 = 100;

/// What renews tokens.
pub struct Renewer(pub web::Data<App>);

impl Renewer {
    /// Renews what is due until the server stops, and then ends with what is under way.
    pub async fn run(self) {
        let app = self.0;
        while !app.draining.load(Ordering::Acquire) {
            if let Err(error) = renew_due(&app, app.clock.now()).await {
                tracing::warn!(%error, "the tokens that end could not be looked after and are looked after again");
            }
            tokio::select! {
                () = app.renewals_wished.notified() => {}
                () = sleep(EVERY) => {}
            }
        }
    }
}

/// Renews what is due at an instant, one after the other; how many were looked after.
///
/// # Errors
/// [`StoreError`]; what is left is due still.
pub async fn renew_due(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let mut done = 0;
    while done < ROUND_MAX && !app.draining.load(Ordering::Acquire) {
        let Some(due) = consent::take(&app.db, now, now.plus_ms(LEASE_MS)).await? else { break };
        one(app, &due, now).await?;
        done += 1;
    }
    Ok(done)
}

async fn one(app: &App, due: &Due, now: Timestamp) -> Result<(), StoreError> {
    match renewed(app, due, now).await {
        Ok(true) => return revive(app, due).await,
        // Somebody agreed again meanwhile, or another node was quicker: all is well.
        Ok(false) => return Ok(()),
        Err(failed) => {
            let over = due.expires_at.is_some_and(|ends| ends <= now);
            tracing::warn!(
                credential.id = %due.id, tenant.id = %due.tenant_id, provider = %due.provider, passing = failed.passing, over,
                error = %failed.error, "a token could not be renewed"
            );
            if over || !failed.passing {
                tell(app, due, &complaint(due, &failed, over), now).await?;
            }
            // What does not pass is tried once more when the token ends, so that what is told then is true.
            let next = if failed.passing { Some(now.plus_ms(AGAIN_MS)) } else { due.expires_at.filter(|_| !over) };
            consent::put_off(&app.db, due, next).await?;
        }
    }
    Ok(())
}

/// Says on the credential and on its channels what is wrong.
async fn tell(app: &App, due: &Due, words: &str, now: Timestamp) -> Result<(), StoreError> {
    let checked = Checked { error: Some(words.to_owned()), at: now };
    credential::record_check(&app.db, due.tenant_id, due.id, &checked).await?;
    for channel in read::channel::list_of_credential(&app.db, due.tenant_id, due.id).await? {
        // What somebody disconnected, or the provider stopped, says why.
        if channel.status != ChannelStatus::Disconnected {
            set_status(app, due, channel.id, ChannelStatus::Degraded, Some(words)).await?;
        }
    }
    Ok(())
}

/// Asks for new tokens and keeps them; false if somebody else was quicker.
async fn renewed(app: &App, due: &Due, now: Timestamp) -> Result<bool, Failed> {
    let (adapter, consent, client) = known(app, due)?;
    let opened = read::credential::open(&app.db, &app.keys, due.tenant_id, due.id).await.map_err(unkept)?;
    let Some(opened) = opened else { return Ok(false) };
    let mut open = opened.credential;
    open.account = Some(due.account.clone());
    let unrenewable = || lasting("not_renewable", "such tokens cannot be renewed");
    let dialogue = consent.renew(&client, &open, now).ok_or_else(unrenewable)?;
    let granted = Box::pin(provider_dialogue::follow(&app.providers, due.provider, dialogue)).await?;
    let grant = granted.into_iter().find(|grant| grant.account == due.account);
    let Grant { secrets, expires_at, .. } = grant.ok_or_else(|| lasting("other_account", "the provider answered for another account"))?;
    let sealed = secrets.iter().map(|(name, value)| connect::seal(app, due.tenant_id, adapter, name, value));
    let sealed =
        sealed.collect::<Result<Vec<_>, Problem>>().map_err(|_unsealed| lasting("unsealed", "the new token could not be sealed"))?;
    let ends = (expires_at, connect::renew_at(consent, expires_at, now));
    consent::renewed(&app.db, due, &doer(app), sealed, ends).await.map_err(unkept)
}

fn known(app: &App, due: &Due) -> Result<(&'static dyn Adapter, &'static dyn Consent, ClientApp), Failed> {
    let unknown = || lasting("unsupported", "this server cannot renew tokens of this provider");
    let (adapter, consent) = registry::find(due.provider).zip(registry::consent(due.provider)).ok_or_else(unknown)?;
    let client = app
        .options
        .server
        .apps
        .find(due.provider)
        .map_err(|missing| lasting("app_missing", &format!("the server was started without {}", missing.join(", "))))?;
    Ok((adapter, consent, client))
}

/// Channels that stopped because the token had ended work again; those that somebody disconnected stay so.
async fn revive(app: &App, due: &Due) -> Result<(), StoreError> {
    tracing::info!(credential.id = %due.id, tenant.id = %due.tenant_id, provider = %due.provider, "a token was renewed");
    for channel in read::channel::list_of_credential(&app.db, due.tenant_id, due.id).await? {
        if !channel.status_detail.as_deref().is_some_and(|detail| detail.starts_with(BY_HAND)) {
            set_status(app, due, channel.id, ChannelStatus::Connected, None).await?;
        }
        app.channels.wake(channel.id);
    }
    Ok(())
}

/// Says how a channel stands; one that is gone stands nowhere.
async fn set_status(app: &App, due: &Due, id: ChannelId, status: ChannelStatus, detail: Option<&str>) -> Result<(), StoreError> {
    match app.changer(None).set_status(due.tenant_id, id, status, detail).await {
        Err(StoreError::NotFound) => Ok(()),
        done => done,
    }
}

/// What is wrong and what to do, in words.
fn complaint(due: &Due, failed: &Failed, over: bool) -> String {
    let day = |at: Timestamp| at.utc().format("%Y-%m-%d %H:%M UTC").to_string();
    let again = format!("connect {} again", due.provider);
    match due.expires_at {
        Some(ends) if over => format!("the token expired on {}, reconnect: {again} ({})", day(ends), failed.error),
        Some(ends) => format!("the token expires on {} and was not renewed, reconnect before: {again} ({})", day(ends), failed.error),
        None => format!("the token was not renewed: {again} ({})", failed.error),
    }
}

/// The server itself.
fn doer(app: &App) -> Doer {
    let entry_id = AuditEntryId::new(app.clock.new_id());
    Doer { entry_id, at: app.clock.now(), kind: "system", id: None, name: None, request_id: None }
}

fn lasting(code: &str, words: &str) -> Failed {
    Failed::lasting(entities::ProviderError::new(code, words))
}

/// The database was away: it may be back soon.
fn unkept(error: StoreError) -> Failed {
    let error = entities::ProviderError::new("unavailable", "the database was away").with_detail(error.to_string());
    Failed { error, passing: true }
}
