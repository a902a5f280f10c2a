//! What members look like on the REST API, and what may be changed about them.

use entities::{AgentId, Presence, Role, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::nullable::{Nullable, nullable};

/// A member of the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agent {
    /// The member's id.
    pub id: AgentId,
    /// The name to show.
    #[schema(example = "Maya Chen")]
    pub name: String,
    /// The e-mail address they sign in with.
    #[schema(example = "maya@example.com")]
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// A picture's address.
    pub avatar_url: Option<String>,
    /// They may not sign in.
    pub disabled: bool,
    /// How many open conversations they can have before no more are given to them; null for as many as the workspace's routing says.
    #[schema(maximum = 1000)]
    pub capacity: Option<u32>,
    /// Whether they are there.
    pub presence: Presence,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When they joined.
    pub created_at: Timestamp,
}

/// A member to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Maya Chen", "email": "maya@example.com", "role": "agent", "password": "a long pass phrase"}))]
pub struct CreateAgent {
    /// The name to show.
    #[schema(max_length = 200)]
    pub name: String,
    /// The e-mail address to sign in with; one member of a workspace has it.
    #[schema(max_length = 254)]
    pub email: String,
    /// What they may do. An owner can be made by owners alone.
    pub role: Role,
    /// What they sign in with first.
    #[schema(min_length = 8, max_length = 1024)]
    pub password: String,
}

/// Changes to a member; what is left out stays. Members change their own name, picture and password; the rest needs `agents:write`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Maya Chen", "role": "admin"}))]
pub struct UpdateAgent {
    /// The name to show.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// They may not sign in; what they were signed in with ends.
    pub disabled: Option<bool>,
    /// How many open conversations they can have before no more are given to them, 0 for none; null for as many as the workspace's routing
    /// says.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, maximum = 1000)]
    pub capacity: Nullable<u32>,
    /// A picture's `https` address; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub avatar_url: Nullable<String>,
    /// A new password; ends all their sign-ins, the one that asks included.
    #[schema(min_length = 8, max_length = 1024)]
    pub password: Option<String>,
    /// The present password; members need it to change their own.
    pub current_password: Option<String>,
}
