//! Making a team.

use actix_web::{post, web};
use entities::TeamId;

use super::{
    TEAMS_MAX,
    wire::{CreateTeam, Team},
};
use crate::{
    http::{
        App,
        access::{Allowed, WriteAgents},
        answer, audit_log,
        extract::Json,
        fields::Fields,
        problem::Answer,
    },
    store::{read::team::Team as Stored, settings},
};

/// Makes a team.
#[utoipa::path(
    tag = "teams",
    request_body = CreateTeam,
    responses((status = 201, description = "The team", body = Team, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/teams")]
pub async fn create_team(app: web::Data<App>, allowed: Allowed<WriteAgents>, body: Json<CreateTeam>) -> Answer {
    let body = body.into_inner();
    let doer = audit_log::doer(&app, &allowed.caller);
    let mut fields = Fields::new();
    let team = Stored {
        id: TeamId::new(app.clock.new_id()),
        name: super::name(&mut fields, &body.name),
        description: super::description(&mut fields, body.description.as_deref().unwrap_or_default()),
        members: super::members(&mut fields, &body.member_ids),
        version: 1,
        created_at: doer.at,
        updated_at: doer.at,
    };
    fields.finish()?;
    let made = settings::team::create(&app.db, allowed.tenant_id, &doer, &team, TEAMS_MAX).await?;
    made.map_err(|refused| super::refused(refused, &body.member_ids))?;
    app.routers.wake(allowed.tenant_id);
    let team = super::wire(super::find(&app, allowed.tenant_id, team.id).await?);
    Ok(answer::created(team.version, &team))
}
