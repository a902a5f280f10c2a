//! Removing a team.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;

use super::{TeamPath, release};
use crate::{
    http::{
        App,
        access::{Allowed, WriteAgents},
        audit_log,
        problem::{Answer, Problem},
    },
    store::settings::team,
};

/// Removes a team. Its conversations stay as they are, but are no team's; where there are very many that takes a while, and goes on if the
/// caller does not wait.
#[utoipa::path(
    tag = "teams",
    params(("team_id" = String, Path, format = "uuid", description = "The team")),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/teams/{team_id}")]
pub async fn delete_team(app: web::Data<App>, allowed: Allowed<WriteAgents>, path: web::Path<TeamPath>) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.team_id);
    let doer = audit_log::doer(&app, &allowed.caller);
    match team::delete(&app.db, tenant_id, &doer, id).await {
        Ok(()) => {}
        Err(StoreError::NotFound) => return Err(super::not_found()),
        Err(error) => return Err(error.into()),
    }
    app.routers.wake(tenant_id);
    // In a task of its own, so that a client that hangs up does not end it. What it does not come to is done by the sweep.
    let work = actix_web::rt::spawn(async move { release::conversations(&app, tenant_id, id).await });
    work.await.map_err(Problem::internal)??;
    Ok(HttpResponse::NoContent().finish())
}
