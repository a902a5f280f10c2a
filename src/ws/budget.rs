//! How many frames a socket may send: a bucket that refills evenly, small enough to sit in every session.

use std::time::Instant;

/// A bucket of frames.
#[derive(Debug)]
pub struct Budget {
    per_second: f64,
    left: f64,
    at: Instant,
}

impl Budget {
    /// A full bucket: four seconds' worth may come at once.
    pub fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, left: per_second * 4.0, at: now }
    }

    /// Takes a frame out; otherwise says after how many milliseconds there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), u64> {
        let refill = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
        self.left = (self.left + refill).min(self.per_second * 4.0);
        self.at = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - self.left) / self.per_second * 1000.0).ceil() as u64)
    }
}
