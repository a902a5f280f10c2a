//! Pacing: how fast a channel may send. Pure.
//!
//! A bucket of tokens, kept as one instant: when it will be full again. It fills at the channel's rate and holds a tenth of a second's worth, at
//! least one. Calls that turn out to have been several are paid for afterwards, so the rate holds over any longer stretch.

use entities::{Capabilities, ChannelKind, Timestamp};

/// The bucket holds this part of what a second brings.
const BURST_PART: u32 = 10;

/// A channel's bucket.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Microseconds that one token takes.
    interval: i64,
    /// What may be taken at once, in microseconds.
    burst: i64,
    /// When the bucket is full.
    full_at: Timestamp,
}

impl Pace {
    /// A full bucket at this many a second; none at all would never end.
    #[must_use]
    pub fn new(per_second: u32, now: Timestamp) -> Self {
        let interval = 1_000_000 / i64::from(per_second.max(1));
        Self { interval, burst: interval * i64::from(per_second.div_ceil(BURST_PART).max(1)), full_at: now }
    }

    /// The pace of channels of this kind.
    #[must_use]
    pub fn of(kind: ChannelKind, now: Timestamp) -> Self {
        Self::new(Capabilities::of(kind).map_or(1, |capabilities| capabilities.messages_per_second), now)
    }

    /// When the next token is there; `None` for now.
    #[must_use]
    pub fn allows_at(&self, now: Timestamp) -> Option<Timestamp> {
        let at = Timestamp::from_micros(self.full_at.micros() + self.interval - self.burst);
        (at > now).then_some(at)
    }

    /// Takes so many tokens; what is not there is owed.
    pub fn take(&mut self, now: Timestamp, tokens: usize) {
        let taken = self.interval.saturating_mul(i64::try_from(tokens).unwrap_or(i64::MAX));
        self.full_at = Timestamp::from_micros(self.full_at.max(now).micros().saturating_add(taken));
    }

    /// When there is nothing left to remember.
    #[must_use]
    pub const fn full_at(&self) -> Timestamp {
        self.full_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin() -> Timestamp {
        Timestamp::from_micros(1_774_535_400_000_000)
    }

    /// The instants, in milliseconds, at which so many are taken as soon as they may.
    fn taken(pace: &mut Pace, count: usize) -> Vec<i64> {
        let mut now = begin();
        let mut times = Vec::new();
        for _ in 0..count {
            now = pace.allows_at(now).unwrap_or(now);
            pace.take(now, 1);
            times.push(now.ms_since(begin()));
        }
        times
    }

    #[test]
    fn one_a_second_is_one_a_second() {
        assert_eq!(taken(&mut Pace::of(ChannelKind::Sms, begin()), 4), [0, 1_000, 2_000, 3_000]);
    }

    #[test]
    fn a_small_burst_goes_at_once_and_the_rate_holds_after_it() {
        let times = taken(&mut Pace::of(ChannelKind::Whatsapp, begin()), 800);
        assert_eq!(times.iter().filter(|ms| **ms == 0).count(), 8);
        assert_eq!(times.last(), Some(&9_900), "792 more, at 80 a second");
        assert!(times.windows(89).all(|window| window[88] - window[0] >= 1_000), "no more than 88 in any second");
    }

    #[test]
    fn what_turned_out_to_be_several_is_paid_for() {
        let mut pace = Pace::new(10, begin());
        pace.take(begin(), 1);
        pace.take(begin(), 4);
        assert_eq!(pace.allows_at(begin()), Some(begin().plus_ms(500)));
        assert_eq!(pace.allows_at(begin().plus_ms(500)), None);
    }

    #[test]
    fn a_rest_saves_up_no_more_than_the_bucket_holds() {
        let mut pace = Pace::new(80, begin());
        assert_eq!(pace.allows_at(begin().plus_ms(60_000)), None);
        for _ in 0..8 {
            pace.take(begin().plus_ms(60_000), 1);
        }
        assert!(pace.allows_at(begin().plus_ms(60_000)).is_some());
    }
}
