//! Shards: the arbiters (threads) over which actors are spread by id.

use std::hash::{DefaultHasher, Hash, Hasher};

use actix::{Arbiter, ArbiterHandle};

/// A fixed number of threads that run actors.
pub struct Shards {
    arbiters: Vec<Arbiter>,
    handles: Vec<ArbiterHandle>,
}

impl Shards {
    /// Starts `count` threads (at least one). Must be called inside an actix system.
    #[must_use]
    pub fn start(count: usize) -> Self {
        let arbiters: Vec<Arbiter> = (0..count.max(1)).map(|_| Arbiter::new()).collect();
        let handles = arbiters.iter().map(Arbiter::handle).collect();
        Self { arbiters, handles }
    }

    /// The calling thread as the only shard: for tests, whose paused time reaches no other thread.
    #[must_use]
    pub fn here() -> Self {
        Self { arbiters: Vec::new(), handles: vec![Arbiter::current()] }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.handles.len()
    }

    /// The place of a key: the same for equal keys.
    #[must_use]
    pub fn place<K: Hash>(&self, key: &K) -> usize {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        (hasher.finish() % self.handles.len().max(1) as u64) as usize
    }

    /// The thread of a place.
    #[must_use]
    pub fn arbiter(&self, place: usize) -> Option<&ArbiterHandle> {
        self.handles.get(place)
    }
}

impl Drop for Shards {
    fn drop(&mut self) {
        self.arbiters.iter().for_each(|arbiter| {
            arbiter.stop();
        });
    }
}
