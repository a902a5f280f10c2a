//! The rules as they are.

use actix_web::{get, web};

use super::wire::Routing;
use crate::{
    http::{
        App,
        access::{Allowed, ReadWorkspace},
        answer,
        problem::Answer,
    },
    store::read,
};

/// Reads the rules by which waiting conversations find an agent.
#[utoipa::path(
    tag = "routing",
    responses((status = 200, description = "The rules", body = Routing, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/routing")]
pub async fn get_routing(app: web::Data<App>, allowed: Allowed<ReadWorkspace>) -> Answer {
    let routing = super::wire(&read::routing::find(&app.db, allowed.tenant_id).await?);
    Ok(answer::ok(routing.version, &routing))
}
