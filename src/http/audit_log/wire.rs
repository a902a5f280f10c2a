//! What the audit log looks like on the REST API.

use entities::{AuditEntryId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
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
    pub target: Option<Target>,
    /// What more is to be said; never a secret.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The request by which it was done.
    pub request_id: Option<String>,
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
    /// What they were called then.
    pub name: Option<String>,
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
