//! For load balancers: whether to send requests here. Not while the database is away, and not once a stop has begun.

use actix_web::{HttpResponse, get, web};

use super::{
    check::check,
    wire::{Ready, Status},
};
use crate::http::{
    App,
    problem::{Answer, Code, Problem},
};

/// Says whether to send requests to this server.
#[utoipa::path(
    tag = "health",
    security(()),
    responses(
        (status = 200, description = "Send requests.", body = Ready),
        (status = 503, description = "Do not.", body = crate::http::openapi::ProblemDocument, content_type = "application/problem+json"),
    )
)]
#[get("/api/health/ready")]
pub async fn ready(app: web::Data<App>) -> Answer {
    if app.draining.load(std::sync::atomic::Ordering::Acquire) {
        return Err(Problem::new(Code::Unavailable).detail("this server is stopping"));
    }
    match check(&app).await.status {
        Status::Unhealthy => Err(Problem::new(Code::Unavailable).detail("a health check fails")),
        Status::Healthy | Status::Degraded | Status::NotConfigured => Ok(HttpResponse::Ok().json(Ready { ready: true })),
    }
}
