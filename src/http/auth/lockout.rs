//! Failed sign-ins of late: ten for one e-mail address from one address prefix lock that pair out for a while, and nobody else.
//!
//! Whoever fails on purpose with somebody else's address locks out the prefix it sits in, not the owner, who signs in from another.
//! Counted before the password is looked at, so that a locked-out attempt costs nothing and tells nothing. Addresses are kept as hashes.
//! Kept in memory: each node counts for itself, and a restart forgets.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use entities::Timestamp;

use crate::{
    crypto::sha256,
    http::{
        middleware::context,
        problem::{Code, Problem},
    },
};

/// Failures that lock out.
pub const FAILURES_MAX: usize = 10;
/// Within this many milliseconds: 15 minutes.
pub const WITHIN_MS: i64 = 15 * 60 * 1000;
/// Pairs kept; beyond it those that are over are forgotten, and then nobody new is let in until some are.
const PAIRS_MAX: usize = 100_000;

type Pair = ([u8; 32], IpAddr);

/// The failures of late.
#[derive(Debug, Default)]
pub struct Lockout {
    /// When each pair failed, oldest first, at most [`FAILURES_MAX`] each. A plain lock: it is held for a look-up.
    failures: Mutex<HashMap<Pair, Vec<Timestamp>>>,
}

impl Lockout {
    /// Counts an attempt before it is made, as if it failed; [`Lockout::succeeded`] takes it back. Counting first keeps attempts that are made
    /// at once from all slipping through.
    ///
    /// # Errors
    /// 429 `locked_out` with the time until the oldest failure is forgotten.
    pub fn attempt(&self, email: &str, address: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= PAIRS_MAX {
            failures.retain(|_pair, times| times.iter().any(|at| now.ms_since(*at) < WITHIN_MS));
            if failures.len() >= PAIRS_MAX {
                return Err(Problem::new(Code::Busy).detail("too many sign-ins are failing").retry_after_ms(60_000));
            }
        }
        let times = failures.entry(pair(email, address)).or_default();
        times.retain(|at| now.ms_since(*at) < WITHIN_MS);
        if times.len() >= FAILURES_MAX {
            let oldest = times.first().copied().unwrap_or(now);
            let wait_ms = u64::try_from(WITHIN_MS - now.ms_since(oldest)).unwrap_or_default();
            return Err(Problem::new(Code::LockedOut)
                .detail("too many failed sign-ins for this address from your network; others are not affected")
                .retry_after_ms(wait_ms));
        }
        times.push(now);
        Ok(())
    }

    /// The attempt was right: the pair begins afresh.
    pub fn succeeded(&self, email: &str, address: IpAddr) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&pair(email, address));
    }

    /// The attempt was never decided (too busy, the database away): it does not count.
    pub fn undecided(&self, email: &str, address: IpAddr) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = failures.get_mut(&pair(email, address)) {
            times.pop();
        }
    }
}

fn pair(email: &str, address: IpAddr) -> Pair {
    (sha256(email.as_bytes()), context::prefix(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ten_failures_lock_out_one_address_from_one_prefix_and_nobody_else() {
        let lockout = Lockout::default();
        let start = Timestamp::from_micros(0);
        for n in 0..10 {
            lockout.attempt("ada@example.com", ip("203.0.113.1"), start.plus_ms(n)).unwrap();
        }
        let refused = lockout.attempt("ada@example.com", ip("203.0.113.200"), start.plus_ms(1000)).unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), (Code::LockedOut, Some(899_000)));
        lockout.attempt("ada@example.com", ip("198.51.100.1"), start).unwrap();
        lockout.attempt("bob@example.com", ip("203.0.113.1"), start).unwrap();
        lockout.attempt("ada@example.com", ip("203.0.113.1"), start.plus_ms(WITHIN_MS)).unwrap();
    }

    #[test]
    fn a_right_password_begins_afresh_and_an_undecided_attempt_does_not_count() {
        let lockout = Lockout::default();
        let now = Timestamp::from_micros(0);
        for _ in 0..30 {
            lockout.attempt("ada@example.com", ip("203.0.113.1"), now).unwrap();
            lockout.undecided("ada@example.com", ip("203.0.113.1"));
        }
        for _ in 0..9 {
            lockout.attempt("ada@example.com", ip("203.0.113.1"), now).unwrap();
        }
        lockout.succeeded("ada@example.com", ip("203.0.113.1"));
        lockout.attempt("ada@example.com", ip("203.0.113.1"), now).unwrap();
    }
}
