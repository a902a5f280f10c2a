//! What is so at an instant: what may be done, what is to be waited for. Changes nothing that a question could see.

use entities::{ConversationId, Timestamp};

use super::{SEND_MS, State, Work};
use crate::channel::message::{IN_FLIGHT_MAX, IN_HAND_MAX, NEAR};

/// By so much a lease outlives every send that is taken up under it: time to mark it as begun, and to write its end.
const MARGIN_MS: i64 = 10_000;
/// A lease that outlives a send by no more than this is renewed.
const RENEW_MS: i64 = 20_000;
/// While the channel is held up there is nothing to outlive: the lease only keeps others out.
const RENEW_PAUSED_MS: i64 = 10_000;
/// How long a lease is kept with nothing to do, so that a busy channel need not claim it for each message.
const LINGER_MS: i64 = 200;
/// Failures of the store in a row after which one with nothing in hand leaves the channel to the sweep.
const TROUBLES_MAX: u32 = 6;

impl State {
    /// Whether a dispatch keeps a place among the sends under way.
    #[must_use]
    pub fn needs_place(&self, position: i64) -> bool {
        self.flights.get(&position).is_some_and(|flight| matches!(flight.work, Work::Begin | Work::Send(_)))
    }

    /// Until when the whole channel rests.
    #[must_use]
    pub const fn paused_until(&self) -> Option<Timestamp> {
        self.paused_until
    }

    /// The conversation in which a dispatch in hand says something.
    #[must_use]
    pub fn speaks_in(&self, position: i64) -> Option<ConversationId> {
        self.flights.get(&position).filter(|flight| flight.due.of_message).map(|flight| flight.due.conversation_id)
    }

    /// Whether to claim the lease, or to renew it.
    pub(super) fn wants_lease(&self, now: Timestamp) -> bool {
        if self.closing {
            return false;
        }
        let has_work = !self.draining && self.work_at(now).is_some_and(|at| at <= now);
        if self.line.is_none() {
            return has_work;
        }
        if self.is_paused(now) && self.flights.is_empty() {
            return !self.draining && self.lease_until.ms_since(now) <= RENEW_PAUSED_MS;
        }
        (has_work || !self.flights.is_empty()) && self.outlives_send_by(now) <= RENEW_MS
    }

    /// Whether to read what is due.
    pub(super) fn wants_page(&self, now: Timestamp) -> bool {
        if self.line.is_none() || now >= self.lease_until || !self.may_go_on(now) {
            return false;
        }
        if self.paging || self.troubles > 0 && self.asking {
            return false;
        }
        if self.has_rested(now) && !self.looked_again {
            return true;
        }
        let has_room = self.queue.len() <= 2 * self.in_flight_max() && self.flights.len() < IN_HAND_MAX;
        has_room && (self.more || self.next_due_at.is_some_and(|at| at <= now))
    }

    /// Whether a dispatch may be taken up to be sent.
    pub(super) fn may_take_up(&self, now: Timestamp) -> bool {
        self.line.is_some()
            && !self.queue.is_empty()
            && self.may_go_on(now)
            && !self.awaiting_place
            && self.troubles == 0
            && self.outlives_send_by(now) >= MARGIN_MS
            && self.in_flight() < self.in_flight_max()
            && self.flights.len() < IN_HAND_MAX
            && self.pace_allows_at(now).is_none()
    }

    fn may_go_on(&self, now: Timestamp) -> bool {
        !self.draining && !self.closing && self.to_halt.is_none() && !self.is_paused(now)
    }

    /// When to look again at the latest.
    pub(super) fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        let mut instants = vec![self.hold_off_until, self.paused_until, self.work_at(now)];
        instants.extend(self.flights.values().filter(|flight| !flight.under_way).map(|flight| Some(flight.not_before)));
        if self.line.is_some() {
            let renewal = if self.is_paused(now) && self.flights.is_empty() { RENEW_PAUSED_MS } else { SEND_MS + RENEW_MS };
            instants.push(Some(self.lease_until.plus_ms(-renewal)));
            instants.push(self.pace_allows_at(now));
            instants.push(self.is_idle().then(|| self.rested_at()));
        }
        instants.into_iter().flatten().filter(|at| *at > now).min()
    }

    /// The next instant at which there is something to do, now included.
    fn work_at(&self, now: Timestamp) -> Option<Timestamp> {
        let at = if self.queue.is_empty() && !self.more { self.next_due_at? } else { now };
        Some(self.paused_until.map_or(at, |until| until.max(at)))
    }

    /// Whether there is work so soon that it is worth to stay awake.
    pub(super) fn stays_for_work(&self, now: Timestamp) -> bool {
        self.work_at(now).is_some_and(|at| at.ms_since(now) <= NEAR.as_millis() as i64)
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| until > now)
    }

    /// Nothing is under way or in hand.
    pub(super) fn is_idle(&self) -> bool {
        !self.asking && !self.paging && self.flights.is_empty()
    }

    /// There has been nothing to do for long enough to give the lease back. A channel that is held up keeps it: nobody else knows of that.
    pub(super) fn has_rested(&self, now: Timestamp) -> bool {
        self.is_idle() && !self.is_paused(now) && self.work_at(now).is_none_or(|at| at > now) && self.has_lingered(now)
    }

    pub(super) fn has_lingered(&self, now: Timestamp) -> bool {
        now >= self.rested_at()
    }

    /// As long as the pace has something to remember, so does the channel.
    fn rested_at(&self) -> Timestamp {
        let lingered = self.busy_at.plus_ms(LINGER_MS);
        self.pace.map_or(lingered, |pace| pace.full_at().max(lingered))
    }

    /// The store is away and nothing would be lost by leaving.
    pub(super) fn has_given_up(&self) -> bool {
        self.is_idle() && (self.troubles >= TROUBLES_MAX || self.abandoned && self.troubles > 0)
    }

    /// By how much the lease outlives a send that is begun now.
    pub(super) fn outlives_send_by(&self, now: Timestamp) -> i64 {
        self.lease_until.ms_since(now) - SEND_MS
    }

    fn pace_allows_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.pace.and_then(|pace| pace.allows_at(now))
    }

    /// After a rest that the provider asked for, one at a time until one is accepted.
    fn in_flight_max(&self) -> usize {
        if self.channel_holds > 0 { 1 } else { IN_FLIGHT_MAX }
    }

    fn in_flight(&self) -> usize {
        self.flights.keys().filter(|position| self.needs_place(**position)).count()
    }

    /// The conversations that are not to be read of.
    pub(super) fn in_hand(&self) -> impl Iterator<Item = ConversationId> {
        let held = self.queue.iter().map(|due| due.conversation_id);
        held.chain(self.flights.values().map(|flight| flight.due.conversation_id))
    }
}
