//! A look at the actors of this node.

use actix_web::{HttpResponse, get, web};

use super::Operator;
use crate::http::{App, openapi::ProblemDocument};

/// Says how many conversations are awake, what is under way, and which are the busiest.
#[utoipa::path(
    tag = "operators",
    security((), ("operator" = [])),
    responses(
        (status = 200, description = "Counts and ids, never what was said.", body = actors::runtime::observe::Observed),
        (status = 403, description = "Not from this machine, and no operator's token.", body = ProblemDocument,
            content_type = "application/problem+json"),
    )
)]
#[get("/admin/actors")]
pub async fn awake(app: web::Data<App>, _operator: Operator) -> HttpResponse {
    HttpResponse::Ok().json(app.directory.observe())
}
