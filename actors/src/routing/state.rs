//! When one tenant's router claims its lease, looks, and leaves. Pure: no clock, no waiting, no store.
//!
//! Guarantees: what [`State::next`] answers is under way from then on, and is ended by the function of its name; nothing is begun without a
//! lease; a hint that came while something was under way is followed after it.
//!
//! Start reading at [`State::next`].

use entities::Timestamp;

use crate::port::RoutingLease;

/// How long a lease is. After a crash another node waits for its end.
pub const LEASE_MS: i64 = 12_000;
/// It is renewed when so much is left.
const RENEW_MS: i64 = 6_000;
/// Nothing is given out on less than this.
pub const MARGIN_MS: i64 = 2_000;
/// How often it looks without a hint: the longest that a lost one delays anything.
pub const LOOK_MS: i64 = 500;
/// Hints are followed no more often than this.
const PACE_MS: i64 = 100;
/// How often everything is looked at, whether or not there is a sign of news: rules, teams and members change without one.
const WHOLE_MS: i64 = 5_000;
/// It stays awake for so long after the last agent has gone.
const LINGER_MS: i64 = 5_000;
/// The first and the longest wait after something has failed.
const TROUBLE_MS: std::ops::RangeInclusive<i64> = 100..=5_000;
/// After so many failures in a row without a lease, it leaves; the sweep wakes it again.
const TROUBLES_MAX: u32 = 8;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Claim or renew the lease: [`State::claimed`].
    Claim {
        /// Until then.
        until: Timestamp,
    },
    /// Look what there is to do, and do it: [`State::looked`].
    Look {
        /// Everything is looked at, rather than only whether there is news.
        whole: bool,
        /// Nothing is given out from then on.
        until: Timestamp,
    },
    /// Give the lease back: [`State::released`].
    Release,
    /// Nothing until something ends, or until then.
    Wait(Option<Timestamp>),
    /// There is nothing left to do here.
    Leave,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// The tenant is gone, or its rules are manual.
    Unrouted,
    /// It is routed.
    Routed {
        /// Somebody is online.
        attended: bool,
        /// There may be more to do at once.
        again: bool,
        /// When time alone brings something to do.
        turn_at: Option<Timestamp>,
    },
}

/// One tenant's router at work.
#[derive(Debug)]
pub struct State {
    lease: RoutingLease,
    /// While it is ours.
    lease_until: Option<Timestamp>,
    /// What is under way.
    doing: Option<Step>,
    /// There may be news.
    stirred: bool,
    looked_at: Option<Timestamp>,
    whole_at: Option<Timestamp>,
    turn_at: Option<Timestamp>,
    deserted_since: Option<Timestamp>,
    troubles: u32,
    /// Nothing is tried before.
    hold_off_until: Option<Timestamp>,
    draining: bool,
    over: bool,
}

impl State {
    /// One that has just been woken.
    #[must_use]
    pub const fn new(lease: RoutingLease) -> Self {
        Self {
            lease,
            lease_until: None,
            doing: None,
            stirred: true,
            looked_at: None,
            whole_at: None,
            turn_at: None,
            deserted_since: None,
            troubles: 0,
            hold_off_until: None,
            draining: false,
            over: false,
        }
    }

    /// Whose lease it works under.
    #[must_use]
    pub const fn lease(&self) -> RoutingLease {
        self.lease
    }

    /// What to do next. To be asked again after every change, until it says to wait or to leave.
    pub fn next(&mut self, now: Timestamp) -> Step {
        if self.over {
            return Step::Leave;
        }
        if self.doing.is_some() {
            return Step::Wait(None);
        }
        let Some(lease_until) = self.lease_until.filter(|until| *until > now) else { return self.without_lease(now) };
        if self.draining || self.is_deserted(now) {
            return self.begin(Step::Release);
        }
        if let Some(until) = self.hold_off_until.filter(|until| *until > now) {
            return Step::Wait(Some(until));
        }
        let renew_at = lease_until.plus_ms(-RENEW_MS);
        if renew_at <= now {
            return self.begin(Step::Claim { until: now.plus_ms(LEASE_MS) });
        }
        let look_at = self.look_at(now);
        if look_at > now {
            return Step::Wait(Some(look_at.min(renew_at)));
        }
        let whole = self.stirred || self.whole_at.is_none_or(|at| now.ms_since(at) >= WHOLE_MS);
        self.stirred = false;
        self.looked_at = Some(now);
        if whole {
            self.whole_at = Some(now);
        }
        self.begin(Step::Look { whole, until: lease_until.plus_ms(-MARGIN_MS) })
    }

    fn without_lease(&mut self, now: Timestamp) -> Step {
        if self.draining || self.is_deserted(now) || self.troubles >= TROUBLES_MAX {
            self.over = true;
            return Step::Leave;
        }
        if let Some(until) = self.hold_off_until.filter(|until| *until > now) {
            return Step::Wait(Some(until));
        }
        self.begin(Step::Claim { until: now.plus_ms(LEASE_MS) })
    }

    fn begin(&mut self, step: Step) -> Step {
        self.doing = Some(step);
        step
    }

    /// Hints are followed at the pace; otherwise it looks by itself, and when time brings something.
    fn look_at(&self, now: Timestamp) -> Timestamp {
        let Some(looked_at) = self.looked_at else { return now };
        if self.stirred {
            return looked_at.plus_ms(PACE_MS);
        }
        let by_itself = looked_at.plus_ms(LOOK_MS);
        self.turn_at.map_or(by_itself, |at| at.max(looked_at.plus_ms(PACE_MS)).min(by_itself))
    }

    /// Nobody has been there for a while, and nobody may have come since it looked.
    fn is_deserted(&self, now: Timestamp) -> bool {
        !self.stirred && self.deserted_since.is_some_and(|since| now.ms_since(since) >= LINGER_MS)
    }

    /// The claim has ended; `ours` if there is a lease until then.
    pub fn claimed(&mut self, until: Timestamp, ours: bool) {
        self.succeeded();
        if ours {
            self.lease_until = Some(until);
        } else {
            // Another node has it and looks by itself, or there is nothing to give out.
            self.over = true;
        }
    }

    /// The look has ended.
    pub fn looked(&mut self, now: Timestamp, looked: Looked) {
        self.succeeded();
        match looked {
            Looked::Unrouted => self.draining = true,
            Looked::Routed { attended, again, turn_at } => {
                self.stirred |= again;
                self.turn_at = turn_at;
                self.deserted_since = if attended { None } else { self.deserted_since.or(Some(now)) };
            }
        }
    }

    /// The lease is given back.
    pub fn released(&mut self) {
        self.succeeded();
        self.lease_until = None;
    }

    /// Whatever was under way has failed, and is tried again; a lease that could not be given back ends by itself.
    pub fn failed(&mut self, now: Timestamp) {
        self.over |= self.draining && matches!(self.doing, Some(Step::Release));
        self.doing = None;
        self.stirred = true;
        let wait_ms = TROUBLE_MS.start().saturating_mul(1_i64 << self.troubles.min(10)).min(*TROUBLE_MS.end());
        self.troubles = self.troubles.saturating_add(1);
        self.hold_off_until = Some(now.plus_ms(wait_ms));
    }

    fn succeeded(&mut self) {
        self.doing = None;
        self.troubles = 0;
        self.hold_off_until = None;
    }

    /// There may be news.
    pub fn stir(&mut self) {
        self.stirred = true;
    }

    /// Begins nothing more: gives the lease back when nothing is under way.
    pub fn drain(&mut self) {
        self.draining = true;
    }

    /// Leaves at once; whatever is under way is void.
    pub fn abandon(&mut self) {
        self.over = true;
    }
}
