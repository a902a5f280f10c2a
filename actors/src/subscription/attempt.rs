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
    let Some(delay) = delay else {
        health.exhausted = health.exhausted.saturating_add(1);
        return Meaning { status: DeliveryStatus::Failed, next_due_at: None, health };
    };
    let scheduled = later(now, delay + delay.mul_f64(JITTER * fraction.clamp(0.0, 1.0)));
    Meaning { status: DeliveryStatus::Pending, next_due_at: Some(scheduled).max(asked_until), health }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use entities::{DeliveryId, EventId, EventKind, Trigger};
    use uuid::Uuid;

    use super::*;
    use crate::testing::courier::{Answer, hang, status};

    const NOW: i64 = 1_774_535_400_000_000;

    fn now() -> Timestamp {
        Timestamp::from_micros(NOW)
    }

    fn due(failures: u32) -> Due {
        Due {
            position: 1,
            id: DeliveryId::new(Uuid::from_u128(1)),
            event_id: EventId::new(Uuid::from_u128(2)),
            kind: EventKind::TicketCreated,
            body: Arc::from(*b"{}"),
            attempts: failures + 3,
            failures_in_budget: failures,
            trigger: Trigger::Auto,
            due_at: now(),
        }
    }

    fn weighed(failures: u32, answer: &Answer, health: Health, fraction: f64) -> Meaning {
        weigh(&due(failures), &answer.outcome, health, &RetrySchedule::default(), now(), fraction)
    }

    /// The wait before the next attempt, in milliseconds.
    fn wait_ms(failures: u32, answer: &Answer, fraction: f64) -> Option<i64> {
        weighed(failures, answer, Health::default(), fraction).next_due_at.map(|at| at.ms_since(now()))
    }

    #[test]
    fn retries_come_as_the_schedule_says_and_up_to_a_fifth_later() {
        let least: Vec<_> = (0..7).map(|failures| wait_ms(failures, &status(500), 0.0)).collect();
        assert_eq!(least, [Some(10_000), Some(60_000), Some(360_000), Some(2_160_000), Some(12_960_000), None, None]);
        let most: Vec<_> = (0..5).filter_map(|failures| wait_ms(failures, &status(500), 0.999)).collect();
        assert_eq!(most, [11_998, 71_988, 431_928, 2_591_568, 15_549_408]);
        let wild: Vec<_> = [-1.0, 7.0, f64::INFINITY].into_iter().filter_map(|fraction| wait_ms(0, &status(500), fraction)).collect();
        assert_eq!(wild, [10_000, 12_000, 12_000]);
    }

    #[test]
    fn the_receiver_can_ask_for_more_time_and_not_for_less() {
        let asked = |secs| wait_ms(0, &status(500).retry_after(Duration::from_secs(secs)), 0.999);
        assert_eq!([asked(3), asked(11), asked(12), asked(1_000_000)], [Some(11_998), Some(11_998), Some(12_000), Some(86_400_000)]);
        assert_eq!(wait_ms(5, &status(500).retry_after(Duration::from_secs(3)), 0.0), None, "no retry is left");
    }

    #[test]
    fn only_429_and_503_pause_the_whole_webhook() {
        let paused = |answer: Answer| weighed(0, &answer, Health::default(), 0.0).health.paused_until.map(|at| at.ms_since(now()));
        let minute = Duration::from_mins(1);
        let all = [429, 503, 500, 400].map(|code| paused(status(code).retry_after(minute)));
        assert_eq!(all, [Some(60_000), Some(60_000), None, None]);
        assert_eq!(paused(status(429)), None, "without an instant there is nothing to wait for");
        let long = Health { paused_until: Some(now().plus_ms(90_000)), ..Health::default() };
        let meaning = weighed(0, &status(503).retry_after(minute), long, 0.0);
        assert_eq!(meaning.health.paused_until, long.paused_until, "the longer pause stays");
        // The last attempt pauses those that have some left.
        let last = weighed(5, &status(429).retry_after(minute), Health::default(), 0.0);
        assert_eq!((last.status, last.health.paused_until), (DeliveryStatus::Failed, Some(now().plus_ms(60_000))));
    }

    #[test]
    fn a_success_makes_well_again() {
        let ill = Health {
            failures: 7,
            exhausted: 2,
            failing_since: Some(now().plus_ms(-9)),
            warned_at: Some(now()),
            paused_until: Some(now().plus_ms(5)),
        };
        let meaning = weighed(2, &status(204), ill, 0.5);
        let health = Health { paused_until: ill.paused_until, ..Health::default() };
        assert_eq!(meaning, Meaning { status: DeliveryStatus::Delivered, next_due_at: None, health });
    }

    #[test]
    fn failures_are_counted_from_the_first() {
        let first = weighed(0, &hang(Duration::ZERO), Health::default(), 0.0).health;
        assert_eq!(first, Health { failures: 1, failing_since: Some(now()), ..Health::default() });
        let since = Some(now().plus_ms(-1_000));
        let later = weighed(5, &status(500), Health { failing_since: since, ..first }, 0.0);
        assert_eq!((later.status, later.next_due_at), (DeliveryStatus::Failed, None));
        assert_eq!(later.health, Health { failures: 2, exhausted: 1, failing_since: since, ..Health::default() });
    }

    #[test]
    fn gone_is_for_good() {
        let meaning = weighed(0, &status(410).retry_after(Duration::from_mins(1)), Health::default(), 0.0);
        assert_eq!((meaning.status, meaning.next_due_at, meaning.health.exhausted), (DeliveryStatus::Failed, None, 1));
    }

    #[test]
    fn a_webhook_is_given_up_after_three_days_and_ten_events_and_its_owner_warned_at_half_way() {
        let judged = |hours: i64, exhausted| {
            let failing_since = Some(now().plus_ms(-hours * 3_600_000));
            judge(Health { exhausted, failing_since, ..Health::default() }, now())
        };
        assert_eq!([judged(36, 4), judged(35, 100), judged(0, 9)], [None, None, None]);
        assert_eq!([judged(36, 5), judged(71, 100), judged(72, 9)], [const { Some(Judgement::Warn) }; 3]);
        let reason = "no delivery has succeeded since 2026-03-23T14:30:00.000000Z, and 10 events were given up after all their retries";
        assert_eq!(judged(72, 10), Some(Judgement::Disable(reason.to_owned())));
        let warned =
            Health { failing_since: Some(now().plus_ms(-40 * 3_600_000)), exhausted: 6, warned_at: Some(now()), ..Health::default() };
        assert_eq!(judge(warned, now()), None, "once");
        assert_eq!(judge(Health::default(), now()), None);
    }
}
