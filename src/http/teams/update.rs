//! Changing a team.

use actix_web::{HttpRequest, patch, web};

use super::{
    TeamPath,
    wire::{Team, UpdateTeam},
};
use crate::{
    http::{
        App,
        access::{Allowed, WriteAgents},
        answer, audit_log,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::team::Team as Stored,
        settings::{self, team},
    },
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// Changes a team. Who leaves it keeps what they have of its conversations.
#[utoipa::path(
    tag = "teams",
    params(
        ("team_id" = String, Path, format = "uuid", description = "The team"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateTeam,
    responses((status = 200, description = "The team", body = Team, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/teams/{team_id}")]
pub async fn update_team(
    app: web::Data<App>,
    allowed: Allowed<WriteAgents>,
    path: web::Path<TeamPath>,
    request: HttpRequest,
    body: Json<UpdateTeam>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.team_id);
    let expected_version = if_match(&request)?;
    let body = body.into_inner();
    for _attempt in 0..ATTEMPTS_MAX {
        let before = super::find(&app, tenant_id, id).await?;
        answer::require_version(expected_version, before.version)?;
        let (after, changed) = changed(&before, &body)?;
        if !changed.is_empty() {
            let doer = audit_log::doer(&app, &allowed.caller);
            match team::update(&app.db, tenant_id, &doer, &after, &changed).await {
                Ok(done) => done.map_err(|refused| super::refused(refused, body.member_ids.as_deref().unwrap_or_default()))?,
                Err(error) if settings::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
            app.routers.wake(tenant_id);
        }
        let team = super::wire(super::find(&app, tenant_id, id).await?);
        return Ok(answer::ok(team.version, &team));
    }
    Err(Problem::new(Code::Busy).detail("the team is being changed by others"))
}

/// The team after the change, with the version it was read with, and the names of the fields that differ.
fn changed(before: &Stored, body: &UpdateTeam) -> Answer<(Stored, Vec<&'static str>)> {
    let mut after = before.clone();
    let mut fields = Fields::new();
    if let Some(name) = &body.name {
        after.name = super::name(&mut fields, name);
    }
    if let Some(description) = &body.description {
        after.description = super::description(&mut fields, description.as_deref().unwrap_or_default());
    }
    if let Some(ids) = &body.member_ids {
        after.members = super::members(&mut fields, ids);
    }
    fields.finish()?;
    let differs = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("member_ids", before.members != after.members),
    ];
    Ok((after, differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()))
}
