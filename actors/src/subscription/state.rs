//! The rules of one webhook at work: what it does next, and what that changes. Pure: no clock, no waiting, no store.
//!
//! Guarantees: what [`State::next`] answers is under way from then on, and is ended by the function of its name; an attempt is begun only
//! under a lease that outlives it; a delivery whose attempt is not recorded is in nobody else's hands; an ordered webhook begins the next
//! only when the one before is recorded.
//!
//! Start reading at [`State::next`].

mod now;
mod step;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use entities::{AttemptOutcome, DeliveryStatus, RetrySchedule, TenantId, Timestamp, Verdict};

pub use step::{Begun, Step};

use super::{
    attempt::{GONE, Judgement, judge, weigh},
    queue::Queue,
};
use crate::port::{Attempted, Claimed, Due, Health, Lease, Page, Recorded, WebhookRequest};

/// By so much a fresh lease outlives an attempt.
const FRESH_MS: i64 = 15_000;
/// The first and the longest wait after the store has failed.
const TROUBLE_MS: std::ops::RangeInclusive<i64> = 100..=5_000;
/// How often one asks for a lease that another has. Whoever has it reads again before it gives it back.
const REFUSALS_MAX: u32 = 5;
/// The wait between the first two.
const REFUSED_MS: i64 = 250;

#[derive(Debug)]
enum Writing {
    Claim,
    /// Kept, to be recorded again should it fail.
    Record(Vec<Attempted>),
    Judgement,
    Release,
}

#[derive(Debug)]
struct Flight {
    due: Due,
    started_at: Timestamp,
}

/// How long a fresh lease is.
#[must_use]
pub fn lease_ms(deadline: Duration) -> i64 {
    i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX / 4).saturating_add(FRESH_MS)
}

/// One webhook at work.
#[derive(Debug)]
pub struct State {
    lease: Lease,
    deadline_ms: i64,
    schedule: Arc<RetrySchedule>,
    /// While the lease is ours.
    claimed: Option<Arc<Claimed>>,
    lease_until: Timestamp,
    /// As it is after everything that has finished, recorded or not.
    health: Health,
    queue: Queue,
    /// At most [`super::message::IN_FLIGHT_MAX`].
    flying: BTreeMap<i64, Flight>,
    /// Not yet recorded; with those under way at most [`super::message::UNRECORDED_MAX`].
    finished: Vec<Attempted>,
    writing: Option<Writing>,
    paging: bool,
    awaiting_place: bool,
    /// When there was something to do last.
    busy_at: Timestamp,
    /// Since then it has looked again whether there is something due.
    looked_again: bool,
    /// To be disabled as soon as everything is recorded; `true` if the receiver asked for it.
    condemned: Option<(bool, String)>,
    to_warn: bool,
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
    pub fn new(lease: Lease, deadline: Duration, schedule: Arc<RetrySchedule>, now: Timestamp) -> Self {
        let mut queue = Queue::default();
        queue.expect_more();
        Self {
            lease,
            deadline_ms: i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX / 4),
            schedule,
            claimed: None,
            lease_until: now,
            health: Health::default(),
            queue,
            flying: BTreeMap::new(),
            finished: Vec::new(),
            writing: None,
            paging: false,
            awaiting_place: false,
            busy_at: now,
            looked_again: false,
            condemned: None,
            to_warn: false,
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
    pub const fn lease(&self) -> Lease {
        self.lease
    }

    /// Whose webhook it is, while the lease is ours.
    #[must_use]
    pub fn tenant_id(&self) -> Option<TenantId> {
        self.claimed.as_ref().map(|claimed| claimed.tenant_id)
    }

    /// What to do next. To be asked again after every change, until it says to wait or to leave.
    pub fn next(&mut self, now: Timestamp) -> Step {
        if self.over || self.has_given_up() {
            self.lose();
            return Step::Leave;
        }
        let may_ask = self.hold_off_until.is_none_or(|until| until <= now);
        if may_ask && let Some(step) = self.next_write(now) {
            return step;
        }
        if may_ask && self.wants_page(now) {
            return self.page(now);
        }
        if self.may_begin(now) {
            return Step::Begin;
        }
        if self.claimed.is_none() && self.is_idle() && (self.draining || !self.stays_for_work(now)) {
            return Step::Leave;
        }
        Step::Wait(self.wake_at(now))
    }

    /// What the store is to be asked to write.
    fn next_write(&mut self, now: Timestamp) -> Option<Step> {
        if self.writing.is_some() {
            return None;
        }
        if self.wants_lease(now) {
            self.writing = Some(Writing::Claim);
            return Some(Step::Claim { until: now.plus_ms(self.deadline_ms + FRESH_MS) });
        }
        self.claimed.as_ref()?;
        if !self.finished.is_empty() {
            let attempts = std::mem::take(&mut self.finished);
            self.writing = Some(Writing::Record(attempts.clone()));
            return Some(Step::Record { attempts, health: self.health });
        }
        if let Some((_, reason)) = self.condemned.as_ref().filter(|_| self.flying.is_empty() && !self.paging) {
            let reason = reason.clone();
            self.writing = Some(Writing::Judgement);
            return Some(Step::Disable { reason });
        }
        if self.to_warn {
            self.writing = Some(Writing::Judgement);
            return Some(Step::Warn);
        }
        if self.is_idle() && (self.draining || self.has_rested(now) && (self.looked_again || self.is_paused(now))) {
            self.writing = Some(Writing::Release);
            return Some(Step::Release);
        }
        None
    }

    fn page(&mut self, now: Timestamp) -> Step {
        let Some(claimed) = self.claimed.clone() else { return Step::Wait(None) };
        self.looked_again = self.has_lingered(now);
        self.paging = true;
        let room = self.queue.read(now);
        Step::Page { claimed, busy: self.in_hand().into_iter().collect(), room }
    }

    /// A place was found: begins the next attempt, if it still may.
    pub fn begin(&mut self, now: Timestamp) -> Option<Begun> {
        self.awaiting_place = false;
        if !self.may_begin(now) {
            return None;
        }
        let claimed = self.claimed.clone()?;
        let due = self.queue.pop(now, claimed.rate_limit_per_second)?;
        self.stir_up(now);
        let request = WebhookRequest {
            url: claimed.url.clone(),
            event_id: due.event_id,
            event: Arc::from(due.kind.as_str()),
            delivery_id: due.id,
            attempt: due.attempts.saturating_add(1),
            body: due.body.clone(),
            secret: claimed.secret.clone(),
            previous_secret: claimed.previous_secret.as_ref().filter(|(_, until)| *until > now).map(|(secret, _)| secret.clone()),
            headers: claimed.headers.clone(),
            at: now,
        };
        let position = due.position;
        self.flying.insert(position, Flight { due, started_at: now });
        Some(Begun { position, request })
    }

    /// There was no place; one will be told of.
    pub fn await_place(&mut self) {
        self.awaiting_place = true;
    }

    /// There will be none; it asks again.
    pub fn place_lost(&mut self) {
        self.awaiting_place = false;
    }

    /// An attempt has ended at `now`. `fraction` is random, from 0 up to but not including 1.
    pub fn finish(&mut self, position: i64, outcome: AttemptOutcome, now: Timestamp, fraction: f64) {
        let Some(Flight { due, started_at }) = self.flying.remove(&position) else { return };
        self.stir_up(now);
        let meaning = weigh(&due, &outcome, self.health, &self.schedule, now, fraction);
        self.health = meaning.health;
        match outcome.verdict {
            Verdict::Delivered => {
                self.to_warn = false;
                self.condemned = self.condemned.take().filter(|(asked_for, _)| *asked_for);
            }
            Verdict::Gone => self.condemned = Some((true, GONE.to_owned())),
            Verdict::Failed => match judge(self.health, now) {
                Some(Judgement::Disable(reason)) if self.condemned.is_none() => self.condemned = Some((false, reason)),
                Some(Judgement::Warn) => self.to_warn = true,
                Some(Judgement::Disable(_)) | None => {}
            },
        }
        // Those behind it wait until it is due again.
        if meaning.status == DeliveryStatus::Pending && self.claimed.as_ref().is_some_and(|claimed| claimed.ordered) {
            self.queue.forget();
        }
        self.finished.push(Attempted {
            position,
            number: due.attempts.saturating_add(1),
            trigger: due.trigger,
            started_at,
            outcome,
            status: meaning.status,
            next_due_at: meaning.next_due_at,
        });
    }

    /// There may be something new that is due.
    pub fn stir(&mut self) {
        self.queue.expect_more();
    }

    /// The lease was asked for until `until`.
    pub fn claimed(&mut self, now: Timestamp, until: Timestamp, claimed: Option<Claimed>) {
        self.writing = None;
        self.all_well();
        let Some(claimed) = claimed else { return self.refused(now) };
        let is_new = self.claimed.is_none() || now >= self.lease_until;
        if is_new || self.claimed.as_ref().is_some_and(|before| before.ordered != claimed.ordered) {
            // Another may have had it in between, or the line is another now.
            self.queue.forget();
            self.queue.expect_more();
        }
        if is_new {
            self.stir_up(now);
        }
        if self.finished.is_empty() {
            self.health = claimed.health;
        }
        self.refusals = 0;
        self.lease_until = until;
        self.claimed = Some(Arc::new(claimed));
    }

    fn refused(&mut self, now: Timestamp) {
        self.refusals += 1;
        if self.claimed.is_some() || self.refusals >= REFUSALS_MAX {
            self.lose();
        } else {
            self.hold_off_until = Some(now.plus_ms(REFUSED_MS << (self.refusals - 1)));
        }
    }

    /// A page was read.
    pub fn read(&mut self, now: Timestamp, mut page: Page) {
        self.paging = false;
        // While something is to be written, only that shows whether the store is well.
        if self.writing.is_none() && self.finished.is_empty() {
            self.all_well();
        }
        let in_hand = self.in_hand();
        page.due.retain(|due| !in_hand.contains(&due.position));
        if !page.due.is_empty() {
            self.stir_up(now);
        }
        self.queue.take(page);
    }

    /// What was to be recorded is, or never will be by us.
    pub fn recorded(&mut self, now: Timestamp, recorded: Recorded) {
        let written = self.writing.take();
        self.all_well();
        match (recorded, written) {
            (Recorded::LeaseLost, _) => self.lose(),
            (Recorded::Written, Some(Writing::Record(attempts))) => {
                self.stir_up(now);
                attempts.iter().filter_map(|attempt| attempt.next_due_at).for_each(|at| self.queue.note_due(at));
            }
            (Recorded::Written, _) => {}
        }
    }

    /// The webhook is disabled: nothing of it is ours any more.
    pub fn disabled(&mut self) {
        self.lose();
    }

    /// The owner was told.
    pub fn warned(&mut self, now: Timestamp) {
        self.writing = None;
        self.all_well();
        self.to_warn = false;
        // Unless it succeeded meanwhile: then the next row of failures is another.
        if self.health.failing_since.is_some() {
            self.health.warned_at = Some(now);
        }
    }

    /// The lease is given back.
    pub fn released(&mut self) {
        self.writing = None;
        self.all_well();
        self.claimed = None;
        self.queue.forget();
    }

    /// The store could not read.
    pub fn read_failed(&mut self, now: Timestamp) {
        self.paging = false;
        self.queue.expect_more();
        self.trouble(now);
    }

    /// The store could not write, or not say that it has.
    pub fn write_failed(&mut self, now: Timestamp) {
        if let Some(Writing::Record(mut attempts)) = self.writing.take() {
            attempts.append(&mut self.finished);
            self.finished = attempts;
        }
        self.trouble(now);
    }

    /// The process is ending: nothing more is begun.
    pub fn drain(&mut self) {
        self.draining = true;
        self.awaiting_place = false;
        self.queue.forget();
    }

    /// What is under way is not waited for any longer; it will be due again.
    pub fn abandon(&mut self) {
        self.drain();
        self.abandoned = true;
        self.flying.clear();
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
        let wait = (TROUBLE_MS.start() << self.troubles.min(10)).min(*TROUBLE_MS.end());
        self.troubles += 1;
        self.hold_off_until = Some(now.plus_ms(wait));
    }

    /// The webhook is another's now, or nobody's.
    fn lose(&mut self) {
        self.claimed = None;
        self.writing = None;
        self.flying.clear();
        self.finished.clear();
        self.queue.forget();
        self.over = true;
    }
}
