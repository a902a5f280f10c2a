//! Clocks for tests: one that stands still until it is moved, and one that follows the runtime's time, which a test can pause.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use entities::Timestamp;
use uuid::{Builder, Uuid};

use crate::port::Clock;

/// 2026-03-26T14:30:00Z, in microseconds: an instant like any other.
const BEGIN_MICROS: i64 = 1_774_535_400_000_000;

/// A clock that stands still until it is moved; its ids count upwards, so that a test sees the same ones in every run.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
    ids: AtomicU64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { micros: AtomicI64::new(BEGIN_MICROS), ids: AtomicU64::new(0) }
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance_ms(&self, ms: u32) {
        self.micros.fetch_add(i64::from(ms) * 1_000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }

    fn new_id(&self) -> Uuid {
        let millis = self.micros.load(Ordering::SeqCst).unsigned_abs() / 1_000;
        let mut tail = [0u8; 10];
        // The first two bytes and the top two bits of the third are the version's and the variant's.
        for (to, from) in tail.iter_mut().skip(2).zip(self.ids.fetch_add(1, Ordering::SeqCst).to_be_bytes()) {
            *to = from;
        }
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

/// A clock that follows the time of tokio: with that paused, a test sees days go by in no time. Its ids count upwards.
#[derive(Debug)]
pub struct FollowingClock {
    begun: tokio::time::Instant,
    ids: ManualClock,
}

impl Default for FollowingClock {
    fn default() -> Self {
        Self { begun: tokio::time::Instant::now(), ids: ManualClock::default() }
    }
}

impl Clock for FollowingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(BEGIN_MICROS + i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(i64::MAX / 2))
    }

    fn new_id(&self) -> Uuid {
        self.ids.new_id()
    }
}
