//! Agents: the members of the workspace.
//!
//! Guarantees: a workspace always keeps an owner who may sign in; nobody but an owner makes, changes or disables an owner; a member who is
//! disabled or gets another password is signed out everywhere.

mod create;
mod get;
mod list;
mod update;
pub mod wire;

use entities::{AgentId, Presence, Role, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    access::Caller,
    problem::{Answer, Code, Problem},
};
use crate::{
    crypto::password::PasswordError,
    store::{
        read::{self, agent::Agent},
        settings::agent::Refused,
    },
};

/// Members that the default plan allows, disabled ones not counted.
pub const AGENTS_MAX: u64 = 20;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::list_agents).service(create::create_agent).service(get::get_agent).service(update::update_agent);
}

/// Which member a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct AgentPath {
    agent_id: AgentId,
}

async fn find(app: &App, tenant_id: TenantId, id: AgentId) -> Answer<Agent> {
    let found = read::agent::find(&app.db, tenant_id, id).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound).detail("no such agent"))
}

async fn presence(app: &App, tenant_id: TenantId, id: AgentId) -> Presence {
    let there = app.tenants.presence(tenant_id).await;
    there.into_iter().find(|(agent_id, _)| *agent_id == id).map_or(Presence::Offline, |(_, presence)| presence)
}

fn wire(agent: Agent, presence: Presence) -> wire::Agent {
    wire::Agent {
        id: agent.id,
        name: agent.name,
        email: agent.email,
        role: agent.role,
        avatar_url: agent.avatar_url,
        disabled: agent.disabled,
        capacity: agent.capacity,
        presence,
        version: agent.version,
        created_at: agent.created_at,
    }
}

/// Whether the caller is an owner of the workspace; a program never is.
pub(super) fn is_owner(caller: &Caller) -> bool {
    matches!(caller, Caller::Agent { role: Role::Owner, .. })
}

pub(super) async fn members_max(app: &App, tenant_id: TenantId) -> Answer<u64> {
    let workspace = read::workspace::find(&app.db, tenant_id).await?;
    Ok(workspace.map_or(AGENTS_MAX, |workspace| super::workspaces::agents_max(&workspace)))
}

fn refused(refused: Refused, members_max: u64) -> Problem {
    match refused {
        Refused::LastOwner => {
            Problem::new(Code::Conflict).detail("the workspace would be left without an owner: make somebody else an owner first")
        }
        Refused::EmailTaken => Problem::new(Code::Conflict).detail("a member of this workspace has this e-mail address"),
        Refused::Quota => {
            Problem::new(Code::QuotaExceeded).detail(format!("the plan allows {members_max} agents")).with("limit", members_max)
        }
    }
}

pub(super) fn password_problem(error: PasswordError) -> Problem {
    match error {
        PasswordError::Length => Problem::invalid("/password", "length", error.to_string()),
        PasswordError::Busy => Problem::new(Code::Busy).detail(error.to_string()),
        PasswordError::Failed => Problem::internal(error),
    }
}
