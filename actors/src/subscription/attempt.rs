//! What a finished attempt means: for its delivery, for its webhook's health, and whether the webhook is given up. Pure.

use std::time::Duration;

use entities::{AttemptOutcome, DeliveryStatus, RetrySchedule, Timestamp, Verdict};

use crate::port::{Due, Health};

/// The most that is added to a wait at random, as a part of it.
const JITTER: f64 = 0.2;
/// A webhook without a success for so long is disabled,
const GIVEN_UP_AFTER: Duration = Duration::from_hours(72);
/// if at least so many deliveries failed for good since.
const GIVEN_UP_EXHAUSTED: u32 = 10;
/// At half-way its owner is told:
const WARNED_AFTER: Duration = Duration::from_hours(36);
/// after so many.
const WARNED_EXHAUSTED: u32 = 5;
/// Why a webhook is disabled whose receiver wants no more.
pub const GONE: &str = "the receiver answered 410 Gone: it wants no more of this webhook";

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// What the delivery is now.
    pub status: DeliveryStatus,
    /// If pending: when the next attempt is due.
    pub next_due_at: Option<Timestamp>,
    /// How the webhook does now.
    pub health: Health,
}

/// What is to be done about a webhook that keeps failing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is disabled, for this reason.
    Disable(String),
    /// Its owner is told, once.
    Warn,
}

/// Weighs an attempt that ended at `now`. `fraction` is random, from 0 up to but not including 1.
#[must_use]
pub fn weigh(due: &Due, outcome: &AttemptOutcome, health: Health, schedule: &RetrySchedule, now: Timestamp, fraction: f64) -> Meaning {
    if outcome.verdict == Verdict::Delivered {
        // A pause that another answer asked for stays.
        let health = Health { paused_until: health.paused_until, ..Health::default() };
        return Meaning { status: DeliveryStatus::Delivered, next_due_at: None, health };
    }
    let asked_until = outcome.retry_after.map(|retry_after| later(now, retry_after.wait()));
    let mut health = Health { failures: health.failures.saturating_add(1), failing_since: health.failing_since.or(Some(now)), ..health };
    if matches!(outcome.http_status, Some(429 | 503)) {
        health.paused_until = health.paused_until.max(asked_until);
    }
    let delay = match outcome.verdict {
        Verdict::Gone => None,
        Verdict::Delivered | Verdict::Failed => schedule.delay_after(due.failures_in_budget as usize + 1),
    };
    match delay {
        Some(delay) => {
            let scheduled = later(now, delay + delay.mul_f64(JITTER * fraction.clamp(0.0, 1.0)));
            Meaning { status: DeliveryStatus::Pending, next_due_at: Some(scheduled).max(asked_until), health }
        }
        None => {
            health.exhausted = health.exhausted.saturating_add(1);
            Meaning { status: DeliveryStatus::Failed, next_due_at: None, health }
        }
    }
}

/// Whether a webhook whose attempt has just failed is given up, or its owner to be told.
#[must_use]
pub fn judge(health: Health, now: Timestamp) -> Option<Judgement> {
    let since = health.failing_since?;
    let failing_ms = u128::try_from(now.ms_since(since)).unwrap_or(0);
    if failing_ms >= GIVEN_UP_AFTER.as_millis() && health.exhausted >= GIVEN_UP_EXHAUSTED {
        let reason =
            format!("no delivery has succeeded since {since}, and {} events were given up after all their retries", health.exhausted);
        return Some(Judgement::Disable(reason));
    }
    let half_way = failing_ms >= WARNED_AFTER.as_millis() && health.exhausted >= WARNED_EXHAUSTED;
    (half_way && health.warned_at.is_none()).then_some(Judgement::Warn)
}

/// Never earlier than asked: a part of a millisecond counts as one.
fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let ms = wait.as_nanos().div_ceil(1_000_000);
    now.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}
