//! The bounds and rules under which a channel's actor works, and what it tells of itself.

use std::{sync::Arc, time::Duration};

use entities::{ChannelKind, SendOutcome};

/// Sends under way on one channel.
pub const IN_FLIGHT_MAX: usize = 8;
/// Dispatches in memory for one channel, beside those in hand.
pub const HELD_MAX: usize = 64;
/// Dispatches in hand: being sent, or sent and not yet settled.
pub const IN_HAND_MAX: usize = 64;
/// Contacts of one channel that are held up at once; beyond them the one whose hold ends first is forgotten.
pub const CONTACT_HOLDS_MAX: usize = 1_024;
/// An actor whose next dispatch is not due for longer than this does not stay awake for it; the sweep wakes it in time.
pub const NEAR: Duration = Duration::from_mins(1);

/// How the node sends.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Channels at work on this node. The sweep comes back to those beyond.
    pub awake_max: usize,
    /// Sends under way on this node.
    pub node_in_flight_max: usize,
    /// Sends under way in one workspace, on this node.
    pub tenant_in_flight_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { awake_max: 10_000, node_in_flight_max: 512, tenant_in_flight_max: 64 }
    }
}

/// A look at the channels at work on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// Awake now.
    pub awake: usize,
    /// Sends under way.
    pub in_flight: usize,
    /// Actors that died of a panic since the start.
    pub deaths: u64,
    /// Hints that were not followed since the start, because too many were awake: the sweep repeats them.
    pub put_off: u64,
}

/// What came of a send, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Came {
    /// The provider has all of it.
    Accepted,
    /// It is tried again, or was tried often enough.
    Retry,
    /// Never like this.
    Refused,
    /// The channel cannot send.
    Halted,
    /// Not known.
    Unknown,
}

impl Came {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Retry => "retry",
            Self::Refused => "refused",
            Self::Halted => "halted",
            Self::Unknown => "unknown",
        }
    }
}

impl From<&SendOutcome> for Came {
    fn from(outcome: &SendOutcome) -> Self {
        match outcome {
            SendOutcome::Accepted { .. } => Self::Accepted,
            SendOutcome::Retry { .. } => Self::Retry,
            SendOutcome::Refused { .. } => Self::Refused,
            SendOutcome::Halted { .. } => Self::Halted,
            SendOutcome::Unknown { .. } => Self::Unknown,
        }
    }
}

/// Told of each send's end, for metrics.
pub type Told = Arc<dyn Fn(ChannelKind, Came) + Send + Sync>;
