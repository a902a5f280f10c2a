//! Workspaces: the customer organisation that a token or sign-in belongs to, and what its plan allows.
//!
//! Guarantees: a token or sign-in sees one workspace, its own. Somebody who is a member of several signs in to each: an e-mail address that
//! another workspace's admin typed in proves nothing, so it opens no list of workspaces.

mod get;
mod list;
mod update;
pub mod wire;

use entities::TenantId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    agents::AGENTS_MAX,
    problem::{Answer, Code, Problem},
    webhooks::WEBHOOKS_MAX,
};
use crate::{options::Rates, store::read};

/// The list, below `/api/v1`.
pub fn list(config: &mut ServiceConfig) {
    config.service(list::list_workspaces);
}

/// The workspace itself, below its own address.
pub fn own(config: &mut ServiceConfig) {
    config.service(get::get_workspace).service(update::update_workspace);
}

/// Members that a workspace may have, disabled ones not counted.
pub fn agents_max(workspace: &read::workspace::Workspace) -> u64 {
    workspace.limits.get("agents").and_then(serde_json::Value::as_u64).unwrap_or(AGENTS_MAX)
}

/// Webhooks that a workspace may have.
pub fn webhooks_max(workspace: &read::workspace::Workspace) -> u64 {
    workspace.limits.get("webhooks").and_then(serde_json::Value::as_u64).unwrap_or(WEBHOOKS_MAX)
}

async fn find(app: &App, tenant_id: TenantId) -> Answer<read::workspace::Workspace> {
    let found = read::workspace::find(&app.db, tenant_id).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound).detail("no such workspace"))
}

fn wire(workspace: read::workspace::Workspace, rates: &Rates) -> wire::Workspace {
    wire::Workspace {
        limits: wire::PlanLimits {
            agents: agents_max(&workspace),
            webhooks: webhooks_max(&workspace),
            requests_per_minute_token: rates.token,
            requests_per_minute_workspace: rates.workspace,
        },
        id: workspace.id,
        name: workspace.name,
        plan: workspace.plan,
        version: workspace.version,
        created_at: workspace.created_at,
    }
}
