//! What operators may see of the actors: counts and ids, never what was said.

use entities::{ConversationId, TenantId};
use serde::Serialize;
use utoipa::ToSchema;

/// A look at the conversations awake on this node.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Observed {
    /// Awake now.
    pub awake: usize,
    /// Most that may be awake.
    pub awake_max: usize,
    /// Commands under way on the node.
    pub under_way: usize,
    /// Actors that died of a panic since the start.
    pub deaths: u64,
    /// Actors that went to sleep since the start.
    pub slept: u64,
    /// Conversations put aside after repeated deaths.
    pub set_aside: usize,
    /// The busiest, with the commands under way in each.
    pub busiest: Vec<Busy>,
}

/// A conversation with commands under way.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Busy {
    /// Whose.
    pub workspace_id: TenantId,
    /// Which.
    pub conversation_id: ConversationId,
    /// Commands under way.
    pub under_way: usize,
}
