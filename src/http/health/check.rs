//! The whole picture: `healthy`, `degraded` if a check is slow, 503 if one fails. `HEAD` asks for nothing but an answer.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, get, head, http::header, web};

use super::wire::{Check, Checks, Health, Status};
use crate::http::{App, problem::Answer};

/// A database that takes longer is degraded.
const SLOW: Duration = Duration::from_millis(250);
/// A database that takes longer does not answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// When to ask again while a check fails.
const RETRY_AFTER_SECS: u64 = 1;

/// Says how this server is, with each check.
#[utoipa::path(
    tag = "health",
    security(()),
    responses(
        (status = 200, description = "Every check passed, though perhaps slowly.", body = Health),
        (status = 503, description = "A check failed.", body = Health),
    )
)]
#[get("/api/health")]
pub async fn get(app: web::Data<App>) -> Answer {
    let health = check(&app).await;
    Ok(match health.status {
        Status::Unhealthy => HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, RETRY_AFTER_SECS)).json(health),
        Status::Healthy | Status::Degraded | Status::NotConfigured => HttpResponse::Ok().json(health),
    })
}

/// Says that this server answers, without looking further.
#[utoipa::path(tag = "health", security(()), responses((status = 200, description = "It answers.")))]
#[head("/api/health")]
pub async fn head() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Looks at everything that this server needs.
pub(super) async fn check(app: &App) -> Health {
    let database = database(app).await;
    let environment = environment(app);
    let redis = Check { status: Status::NotConfigured, latency_ms: None, detail: None };
    let worst = [database.status, environment.status];
    let status = if worst.contains(&Status::Unhealthy) {
        Status::Unhealthy
    } else if worst.contains(&Status::Degraded) {
        Status::Degraded
    } else {
        Status::Healthy
    };
    let now = app.clock.now();
    Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        uptime: u64::try_from(now.ms_since(app.started_at) / 1000).unwrap_or_default(),
        checks: Checks { database, redis, environment },
        timestamp: now,
    }
}

async fn database(app: &App) -> Check {
    let begun = Instant::now();
    let outcome = tokio::time::timeout(TIMEOUT, app.db.ping()).await;
    let took = begun.elapsed();
    let (status, detail) = match outcome {
        Ok(Ok(())) if took <= SLOW => (Status::Healthy, None),
        Ok(Ok(())) => (Status::Degraded, Some("the database is slow")),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the health check found the database unavailable");
            (Status::Unhealthy, Some("the database does not answer"))
        }
        Err(_elapsed) => (Status::Unhealthy, Some("the database does not answer in time")),
    };
    Check { status, latency_ms: Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)), detail }
}

fn environment(app: &App) -> Check {
    let (status, detail) = match std::fs::metadata(&app.options.data_dir) {
        Ok(folder) if folder.permissions().readonly() => (Status::Unhealthy, Some("the data folder cannot be written")),
        Ok(_folder) => (Status::Healthy, None),
        Err(_gone) => (Status::Unhealthy, Some("the data folder is not there")),
    };
    Check { status, latency_ms: None, detail }
}
