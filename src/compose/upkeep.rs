//! What is tidied up now and then: buckets that are full again, answers that are over, sums for the counters.

use std::time::Duration;

use actix_web::web;

use crate::{http::App, store::settings};

/// How often.
const EVERY: Duration = Duration::from_secs(60);

/// Tidies until it is aborted.
pub async fn run(app: web::Data<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        app.limits.forget_full();
        app.exporter.run_upkeep();
        if let Err(error) = settings::idempotency::forget_over(&app.db, app.clock.now()).await {
            tracing::warn!(%error, "answers that are over could not be forgotten; the next round tries again");
        }
        if let Err(error) = settings::session::forget_over(&app.db, app.clock.now()).await {
            tracing::warn!(%error, "sessions that are over could not be forgotten; the next round tries again");
        }
    }
}
