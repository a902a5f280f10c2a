//! Members of a workspace: their roles and presence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AgentId, message::words};

/// What others see of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentSummary {
    /// The agent's id.
    pub id: AgentId,
    /// The name to show.
    pub name: String,
}

words! {
    /// What a member may do; each role is a set of permissions.
    Role {
        /// Everything, and cannot be removed by others.
        Owner = "owner",
        /// Everything but the owner's own affairs.
        Admin = "admin",
        /// Answers.
        Agent = "agent",
        /// Reads.
        Viewer = "viewer",
    }
}

words! {
    /// Whether an agent is there.
    Presence {
        /// There.
        Online = "online",
        /// Not at the desk.
        Away = "away",
        /// Gone.
        Offline = "offline",
    }
}
