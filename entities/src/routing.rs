//! Routing: by which rules a workspace's waiting conversations find an agent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::message::words;

/// Most conversations that an agent may be set to take on.
pub const CAPACITY_MAX: u32 = 1_000;
/// How many open conversations an agent can have where nobody has set a number.
pub const CAPACITY_DEFAULT: u32 = 10;
/// The shortest time, in milliseconds, after which an agent may count as gone: a page that is loaded again is away for less.
pub const AWAY_AFTER_MS_MIN: u32 = 1_000;
/// The longest: a day.
pub const AWAY_AFTER_MS_MAX: u32 = 24 * 60 * 60_000;

/// The rules of one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutingRules {
    /// Who comes next.
    pub mode: RoutingMode,
    /// What becomes of the conversations of an agent who goes away.
    pub when_away: WhenAway,
    /// For how long an agent must be away for that, in milliseconds.
    pub away_after_ms: u32,
}

impl Default for RoutingRules {
    fn default() -> Self {
        Self { mode: RoutingMode::Manual, when_away: WhenAway::GiveBackUnanswered, away_after_ms: 5 * 60_000 }
    }
}

words! {
    /// Who is given the next conversation.
    RoutingMode {
        /// Whoever takes it: the server gives nothing to anybody.
        Manual = "manual",
        /// Of those who have a place free, the one who was given none for the longest.
        RoundRobin = "round_robin",
        /// Of those who have a place free, the one with the least to do, measured by what they can take on.
        ByLoad = "by_load",
    }
}

words! {
    /// What becomes of the open conversations of an agent who has gone away, while somebody else is there who may take them.
    WhenAway {
        /// They stay theirs.
        Keep = "keep",
        /// Those whose contact waits for an answer wait for anybody again.
        GiveBackUnanswered = "give_back_unanswered",
        /// All wait for anybody again.
        GiveBack = "give_back",
    }
}
