//! The rules, step by step, without a clock, a store or a courier.

use std::{sync::Arc, time::Duration};

use entities::{DeliveryId, EventId, EventKind, NodeId, RetrySchedule, TenantId, Timestamp, Trigger, WebhookId, WebhookSecret};
use uuid::Uuid;

use super::{State, Step};
use crate::{
    port::{Attempted, Claimed, Due, Health, Lease, Page, Recorded},
    testing::courier::{Answer, status},
};

/// A state with the store and the courier played by the test.
struct Desk {
    state: State,
    now: Timestamp,
    claimed: Claimed,
    /// Positions whose attempts are under way.
    begun: Vec<i64>,
}

fn due(position: i64, at: Timestamp) -> Due {
    Due {
        position,
        id: DeliveryId::new(Uuid::from_u128(position as u128)),
        event_id: EventId::new(Uuid::from_u128(1_000 + position as u128)),
        kind: EventKind::TicketCreated,
        body: Arc::from(*b"{}"),
        attempts: 0,
        failures_in_budget: 0,
        trigger: Trigger::Auto,
        due_at: at,
    }
}

impl Desk {
    fn new(change: impl FnOnce(&mut Claimed)) -> Self {
        let now = Timestamp::from_micros(1_774_535_400_000_000);
        let lease = Lease { webhook_id: WebhookId::new(Uuid::from_u128(1)), owner: NodeId::new(Uuid::from_u128(2)) };
        let mut claimed = Claimed {
            tenant_id: TenantId::new(Uuid::from_u128(3)),
            id: lease.webhook_id,
            url: Arc::from("https://example.com/"),
            headers: Arc::from([]),
            secret: WebhookSecret::from_random([1; 32]),
            previous_secret: None,
            ordered: false,
            rate_limit_per_second: None,
            health: Health::default(),
        };
        change(&mut claimed);
        let state = State::new(lease, Duration::from_secs(15), Arc::new(RetrySchedule::default()), now);
        Self { state, now, claimed, begun: Vec::new() }
    }

    /// With the lease, and these deliveries read.
    fn with(positions: std::ops::RangeInclusive<i64>, change: impl FnOnce(&mut Claimed)) -> Self {
        let mut desk = Self::new(change);
        desk.claim();
        let Step::Page { .. } = desk.next() else { panic!("it reads what is due") };
        desk.read(positions);
        desk
    }

    fn next(&mut self) -> Step {
        self.state.next(self.now)
    }

    fn wait_ms(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    fn claim(&mut self) {
        let Step::Claim { until } = self.next() else { panic!("it claims the lease") };
        assert_eq!(until.ms_since(self.now), 30_000);
        self.state.claimed(self.now, until, Some(self.claimed.clone()));
    }

    fn read(&mut self, positions: std::ops::RangeInclusive<i64>) {
        let due = positions.map(|position| due(position, self.now)).collect();
        self.state.read(self.now, Page { due, more: false, next_due_at: None });
    }

    /// Begins all that may be; what it does then.
    fn begin_all(&mut self) -> Step {
        loop {
            match self.next() {
                Step::Begin => self.begun.extend(self.state.begin(self.now).map(|begun| begun.position)),
                other => return other,
            }
        }
    }

    fn begins_nothing(&mut self, why: &str) {
        let before = self.begun.clone();
        let then = self.begin_all();
        assert_eq!(self.begun, before, "{why}");
        assert!(matches!(then, Step::Wait(_)), "{why}, and does not {then:?}");
    }

    fn finish(&mut self, position: i64, answer: &Answer) {
        self.begun.retain(|begun| *begun != position);
        self.state.finish(position, answer.outcome.clone(), self.now, 0.0);
    }

    fn record(&mut self) -> Vec<Attempted> {
        let Step::Record { attempts, .. } = self.next() else { panic!("it records") };
        self.state.recorded(self.now, Recorded::Written);
        attempts
    }

    fn waits_ms(&mut self) -> Option<i64> {
        match self.next() {
            Step::Wait(at) => at.map(|at| at.ms_since(self.now)),
            other => panic!("it waits, and does not {other:?}"),
        }
    }
}

fn positions(attempts: &[Attempted]) -> Vec<i64> {
    attempts.iter().map(|attempt| attempt.position).collect()
}

#[test]
fn eight_are_under_way_at_once_and_no_more() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    assert_eq!(desk.begun, [1, 2, 3, 4, 5, 6, 7, 8]);
    desk.finish(3, &status(200));
    desk.finish(7, &status(500));
    assert_eq!(positions(&desk.record()), [3, 7], "what has finished is recorded together");
    desk.begin_all();
    assert_eq!(desk.begun, [1, 2, 4, 5, 6, 8, 9, 10]);
}

#[test]
fn what_finishes_while_a_record_is_under_way_goes_with_the_next() {
    let mut desk = Desk::with(1..=9, |_| {});
    desk.begin_all();
    desk.finish(1, &status(200));
    assert!(matches!(desk.next(), Step::Record { .. }));
    desk.finish(2, &status(200));
    desk.finish(3, &status(200));
    desk.begin_all();
    desk.state.recorded(desk.now, Recorded::Written);
    assert_eq!(positions(&desk.record()), [2, 3]);
}

#[test]
fn an_ordered_webhook_begins_the_next_when_the_one_before_is_recorded() {
    let mut desk = Desk::with(1..=3, |claimed| claimed.ordered = true);
    desk.begin_all();
    assert_eq!(desk.begun, [1]);
    desk.finish(1, &status(200));
    let Step::Record { .. } = desk.next() else { panic!("it records") };
    desk.begins_nothing("not while it is being recorded");
    desk.state.recorded(desk.now, Recorded::Written);
    desk.begin_all();
    assert_eq!(desk.begun, [2]);
}

#[test]
fn a_failing_head_holds_up_the_line_until_it_has_failed_for_good() {
    let mut desk = Desk::with(1..=3, |claimed| claimed.ordered = true);
    desk.begin_all();
    desk.finish(1, &status(500));
    desk.record();
    let Step::Page { busy, .. } = desk.next() else { panic!("those behind it are read again, when it is due") };
    assert_eq!(busy, [0_i64; 0]);
    desk.state.read(desk.now, Page { due: Vec::new(), more: false, next_due_at: Some(desk.now.plus_ms(10_000)) });
    desk.begins_nothing("it waits");
    let mut desk = Desk::with(1..=1, |claimed| claimed.ordered = true);
    let mut last = due(2, desk.now);
    last.failures_in_budget = 5;
    desk.begin_all();
    desk.finish(1, &status(200));
    desk.record();
    desk.state.stir();
    assert!(matches!(desk.next(), Step::Page { .. }));
    desk.state.read(desk.now, Page { due: vec![last, due(3, desk.now)], more: false, next_due_at: None });
    desk.begin_all();
    desk.finish(2, &status(500));
    desk.record();
    desk.begin_all();
    assert_eq!(desk.begun, [3]);
}

#[test]
fn the_breaker_lets_one_probe_through_until_there_is_a_success() {
    let mut desk = Desk::with(1..=20, |claimed| claimed.health.failures = 4);
    desk.begin_all();
    assert_eq!(desk.begun.len(), 8);
    desk.finish(1, &status(500));
    desk.record();
    desk.begin_all();
    for position in 2..=8 {
        assert_eq!(desk.begun.len(), 9 - position as usize, "nothing is begun while others are under way");
        desk.finish(position, &status(500));
        desk.record();
        desk.begin_all();
    }
    assert_eq!(desk.begun, [9], "one probe");
    desk.finish(9, &status(500));
    desk.record();
    desk.begin_all();
    assert_eq!(desk.begun, [10], "one more");
    desk.finish(10, &status(200));
    desk.record();
    desk.begin_all();
    assert_eq!(desk.begun, [11, 12, 13, 14, 15, 16, 17, 18]);
}

#[test]
fn a_pause_is_for_the_whole_webhook() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.finish(1, &status(429).retry_after(Duration::from_secs(7)));
    let Step::Record { health, .. } = desk.next() else { panic!("it records") };
    assert_eq!(health.paused_until, Some(desk.now.plus_ms(7_000)));
    desk.state.recorded(desk.now, Recorded::Written);
    desk.finish(2, &status(200));
    desk.record();
    desk.begins_nothing("a success does not end it");
    for position in 3..=8 {
        desk.finish(position, &status(200));
    }
    desk.record();
    desk.begin_all();
    assert!(desk.begun.is_empty());
    desk.wait_ms(200);
    assert!(matches!(desk.next(), Step::Release), "a lease is not needed for waiting");
    desk.state.released();
    assert_eq!(desk.waits_ms(), Some(6_800));
    desk.state.stir();
    assert_eq!(desk.waits_ms(), Some(6_800), "a hint changes nothing");
    desk.wait_ms(6_800);
    desk.claim();
}

#[test]
fn a_rate_limit_holds_in_every_second() {
    let mut desk = Desk::with(1..=9, |claimed| claimed.rate_limit_per_second = Some(3));
    desk.begin_all();
    assert_eq!(desk.begun, [1, 2, 3]);
    desk.wait_ms(400);
    (1..=3).for_each(|position| desk.finish(position, &status(200)));
    desk.record();
    assert_eq!(desk.waits_ms(), Some(600));
    desk.wait_ms(599);
    desk.begins_nothing("it waits");
    desk.wait_ms(1);
    desk.begin_all();
    assert_eq!(desk.begun, [4, 5, 6]);
}

#[test]
fn a_slow_rate_is_kept_in_mind_before_the_lease_is_given_back() {
    let mut desk = Desk::with(1..=1, |claimed| claimed.rate_limit_per_second = Some(1));
    desk.begin_all();
    desk.finish(1, &status(200));
    desk.record();
    desk.wait_ms(999);
    assert_eq!(desk.waits_ms(), Some(1));
    desk.wait_ms(1);
    assert!(matches!(desk.next(), Step::Page { .. }));
}

#[test]
fn an_attempt_is_begun_only_under_a_lease_that_outlives_it() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.wait_ms(5_001);
    let Step::Claim { until } = desk.next() else { panic!("it renews the lease while attempts are under way") };
    // The answer takes its time.
    desk.finish(1, &status(200));
    desk.wait_ms(5_000);
    desk.begins_nothing("15 s and 5 s to record are no longer left");
    desk.state.claimed(desk.now, until.plus_ms(5_000), Some(desk.claimed.clone()));
    desk.record();
    desk.begin_all();
    assert_eq!(desk.begun.len(), 8);
}

#[test]
fn after_the_lease_has_run_out_everything_is_read_again() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    (1..=8).for_each(|position| desk.finish(position, &status(200)));
    desk.wait_ms(30_000);
    let Step::Claim { until } = desk.next() else { panic!("it claims") };
    desk.state.claimed(desk.now, until, Some(desk.claimed.clone()));
    assert_eq!(desk.record().len(), 8);
    let Step::Page { busy, .. } = desk.next() else { panic!("it reads") };
    assert_eq!(busy, [0_i64; 0]);
}

#[test]
fn a_failed_record_is_repeated_before_anything_else_is_begun() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.finish(1, &status(500));
    assert!(matches!(desk.next(), Step::Record { .. }));
    desk.finish(2, &status(200));
    desk.state.write_failed(desk.now);
    desk.begins_nothing("it waits");
    desk.wait_ms(100);
    let Step::Record { attempts, .. } = desk.next() else { panic!("it records again") };
    assert_eq!(positions(&attempts), [1, 2], "all that has finished, in order");
    desk.begins_nothing("it waits");
    desk.state.recorded(desk.now, Recorded::Written);
    desk.begin_all();
    assert_eq!(desk.begun, [3, 4, 5, 6, 7, 8, 9, 10]);
}

#[test]
fn the_wait_after_failures_of_the_store_doubles_up_to_five_seconds() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.finish(1, &status(500));
    let mut asked_at = Vec::new();
    while asked_at.len() < 9 {
        match desk.next() {
            Step::Wait(at) => desk.now = at.expect("it tries again"),
            Step::Record { .. } | Step::Claim { .. } => {
                asked_at.push(desk.now);
                desk.state.write_failed(desk.now);
            }
            other => panic!("it writes again, and does not {other:?}"),
        }
    }
    let waits: Vec<i64> = asked_at.windows(2).map(|pair| pair[1].ms_since(pair[0])).collect();
    assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    assert_eq!(desk.state.finished.len(), 1, "and keeps what is to be recorded");
}

#[test]
fn what_is_in_its_hands_is_not_read_again() {
    let mut desk = Desk::with(1..=9, |_| {});
    desk.begin_all();
    desk.finish(1, &status(500));
    let Step::Record { .. } = desk.next() else { panic!("it records") };
    desk.finish(2, &status(500));
    desk.state.stir();
    let Step::Page { busy, room, .. } = desk.next() else { panic!("it reads") };
    assert_eq!((busy, room.rows), ((1..=9).collect::<Vec<_>>(), 63));
    // A store that shows them all the same is not believed.
    desk.read(1..=10);
    assert_eq!(desk.state.queue.positions().collect::<Vec<_>>(), [9, 10]);
}

#[test]
fn memory_is_bounded() {
    let mut desk = Desk::new(|_| {});
    desk.claim();
    let Step::Page { room, .. } = desk.next() else { panic!("it reads") };
    assert_eq!((room.rows, room.bytes), (64, 1 << 20));
    let mut page: Vec<Due> = (1..=40).map(|position| due(position, desk.now)).collect();
    page[39].body = Arc::from(vec![b' '; 1_000_000]);
    desk.state.read(desk.now, Page { due: page, more: true, next_due_at: None });
    desk.begin_all();
    // Eight are under way and sixteen more would do: it reads no further.
    assert!(matches!(desk.next(), Step::Wait(_)));
    for position in 1..=16 {
        desk.finish(position, &status(200));
        desk.record();
        desk.begin_all();
    }
    let Step::Record { .. } = ({
        desk.finish(17, &status(200));
        desk.next()
    }) else {
        panic!("it records")
    };
    // While the record does not end, what has finished piles up, and at last nothing is begun.
    let mut finished = 1;
    for position in 18..=40 {
        desk.begin_all();
        if desk.begun.contains(&position) {
            desk.finish(position, &status(200));
            finished += 1;
        }
    }
    assert_eq!(finished, 24);
    assert!(desk.state.finished.len() <= 64);
}

#[test]
fn a_lost_lease_ends_everything() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.finish(1, &status(200));
    assert!(matches!(desk.next(), Step::Record { .. }));
    desk.state.recorded(desk.now, Recorded::LeaseLost);
    assert!(matches!(desk.next(), Step::Leave));
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.wait_ms(6_000);
    assert!(matches!(desk.next(), Step::Claim { .. }));
    desk.state.claimed(desk.now, desk.now, None);
    assert!(matches!(desk.next(), Step::Leave));
}

#[test]
fn with_nothing_to_do_it_looks_once_more_and_leaves() {
    let mut desk = Desk::with(1..=1, |_| {});
    desk.begin_all();
    desk.finish(1, &status(200));
    desk.record();
    assert_eq!(desk.waits_ms(), Some(200));
    desk.wait_ms(200);
    assert!(matches!(desk.next(), Step::Page { .. }), "another node may have made deliveries and found the lease taken");
    desk.state.read(desk.now, Page::default());
    assert!(matches!(desk.next(), Step::Release));
    desk.state.released();
    assert!(matches!(desk.next(), Step::Leave));
}

#[test]
fn it_stays_for_what_is_due_soon_and_not_for_what_is_due_later() {
    for (due_ms, stays) in [(60_000, true), (61_000, false)] {
        let mut desk = Desk::new(|_| {});
        desk.claim();
        desk.next();
        let next_due_at = Some(desk.now.plus_ms(due_ms));
        desk.state.read(desk.now, Page { next_due_at, ..Page::default() });
        desk.wait_ms(200);
        assert!(matches!(desk.next(), Step::Page { .. }));
        desk.state.read(desk.now, Page { next_due_at, ..Page::default() });
        assert!(matches!(desk.next(), Step::Release));
        desk.state.released();
        if stays {
            assert_eq!(desk.waits_ms(), Some(59_800));
            desk.wait_ms(59_800);
            desk.claim();
            assert!(matches!(desk.next(), Step::Page { .. }));
        } else {
            assert!(matches!(desk.next(), Step::Leave));
        }
    }
}

#[test]
fn a_retry_that_is_due_soon_is_made_without_being_read_of() {
    let mut desk = Desk::with(1..=1, |_| {});
    desk.begin_all();
    desk.finish(1, &status(500));
    // While it is being recorded, a page is under way that cannot know of it.
    assert!(matches!(desk.next(), Step::Record { .. }));
    desk.state.stir();
    assert!(matches!(desk.next(), Step::Page { .. }));
    desk.state.recorded(desk.now, Recorded::Written);
    desk.state.read(desk.now, Page::default());
    desk.wait_ms(200);
    assert!(matches!(desk.next(), Step::Page { .. }));
    desk.state.read(desk.now, Page { next_due_at: Some(desk.now.plus_ms(9_800)), ..Page::default() });
    assert!(matches!(desk.next(), Step::Release));
    desk.state.released();
    assert_eq!(desk.waits_ms(), Some(9_800));
}

#[test]
fn a_retry_is_made_on_time_while_others_are_under_way() {
    let mut desk = Desk::with(1..=2, |_| {});
    desk.begin_all();
    desk.finish(1, &status(500));
    desk.record();
    let due_at = desk.now.plus_ms(10_000);
    let busy = loop {
        match desk.next() {
            Step::Wait(at) => desk.now = at.expect("it looks again when the retry is due"),
            Step::Claim { until } => desk.state.claimed(desk.now, until, Some(desk.claimed.clone())),
            Step::Page { busy, .. } => break busy,
            other => panic!("it waits, and does not {other:?}"),
        }
    };
    assert_eq!((desk.now, busy), (due_at, vec![2]));
}

#[test]
fn a_lease_is_renewed_in_time_while_an_attempt_is_under_way() {
    let mut desk = Desk::with(1..=1, |_| {});
    desk.begin_all();
    assert_eq!(desk.waits_ms(), Some(5_000));
    desk.wait_ms(5_000);
    desk.claim();
    assert_eq!(desk.waits_ms(), Some(5_000));
}

#[test]
fn a_refused_lease_is_asked_for_a_few_times() {
    let mut desk = Desk::new(|_| {});
    let mut waited = Vec::new();
    for _ in 0..4 {
        assert!(matches!(desk.next(), Step::Claim { .. }));
        desk.state.claimed(desk.now, desk.now, None);
        let wait = desk.waits_ms().expect("it asks again");
        waited.push(wait);
        desk.wait_ms(wait);
    }
    assert_eq!(waited, [250, 500, 1_000, 2_000]);
    assert!(matches!(desk.next(), Step::Claim { .. }));
    desk.state.claimed(desk.now, desk.now, None);
    assert!(matches!(desk.next(), Step::Leave));
}

#[test]
fn with_the_store_away_and_nothing_to_lose_it_leaves() {
    let mut desk = Desk::new(|_| {});
    for _ in 0..5 {
        assert!(matches!(desk.next(), Step::Claim { .. }));
        desk.state.write_failed(desk.now);
        let wait = desk.waits_ms().expect("it tries again");
        desk.wait_ms(wait);
    }
    assert!(matches!(desk.next(), Step::Claim { .. }));
    desk.state.write_failed(desk.now);
    assert!(matches!(desk.next(), Step::Leave));
}

#[test]
fn the_older_secret_signs_while_its_overlap_lasts() {
    for (overlap_ms, signs) in [(1, true), (0, false)] {
        let older = WebhookSecret::from_random([9; 32]);
        let mut desk = Desk::new(|_| {});
        desk.claimed.previous_secret = Some((older.clone(), desk.now.plus_ms(overlap_ms)));
        desk.claim();
        desk.next();
        desk.read(1..=1);
        assert!(matches!(desk.next(), Step::Begin));
        let request = desk.state.begin(desk.now).expect("it begins").request;
        assert_eq!(request.previous_secret, signs.then_some(older));
        assert_eq!((request.attempt, &*request.event, request.at), (1, "ticket.created", desk.now));
    }
}

#[test]
fn gone_disables_at_once_when_all_that_is_under_way_is_recorded() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.finish(1, &status(410));
    desk.finish(2, &status(200));
    desk.record();
    desk.state.stir();
    desk.begins_nothing("nothing more is read or begun, also after a success");
    (3..=8).for_each(|position| desk.finish(position, &status(200)));
    desk.record();
    let Step::Disable { reason } = desk.next() else { panic!("it is disabled") };
    assert_eq!(reason, "the receiver answered 410 Gone: it wants no more of this webhook");
    desk.state.write_failed(desk.now);
    desk.wait_ms(100);
    assert!(matches!(desk.next(), Step::Disable { .. }), "it is tried again");
    desk.state.disabled();
    assert!(matches!(desk.next(), Step::Leave));
}

#[test]
fn a_webhook_that_keeps_failing_is_disabled_unless_a_success_comes_between() {
    let ill = |claimed: &mut Claimed| {
        claimed.health.exhausted = 10;
        claimed.health.failing_since = Some(Timestamp::from_micros(1_774_535_400_000_000).plus_ms(-72 * 3_600_000));
    };
    for succeeds in [false, true] {
        let mut desk = Desk::with(1..=20, ill);
        desk.begin_all();
        assert_eq!(desk.begun.len(), 8, "it is judged by an attempt only");
        desk.finish(1, &status(500));
        desk.finish(2, &status(if succeeds { 200 } else { 500 }));
        (3..=8).for_each(|position| desk.finish(position, &status(if succeeds { 200 } else { 500 })));
        assert_eq!(desk.record().len(), 8);
        assert_eq!(matches!(desk.begin_all(), Step::Disable { .. }), !succeeds);
    }
}

#[test]
fn its_owner_is_warned_once() {
    let mut desk = Desk::with(1..=3, |claimed| {
        claimed.ordered = true;
        claimed.health.exhausted = 5;
        claimed.health.failing_since = Some(Timestamp::from_micros(1_774_535_400_000_000).plus_ms(-36 * 3_600_000));
    });
    desk.begin_all();
    desk.finish(1, &status(500));
    desk.record();
    assert!(matches!(desk.next(), Step::Warn));
    desk.state.warned(desk.now);
    assert!(matches!(desk.next(), Step::Page { .. }));
    desk.read(1..=3);
    desk.begin_all();
    desk.finish(1, &status(500));
    let Step::Record { health, .. } = desk.next() else { panic!("it records") };
    assert_eq!(health.warned_at, Some(desk.now));
    desk.state.recorded(desk.now, Recorded::Written);
    assert!(!matches!(desk.next(), Step::Warn));
}

#[test]
fn a_drain_finishes_what_is_under_way() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.state.drain();
    desk.begins_nothing("it waits");
    (1..=8).for_each(|position| desk.finish(position, &status(200)));
    assert_eq!(desk.record().len(), 8);
    assert!(matches!(desk.next(), Step::Release));
    desk.state.released();
    assert!(matches!(desk.next(), Step::Leave));
}

#[test]
fn what_is_abandoned_is_not_recorded_and_the_rest_is() {
    let mut desk = Desk::with(1..=20, |_| {});
    desk.begin_all();
    desk.finish(1, &status(200));
    desk.state.drain();
    desk.state.abandon();
    desk.state.finish(2, status(200).outcome, desk.now, 0.0);
    assert_eq!(positions(&desk.record()), [1]);
    assert!(matches!(desk.next(), Step::Release));
    desk.state.write_failed(desk.now);
    assert!(matches!(desk.next(), Step::Leave), "the lease ends by itself");
}
