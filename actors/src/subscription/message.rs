//! The bounds and rules under which a subscription's actor works.

use std::time::Duration;

use entities::RetrySchedule;

/// Attempts under way for one webhook.
pub const IN_FLIGHT_MAX: usize = 8;
/// After so many failures in a row, one attempt at a time.
pub const BREAKER_FAILURES: u32 = 5;
/// Deliveries in memory for one webhook, beside those under way.
pub const HELD_MAX: usize = 64;
/// Bytes of their bodies.
pub const HELD_BYTES_MAX: usize = 1 << 20;
/// Attempts, under way or finished, that are not recorded yet.
pub const UNRECORDED_MAX: usize = 64;
/// An actor whose next delivery is not due for longer than this does not stay awake for it; the sweep wakes it in time.
pub const NEAR: Duration = Duration::from_mins(1);

/// How the node delivers.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Webhooks at work on this node. The sweep comes back to those beyond.
    pub awake_max: usize,
    /// Attempts under way on this node.
    pub node_in_flight_max: usize,
    /// Attempts under way in one workspace, on this node.
    pub tenant_in_flight_max: usize,
    /// The courier's deadline of one attempt. Leases are longer by construction.
    pub deadline: Duration,
    /// When failed attempts are made again.
    pub schedule: RetrySchedule,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            awake_max: 10_000,
            node_in_flight_max: 512,
            tenant_in_flight_max: 64,
            deadline: Duration::from_secs(15),
            schedule: RetrySchedule::default(),
        }
    }
}

/// A look at the webhooks at work on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// Awake now.
    pub awake: usize,
    /// Attempts under way.
    pub in_flight: usize,
    /// Actors that died of a panic since the start.
    pub deaths: u64,
    /// Hints that were not followed since the start, because too many were awake: the sweep repeats them.
    pub put_off: u64,
}
