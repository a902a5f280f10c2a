//! What teams look like on the REST API.

use entities::{AgentId, TeamId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::nullable::{Nullable, nullable};

/// Members who answer the same conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// What it is called.
    #[schema(example = "Billing")]
    pub name: String,
    /// What it is for; may be empty.
    #[schema(example = "Invoices and refunds")]
    pub description: String,
    /// Who is in it.
    pub member_ids: Vec<AgentId>,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A team to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Billing", "description": "Invoices and refunds", "member_ids": ["01980000-0000-7000-8000-000000000001"]}))]
pub struct CreateTeam {
    /// What it is called; no other team of the workspace has this name.
    #[schema(max_length = 200)]
    pub name: String,
    /// What it is for.
    #[schema(max_length = 1000)]
    pub description: Option<String>,
    /// Who is in it: members of the workspace.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub member_ids: Vec<AgentId>,
}

/// Changes to a team; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"member_ids": ["01980000-0000-7000-8000-000000000001"]}))]
pub struct UpdateTeam {
    /// What it is called; no other team of the workspace has this name.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// What it is for; null for nothing.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    pub description: Nullable<String>,
    /// All its members; they replace those it has.
    #[schema(max_items = 1000)]
    pub member_ids: Option<Vec<AgentId>>,
}
