//! Adding a member.

use actix_web::{post, web};
use entities::{
    AgentId, Presence, Role,
    text::{self, NAME_CHARS_MAX},
};

use super::wire::{Agent, CreateAgent};
use crate::{
    crypto::password,
    http::{
        App,
        access::{Allowed, WriteAgents},
        answer, audit_log,
        extract::Json,
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::settings::{agent, tenant::NewMember},
};

/// Adds a member, who can sign in at once with the password given here. Owners are made by owners alone.
#[utoipa::path(
    tag = "agents",
    request_body = CreateAgent,
    responses((status = 201, description = "The member", body = Agent, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/agents")]
pub async fn create_agent(app: web::Data<App>, allowed: Allowed<WriteAgents>, body: Json<CreateAgent>) -> Answer {
    let body = body.into_inner();
    if body.role == Role::Owner && !super::is_owner(&allowed.caller) {
        return Err(Problem::new(Code::Forbidden).detail("only an owner makes an owner"));
    }
    let mut fields = Fields::new();
    let name = fields.text("/name", text::line(&body.name, NAME_CHARS_MAX)).unwrap_or_default();
    let email = fields.text("/email", text::email(&body.email)).unwrap_or_default();
    fields.finish()?;
    let password_hash = password::hash(body.password).await.map_err(super::password_problem)?;
    let new = NewMember { id: AgentId::new(app.clock.new_id()), email, password_hash, name, role: body.role };
    let doer = audit_log::doer(&app, &allowed.caller);
    let members_max = super::members_max(&app, allowed.tenant_id).await?;
    let made = agent::create(&app.db, allowed.tenant_id, &doer, &new, members_max).await?;
    made.map_err(|refused| super::refused(refused, members_max))?;
    let agent = super::wire(super::find(&app, allowed.tenant_id, new.id).await?, Presence::Offline);
    Ok(answer::created(agent.version, &agent))
}
