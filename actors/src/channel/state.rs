//! The rules of one channel at work: what it does next, and what that changes. Pure: no clock, no waiting, no store.
//!
//! Guarantees: what [`State::next`] answers is under way from then on, and is ended by the function of its name; a dispatch is sent only under a
//! lease that outlives the send, and only after it was marked as begun; of one conversation one dispatch is in hand at a time, until its end is
//! written; what was sent is in hand until its conversation has it, and is not sent again meanwhile.
//!
//! Start reading at [`State::next`].

mod flight;
mod now;
mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, VecDeque};

use entities::{Address, ProviderError, Timestamp};

pub use step::{Answer, Step, ToSend, Work};

use self::flight::Flight;
use super::{
    message::HELD_MAX,
    pace::Pace,
    verdict::{may_repeat, unknown},
};
use crate::port::{ChannelLease, DispatchPage, DispatchState, DueDispatch, Line, gateway::SEND_MS_MAX};

/// A gateway that has not answered so long after [`SEND_MS_MAX`] never will.
pub const GATEWAY_GRACE_MS: i64 = 1_000;
/// The longest that a send takes.
const SEND_MS: i64 = SEND_MS_MAX as i64 + GATEWAY_GRACE_MS;
/// By so much a fresh lease outlives a send.
const FRESH_MS: i64 = 30_000;
/// The first and the longest wait after something has failed that is not the provider's.
const TROUBLE_MS: std::ops::RangeInclusive<i64> = 100..=5_000;
/// How often one asks for a lease that another has. Whoever has it reads again before it gives it back.
const REFUSALS_MAX: u32 = 5;
/// The wait between the first two.
const REFUSED_MS: i64 = 250;

/// How long a fresh lease is: longer than any send.
pub const LEASE_MS: i64 = SEND_MS + FRESH_MS;

/// One channel at work.
#[derive(Debug)]
pub struct State {
    lease: ChannelLease,
    /// While the lease is ours.
    line: Option<Line>,
    lease_until: Timestamp,
    pace: Option<Pace>,
    /// Read and not taken up: at most [`HELD_MAX`], of each conversation one.
    queue: VecDeque<DueDispatch>,
    /// There may be due dispatches that were not read.
    more: bool,
    /// When there is one that is not due yet; may be too early, never too late.
    next_due_at: Option<Timestamp>,
    /// By position.
    flights: BTreeMap<i64, Flight>,
    /// The whole channel is held up until then,
    paused_until: Option<Timestamp>,
    /// and was so many times in a row.
    channel_holds: u32,
    /// Contacts that are held up: until when, and why. At most [`super::message::CONTACT_HOLDS_MAX`].
    contact_holds: HashMap<Address, (Timestamp, ProviderError)>,
    /// The lease is being asked for or given back, or the channel halted.
    asking: bool,
    paging: bool,
    awaiting_place: bool,
    /// When there was something to do last.
    busy_at: Timestamp,
    /// Since then it has looked again whether there is something due.
    looked_again: bool,
    /// The channel cannot send, and that is to be said.
    to_halt: Option<String>,
    /// The channel is another's now, or halted: what is in hand is brought to its end, and no more.
    closing: bool,
    troubles: u32,
    /// The store, or the lease, is not asked for before.
    hold_off_until: Option<Timestamp>,
    refusals: u32,
    draining: bool,
    abandoned: bool,
    over: bool,
}

impl State {
    /// One that has just been woken.
    #[must_use]
    pub fn new(lease: ChannelLease, now: Timestamp) -> Self {
        Self {
            lease,
            line: None,
            lease_until: now,
            pace: None,
            queue: VecDeque::new(),
            more: true,
            next_due_at: None,
            flights: BTreeMap::new(),
            paused_until: None,
            channel_holds: 0,
            contact_holds: HashMap::new(),
            asking: false,
            paging: false,
            awaiting_place: false,
            busy_at: now,
            looked_again: false,
            to_halt: None,
            closing: false,
            troubles: 0,
            hold_off_until: None,
            refusals: 0,
            draining: false,
            abandoned: false,
            over: false,
        }
    }

    /// Whose lease it works under.
    #[must_use]
    pub const fn lease(&self) -> ChannelLease {
        self.lease
    }

    /// The channel, while the lease is ours.
    #[must_use]
    pub const fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    /// What to do next. To be asked again after every change, until it says to wait or to leave.
    pub fn next(&mut self, now: Timestamp) -> Step {
        if self.over || self.has_given_up() {
            self.over = true;
            return Step::Leave;
        }
        let may_ask = self.hold_off_until.is_none_or(|until| until <= now);
        if may_ask
            && !self.asking
            && let Some(step) = self.next_asking(now)
        {
            self.asking = true;
            return step;
        }
        if let Some(step) = self.next_work(now) {
            return step;
        }
        if may_ask && self.wants_page(now) {
            return self.page(now);
        }
        if self.may_take_up(now) {
            return Step::TakeUp;
        }
        if self.line.is_none() && self.is_idle() && (self.draining || !self.stays_for_work(now)) {
            return Step::Leave;
        }
        Step::Wait(self.wake_at(now))
    }

    fn next_asking(&mut self, now: Timestamp) -> Option<Step> {
        if self.wants_lease(now) {
            return Some(Step::Claim { until: now.plus_ms(LEASE_MS) });
        }
        self.line.as_ref()?;
        if let Some(reason) = self.to_halt.clone().filter(|_| !self.closing) {
            return Some(Step::Halt { reason });
        }
        let may_release = self.draining || self.closing || self.has_rested(now) && self.looked_again;
        (self.is_idle() && may_release).then_some(Step::Release)
    }

    fn next_work(&mut self, now: Timestamp) -> Option<Step> {
        let (position, flight) = self.flights.iter_mut().find(|(_, flight)| !flight.under_way && flight.not_before <= now)?;
        flight.under_way = true;
        Some(Step::Work { position: *position, work: flight.work.clone() })
    }

    fn page(&mut self, now: Timestamp) -> Step {
        let Some(line) = self.line.clone() else { return Step::Wait(None) };
        self.looked_again = self.has_lingered(now);
        self.paging = true;
        self.more = false;
        self.next_due_at = self.next_due_at.filter(|at| *at > now);
        Step::Page { line, busy: self.in_hand().collect(), limit: HELD_MAX.saturating_sub(self.queue.len()) }
    }

    /// A page was read.
    pub fn read(&mut self, now: Timestamp, page: DispatchPage) {
        self.paging = false;
        if !self.asking {
            self.all_well();
        }
        self.more |= page.more;
        if let Some(at) = page.next_due_at {
            self.note_due(at);
        }
        for due in page.due {
            if self.draining || self.closing || self.in_hand().any(|id| id == due.conversation_id) {
                continue;
            }
            self.stir_up(now);
            match &due.outbound {
                _ if due.heard_of => self.end(due, None, now),
                Err(error) => {
                    let error = Some(error.clone());
                    self.end(due, error, now);
                }
                Ok(outbound) if matches!(due.state, DispatchState::Begun(_)) => {
                    if may_repeat(outbound.channel, &outbound.what, due.tries, due.wished_at, now) {
                        self.queue.push_back(due);
                    } else {
                        self.end(due, Some(unknown()), now);
                    }
                }
                Ok(_) => self.queue.push_back(due),
            }
        }
    }

    /// There may be something new that is due.
    pub fn stir(&mut self) {
        self.more = true;
    }

    /// The lease was asked for until `until`.
    pub fn claimed(&mut self, now: Timestamp, until: Timestamp, line: Option<Line>) {
        self.asking = false;
        self.all_well();
        let Some(line) = line else { return self.refused(now) };
        if self.line.is_none() || now >= self.lease_until {
            // Another may have had it in between.
            self.forget();
            self.more = true;
            self.stir_up(now);
        }
        self.pace.get_or_insert_with(|| Pace::of(line.kind, now));
        self.refusals = 0;
        self.lease_until = until;
        self.line = Some(line);
    }

    fn refused(&mut self, now: Timestamp) {
        self.refusals += 1;
        if self.line.is_some() {
            self.closing = true;
            self.forget();
        } else if self.refusals >= REFUSALS_MAX {
            self.over = true;
        } else {
            self.hold_off_until = Some(now.plus_ms(REFUSED_MS << (self.refusals - 1)));
        }
    }

    /// It is said that the channel cannot send.
    pub fn halted(&mut self) {
        self.asking = false;
        self.all_well();
        self.closing = true;
        self.forget();
    }

    /// The lease is given back.
    pub fn released(&mut self) {
        self.asking = false;
        self.all_well();
        self.line = None;
        self.forget();
        self.over |= self.closing;
    }

    /// The store could not read.
    pub fn read_failed(&mut self, now: Timestamp) {
        self.paging = false;
        self.more = true;
        self.trouble(now);
    }

    /// The store could not do what the lease, or the channel, was asked of, or not say that it has.
    pub fn asking_failed(&mut self, now: Timestamp) {
        self.asking = false;
        self.trouble(now);
    }

    /// The process is ending: nothing more is begun.
    pub fn drain(&mut self) {
        self.draining = true;
        self.awaiting_place = false;
        self.forget();
        self.flights.retain(|_, flight| flight.under_way || !matches!(flight.work, Work::Begin));
    }

    /// What is under way is not waited for any longer.
    pub fn abandon(&mut self) {
        self.drain();
        self.abandoned = true;
        self.flights.clear();
    }

    /// Forgets what was read: it has to be read again before it is sent.
    fn forget(&mut self) {
        self.more |= !self.queue.is_empty();
        self.queue.clear();
    }

    fn note_due(&mut self, at: Timestamp) {
        self.next_due_at = Some(self.next_due_at.map_or(at, |earlier| earlier.min(at)));
    }

    fn stir_up(&mut self, now: Timestamp) {
        self.busy_at = now;
        self.looked_again = false;
    }

    fn all_well(&mut self) {
        self.troubles = 0;
        self.hold_off_until = None;
    }

    fn trouble(&mut self, now: Timestamp) {
        self.hold_off_until = Some(now.plus_ms(trouble_ms(self.troubles)));
        self.troubles += 1;
    }
}

fn trouble_ms(before: u32) -> i64 {
    (TROUBLE_MS.start() << before.min(10)).min(*TROUBLE_MS.end())
}
