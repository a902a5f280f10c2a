//! Stories of what breaks: nodes, actors, the store, conversations.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entities::{ChannelKind, ConversationId, NodeId, Remote, TenantId, Timestamp};

use super::{
    MINUTE,
    stage::{Stage, story},
};
use crate::{
    conversation::{AskError, Rejection},
    port::{ChannelLease, Clock, DispatchPage, DispatchState, Dispatches, Line, NeglectedChannel, Postponed, Promise, StoreError},
    testing::{
        MemoryDispatches,
        gateway::{accepted, unknown},
    },
};

/// The database of a node, until the node is cut off from it as by a crash: then nothing it asks for is ever done.
struct Severed {
    inner: Arc<MemoryDispatches>,
    cut: AtomicBool,
}

impl Severed {
    fn new(stage: &Stage) -> Arc<Self> {
        Arc::new(Self { inner: stage.dispatches.clone(), cut: AtomicBool::new(false) })
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    fn or<'a, T: 'a>(&self, promise: Promise<'a, T>) -> Promise<'a, T> {
        if self.cut.load(Ordering::SeqCst) { Box::pin(pending()) } else { promise }
    }
}

impl Dispatches for Severed {
    fn claim(&self, lease: ChannelLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Line>, StoreError>> {
        self.or(self.inner.claim(lease, now, until))
    }
    fn release(&self, lease: ChannelLease) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.release(lease))
    }
    fn page(&self, line: &Line, now: Timestamp, busy: &[ConversationId], limit: usize) -> Promise<'_, Result<DispatchPage, StoreError>> {
        self.or(self.inner.page(line, now, busy, limit))
    }
    fn begin(&self, lease: ChannelLease, position: i64, now: Timestamp) -> Promise<'_, Result<bool, StoreError>> {
        self.or(self.inner.begin(lease, position, now))
    }
    fn postpone(&self, lease: ChannelLease, postponed: Postponed) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.postpone(lease, postponed))
    }
    fn halt(&self, lease: ChannelLease, reason: String, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.halt(lease, reason, now))
    }
    fn reach(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Option<(Line, Remote)>, StoreError>> {
        self.or(self.inner.reach(tenant_id, id))
    }
    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<NeglectedChannel>, StoreError>> {
        self.or(self.inner.neglected(now, soon, limit))
    }
}

fn busy() -> AskError {
    AskError::Busy { retry_after_ms: 500 }
}

#[test]
fn what_was_begun_in_a_crash_is_not_sent_again_blindly() {
    story(async {
        for (kind, again) in [(ChannelKind::Whatsapp, true), (ChannelKind::Dialpad, false)] {
            let stage = Stage::set();
            let channel = stage.channel(kind);
            let (name, severed) = (NodeId::new(stage.clock.new_id()), Severed::new(&stage));
            let crashing = stage.node_named(name, severed.clone());
            // The provider has it, and the node dies before its conversation hears of it.
            stage.refuse_ends(1_000_000, busy());
            stage.put(channel, [1, 1]);
            crashing.wake(channel);
            stage.pass(Duration::from_secs(1)).await;
            severed.cut();
            assert!(!crashing.drain(Duration::ZERO).await, "it is no longer answered");
            let begun = &stage.rows(channel)[0];
            assert_eq!((begun.due.tries, begun.due.state), (1, DispatchState::Begun(stage.gateway.sent()[0].at)));
            let back = stage.node_named(name, stage.dispatches.clone());
            stage.pass(Duration::from_millis(1)).await;
            stage.refuse_ends(0, busy());
            back.sweep(stage.now()).await.expect("sweep");
            back.wake(channel);
            stage.pass(Duration::from_secs(20)).await;
            assert_eq!(stage.sent(), [1], "nobody knows yet whether the provider has it");
            for _ in 0..10 {
                back.sweep(stage.now()).await.expect("sweep");
                stage.pass(Duration::from_secs(2)).await;
            }
            assert_eq!(stage.sent(), if again { vec![1, 1, 2] } else { vec![1, 2] });
            assert_eq!(stage.failures(), if again { vec![] } else { vec![1] });
            assert!(stage.times()[1] >= 30_000);
            assert!(stage.rows(channel).is_empty());
        }
    });
}

#[test]
fn another_node_takes_over_when_the_lease_of_one_that_died_has_ended() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let severed = Severed::new(&stage);
        let crashing = stage.another_node(severed.clone());
        stage.gateway.follow(|_| accepted().after(Duration::from_millis(100)));
        stage.put(channel, 1..=40);
        crashing.wake(channel);
        stage.pass(Duration::from_millis(150)).await;
        severed.cut();
        let (_, until) = stage.dispatches.lease(channel).expect("the dead node has the lease");
        stage.pass(Duration::from_secs(1)).await;
        let before = stage.sent().len();
        stage.pass_sweeping(MINUTE * 4).await;
        let sent = stage.gateway.sent();
        assert!(sent[before..].iter().all(|one| one.at >= until), "not before the lease has ended");
        assert_eq!((stage.ends().len(), stage.rows(channel).len()), (40, 0));
        // What had come back before the cut is heard by its conversation all the same, so no more than what was begun and not sent is late.
        assert_eq!(sent.len(), 40, "and nothing twice");
    });
}

#[test]
fn two_nodes_never_work_a_channel_at_once() {
    story(async {
        let stage = Stage::set();
        let other = stage.another_node(stage.dispatches.clone());
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| accepted().after(Duration::from_millis(30)));
        for round in 0..200_u64 {
            stage.put(channel, [round % 20, round % 7]);
            let node = if round % 2 == 0 { &stage.node } else { &other };
            node.wake(channel);
            if round % 50 == 0 {
                other.sweep(stage.now()).await.expect("sweep");
                stage.pass(Duration::from_secs(1)).await;
            }
            stage.pass(Duration::from_millis(40)).await;
        }
        stage.pass_sweeping(MINUTE).await;
        stage.assert_done(channel, 1..=400);
        assert!(stage.gateway.most_at_once(channel) <= 8);
    });
}

#[test]
fn who_loses_the_lease_begins_nothing_more_and_still_tells_what_came_of_what_it_sent() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| accepted().after(Duration::from_secs(2)));
        stage.put(channel, 1..=20);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(1)).await;
        stage.dispatches.steal(channel, NodeId::new(stage.clock.new_id()), stage.now().plus_ms(600_000));
        stage.pass(MINUTE).await;
        assert_eq!((stage.sent().len(), stage.ends().len()), (8, 8));
        assert!(stage.rows(channel).iter().all(|row| row.due.tries == 0));
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
    });
}

#[test]
fn while_its_conversation_is_busy_a_message_is_in_hand_and_not_sent_again() {
    story(async {
        for error in [busy(), AskError::Unavailable("away".into())] {
            let stage = Stage::set();
            let channel = stage.channel(ChannelKind::Whatsapp);
            stage.refuse_ends(40, error);
            stage.put(channel, [1, 1]);
            stage.node.wake(channel);
            stage.pass_sweeping(MINUTE * 2).await;
            assert_eq!(stage.sent(), [1], "nor is what stands behind it");
            stage.pass_sweeping(MINUTE * 5).await;
            stage.assert_done(channel, 1..=2);
            assert!(stage.failures().is_empty());
        }
    });
}

#[test]
fn a_conversation_that_will_never_hear_of_an_end_does_not_bring_about_another_send() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.refuse_ends(2, AskError::Rejected(Rejection::NotFound));
        stage.put(channel, [1]);
        stage.node.wake(channel);
        stage.pass_sweeping(Duration::from_hours(3)).await;
        assert_eq!(stage.sent(), [1]);
        assert_eq!(stage.failures(), [1], "asked again every hour");
    });
}

#[test]
fn while_the_store_is_away_nothing_is_lost_and_nothing_sent_twice() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| accepted().after(Duration::from_millis(20)));
        stage.put(channel, 1..=100);
        stage.node.wake(channel);
        for _ in 0..5 {
            stage.pass(Duration::from_millis(30)).await;
            stage.dispatches.refuse(4);
        }
        stage.pass_sweeping(MINUTE).await;
        stage.assert_done(channel, 1..=100);
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.dispatches.refuse(500);
        stage.put(channel, 1..=30);
        stage.node.wake(channel);
        stage.pass(MINUTE).await;
        assert_eq!((stage.node.observe().awake, stage.sent().len()), (0, 0));
        stage.dispatches.refuse(3);
        stage.pass_sweeping(MINUTE).await;
        stage.assert_done(channel, 1..=30);
    });
}

#[test]
fn a_begin_whose_answer_was_lost_is_repeated_and_sends_once() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Sms);
        stage.dispatches.lose_answers(3);
        stage.put(channel, 1..=2);
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE).await;
        stage.assert_done(channel, 1..=2);
        assert!(stage.failures().is_empty());
    });
}

#[test]
fn an_actor_that_dies_is_started_again_and_what_it_was_sending_waits_for_a_receipt() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut sends = 0;
        stage.gateway.follow(move |_| {
            sends += 1;
            assert!(sends != 3, "a bug");
            accepted().after(Duration::from_millis(10))
        });
        stage.put(channel, 1..=5);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.node.observe().deaths, 1);
        stage.pass_sweeping(MINUTE).await;
        assert_eq!((stage.ends().len(), stage.failures()), (5, vec![]));
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
    });
}

#[test]
fn a_drain_ends_what_it_can_and_gives_every_lease_back() {
    story(async {
        let stage = Stage::set();
        let (quick, slow) = (stage.channel(ChannelKind::Whatsapp), stage.channel(ChannelKind::Whatsapp));
        stage.gateway.follow(move |sent| accepted().after(Duration::from_secs(if sent.line.id == slow { 50 } else { 2 })));
        for channel in [quick, slow] {
            stage.put(channel, 1..=30);
            stage.node.wake(channel);
        }
        stage.pass(Duration::from_secs(1)).await;
        assert!(stage.node.drain(Duration::from_secs(8)).await);
        assert_eq!((stage.ends().len(), stage.rows(quick).len(), stage.rows(slow).len()), (8, 22, 30));
        let begun = |row: &&crate::testing::dispatches::Row| matches!(row.due.state, DispatchState::Begun(_));
        assert_eq!(stage.rows(quick).iter().filter(begun).count(), 0);
        assert_eq!(stage.rows(slow).iter().filter(begun).count(), 8, "what was abandoned may have been sent");
        assert_eq!((stage.dispatches.lease(quick), stage.dispatches.lease(slow)), (None, None));
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
        let sent = stage.sent().len();
        stage.node.wake(quick);
        stage.pass(MINUTE).await;
        assert_eq!(stage.sent().len(), sent, "nobody is let in any more");
        stage.gateway.follow(|_| unknown());
        let next = stage.another_node(stage.dispatches.clone());
        next.sweep(stage.now()).await.expect("sweep");
        stage.pass(Duration::from_secs(10)).await;
        assert!(stage.sent().len() > sent + 8);
    });
}
