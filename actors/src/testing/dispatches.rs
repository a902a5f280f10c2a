//! Dispatches in memory: every promise of the real ones but durability; and the suite that holds them all to the same promises.
//!
//! It works under paused time, which a database's pool does not.
//!
//! Start reading at [`conformance`].

pub mod conformance;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use entities::{
    Action, Address, AddressKind, ChannelId, ConversationId, Document, MessageId, NodeId, Outbound, OutboundMessage, ProviderError, Remote,
    TenantId, Timestamp, outbound::OutboundAuthor,
};

use crate::port::{
    ChannelLease, DispatchPage, DispatchState, Dispatches, DueDispatch, Line, NeglectedChannel, Postponed, Promise, StoreError, UNKNOWN_MS,
};

/// Dispatches in memory.
#[derive(Default)]
pub struct MemoryDispatches {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    channels: HashMap<ChannelId, Kept>,
    /// Where conversations' other sides are.
    remotes: HashMap<ConversationId, (ChannelId, Remote)>,
    /// So many calls from now on fail before they do anything,
    refusals: usize,
    /// or so many writes after they have done it: the answer is lost.
    lost_answers: usize,
    calls: Calls,
}

/// How often each was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// Claims and renewals.
    pub claims: usize,
    /// Pages.
    pub pages: usize,
    /// Releases.
    pub releases: usize,
}

struct Kept {
    line: Line,
    /// Why it is disconnected, if it is.
    disconnected: Option<String>,
    /// How often that was said in the tenant's events.
    told: usize,
    lease: Option<(NodeId, Timestamp)>,
    rows: BTreeMap<i64, Row>,
}

/// A dispatch as it is kept.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is sent.
    pub due: DueDispatch,
    /// When it is due.
    pub due_at: Timestamp,
    /// Why the last try was in vain.
    pub error: Option<ProviderError>,
}

impl MemoryDispatches {
    /// Makes a channel, connected.
    pub fn add(&self, line: Line) {
        let kept = Kept { line: line.clone(), disconnected: None, told: 0, lease: None, rows: BTreeMap::new() };
        self.held().channels.insert(line.id, kept);
    }

    /// Makes a dispatch that is due then.
    pub fn put(&self, id: ChannelId, due: DueDispatch, due_at: Timestamp) {
        if let Some(kept) = self.held().channels.get_mut(&id) {
            kept.rows.insert(due.position, Row { due, due_at, error: None });
        }
    }

    /// Makes a conversation on a channel.
    pub fn meet(&self, id: ChannelId, conversation_id: ConversationId, remote: Remote) {
        self.held().remotes.insert(conversation_id, (id, remote));
    }

    /// Takes a dispatch away, as its conversation does when it is over; whether it was there.
    pub fn settle(&self, position: i64, conversation_id: ConversationId) -> bool {
        let mut held = self.held();
        let mut of = held.channels.values_mut().filter_map(|kept| {
            let is_it = kept.rows.get(&position).is_some_and(|row| row.due.conversation_id == conversation_id);
            if is_it { kept.rows.remove(&position) } else { None }
        });
        of.next().is_some()
    }

    /// Disconnects a channel as its owner would, or connects it.
    pub fn switch(&self, id: ChannelId, is_connected: bool) {
        if let Some(kept) = self.held().channels.get_mut(&id) {
            kept.disconnected = (!is_connected).then(|| "by its owner".to_owned());
        }
    }

    /// The next so many calls fail and do nothing.
    pub fn refuse(&self, calls: usize) {
        self.held().refusals = calls;
    }

    /// The next so many begins and postponements are written, and their answers lost.
    pub fn lose_answers(&self, writes: usize) {
        self.held().lost_answers = writes;
    }

    /// Gives the lease to somebody else.
    pub fn steal(&self, id: ChannelId, owner: NodeId, until: Timestamp) {
        if let Some(kept) = self.held().channels.get_mut(&id) {
            kept.lease = Some((owner, until));
        }
    }

    /// How often it was called.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.held().calls
    }

    /// Every dispatch of a channel that is not over, by position.
    #[must_use]
    pub fn rows(&self, id: ChannelId) -> Vec<Row> {
        self.held().channels.get(&id).map(|kept| kept.rows.values().cloned().collect()).unwrap_or_default()
    }

    /// Why a channel is disconnected, if it is.
    #[must_use]
    pub fn disconnected(&self, id: ChannelId) -> Option<String> {
        self.held().channels.get(&id).and_then(|kept| kept.disconnected.clone())
    }

    /// How often it was said in a tenant's events that a channel cannot send.
    #[must_use]
    pub fn told(&self, tenant_id: TenantId) -> usize {
        self.held().channels.values().filter(|kept| kept.line.tenant_id == tenant_id).map(|kept| kept.told).sum()
    }

    /// Who has the lease, and until when.
    #[must_use]
    pub fn lease(&self, id: ChannelId) -> Option<(NodeId, Timestamp)> {
        self.held().channels.get(&id).and_then(|kept| kept.lease)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to a channel, or fails as it was told to.
    fn with<T: Send + 'static>(
        &self,
        id: ChannelId,
        absent: T,
        work: impl FnOnce(&mut Kept) -> T + Send + 'static,
    ) -> Promise<'_, Result<T, StoreError>> {
        Box::pin(async move {
            // A turn of the executor, as a database takes one.
            tokio::task::yield_now().await;
            let mut held = self.held();
            held.refuse_one()?;
            Ok(held.channels.get_mut(&id).map_or(absent, work))
        })
    }

    /// The same for what may be done without an answer.
    fn write<T: Send + 'static>(
        &self,
        id: ChannelId,
        absent: T,
        work: impl FnOnce(&mut Kept) -> T + Send + 'static,
    ) -> Promise<'_, Result<T, StoreError>> {
        let work = self.with(id, absent, work);
        Box::pin(async move {
            let done = work.await?;
            let mut held = self.held();
            if held.lost_answers > 0 {
                held.lost_answers -= 1;
                return Err(StoreError::Unavailable("told to lose the answer".into()));
            }
            Ok(done)
        })
    }
}

/// A dispatch that sends a text and was never tried, of the message at a place, for whoever has this telephone number.
#[must_use]
pub fn to_send(
    line: &Line,
    place: (ConversationId, u64),
    message_id: MessageId,
    position: i64,
    phone: &str,
    text: &str,
    wished_at: Timestamp,
) -> DueDispatch {
    let message = OutboundMessage {
        id: message_id,
        content: Document::plain(text),
        text: text.to_owned(),
        media: Vec::new(),
        reply_to: None,
        author: OutboundAuthor { name: None, avatar_url: None, human: true },
        extra: None,
    };
    let outbound = Outbound {
        channel: line.kind,
        account: line.address.clone(),
        to: Address { kind: AddressKind::Phone, value: phone.to_owned() },
        thread: None,
        last_inbound_at: None,
        now: wished_at,
        what: Action::Send(Box::new(message)),
    };
    let (conversation_id, seq) = place;
    let (state, done) = (DispatchState::Pending, Vec::new());
    DueDispatch {
        position,
        conversation_id,
        seq,
        message_id,
        of_message: true,
        outbound: Ok(outbound),
        tries: 0,
        wished_at,
        state,
        done,
        heard_of: false,
    }
}

impl Held {
    fn refuse_one(&mut self) -> Result<(), StoreError> {
        if self.refusals > 0 {
            self.refusals -= 1;
            return Err(StoreError::Unavailable("told to refuse".into()));
        }
        Ok(())
    }
}

impl Kept {
    fn is_held_by(&self, owner: NodeId) -> bool {
        self.lease.is_some_and(|(holder, _)| holder == owner)
    }

    /// The first of each conversation.
    fn heads(&self) -> Vec<&Row> {
        let mut seen = HashSet::new();
        self.rows.values().filter(|row| seen.insert(row.due.conversation_id)).collect()
    }

    fn claim(&mut self, owner: NodeId, now: Timestamp, until: Timestamp) -> Option<Line> {
        let taken = self.lease.is_some_and(|(holder, until)| holder != owner && until > now);
        if taken || self.disconnected.is_some() {
            return None;
        }
        self.lease = Some((owner, until));
        Some(self.line.clone())
    }

    fn page(&self, now: Timestamp, busy: &[ConversationId], limit: usize) -> DispatchPage {
        let heads: Vec<&Row> = self.heads().into_iter().filter(|row| !busy.contains(&row.due.conversation_id)).collect();
        let mut due: Vec<DueDispatch> = heads.iter().filter(|row| row.due_at <= now).map(|row| row.due.clone()).collect();
        let more = due.len() > limit;
        due.truncate(limit);
        DispatchPage { due, more, next_due_at: heads.iter().map(|row| row.due_at).filter(|at| *at > now).min() }
    }

    fn begin(&mut self, owner: NodeId, position: i64, now: Timestamp) -> bool {
        let is_ours = self.is_held_by(owner);
        let Some(row) = self.rows.get_mut(&position).filter(|_| is_ours) else { return false };
        row.due.state = DispatchState::Begun(now);
        row.due.tries += 1;
        row.due_at = now.plus_ms(UNKNOWN_MS);
        true
    }

    fn postpone(&mut self, owner: NodeId, postponed: Postponed) {
        let is_ours = self.is_held_by(owner);
        let Some(row) = self.rows.get_mut(&postponed.position).filter(|_| is_ours) else { return };
        row.due_at = postponed.due_at;
        row.due.tries = postponed.tries;
        row.due.done = postponed.done;
        row.due.state = postponed.state;
        row.error = postponed.error.or(row.error.take());
    }

    fn neglected(&self, now: Timestamp, soon: Timestamp) -> Option<NeglectedChannel> {
        let is_free = self.disconnected.is_none() && self.lease.is_none_or(|(_, until)| until <= now);
        let due_at = self.heads().into_iter().map(|row| row.due_at).min()?;
        (is_free && due_at <= soon).then_some(NeglectedChannel { id: self.line.id, due_at })
    }
}

impl Dispatches for MemoryDispatches {
    fn claim(&self, lease: ChannelLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Line>, StoreError>> {
        self.held().calls.claims += 1;
        self.with(lease.channel_id, None, move |kept| kept.claim(lease.owner, now, until))
    }

    fn release(&self, lease: ChannelLease) -> Promise<'_, Result<(), StoreError>> {
        self.held().calls.releases += 1;
        self.with(lease.channel_id, (), move |kept| kept.lease = kept.lease.filter(|(holder, _)| *holder != lease.owner))
    }

    fn page(&self, line: &Line, now: Timestamp, busy: &[ConversationId], limit: usize) -> Promise<'_, Result<DispatchPage, StoreError>> {
        self.held().calls.pages += 1;
        let busy = busy.to_vec();
        self.with(line.id, DispatchPage::default(), move |kept| kept.page(now, &busy, limit))
    }

    fn begin(&self, lease: ChannelLease, position: i64, now: Timestamp) -> Promise<'_, Result<bool, StoreError>> {
        self.write(lease.channel_id, false, move |kept| kept.begin(lease.owner, position, now))
    }

    fn postpone(&self, lease: ChannelLease, postponed: Postponed) -> Promise<'_, Result<(), StoreError>> {
        self.write(lease.channel_id, (), move |kept| kept.postpone(lease.owner, postponed))
    }

    fn halt(&self, lease: ChannelLease, reason: String, _now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        self.with(lease.channel_id, (), move |kept| {
            if kept.is_held_by(lease.owner) && kept.disconnected.is_none() {
                kept.disconnected = Some(reason);
                kept.told += 1;
            }
        })
    }

    fn reach(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Option<(Line, Remote)>, StoreError>> {
        let mut held = self.held();
        let refused = held.refuse_one();
        let found = held.remotes.get(&id).and_then(|(channel_id, remote)| {
            let kept = held.channels.get(channel_id).filter(|kept| kept.line.tenant_id == tenant_id && kept.disconnected.is_none())?;
            Some((kept.line.clone(), remote.clone()))
        });
        Box::pin(std::future::ready(refused.map(|()| found)))
    }

    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<NeglectedChannel>, StoreError>> {
        let mut held = self.held();
        let refused = held.refuse_one();
        let mut found: Vec<NeglectedChannel> = held.channels.values().filter_map(|kept| kept.neglected(now, soon)).collect();
        found.sort_by_key(|neglected| (neglected.due_at, neglected.id));
        found.truncate(limit);
        Box::pin(std::future::ready(refused.map(|()| found)))
    }
}
