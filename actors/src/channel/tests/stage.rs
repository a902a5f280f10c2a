//! A node with channels, dispatches in memory, a gateway that the story directs, and conversations that take dispatches away when they are over.

use std::{
    collections::HashMap,
    ops::RangeInclusive,
    sync::{Arc, Mutex},
    time::Duration,
};

use entities::{
    Action, Address, AddressKind, ChannelId, ChannelKind, ConversationId, CredentialId, MessageId, NodeId, Remote, TenantId, Timestamp,
};

use crate::{
    channel::{Came, Channels, Conversations, Limits, Told, World},
    conversation::{AskError, message::Settled},
    port::{Clock, Dispatches, Line, Promise},
    runtime::shard::Shards,
    testing::{
        FollowingClock, MemoryDispatches, ScriptedGateway,
        dispatches::{Row, to_send},
        gateway::{Sent, accepted},
    },
};

/// How often a story's sweep comes.
const SWEEP: Duration = Duration::from_secs(2);

/// Conversations that take a dispatch away when they hear of its end.
pub struct Listeners {
    dispatches: Arc<MemoryDispatches>,
    heard: Mutex<Vec<Settled>>,
    /// What they answer instead, so many times.
    refusals: Mutex<(usize, Option<AskError>)>,
}

impl Conversations for Listeners {
    fn settle(&self, _tenant_id: TenantId, id: ConversationId, settled: Settled, _also: Vec<Address>) -> Promise<'_, Result<(), AskError>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let mut refusals = self.refusals.lock().expect("lock");
            if let (1.., Some(error)) = &*refusals {
                let error = error.clone();
                refusals.0 -= 1;
                return Err(error);
            }
            if self.dispatches.settle(settled.position, id) {
                self.heard.lock().expect("lock").push(settled);
            }
            Ok(())
        })
    }
}

pub struct Stage {
    pub dispatches: Arc<MemoryDispatches>,
    pub gateway: Arc<ScriptedGateway>,
    pub listeners: Arc<Listeners>,
    pub clock: Arc<FollowingClock>,
    pub node: Channels,
    pub tenant_id: TenantId,
    lines: Mutex<HashMap<ChannelId, Line>>,
    position: Mutex<i64>,
    /// What came of each signal that somebody types.
    pub signals: Arc<Mutex<Vec<Came>>>,
}

impl Stage {
    /// A node whose providers take everything after a millisecond.
    pub fn set() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let (dispatches, clock) = (Arc::new(MemoryDispatches::default()), Arc::new(FollowingClock::default()));
        let gateway = Arc::new(ScriptedGateway::new(clock.clone(), |_| accepted().after(Duration::from_millis(1))));
        let listeners = Arc::new(Listeners { dispatches: dispatches.clone(), heard: Mutex::default(), refusals: Mutex::new((0, None)) });
        let mut limits = Limits::default();
        change(&mut limits);
        let tenant_id = TenantId::new(clock.new_id());
        let signals = Arc::new(Mutex::new(Vec::new()));
        let heard = signals.clone();
        let typing: Told = Arc::new(move |_, came| heard.lock().expect("lock").push(came));
        let world = World {
            dispatches: dispatches.clone(),
            gateway: gateway.clone(),
            conversations: listeners.clone(),
            clock: clock.clone(),
            told: Arc::new(|_, _| {}),
            typing_told: typing.clone(),
        };
        let node = Channels::start(world, NodeId::new(clock.new_id()), Arc::new(Shards::here()), limits);
        Self { dispatches, gateway, listeners, clock, node, tenant_id, lines: Mutex::default(), position: Mutex::new(0), signals }
    }

    /// Another node with the same database, or with what stands between it and the database.
    pub fn another_node(&self, dispatches: Arc<dyn Dispatches>) -> Channels {
        self.node_named(NodeId::new(self.clock.new_id()), dispatches)
    }

    /// A node of this name.
    pub fn node_named(&self, node_id: NodeId, dispatches: Arc<dyn Dispatches>) -> Channels {
        let (gateway, conversations, clock) = (self.gateway.clone(), self.listeners.clone(), self.clock.clone());
        let world = World { dispatches, gateway, conversations, clock, told: Arc::new(|_, _| {}), typing_told: Arc::new(|_, _| {}) };
        Channels::start(world, node_id, Arc::new(Shards::here()), Limits::default())
    }

    pub fn channel(&self, kind: ChannelKind) -> ChannelId {
        let (id, credential_id) = (ChannelId::new(self.clock.new_id()), CredentialId::new(self.clock.new_id()));
        let line = Line { tenant_id: self.tenant_id, id, kind, address: "+4930123456".to_owned(), credential_id };
        self.dispatches.add(line.clone());
        self.lines.lock().expect("lock").insert(id, line);
        id
    }

    /// The conversation of this number: its contact has this telephone number.
    pub fn conversation(number: u64) -> ConversationId {
        ConversationId::new(uuid::Uuid::from_u128(u128::from(number)))
    }

    /// Makes dispatches that are due now, one for each of these conversations, in their order.
    pub fn put(&self, id: ChannelId, conversations: impl IntoIterator<Item = u64>) {
        for number in conversations {
            self.put_to(id, number, &number.to_string());
        }
    }

    /// Makes a dispatch of a conversation with whoever has this telephone number; its position.
    pub fn put_to(&self, id: ChannelId, conversation: u64, phone: &str) -> i64 {
        let line = self.lines.lock().expect("lock")[&id].clone();
        let mut position = self.position.lock().expect("lock");
        *position += 1;
        let (place, message_id) = ((Self::conversation(conversation), position.unsigned_abs()), MessageId::new(self.clock.new_id()));
        let due = to_send(&line, place, message_id, *position, phone, &position.to_string(), self.now());
        self.dispatches.put(id, due, self.now());
        *position
    }

    /// Makes the conversation with the other side there.
    pub fn meet(&self, id: ChannelId, number: u64) {
        let line = self.lines.lock().expect("lock")[&id].clone();
        let mut remote = Remote::new(line.kind, Address { kind: AddressKind::Phone, value: number.to_string() }, None);
        remote.last_inbound_at = Some(self.now());
        remote.last_inbound_id = Some("m-1".to_owned());
        self.dispatches.meet(id, Self::conversation(number), remote);
    }

    /// One of ours begins or stops typing, and whoever is told has been told.
    pub async fn types(&self, number: u64, on: bool) {
        if let Some(shown) = self.node.show_typing(self.tenant_id, Self::conversation(number), on) {
            shown.await;
        }
    }

    /// Makes a dispatch that marks the conversation as read; its position.
    pub fn mark(&self, id: ChannelId, number: u64) -> i64 {
        let position = self.put_to(id, number, &number.to_string());
        let mut row = self.rows(id).into_iter().find(|row| row.due.position == position).expect("it was put");
        row.due.of_message = false;
        row.due.outbound.as_mut().expect("it can be sent").what = Action::MarkRead { target: position.to_string() };
        self.dispatches.put(id, row.due, self.now());
        position
    }

    /// Conversations answer this, so many times from now on.
    pub fn refuse_ends(&self, times: usize, error: AskError) {
        *self.listeners.refusals.lock().expect("lock") = (times, Some(error));
    }

    pub fn rows(&self, id: ChannelId) -> Vec<Row> {
        self.dispatches.rows(id)
    }

    /// What conversations heard, in order.
    pub fn ends(&self) -> Vec<Settled> {
        self.listeners.heard.lock().expect("lock").clone()
    }

    /// The positions of those that conversations heard to have failed, in order.
    pub fn failures(&self) -> Vec<i64> {
        self.ends().iter().filter(|end| end.failure.is_some()).map(|end| end.position).collect()
    }

    /// The positions that were sent, in order.
    pub fn sent(&self) -> Vec<i64> {
        self.gateway.sent().iter().map(position).collect()
    }

    /// When, in milliseconds after the first, something was sent.
    pub fn times(&self) -> Vec<i64> {
        let sent = self.gateway.sent();
        sent.iter().map(|one| one.at.ms_since(sent[0].at)).collect()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Lets time pass, with the sweep at work. A sweep that the store fails comes again.
    pub async fn pass_sweeping(&self, time: Duration) {
        let end = tokio::time::Instant::now() + time;
        while tokio::time::Instant::now() < end {
            let _ = self.node.sweep(self.now()).await;
            self.pass(SWEEP.min(end - tokio::time::Instant::now())).await;
        }
    }

    /// Everything was sent once, in order, and nobody is awake.
    pub fn assert_done(&self, id: ChannelId, positions: RangeInclusive<i64>) {
        let mut sent = self.sent();
        sent.sort_unstable();
        assert_eq!(sent, positions.collect::<Vec<_>>(), "each once");
        assert!(self.rows(id).is_empty());
        assert_eq!((self.node.observe().awake, self.node.observe().in_flight), (0, 0));
        assert_eq!(self.dispatches.lease(id), None, "the lease is given back");
    }
}

/// The position of what was sent: it is its text.
pub fn position(sent: &Sent) -> i64 {
    match &sent.outbound.what {
        Action::Send(message) => message.text.parse().expect("a position"),
        Action::MarkRead { target } => target.parse().expect("a position"),
        _ => panic!("a message or a mark"),
    }
}

/// Runs a story under paused time.
pub fn story(told: impl Future<Output = ()>) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
    });
    system.block_on(told);
}
