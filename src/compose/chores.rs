//! What the sweep does every minute: a line a chore.

use actix_web::web;
use actors::{
    port::{Promise, StoreError},
    sweep::Chore,
};
use entities::Timestamp;

use crate::{
    http::{App, attachments, conversations, installs, teams},
    store::{deliveries::retain, settings},
};

/// Events are kept this long; a cursor from before is too old to resume from.
const EVENTS_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A chore by its name and what it does.
struct Named<F> {
    name: &'static str,
    app: web::Data<App>,
    work: F,
}

impl<F> Chore for Named<F>
where
    F: for<'a> Fn(&'a App, Timestamp) -> Promise<'a, Result<u64, StoreError>> + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        (self.work)(&self.app, now)
    }
}

pub(super) fn named<F>(name: &'static str, app: &web::Data<App>, work: F) -> Box<dyn Chore>
where
    F: for<'a> Fn(&'a App, Timestamp) -> Promise<'a, Result<u64, StoreError>> + Send + Sync + 'static,
{
    Box::new(Named { name, app: app.clone(), work })
}

/// All of them.
pub fn all(app: &web::Data<App>) -> Vec<Box<dyn Chore>> {
    vec![
        named("rate_limits", app, |app, _now| {
            Box::pin(async move {
                app.limits.forget_full();
                app.exporter.run_upkeep();
                Ok(0)
            })
        }),
        named("geoip", app, |app, _now| {
            let countries = app.countries.clone();
            Box::pin(async move {
                // A file of many megabytes is no work for the thread that serves.
                let refreshed = tokio::task::spawn_blocking(move || countries.refresh()).await;
                match refreshed {
                    Ok(Ok(false)) => {}
                    Ok(Ok(true)) => tracing::info!("the GeoIP file has changed and was read again"),
                    // No failure of the round: the old file goes on, and this is said once for each bad one.
                    Ok(Err(error)) => tracing::warn!(%error, "the GeoIP file has changed and is no good; the one before stays in use"),
                    Err(panic) => tracing::error!(%panic, "looking at the GeoIP file panicked"),
                }
                Ok(0)
            })
        }),
        named("idempotency_keys", app, |app, now| Box::pin(settings::idempotency::forget_over(&app.db, now))),
        named("login_sessions", app, |app, now| Box::pin(settings::session::forget_over(&app.db, now))),
        named("installs", app, |app, now| Box::pin(settings::install::forget_before(&app.db, now.plus_ms(-installs::KEPT_MS)))),
        named("events", app, |app, now| Box::pin(settings::event::forget_before(&app.db, now.plus_ms(-EVENTS_KEPT_MS)))),
        named("deleted_teams", app, |app, now| Box::pin(teams::release::go_on(app, now))),
        named("trash", app, |app, now| Box::pin(conversations::empty_trash(app, now))),
        named("bulk_jobs", app, |app, now| Box::pin(settings::bulk::forget_before(&app.db, now.plus_ms(-EVENTS_KEPT_MS)))),
        named("deliveries", app, |app, now| Box::pin(retain::forget_before(&app.db, now.plus_ms(-EVENTS_KEPT_MS)))),
        named("attachments", app, |app, _now| {
            Box::pin(async move {
                let removed = attachments::remove_orphans(app).await;
                removed.map(|count| count as u64).map_err(|problem| StoreError::Unavailable(problem.to_string().into()))
            })
        }),
    ]
}
