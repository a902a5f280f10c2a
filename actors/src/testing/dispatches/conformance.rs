//! The promises of [`Dispatches`], one function each; every implementation is held to all of them.
//!
//! A test makes a [`Fixture`] and calls [`all`]; a broken promise panics and its name is in the backtrace. Promises share the fixture, each with
//! a channel of its own, so one database serves them all.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a broken promise is a panic")]

use entities::{Action, ChannelId, ConversationId, MessageId, NodeId, ProviderError, TenantId, Timestamp};

use crate::port::{
    ChannelLease, Clock, DispatchPage, DispatchState, Dispatches, DueDispatch, Line, PartDone, Postponed, Promise, UNKNOWN_MS,
};

/// Dispatches under test, and what makes and shows their rows.
pub trait Fixture: Send + Sync {
    /// The dispatches.
    fn dispatches(&self) -> &dyn Dispatches;

    /// Where ids and times come from.
    fn clock(&self) -> &dyn Clock;

    /// Makes a tenant.
    fn add_tenant(&self) -> Promise<'_, TenantId>;

    /// Makes a channel that is connected, of kind `sms`.
    fn add_channel(&self, tenant_id: TenantId) -> Promise<'_, Line>;

    /// Makes a conversation on a channel with somebody whose address is this telephone number.
    fn add_conversation<'a>(&'a self, line: &'a Line, phone: &'a str) -> Promise<'a, ConversationId>;

    /// Makes a message of an agent and the dispatch that sends it, never tried, at this position and place, wished for at an instant and due
    /// then.
    fn add_dispatch<'a>(
        &'a self,
        line: &'a Line,
        to: ConversationId,
        position: i64,
        text: &'a str,
        at: Timestamp,
    ) -> Promise<'a, MessageId>;

    /// Takes a dispatch away, as its conversation does when it is over.
    fn settle<'a>(&'a self, line: &'a Line, position: i64) -> Promise<'a, ()>;

    /// Disconnects a channel as its owner does, or connects it.
    fn switch<'a>(&'a self, line: &'a Line, is_connected: bool) -> Promise<'a, ()>;

    /// Why a channel is disconnected, if it is.
    fn disconnected<'a>(&'a self, line: &'a Line) -> Promise<'a, Option<String>>;

    /// How often it was said in a tenant's events that a channel cannot send.
    fn told(&self, tenant_id: TenantId) -> Promise<'_, usize>;
}

/// Holds the dispatches to every promise.
pub async fn all(fixture: &dyn Fixture) {
    a_channel_is_one_node_s_at_a_time(fixture).await;
    a_lease_that_is_given_back_is_anybody_s(fixture).await;
    a_disconnected_channel_is_nobody_s(fixture).await;
    a_page_shows_the_first_of_each_conversation(fixture).await;
    a_page_tells_all_that_is_to_be_sent(fixture).await;
    a_page_is_bounded_and_leaves_out_who_is_busy(fixture).await;
    what_is_begun_is_due_again_when_nothing_is_heard(fixture).await;
    nothing_is_begun_that_is_another_s_or_over(fixture).await;
    what_was_in_vain_is_kept(fixture).await;
    nothing_is_postponed_that_is_another_s_or_over(fixture).await;
    a_halted_channel_keeps_its_queue_and_is_told_of_once(fixture).await;
    the_neglected_are_due_free_and_connected(fixture).await;
    a_conversation_is_reached_by_its_tenant_while_its_channel_is_connected(fixture).await;
}

/// A channel under test.
struct Stage<'a> {
    fixture: &'a dyn Fixture,
    line: Line,
    now: Timestamp,
}

impl<'a> Stage<'a> {
    async fn set(fixture: &'a dyn Fixture) -> Self {
        let tenant_id = fixture.add_tenant().await;
        let line = fixture.add_channel(tenant_id).await;
        Self { fixture, line, now: fixture.clock().now() }
    }

    fn lease(&self) -> ChannelLease {
        ChannelLease { channel_id: self.line.id, owner: NodeId::new(self.fixture.clock().new_id()) }
    }

    async fn claim(&self, lease: ChannelLease, now_ms: i64, until_ms: i64) -> Option<Line> {
        let (now, until) = (self.now.plus_ms(now_ms), self.now.plus_ms(until_ms));
        self.fixture.dispatches().claim(lease, now, until).await.expect("claim")
    }

    async fn claimed(&self) -> ChannelLease {
        let lease = self.lease();
        self.claim(lease, 0, 60_000).await.expect("it is free");
        lease
    }

    async fn conversation(&self, phone: &str) -> ConversationId {
        self.fixture.add_conversation(&self.line, phone).await
    }

    async fn put(&self, to: ConversationId, position: i64, due_ms: i64) -> MessageId {
        self.fixture.add_dispatch(&self.line, to, position, &format!("number {position}"), self.now.plus_ms(due_ms)).await
    }

    async fn page(&self, at_ms: i64) -> DispatchPage {
        self.page_without(at_ms, &[], 64).await
    }

    async fn page_without(&self, at_ms: i64, busy: &[ConversationId], limit: usize) -> DispatchPage {
        self.fixture.dispatches().page(&self.line, self.now.plus_ms(at_ms), busy, limit).await.expect("page")
    }

    async fn only(&self, at_ms: i64) -> DueDispatch {
        let page = self.page(at_ms).await;
        assert_eq!(page.due.len(), 1, "one is due");
        page.due[0].clone()
    }

    async fn begin(&self, lease: ChannelLease, position: i64) -> bool {
        self.fixture.dispatches().begin(lease, position, self.now).await.expect("begin")
    }

    fn postponed(&self, position: i64) -> Postponed {
        Postponed {
            position,
            due_at: self.now.plus_ms(700),
            tries: 3,
            error: Some(ProviderError::new("80007", "too fast").with_detail("by far")),
            done: vec![PartDone { id: Some("SM1".to_owned()), delivered: true }, PartDone { id: None, delivered: false }],
            state: DispatchState::Pending,
        }
    }

    /// Whether it is among the neglected, and since when it waits.
    async fn neglected(&self, now_ms: i64, soon_ms: i64) -> Option<Timestamp> {
        let (now, soon) = (self.now.plus_ms(now_ms), self.now.plus_ms(soon_ms));
        let found = self.fixture.dispatches().neglected(now, soon, 100_000).await.expect("neglected");
        found.into_iter().find(|neglected| neglected.id == self.line.id).map(|neglected| neglected.due_at)
    }
}

fn positions(page: &DispatchPage) -> Vec<i64> {
    page.due.iter().map(|due| due.position).collect()
}

/// A lease keeps others out until it ends, and can be renewed by its owner.
pub async fn a_channel_is_one_node_s_at_a_time(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let (ours, theirs) = (stage.lease(), stage.lease());
    assert_eq!(stage.claim(ours, 0, 1_000).await, Some(stage.line.clone()));
    assert!(stage.claim(theirs, 999, 2_000).await.is_none());
    assert!(stage.claim(ours, 999, 3_000).await.is_some());
    assert!(stage.claim(theirs, 2_999, 4_000).await.is_none());
    assert!(stage.claim(theirs, 3_001, 4_000).await.is_some());
    assert!(stage.claim(ours, 3_002, 5_000).await.is_none());
    let unknown = ChannelLease { channel_id: ChannelId::new(fixture.clock().new_id()), ..ours };
    assert!(stage.claim(unknown, 0, 1_000).await.is_none());
}

/// Only the owner gives a lease back.
pub async fn a_lease_that_is_given_back_is_anybody_s(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let (ours, theirs) = (stage.lease(), stage.lease());
    stage.claim(ours, 0, 1_000).await.expect("it is free");
    fixture.dispatches().release(theirs).await.expect("release");
    assert!(stage.claim(theirs, 1, 1_000).await.is_none());
    fixture.dispatches().release(ours).await.expect("release");
    assert!(stage.claim(theirs, 1, 1_000).await.is_some());
}

/// What its owner disconnected is not worked until it is connected again; what waits on it stays.
pub async fn a_disconnected_channel_is_nobody_s(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    stage.put(to, 1, 0).await;
    let lease = stage.claimed().await;
    fixture.switch(&stage.line, false).await;
    assert!(stage.claim(lease, 1, 60_000).await.is_none());
    assert_eq!(stage.neglected(100_000, 100_000).await, None);
    fixture.switch(&stage.line, true).await;
    assert!(stage.claim(lease, 1, 60_000).await.is_some());
    assert_eq!(positions(&stage.page(0).await), [1]);
}

/// Of each conversation only the first shows, whether it is due or not; they come by position.
pub async fn a_page_shows_the_first_of_each_conversation(fixture: &dyn Fixture) {
    let (stage, other) = (Stage::set(fixture).await, Stage::set(fixture).await);
    let (first, second, third) = (
        stage.conversation("+4915100000001").await,
        stage.conversation("+4915100000002").await,
        stage.conversation("+4915100000003").await,
    );
    stage.put(first, 3, 0).await;
    stage.put(first, 4, -10).await;
    stage.put(second, 2, 0).await;
    stage.put(third, 5, 300).await;
    stage.put(third, 6, 0).await;
    other.put(other.conversation("+4915100000001").await, 1, -100).await;
    let page = stage.page(0).await;
    assert_eq!((positions(&page), page.more, page.next_due_at), (vec![2, 3], false, Some(stage.now.plus_ms(300))));
    fixture.settle(&stage.line, 3).await;
    assert_eq!(positions(&stage.page(0).await), [2, 4]);
    let page = stage.page(300).await;
    assert_eq!((positions(&page), page.next_due_at), (vec![2, 4, 5], None));
}

/// A page's dispatch is complete.
pub async fn a_page_tells_all_that_is_to_be_sent(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000009").await;
    let message_id = stage.put(to, 7, -5).await;
    let due = stage.only(0).await;
    assert_eq!((due.position, due.conversation_id, due.message_id, due.tries), (7, to, message_id, 0));
    assert!(due.seq > 0);
    assert_eq!((due.wished_at, due.state, &due.done), (stage.now.plus_ms(-5), DispatchState::Pending, &Vec::new()));
    let outbound = due.outbound.expect("it can be sent");
    assert_eq!((outbound.channel, &outbound.account, outbound.to.value.as_str()), (stage.line.kind, &stage.line.address, "+4915100000009"));
    let Action::Send(message) = outbound.what else { panic!("a message") };
    assert_eq!((message.id, message.text.as_str()), (message_id, "number 7"));
}

/// A page has room for so many, says if there is more, and shows nothing of who is busy.
pub async fn a_page_is_bounded_and_leaves_out_who_is_busy(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let mut conversations = Vec::new();
    for position in 1..=5 {
        let to = stage.conversation(&format!("+491510000000{position}")).await;
        stage.put(to, position, 0).await;
        stage.put(to, position + 10, 0).await;
        conversations.push(to);
    }
    let page = stage.page_without(0, &[], 2).await;
    assert_eq!((positions(&page), page.more), (vec![1, 2], true));
    let page = stage.page_without(0, &[conversations[0], conversations[3]], 3).await;
    assert_eq!((positions(&page), page.more), (vec![2, 3, 5], false));
    let page = stage.page_without(0, &conversations, 3).await;
    assert_eq!((positions(&page), page.more, page.next_due_at), (vec![], false, None));
}

/// A begin is kept with its instant, counts as a try, and comes up again by itself.
pub async fn what_is_begun_is_due_again_when_nothing_is_heard(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    stage.put(to, 1, 0).await;
    stage.put(to, 2, 0).await;
    let lease = stage.claimed().await;
    assert!(stage.begin(lease, 1).await);
    let page = stage.page(UNKNOWN_MS - 1).await;
    assert_eq!((positions(&page), page.next_due_at), (vec![], Some(stage.now.plus_ms(UNKNOWN_MS))), "nor what is behind it");
    let due = stage.only(UNKNOWN_MS).await;
    assert_eq!((due.position, due.state, due.tries), (1, DispatchState::Begun(stage.now), 1));
}

/// Under a lost lease, or of what is settled, nothing may be sent.
pub async fn nothing_is_begun_that_is_another_s_or_over(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    stage.put(to, 1, 0).await;
    stage.put(to, 2, 0).await;
    let (ours, theirs) = (stage.claimed().await, stage.lease());
    stage.claim(theirs, 60_001, 90_000).await.expect("it is free again");
    assert!(!stage.begin(ours, 1).await);
    fixture.settle(&stage.line, 1).await;
    assert!(!stage.begin(theirs, 1).await);
    assert!(stage.begin(theirs, 2).await);
    fixture.dispatches().release(theirs).await.expect("release");
    assert!(!stage.begin(theirs, 2).await);
}

/// A try in vain leaves what is done and when it is due; an error that is not given is the one before.
pub async fn what_was_in_vain_is_kept(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    stage.put(to, 1, 0).await;
    let lease = stage.claimed().await;
    assert!(stage.begin(lease, 1).await);
    let postponed = stage.postponed(1);
    fixture.dispatches().postpone(lease, postponed.clone()).await.expect("postpone");
    assert_eq!(stage.page(699).await.next_due_at, Some(stage.now.plus_ms(700)));
    let due = stage.only(700).await;
    assert_eq!((due.tries, due.state, due.done), (3, DispatchState::Pending, postponed.done.clone()));
    let unknown =
        Postponed { due_at: stage.now.plus_ms(900), state: DispatchState::Begun(stage.now.plus_ms(-7)), error: None, ..postponed };
    fixture.dispatches().postpone(lease, unknown).await.expect("postpone");
    assert_eq!(stage.only(900).await.state, DispatchState::Begun(stage.now.plus_ms(-7)));
}

/// Once another has the lease, or it is settled, a dispatch stays as it is.
pub async fn nothing_is_postponed_that_is_another_s_or_over(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    stage.put(to, 1, 0).await;
    let (ours, theirs) = (stage.claimed().await, stage.lease());
    stage.claim(theirs, 60_001, 90_000).await.expect("it is free again");
    fixture.dispatches().postpone(ours, stage.postponed(1)).await.expect("postpone");
    assert_eq!(stage.only(0).await.tries, 0);
    fixture.settle(&stage.line, 1).await;
    fixture.dispatches().postpone(theirs, stage.postponed(1)).await.expect("postpone");
    assert_eq!(positions(&stage.page(10_000).await), [0_i64; 0]);
}

/// Another tenant, a conversation that is none, and a channel that is disconnected lead nowhere.
pub async fn a_conversation_is_reached_by_its_tenant_while_its_channel_is_connected(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    let reach = async |tenant_id, id| fixture.dispatches().reach(tenant_id, id).await.expect("reach");
    let (line, remote) = reach(stage.line.tenant_id, to).await.expect("it is there");
    assert_eq!((line, remote.address.value.as_str()), (stage.line.clone(), "+4915100000001"));
    let nobody = ConversationId::new(fixture.clock().new_id());
    assert_eq!(reach(stage.line.tenant_id, nobody).await, None);
    assert_eq!(reach(fixture.add_tenant().await, to).await, None, "another tenant's leads nowhere");
    fixture.switch(&stage.line, false).await;
    assert_eq!(reach(stage.line.tenant_id, to).await, None);
}

/// A channel that cannot send says why, once; what waits stays, and those who work it bring to an end what they have in hand.
pub async fn a_halted_channel_keeps_its_queue_and_is_told_of_once(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let to = stage.conversation("+4915100000001").await;
    stage.put(to, 1, 0).await;
    let (lease, other) = (stage.claimed().await, stage.lease());
    fixture.dispatches().halt(other, "not ours".to_owned(), stage.now).await.expect("halt");
    assert_eq!(fixture.disconnected(&stage.line).await, None, "only who works it may say so");
    for _ in 0..2 {
        fixture.dispatches().halt(lease, "the token has expired; reconnect".to_owned(), stage.now).await.expect("halt");
    }
    assert_eq!(fixture.disconnected(&stage.line).await.as_deref(), Some("the token has expired; reconnect"));
    assert_eq!(fixture.told(stage.line.tenant_id).await, 1);
    assert!(stage.claim(lease, 1, 60_000).await.is_none());
    assert_eq!(stage.neglected(100_000, 100_000).await, None);
    fixture.dispatches().postpone(lease, stage.postponed(1)).await.expect("postpone");
    fixture.dispatches().release(lease).await.expect("release");
    fixture.switch(&stage.line, true).await;
    assert!(stage.claim(other, 1, 60_000).await.is_some());
    assert_eq!(stage.only(700).await.tries, 3);
}

/// The sweep finds what is due, or will be soon, and is worked by nobody.
pub async fn the_neglected_are_due_free_and_connected(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    assert_eq!(stage.neglected(0, 0).await, None, "nothing is due");
    let (one, two) = (stage.conversation("+4915100000001").await, stage.conversation("+4915100000002").await);
    stage.put(one, 1, 500).await;
    stage.put(one, 2, 0).await;
    stage.put(two, 3, 600).await;
    assert_eq!(stage.neglected(0, 499).await, None, "what stands behind another is not due");
    assert_eq!(stage.neglected(0, 500).await, Some(stage.now.plus_ms(500)));
    stage.claim(stage.lease(), 0, 1_000).await.expect("it is free");
    assert_eq!(stage.neglected(999, 5_000).await, None, "somebody works it");
    assert_eq!(stage.neglected(1_001, 1_001).await, Some(stage.now.plus_ms(500)), "whose lease has ended");
    let earlier = Stage::set(fixture).await;
    earlier.put(earlier.conversation("+4915100000001").await, 1, -1_000_000).await;
    let first = fixture.dispatches().neglected(stage.now.plus_ms(5_000), stage.now.plus_ms(5_000), 1).await.expect("neglected");
    assert_eq!(first.len(), 1, "no more than asked for");
    assert_eq!(first[0].due_at, earlier.now.plus_ms(-1_000_000), "the one that waits the longest");
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use entities::{Address, AddressKind, ChannelKind, CredentialId, Remote};

    use super::*;
    use crate::testing::{ManualClock, MemoryDispatches, dispatches::to_send};

    #[derive(Default)]
    struct InMemory {
        dispatches: MemoryDispatches,
        clock: ManualClock,
        phones: std::sync::Mutex<std::collections::HashMap<ConversationId, String>>,
        seq: AtomicU64,
    }

    impl Fixture for InMemory {
        fn dispatches(&self) -> &dyn Dispatches {
            &self.dispatches
        }
        fn clock(&self) -> &dyn Clock {
            &self.clock
        }
        fn add_tenant(&self) -> Promise<'_, TenantId> {
            Box::pin(async { TenantId::new(self.clock.new_id()) })
        }
        fn add_channel(&self, tenant_id: TenantId) -> Promise<'_, Line> {
            Box::pin(async move {
                let (id, credential_id) = (ChannelId::new(self.clock.new_id()), CredentialId::new(self.clock.new_id()));
                let line = Line { tenant_id, id, kind: ChannelKind::Sms, address: "+4930123456".to_owned(), credential_id };
                self.dispatches.add(line.clone());
                line
            })
        }
        fn add_conversation<'a>(&'a self, line: &'a Line, phone: &'a str) -> Promise<'a, ConversationId> {
            Box::pin(async move {
                let id = ConversationId::new(self.clock.new_id());
                self.phones.lock().expect("lock").insert(id, phone.to_owned());
                let address = Address { kind: AddressKind::Phone, value: phone.to_owned() };
                self.dispatches.meet(line.id, id, Remote::new(line.kind, address, None));
                id
            })
        }
        fn add_dispatch<'a>(
            &'a self,
            line: &'a Line,
            to: ConversationId,
            position: i64,
            text: &'a str,
            at: Timestamp,
        ) -> Promise<'a, MessageId> {
            Box::pin(async move {
                let message_id = MessageId::new(self.clock.new_id());
                let phone = self.phones.lock().expect("lock")[&to].clone();
                let seq = self.seq.fetch_add(1, Ordering::SeqCst) + 1;
                self.dispatches.put(line.id, to_send(line, (to, seq), message_id, position, &phone, text, at), at);
                message_id
            })
        }
        fn settle<'a>(&'a self, line: &'a Line, position: i64) -> Promise<'a, ()> {
            Box::pin(async move {
                let row = self.dispatches.rows(line.id).into_iter().find(|row| row.due.position == position).expect("it is there");
                assert!(self.dispatches.settle(position, row.due.conversation_id));
            })
        }
        fn switch<'a>(&'a self, line: &'a Line, is_connected: bool) -> Promise<'a, ()> {
            Box::pin(async move { self.dispatches.switch(line.id, is_connected) })
        }
        fn disconnected<'a>(&'a self, line: &'a Line) -> Promise<'a, Option<String>> {
            Box::pin(async move { self.dispatches.disconnected(line.id) })
        }
        fn told(&self, tenant_id: TenantId) -> Promise<'_, usize> {
            Box::pin(async move { self.dispatches.told(tenant_id) })
        }
    }

    #[tokio::test]
    async fn the_dispatches_in_memory_keep_every_promise() {
        all(&InMemory::default()).await;
    }
}
