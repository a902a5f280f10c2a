//! What invitations look like, to those who invite and to those who are invited.

use entities::{AgentId, InvitationId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation to become a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// Who is invited: the address they will sign in with.
    #[schema(example = "maya@example.com")]
    pub email: String,
    /// What they are called; null: they say so when they accept.
    pub name: Option<String>,
    /// What they will be.
    pub role: Role,
    /// What became of it.
    pub status: InvitationStatus,
    /// The member that came of it.
    pub agent_id: Option<AgentId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// Somebody became a member by it.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Nobody accepted it in time.
    Expired,
}

/// A fresh invitation: the only time that its link is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreshInvitation {
    /// What can be read of it later, too.
    #[serde(flatten)]
    pub about: Invitation,
    /// What it is accepted with.
    #[schema(example = "iv_dGhpcy1pcy1hbi1leGFtcGxl")]
    pub token: String,
    /// Where it is accepted in a browser. Nothing is sent: hand it to whom you invite.
    #[schema(example = "https://chat.example.com/#invitation=iv_dGhpcy1pcy1hbi1leGFtcGxl")]
    pub link: String,
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "maya@example.com", "name": "Maya Chen", "role": "agent"}))]
pub struct CreateInvitation {
    /// The e-mail address that they will sign in with.
    #[schema(max_length = 254)]
    pub email: String,
    /// What they are called; they can change it as they accept.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// What they will be. An owner is invited by owners alone.
    pub role: Role,
}

/// Which invitation to look at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "iv_dGhpcy1pcy1hbi1leGFtcGxl"}))]
pub struct LookRequest {
    /// What stands behind `#invitation=` in the link.
    #[schema(max_length = 256)]
    pub token: String,
}

/// What an invitation is to.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationLook {
    /// The workspace's name.
    #[schema(example = "Northwind Cycles")]
    pub workspace_name: String,
    /// The address to sign in with.
    pub email: String,
    /// What the invited are called, if that is known.
    pub name: Option<String>,
    /// What they will be.
    pub role: Role,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// Accepting an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "iv_dGhpcy1pcy1hbi1leGFtcGxl", "name": "Maya Chen", "password": "a long pass phrase"}))]
pub struct AcceptRequest {
    /// What stands behind `#invitation=` in the link.
    #[schema(max_length = 256)]
    pub token: String,
    /// The name to show; needed where the invitation has none.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// What to sign in with from now on.
    #[schema(min_length = 8, max_length = 1024)]
    pub password: String,
}
