//! The real clock: the machine's time, kept from going back, and fresh ids.

use std::sync::atomic::{AtomicI64, Ordering};

use actors::port::Clock;
use chrono::Utc;
use entities::Timestamp;
use uuid::{ContextV7, Timestamp as UuidTime, Uuid};

/// The machine's time.
#[derive(Default)]
pub struct SystemClock {
    /// The latest instant given out, in microseconds: a step back of the machine's clock is not passed on.
    latest: AtomicI64,
    /// Counts within a millisecond, so that ids of one node only rise.
    ids: std::sync::Mutex<ContextV7>,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the Clock port, where time comes from")]
        let now = Timestamp::new(Utc::now());
        let latest = self.latest.fetch_max(now.micros(), Ordering::AcqRel);
        if latest > now.micros() { Timestamp::from_micros(latest) } else { now }
    }

    fn new_id(&self) -> Uuid {
        let micros = self.now().micros().unsigned_abs();
        let ids = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let time = UuidTime::from_unix(&*ids, micros / 1_000_000, (micros % 1_000_000) as u32 * 1000);
        Uuid::new_v7(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_ids_only_rise() {
        let clock = SystemClock::default();
        let mut last = (clock.now(), clock.new_id());
        for _ in 0..10_000 {
            let next = (clock.now(), clock.new_id());
            assert!(next.0 >= last.0 && next.1 > last.1);
            last = next;
        }
    }
}
