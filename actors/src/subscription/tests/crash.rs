//! Stories of what breaks: nodes, actors, the store.

use std::{
    collections::HashSet,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entities::{DeliveryStatus, NodeId, Timestamp, WebhookId};

use super::{
    HOUR,
    stage::{Stage, story},
};
use crate::{
    port::{Attempted, Claimed, Clock, Deliveries, Health, Lease, Neglected, Page, Promise, Recorded, Room, StoreError},
    testing::{
        MemoryDeliveries,
        courier::{hang, status},
    },
};

/// The database of a node, until the node is cut off from it as by a crash: then nothing it asks for is ever done.
struct Severed {
    inner: Arc<MemoryDeliveries>,
    cut: AtomicBool,
}

impl Severed {
    fn or<'a, T: 'a>(&self, promise: Promise<'a, T>) -> Promise<'a, T> {
        if self.cut.load(Ordering::SeqCst) { Box::pin(pending()) } else { promise }
    }
}

impl Deliveries for Severed {
    fn claim(&self, lease: Lease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Claimed>, StoreError>> {
        self.or(self.inner.claim(lease, now, until))
    }
    fn release(&self, lease: Lease) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.release(lease))
    }
    fn page(&self, claimed: &Claimed, now: Timestamp, busy: &[i64], room: Room) -> Promise<'_, Result<Page, StoreError>> {
        self.or(self.inner.page(claimed, now, busy, room))
    }
    fn record(&self, lease: Lease, attempts: Vec<Attempted>, health: Health) -> Promise<'_, Result<Recorded, StoreError>> {
        self.or(self.inner.record(lease, attempts, health))
    }
    fn disable(&self, lease: Lease, reason: String, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.disable(lease, reason, now))
    }
    fn warn(&self, lease: Lease, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.warn(lease, now))
    }
    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<Neglected>, StoreError>> {
        self.or(self.inner.neglected(now, soon, limit))
    }
}

/// No attempt of a number was made that had been recorded, and all that was sent carries its delivery's event.
fn assert_all_delivered(stage: &Stage, hook: WebhookId) {
    let rows = stage.rows(hook);
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Delivered));
    let events: HashSet<_> = stage.courier.sent().iter().map(|request| request.event_id).collect();
    assert_eq!(events.len(), rows.len());
}

#[test]
fn what_was_under_way_in_a_crash_is_made_again_by_another_node_when_the_lease_has_ended() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        let severed = Arc::new(Severed { inner: stage.deliveries.clone(), cut: AtomicBool::new(false) });
        let crashing = stage.another_node(severed.clone());
        let mut count = 0;
        stage.courier.follow(move |_| {
            count += 1;
            // The first round fails and is recorded, the second hangs and is under way in the crash.
            if count <= 3 { status(500) } else { hang(Duration::from_secs(15)) }
        });
        stage.put(hook, 1..=3);
        crashing.wake(hook);
        stage.pass(Duration::from_secs(13)).await;
        assert_eq!(stage.courier.sent().iter().map(|request| request.attempt).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2]);
        severed.cut.store(true, Ordering::SeqCst);
        let (_, until) = stage.deliveries.lease(hook).expect("the crashed node has the lease");
        stage.courier.follow(|_| status(200));
        stage.node.wake(hook);
        stage.pass_sweeping(Duration::from_mins(2)).await;
        let sent = stage.courier.sent();
        assert_eq!(sent.iter().map(|request| request.attempt).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2, 2, 2, 2]);
        assert!(sent[6..].iter().all(|request| request.at >= until), "not before the lease has ended");
        assert_all_delivered(&stage, hook);
        assert!(stage.rows(hook).iter().all(|row| row.attempts.keys().copied().eq([1, 2])));
    });
}

#[test]
fn a_node_that_comes_back_goes_on_at_once_with_what_it_had_under_way() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(true);
        let name = NodeId::new(stage.clock.new_id());
        let severed = Arc::new(Severed { inner: stage.deliveries.clone(), cut: AtomicBool::new(false) });
        let crashing = stage.node_named(name, severed.clone());
        stage.courier.follow(|_| hang(Duration::from_secs(15)));
        stage.put(hook, 1..=3);
        crashing.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        severed.cut.store(true, Ordering::SeqCst);
        stage.courier.follow(|_| status(200));
        // A stranger has to wait for the end of the lease.
        stage.node.sweep(stage.now()).await.expect("sweep");
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.courier.sent().len(), 1);
        let back = stage.node_named(name, stage.deliveries.clone());
        back.sweep(stage.now()).await.expect("sweep");
        stage.pass(Duration::from_secs(1)).await;
        assert_all_delivered(&stage, hook);
    });
}

#[test]
fn two_nodes_never_work_a_webhook_at_once() {
    story(async {
        let stage = Stage::set();
        let other = stage.another_node(stage.deliveries.clone());
        stage.courier.follow(|_| status(200).after(Duration::from_millis(30)));
        let (ordered, unordered) = (stage.webhook(true), stage.webhook(false));
        for hook in [ordered, unordered] {
            stage.put(hook, 1..=200);
        }
        for round in 0..400 {
            let node = if round % 2 == 0 { &stage.node } else { &other };
            node.wake(ordered);
            node.wake(unordered);
            if round % 50 == 0 {
                other.sweep(stage.now()).await.expect("sweep");
                for hook in [ordered, unordered] {
                    stage.put(hook, 201 + round..=201 + round);
                }
            }
            stage.pass(Duration::from_millis(40)).await;
        }
        stage.pass_sweeping(Duration::from_mins(1)).await;
        assert_eq!((stage.at_once(ordered), stage.at_once(unordered)), (1, 8));
        assert_eq!(stage.courier.sent().len(), 416, "each once");
        for hook in [ordered, unordered] {
            assert!(stage.rows(hook).iter().all(|row| row.status == DeliveryStatus::Delivered && row.attempts.len() == 1));
        }
    });
}

#[test]
fn what_another_node_hints_at_while_the_lease_is_kept_is_delivered_within_a_second() {
    story(async {
        let stage = Stage::set();
        let other = stage.another_node(stage.deliveries.clone());
        let hook = stage.webhook(false);
        stage.put(hook, 1..=1);
        stage.node.wake(hook);
        stage.pass(Duration::from_millis(100)).await;
        stage.put(hook, 2..=2);
        other.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        assert_all_delivered(&stage, hook);
    });
}

#[test]
fn an_actor_that_dies_is_started_again_and_one_that_keeps_dying_is_put_aside() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        let mut deaths = 0;
        stage.courier.follow(move |_| {
            deaths += 1;
            assert!(deaths != 2, "a bug");
            status(200).after(Duration::from_millis(10))
        });
        stage.put(hook, 1..=3);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.node.observe().deaths, 1);
        assert!(stage.rows(hook).iter().all(|row| row.status == DeliveryStatus::Delivered), "without a hint or a sweep");
        stage.pass(Duration::from_mins(2)).await;
        stage.courier.follow(|_| panic!("a bug that stays"));
        stage.put(hook, 4..=4);
        for _ in 0..10 {
            stage.node.wake(hook);
            stage.pass(Duration::from_secs(1)).await;
        }
        assert_eq!((stage.node.observe().deaths, stage.node.observe().awake, stage.node.observe().in_flight), (4, 0, 0));
        stage.courier.follow(|_| status(200));
        stage.pass_sweeping(Duration::from_mins(2)).await;
        assert!(stage.rows(hook).iter().all(|row| row.status == DeliveryStatus::Delivered));
    });
}

#[test]
fn while_the_store_is_away_nothing_is_lost_and_nothing_sent_twice() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|_| status(200).after(Duration::from_millis(20)));
        stage.put(hook, 1..=100);
        stage.node.wake(hook);
        stage.pass(Duration::from_millis(30)).await;
        stage.deliveries.refuse(4);
        stage.pass(Duration::from_secs(1)).await;
        let during = stage.courier.sent().len();
        assert!(during < 30, "nothing is begun while nothing can be recorded: {during}");
        stage.pass(Duration::from_secs(30)).await;
        assert_all_delivered(&stage, hook);
        assert_eq!(stage.courier.sent().len(), 100);
    });
}

#[test]
fn a_record_whose_answer_was_lost_is_repeated_and_counts_once() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|request| status(if request.attempt == 1 { 500 } else { 200 }));
        stage.put(hook, 1..=3);
        stage.deliveries.lose_answers(3);
        stage.node.wake(hook);
        stage.pass(Duration::from_mins(1)).await;
        assert_all_delivered(&stage, hook);
        assert_eq!(stage.courier.sent().iter().map(|request| request.attempt).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2]);
        assert_eq!(stage.deliveries.health(hook), Some(Health::default()));
    });
}

#[test]
fn a_long_outage_ends_with_everything_delivered() {
    story(async {
        let stage = Stage::set();
        let hooks: Vec<_> = (0..20).map(|_| stage.webhook(false)).collect();
        stage.deliveries.refuse(1_000);
        for hook in &hooks {
            stage.put(*hook, 1..=20);
            stage.node.wake(*hook);
        }
        stage.pass(Duration::from_mins(1)).await;
        assert_eq!((stage.node.observe().awake, stage.courier.sent().len()), (0, 0));
        stage.deliveries.refuse(3);
        stage.pass_sweeping(Duration::from_mins(2)).await;
        let mut rows = hooks.iter().flat_map(|hook| stage.rows(*hook));
        assert!(rows.all(|row| row.status == DeliveryStatus::Delivered));
        assert_eq!(stage.courier.sent().len(), 400);
    });
}

#[test]
fn a_webhook_that_its_owner_disables_is_dropped() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|_| status(200).after(Duration::from_secs(1)));
        stage.put(hook, 1..=100);
        stage.node.wake(hook);
        stage.pass(Duration::from_millis(500)).await;
        stage.deliveries.switch_off(hook);
        stage.pass(HOUR).await;
        assert!(stage.courier.sent().len() <= 16, "what was under way, and what was begun before the record said no");
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
    });
}

#[test]
fn a_drain_finishes_what_it_can_abandons_the_rest_and_gives_every_lease_back() {
    story(async {
        let stage = Stage::set();
        let (quick, slow) = (stage.webhook(false), stage.webhook(false));
        let slow_url = format!("https://{slow}.example/hook");
        stage.courier.follow(move |request| {
            if *request.url == *slow_url { hang(Duration::from_secs(15)) } else { status(200).after(Duration::from_secs(2)) }
        });
        for hook in [quick, slow] {
            stage.put(hook, 1..=50);
            stage.node.wake(hook);
        }
        stage.pass(Duration::from_secs(1)).await;
        assert!(stage.node.drain(Duration::from_secs(8)).await);
        let finished = stage.rows(quick).iter().filter(|row| row.status == DeliveryStatus::Delivered).count();
        assert_eq!(finished, 8);
        assert!(stage.rows(slow).iter().all(|row| row.status == DeliveryStatus::Pending && row.attempts.is_empty()));
        assert_eq!((stage.deliveries.lease(quick), stage.deliveries.lease(slow)), (None, None));
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
        let sent = stage.courier.sent().len();
        stage.node.wake(quick);
        stage.pass(Duration::from_mins(1)).await;
        assert_eq!(stage.courier.sent().len(), sent, "nobody is let in any more");
        stage.courier.follow(|_| status(200));
        let next = stage.another_node(stage.deliveries.clone());
        next.sweep(stage.now()).await.expect("sweep");
        stage.pass(Duration::from_secs(1)).await;
        assert!([quick, slow].iter().all(|hook| stage.rows(*hook).iter().all(|row| row.status == DeliveryStatus::Delivered)));
    });
}
