//! One member.

use actix_web::{get, web};

use super::{AgentPath, wire::Agent};
use crate::http::{
    App,
    access::{Allowed, ReadAgents},
    answer,
    problem::Answer,
};

/// Reads one member, and whether they are there.
#[utoipa::path(
    tag = "agents",
    params(("agent_id" = String, Path, format = "uuid", description = "The member")),
    responses((status = 200, description = "The member", body = Agent, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/agents/{agent_id}")]
pub async fn get_agent(app: web::Data<App>, allowed: Allowed<ReadAgents>, path: web::Path<AgentPath>) -> Answer {
    let agent = super::find(&app, allowed.tenant_id, path.agent_id).await?;
    let presence = super::presence(&app, allowed.tenant_id, agent.id).await;
    let agent = super::wire(agent, presence);
    Ok(answer::ok(agent.version, &agent))
}
