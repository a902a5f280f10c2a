//! Keeps what is known of templates up to date: asks each account's provider when that is due.
//!
//! Guarantees: of several nodes one asks; a change that is told of while a list is on its way is asked for again. What a crash cuts off is asked again
//! when its lease is over.

use std::time::Duration;

use actix_web::web;
use actors::port::StoreError;
use entities::{Provider, ProviderError, Timestamp};
use tokio::time::sleep;

use crate::{
    channels::registry,
    delivery::provider_templates,
    http::App,
    store::{
        read,
        settings::template::{self, Holder},
    },
};

/// How often is looked for what is due.
const EVERY: Duration = Duration::from_secs(2);
/// So many looks apart it is looked for accounts that nobody has thought of.
const ADOPT_EVERY: u32 = 30;
/// How long an account is this node's: longer than its pages can take.
const LEASE_MS: i64 = 60 * 60_000;
/// How long after a list comes the next, if nothing is heard of a change.
const AGAIN_MS: i64 = 6 * 60 * 60_000;
/// How long after a failure.
const RETRY_MS: i64 = 15 * 60_000;
/// Longest reason that is kept.
const WHY_CHARS_MAX: usize = 500;

/// What asks.
pub struct Keeper {
    app: web::Data<App>,
}

impl Keeper {
    /// One that keeps this server's templates.
    #[must_use]
    pub const fn new(app: web::Data<App>) -> Self {
        Self { app }
    }

    /// Asks for what is due, for ever; dropped, it leaves what is under way to the next one.
    pub async fn run(self) {
        let mut looks = 0;
        loop {
            if let Err(error) = self.look(looks % ADOPT_EVERY == 0).await {
                tracing::warn!(%error, "templates could not be looked after, and are again in a moment");
            }
            looks = looks.wrapping_add(1);
            sleep(EVERY).await;
        }
    }

    async fn look(&self, adopt: bool) -> Result<(), StoreError> {
        let app = &self.app;
        let now = app.clock.now();
        if adopt {
            for provider in
                Provider::ALL.iter().filter(|provider| registry::find(**provider).is_some_and(|known| known.templates().is_some()))
            {
                template::adopt(&app.db, *provider, now).await?;
            }
        }
        let lease = now.plus_ms(LEASE_MS);
        for of in template::take(&app.db, now, lease).await? {
            if let Err(error) = list(app, of, lease).await? {
                tracing::info!(credential.id = %of.credential_id, %error, "a provider did not list its templates");
            }
        }
        Ok(())
    }
}

/// Asks now, whenever it is due.
///
/// # Errors
/// [`StoreError`].
pub async fn list_now(app: &App, of: Holder) -> Result<Result<usize, ProviderError>, StoreError> {
    let lease = app.clock.now().plus_ms(LEASE_MS);
    template::hold(&app.db, of, lease).await?;
    list(app, of, lease).await
}

async fn list(app: &App, of: Holder, lease: Timestamp) -> Result<Result<usize, ProviderError>, StoreError> {
    let Some(opened) = read::credential::open(&app.db, &app.keys, of.tenant_id, of.credential_id).await? else {
        // It is gone, and its row with it.
        return Ok(Ok(0));
    };
    let listed = match registry::find(opened.provider) {
        Some(adapter) => provider_templates::list(&app.providers, adapter, &opened.credential).await,
        None => Err(ProviderError::new("unsupported", "this server does not speak with the provider")),
    };
    let now = app.clock.now();
    let outcome = if listed.is_ok() { "listed" } else { "failed" };
    metrics::counter!("switchboard_template_lists_total", "provider" => opened.provider.as_str(), "outcome" => outcome).increment(1);
    match listed {
        Ok(templates) => {
            template::replace(&app.db, of, &templates, now, (lease, now.plus_ms(AGAIN_MS))).await?;
            Ok(Ok(templates.len()))
        }
        Err(error) => {
            let why: String = error.to_string().chars().take(WHY_CHARS_MAX).collect();
            template::fail(&app.db, of, &why, (lease, now.plus_ms(RETRY_MS))).await?;
            Ok(Err(error))
        }
    }
}
