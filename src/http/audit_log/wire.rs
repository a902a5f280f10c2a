//! What the audit log looks like on the REST API.

use entities::{AuditEntryId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Who changed what in the workspace's settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The entry's id.
    pub id: AuditEntryId,
    /// Who did it.
    pub actor: Actor,
    /// What was done, as `resource.verb`.
    #[schema(example = "channel.updated")]
    pub action: String,
    /// What it was done to.
    pub target: Target,
    /// What more is to be said; never a secret.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// When.
    pub at: Timestamp,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    /// `agent`, `service`, or `system` for the command line.
    #[serde(rename = "type")]
    #[schema(example = "agent")]
    pub kind: String,
    /// Their id.
    pub id: Option<Uuid>,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Target {
    /// What kind of thing.
    #[serde(rename = "type")]
    #[schema(example = "channel")]
    pub kind: String,
    /// Its id.
    pub id: Option<Uuid>,
}

/// How much of the log to show: the latest first.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}
