//! Time, ids and randomness: the three things that make a run different from the one before.

use entities::Timestamp;
use uuid::Uuid;

/// Where time, ids and randomness come from; tests use one that they move by hand.
pub trait Clock: Send + Sync + 'static {
    /// The present, truncated to microseconds; never earlier than an instant returned before on this node.
    fn now(&self) -> Timestamp;

    /// A fresh UUIDv7, greater than every one this node made before.
    fn new_id(&self) -> Uuid;

    /// By chance, from 0 up to but not including 1: the random end of a fresh id.
    fn fraction(&self) -> f64 {
        let random = self.new_id().as_u128() as u32;
        f64::from(random) / (f64::from(u32::MAX) + 1.0)
    }
}
