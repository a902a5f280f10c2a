//! What becomes of a dispatch in hand, from the moment it is taken up until its end is written. Pure.
//!
//! Each has one piece of work at a time: to be marked as begun, to be sent, to be postponed or to be settled. Work that fails for reasons that
//! are not the provider's is done again until it succeeds; only what was abandoned, or died with the actor, is found again by its row.

use entities::{Address, Consequence, ProviderError, SendOutcome, Timestamp};

use super::{Answer, State, TROUBLE_MS, ToSend, Work, trouble_ms};
use crate::{
    channel::{
        message::CONTACT_HOLDS_MAX,
        verdict::{Hold, TRIES_MAX, Tried, Verdict, is_tried_once, weigh},
    },
    conversation::message::Settled,
    port::{DispatchState, DueDispatch, PartDone, Postponed, Report},
};

/// A dispatch whose conversation will not hear of its end is shown to it again after so long.
const NEVER_MS: i64 = 60 * 60_000;

/// A dispatch in hand.
#[derive(Debug)]
pub(super) struct Flight {
    pub due: DueDispatch,
    pub work: Work,
    pub under_way: bool,
    /// The work is not done before.
    pub not_before: Timestamp,
    /// How often the work has failed in a row.
    failures: u32,
    /// When the try was begun.
    begun_at: Timestamp,
}

impl State {
    /// Has a dispatch that is not sent, or not again, settled; as failed, if there is an error.
    pub(super) fn end(&mut self, due: DueDispatch, error: Option<ProviderError>, now: Timestamp) {
        let settled = settle(&due, due.done.clone(), error.map(|error| (error, Consequence::None)), Vec::new());
        self.hold(due, settled, now);
    }

    /// Takes a dispatch in hand.
    fn hold(&mut self, due: DueDispatch, work: Work, now: Timestamp) {
        let position = due.position;
        self.flights.insert(position, Flight { due, work, under_way: false, not_before: now, failures: 0, begun_at: now });
    }

    /// A place was found: takes up the next dispatch, if it still may. The place is kept while [`State::needs_place`].
    pub fn take_up(&mut self, now: Timestamp) -> Option<i64> {
        self.awaiting_place = false;
        if !self.may_take_up(now) {
            return None;
        }
        let due = self.queue.pop_front()?;
        self.stir_up(now);
        if let Some((until, error)) = self.held_up(&due, now) {
            let postponed = put_back(&due, until, due.state, Some(error));
            self.hold(due, postponed, now);
            return None;
        }
        let position = due.position;
        if let Some(pace) = &mut self.pace {
            pace.take(now, 1);
        }
        self.hold(due, Work::Begin, now);
        Some(position)
    }

    /// There was no place; one will be told of.
    pub fn await_place(&mut self) {
        self.awaiting_place = true;
    }

    /// There will be none; it asks again.
    pub fn place_lost(&mut self) {
        self.awaiting_place = false;
    }

    /// A dispatch was marked as begun (`true`), or it may not be sent.
    pub fn begun(&mut self, position: i64, now: Timestamp, begun: bool) {
        let Some(mut flight) = self.flights.remove(&position) else { return };
        if !begun {
            // Settled meanwhile, or the lease is another's: asking for that tells which.
            self.lease_until = now;
            self.more = true;
            return;
        }
        let wait = self.held_up(&flight.due, now).map(|(until, _)| until).or_else(|| self.must_wait(now));
        flight.work = match (wait, &flight.due.outbound, &self.line) {
            (None, Ok(outbound), Some(line)) => {
                flight.begun_at = now;
                let outbound = entities::Outbound { now, ..outbound.clone() };
                // Not since the last try: one before that may be the one that went through.
                let doubt = matches!(flight.due.state, DispatchState::Begun(_)).then_some(flight.due.wished_at);
                Work::Send(Box::new(ToSend { line: line.clone(), outbound, done: flight.due.done.clone(), doubt }))
            }
            // Nothing was sent: as if it had not been begun.
            (wait, ..) => put_back(&flight.due, wait.unwrap_or(now), flight.due.state, None),
        };
        self.put(position, flight, now);
    }

    /// The gateway has answered at `now`. `fraction` is random, from 0 up to but not including 1.
    pub fn sent(&mut self, position: i64, report: Report, now: Timestamp, fraction: f64) {
        let Some(mut flight) = self.flights.remove(&position) else { return };
        self.stir_up(now);
        let is_accepted = matches!(report.outcome, SendOutcome::Accepted { .. });
        // The one that was paid for is the last call: accepted, it is among those done.
        let further = report.done.len().saturating_sub(flight.due.done.len() + usize::from(is_accepted));
        if let Some(pace) = &mut self.pace {
            pace.take(now, further);
        }
        if matches!(report.outcome, SendOutcome::Accepted { .. } | SendOutcome::Refused { .. }) {
            self.channel_holds = 0;
        }
        // Sends that were under way beside each other are held up once.
        let is_another_hold = self.paused_until.is_none_or(|until| until <= flight.begun_at);
        let tried = Tried {
            begun_at: flight.begun_at,
            tries: flight.due.tries.saturating_add(1),
            wished_at: flight.due.wished_at,
            channel_holds: self.channel_holds.saturating_sub(u32::from(!is_another_hold)),
            once: flight.due.outbound.as_ref().is_ok_and(|outbound| is_tried_once(&outbound.what)),
        };
        let (verdict, hold) = weigh(report.outcome, tried, now, fraction);
        if let Some(hold) = hold {
            self.hold_up(hold, &flight.due, is_another_hold, now);
        }
        flight.due.done = report.done;
        flight.work = match verdict {
            Verdict::Settle { failure, also } => settle(&flight.due, flight.due.done.clone(), failure, also),
            Verdict::Postpone { due_at, tries, state, error } => {
                let done = flight.due.done.clone();
                Work::Postpone(Postponed { position, due_at, tries, error: Some(error), done, state })
            }
            Verdict::Halt { error, reason } => {
                self.to_halt.get_or_insert(reason);
                self.forget();
                // It was not sent, and is the first to be when the channel can send again.
                put_back(&flight.due, now, DispatchState::Pending, Some(error))
            }
        };
        self.put(position, flight, now);
    }

    fn hold_up(&mut self, hold: Hold, due: &DueDispatch, is_another: bool, now: Timestamp) {
        match hold {
            Hold::Channel(until) => {
                self.channel_holds += u32::from(is_another);
                self.paused_until = Some(self.paused_until.map_or(until, |earlier| earlier.max(until)));
            }
            Hold::Contact(until, why) => {
                let Ok(outbound) = &due.outbound else { return };
                self.contact_holds.retain(|_, (until, _)| *until > now);
                if self.contact_holds.len() >= CONTACT_HOLDS_MAX {
                    let first = self.contact_holds.iter().min_by_key(|(_, (until, _))| *until).map(|(address, _)| address.clone());
                    first.and_then(|address| self.contact_holds.remove(&address));
                }
                self.contact_holds.insert(outbound.to.clone(), (until, why));
            }
        }
    }

    /// Until when a dispatch is held up by its contact.
    fn held_up(&self, due: &DueDispatch, now: Timestamp) -> Option<(Timestamp, ProviderError)> {
        let to = &due.outbound.as_ref().ok()?.to;
        self.contact_holds.get(to).filter(|(until, _)| *until > now).cloned()
    }

    /// Until when nothing may be sent, although it was begun: for what has changed in between.
    fn must_wait(&self, now: Timestamp) -> Option<Timestamp> {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(until);
        }
        let may_send = !self.draining && !self.closing && self.to_halt.is_none() && self.outlives_send_by(now) >= 0;
        (!may_send).then_some(now)
    }

    /// What a dispatch comes to was written.
    pub fn postponed(&mut self, position: i64, now: Timestamp) {
        let Some(flight) = self.flights.remove(&position) else { return };
        self.stir_up(now);
        if let Work::Postpone(postponed) = flight.work {
            self.note_due(postponed.due_at);
        }
    }

    /// A conversation has answered to a dispatch's end.
    pub fn settled(&mut self, position: i64, now: Timestamp, answer: Answer) {
        match answer {
            Answer::Written => {
                if self.flights.remove(&position).is_some() {
                    self.stir_up(now);
                    // What stands behind it in its conversation has not been read.
                    self.more = true;
                }
            }
            Answer::NotNow { after_ms } => self.work_failed(position, now, after_ms),
            Answer::Never => {
                let Some(mut flight) = self.flights.remove(&position) else { return };
                let (due_at, begun) = (now.plus_ms(NEVER_MS), DispatchState::Begun(flight.begun_at));
                let done = flight.due.done.clone();
                flight.work = Work::Postpone(Postponed { position, due_at, tries: TRIES_MAX, error: None, done, state: begun });
                self.put(position, flight, now);
            }
        }
    }

    /// Work on a dispatch has failed and is done again, not before `after_ms`.
    pub fn work_failed(&mut self, position: i64, now: Timestamp, after_ms: Option<u64>) {
        let Some(flight) = self.flights.get_mut(&position) else { return };
        let own = trouble_ms(flight.failures);
        let asked_for = after_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX).min(*TROUBLE_MS.end()));
        flight.under_way = false;
        flight.failures = flight.failures.saturating_add(1);
        flight.not_before = now.plus_ms(own.max(asked_for));
    }

    fn put(&mut self, position: i64, mut flight: Flight, now: Timestamp) {
        flight.under_way = false;
        flight.failures = 0;
        flight.not_before = now;
        self.flights.insert(position, flight);
    }
}

/// A dispatch that was not sent, due again.
fn put_back(due: &DueDispatch, due_at: Timestamp, state: DispatchState, error: Option<ProviderError>) -> Work {
    Work::Postpone(Postponed { position: due.position, due_at, tries: due.tries, error, done: due.done.clone(), state })
}

fn settle(due: &DueDispatch, done: Vec<PartDone>, failure: Option<(ProviderError, Consequence)>, also: Vec<Address>) -> Work {
    let settled = Box::new(Settled { position: due.position, seq: due.seq, of_message: due.of_message, done, failure });
    Work::Settle { conversation_id: due.conversation_id, settled, also }
}
