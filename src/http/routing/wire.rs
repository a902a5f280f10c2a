//! What routing looks like on the REST API.

use entities::{RoutingMode, WhenAway};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The rules by which waiting conversations find an agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"mode": "by_load", "when_away": "give_back_unanswered", "away_after_ms": 300_000, "capacity": 10, "version": 2}))]
pub struct Routing {
    /// Who is given the next conversation.
    pub mode: RoutingMode,
    /// What becomes of the open conversations of an agent who has gone away, while somebody else is there who may take them.
    pub when_away: WhenAway,
    /// For how long an agent must be away for that, in milliseconds.
    #[schema(minimum = 1000, maximum = 86_400_000)]
    pub away_after_ms: u32,
    /// How many open conversations an agent can have before no more are given to them, unless the agent has a `capacity` of their own.
    #[schema(minimum = 1, maximum = 1000)]
    pub capacity: u32,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
}

/// Changes to the rules; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mode": "by_load", "capacity": 10}))]
pub struct UpdateRouting {
    /// Who is given the next conversation.
    pub mode: Option<RoutingMode>,
    /// What becomes of the open conversations of an agent who has gone away, while somebody else is there who may take them.
    pub when_away: Option<WhenAway>,
    /// For how long an agent must be away for that, in milliseconds.
    #[schema(minimum = 1000, maximum = 86_400_000)]
    pub away_after_ms: Option<u32>,
    /// How many open conversations an agent can have before no more are given to them, unless the agent has a `capacity` of their own.
    #[schema(minimum = 1, maximum = 1000)]
    pub capacity: Option<u32>,
}
