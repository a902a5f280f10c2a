//! The counters for Prometheus.

use actix_web::{HttpResponse, get, web};

use super::Operator;
use crate::http::{App, openapi::ProblemDocument};

/// Writes the counters out.
#[utoipa::path(
    tag = "operators",
    security((), ("operator" = [])),
    responses(
        (status = 200, description = "Prometheus text.", body = String, content_type = "text/plain"),
        (status = 403, description = "Not from this machine, and no operator's token.", body = ProblemDocument,
            content_type = "application/problem+json"),
    )
)]
#[get("/metrics")]
pub async fn counters(app: web::Data<App>, _operator: Operator) -> HttpResponse {
    let observed = app.directory.observe();
    metrics::gauge!("switchboard_conversations_awake").set(observed.awake as f64);
    metrics::gauge!("switchboard_commands_under_way").set(observed.under_way as f64);
    metrics::gauge!("switchboard_conversations_set_aside").set(observed.set_aside as f64);
    metrics::counter!("switchboard_actor_deaths_total").absolute(observed.deaths);
    metrics::counter!("switchboard_actor_sleeps_total").absolute(observed.slept);
    metrics::gauge!("switchboard_uptime_seconds").set(app.clock.now().ms_since(app.started_at) as f64 / 1000.0);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.exporter.render())
}
