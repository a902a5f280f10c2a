//! What is so at an instant: what may be done, what is to be waited for. Changes nothing that a question could see.

use std::collections::BTreeSet;

use entities::Timestamp;

use super::{State, Writing};
use crate::subscription::{
    message::{BREAKER_FAILURES, IN_FLIGHT_MAX, NEAR, UNRECORDED_MAX},
    queue::RATE_WINDOW,
};

/// By so much a lease outlives every attempt that is begun under it: time to record what came of it.
const MARGIN_MS: i64 = 5_000;
/// A lease that outlives an attempt by no more than this is renewed.
const RENEW_MS: i64 = 10_000;
/// How long a lease is kept with nothing to do, so that a busy webhook need not claim it for each event.
const LINGER_MS: i64 = 200;
/// Failures of the store in a row after which one with nothing to record leaves the webhook to the sweep.
const TROUBLES_MAX: u32 = 6;

impl State {
    /// Whether to claim the lease, or to renew it.
    pub(super) fn wants_lease(&self, now: Timestamp) -> bool {
        let has_work = !self.draining && self.work_at(now).is_some_and(|at| at <= now);
        if self.claimed.is_none() {
            return has_work;
        }
        let in_hand = !self.flying.is_empty() || !self.finished.is_empty();
        (has_work || in_hand) && self.outlives_attempt_by(now) <= RENEW_MS
    }

    /// Whether to read what is due.
    pub(super) fn wants_page(&self, now: Timestamp) -> bool {
        let Some(claimed) = self.claimed.as_ref().filter(|_| now < self.lease_until) else { return false };
        if self.paging || self.draining || self.condemned.is_some() || self.is_paused(now) || self.troubles > 0 && self.writing.is_some() {
            return false;
        }
        if self.has_rested(now) && !self.looked_again {
            return true;
        }
        let in_hand = self.queue.len() + self.unrecorded();
        let has_room = if claimed.ordered { in_hand == 0 } else { self.queue.len() <= 2 * self.in_flight_max() };
        has_room && self.queue.has_more(now)
    }

    /// Whether an attempt may be begun.
    pub(super) fn may_begin(&mut self, now: Timestamp) -> bool {
        let Some(claimed) = self.claimed.as_ref() else { return false };
        let (ordered, rate_limit) = (claimed.ordered, claimed.rate_limit_per_second);
        self.queue.len() > 0
            && !self.draining
            && !self.awaiting_place
            && self.troubles == 0
            && self.condemned.is_none()
            && !self.is_paused(now)
            && self.outlives_attempt_by(now) >= MARGIN_MS
            && self.flying.len() < self.in_flight_max()
            && self.unrecorded() < if ordered { 1 } else { UNRECORDED_MAX }
            && self.queue.rate_allows_at(now, rate_limit).is_none()
    }

    /// When to look again at the latest.
    pub(super) fn wake_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        let mut instants = vec![self.hold_off_until, self.work_at(now)];
        if let Some(claimed) = self.claimed.clone() {
            instants.push(Some(self.lease_until.plus_ms(-self.deadline_ms - RENEW_MS)));
            instants.push(self.queue.rate_allows_at(now, claimed.rate_limit_per_second));
            instants.push(self.is_idle().then(|| self.busy_at.plus_ms(self.linger_ms())));
        }
        instants.into_iter().flatten().filter(|at| *at > now).min()
    }

    /// The next instant at which there is something to do, now included.
    fn work_at(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.queue.work_at(now)?;
        Some(self.health.paused_until.map_or(at, |until| until.max(at)))
    }

    /// Whether there is work so soon that it is worth to stay awake.
    pub(super) fn stays_for_work(&self, now: Timestamp) -> bool {
        self.work_at(now).is_some_and(|at| at.ms_since(now) <= NEAR.as_millis() as i64)
    }

    pub(super) fn is_paused(&self, now: Timestamp) -> bool {
        self.health.paused_until.is_some_and(|until| until > now)
    }

    /// Nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.writing.is_none() && !self.paging && self.flying.is_empty() && self.finished.is_empty()
    }

    /// There has been nothing to do for long enough to give the lease back.
    pub(super) fn has_rested(&self, now: Timestamp) -> bool {
        self.is_idle() && self.work_at(now).is_none_or(|at| at > now) && self.has_lingered(now)
    }

    pub(super) fn has_lingered(&self, now: Timestamp) -> bool {
        now.ms_since(self.busy_at) >= self.linger_ms()
    }

    /// With a rate limit, as long as the limit remembers.
    fn linger_ms(&self) -> i64 {
        let is_limited = self.claimed.as_ref().is_some_and(|claimed| claimed.rate_limit_per_second.is_some());
        if is_limited { RATE_WINDOW.as_millis() as i64 } else { LINGER_MS }
    }

    /// The store is away and nothing would be lost by leaving.
    pub(super) fn has_given_up(&self) -> bool {
        let nothing_under_way = self.writing.is_none() && !self.paging && self.flying.is_empty();
        nothing_under_way && (self.finished.is_empty() && self.troubles >= TROUBLES_MAX || self.abandoned && self.troubles > 0)
    }

    /// By how much the lease outlives an attempt that is begun now.
    fn outlives_attempt_by(&self, now: Timestamp) -> i64 {
        self.lease_until.ms_since(now) - self.deadline_ms
    }

    fn in_flight_max(&self) -> usize {
        let one = self.health.failures >= BREAKER_FAILURES || self.claimed.as_ref().is_some_and(|claimed| claimed.ordered);
        if one { 1 } else { IN_FLIGHT_MAX }
    }

    /// Attempts begun and not recorded.
    fn unrecorded(&self) -> usize {
        let recording = if let Some(Writing::Record(attempts)) = &self.writing { attempts.len() } else { 0 };
        self.flying.len() + self.finished.len() + recording
    }

    /// The positions that are not to be read again.
    pub(super) fn in_hand(&self) -> BTreeSet<i64> {
        let recording = if let Some(Writing::Record(attempts)) = &self.writing { attempts.as_slice() } else { &[] };
        let unrecorded = self.finished.iter().chain(recording).map(|attempt| attempt.position);
        self.queue.positions().chain(self.flying.keys().copied()).chain(unrecorded).collect()
    }
}
