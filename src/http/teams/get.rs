//! One team.

use actix_web::{get, web};

use super::{TeamPath, wire::Team};
use crate::http::{
    App,
    access::{Allowed, ReadAgents},
    answer,
    problem::Answer,
};

/// Reads one team.
#[utoipa::path(
    tag = "teams",
    params(("team_id" = String, Path, format = "uuid", description = "The team")),
    responses((status = 200, description = "The team", body = Team, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/teams/{team_id}")]
pub async fn get_team(app: web::Data<App>, allowed: Allowed<ReadAgents>, path: web::Path<TeamPath>) -> Answer {
    let team = super::wire(super::find(&app, allowed.tenant_id, path.team_id).await?);
    Ok(answer::ok(team.version, &team))
}
