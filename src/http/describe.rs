//! The API's description and the explanation of its errors, for people and programs.

use actix_web::{HttpResponse, get, http::header, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::App;

/// Routes of the descriptions.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(openapi).service(errors);
}

/// The API's description, OpenAPI 3.1.
#[utoipa::path(tag = "descriptions", security(()), responses((status = 200, description = "The description.", body = serde_json::Value)))]
#[get("/openapi.json")]
pub async fn openapi(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(&app.description)
}

/// What each error code means; where a problem's `type` points.
#[utoipa::path(
    tag = "descriptions",
    security(()),
    responses((status = 200, description = "Every code, in Markdown.", body = String, content_type = "text/plain"))
)]
#[get("/docs/errors")]
pub async fn errors() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type("text/plain; charset=utf-8")
        .body(include_str!("../../docs/errors.md"))
}
