//! What signing in takes and answers.

use entities::{AgentId, Role, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ada@example.com", "password": "correct horse battery"}))]
pub struct LoginRequest {
    /// The e-mail address.
    #[schema(max_length = 254)]
    pub email: String,
    /// The password.
    #[schema(max_length = 1024)]
    pub password: String,
    /// Which workspace, if the address belongs to several.
    #[serde(default)]
    pub workspace_id: Option<TenantId>,
}

/// A fresh sign-in.
#[derive(Serialize, ToSchema)]
pub struct LoginResponse {
    /// The session's token, for programs; browsers have the cookie.
    #[schema(example = "ss_dGhpcy1pcy1hbi1leGFtcGxl")]
    pub token: String,
    /// When the session ends.
    pub expires_at: Timestamp,
    /// The workspace that it is for.
    pub workspace_id: TenantId,
    /// Who signed in.
    pub agent: SignedInAgent,
}

/// The agent who signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedInAgent {
    /// The agent.
    pub id: AgentId,
    /// The name to show.
    #[schema(example = "Ada")]
    pub name: String,
    /// The e-mail address.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// What the agent may do.
    pub role: Role,
}

/// How far to sign out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"everywhere": true}))]
pub struct LogoutRequest {
    /// End every session of this agent, not only this one.
    #[serde(default)]
    pub everywhere: bool,
}

/// Who is asking.
#[derive(Serialize, ToSchema)]
pub struct MeResponse {
    /// The workspace.
    pub workspace_id: TenantId,
    /// The agent.
    pub agent: SignedInAgent,
}
