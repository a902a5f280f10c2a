//! The callers that have a workspace: agents and service accounts.

use entities::{AgentId, Author, AuthorKind, LoginSessionId, Permission, Role, ServiceAccountId, TokenId};
use uuid::Uuid;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A member who signed in.
    Agent {
        /// The member.
        id: AgentId,
        /// The name to show.
        name: String,
        /// The picture to show.
        avatar_url: Option<String>,
        /// What the member may do.
        role: Role,
        /// The sign-in.
        session_id: LoginSessionId,
    },
    /// A program with a token.
    Service {
        /// The service account.
        id: ServiceAccountId,
        /// The token it used.
        token_id: TokenId,
        /// The account's name.
        name: String,
        /// What the token may do.
        scopes: Vec<Permission>,
    },
}

impl Caller {
    /// The caller as the author of a message.
    #[must_use]
    pub fn author(&self) -> Author {
        match self {
            Self::Agent { id, name, avatar_url, .. } => {
                Author { kind: AuthorKind::Agent, id: Some(id.uuid()), name: Some(name.clone()), avatar_url: avatar_url.clone() }
            }
            Self::Service { id, name, .. } => {
                Author { kind: AuthorKind::Service, id: Some(id.uuid()), name: Some(name.clone()), avatar_url: None }
            }
        }
    }

    /// Whether the caller's role or scopes include the permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Agent { role, .. } => role.allows(permission),
            Self::Service { scopes, .. } => scopes.contains(&permission),
        }
    }

    /// The agent, if a person is asking.
    #[must_use]
    pub fn agent_id(&self) -> Option<AgentId> {
        match self {
            Self::Agent { id, .. } => Some(*id),
            Self::Service { .. } => None,
        }
    }

    /// What the caller's requests are counted by: the token, or the sign-in.
    #[must_use]
    pub fn token(&self) -> Uuid {
        match self {
            Self::Agent { session_id, .. } => session_id.uuid(),
            Self::Service { token_id, .. } => token_id.uuid(),
        }
    }

    /// What the caller's idempotency keys belong to: the person or the service account, so that a rotated token or a second sign-in still
    /// finds its answers.
    #[must_use]
    pub fn key_owner(&self) -> String {
        match self {
            Self::Agent { id, .. } => format!("agent {id}"),
            Self::Service { id, .. } => format!("service {id}"),
        }
    }
}
