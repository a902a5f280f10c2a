//! What workspaces look like on the REST API.

use entities::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A customer organisation and what its plan allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    /// The workspace's id.
    pub id: TenantId,
    /// Its name.
    #[schema(example = "Northwind Cycles")]
    pub name: String,
    /// The plan it is on.
    #[schema(example = "default")]
    pub plan: String,
    /// What the plan allows.
    pub limits: PlanLimits,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a plan allows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"agents": 20, "webhooks": 50, "requests_per_minute_token": 600, "requests_per_minute_workspace": 3000}))]
pub struct PlanLimits {
    /// Members, disabled ones not counted.
    pub agents: u64,
    /// Webhooks.
    pub webhooks: u64,
    /// API requests a minute, for each token or sign-in.
    pub requests_per_minute_token: u32,
    /// API requests a minute, for the whole workspace.
    pub requests_per_minute_workspace: u32,
}

/// Changes to a workspace.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Northwind Cycles"}))]
pub struct UpdateWorkspace {
    /// Its name.
    #[schema(max_length = 200)]
    pub name: Option<String>,
}
