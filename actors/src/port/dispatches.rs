//! Dispatches: the rows that wait for a provider, and who may work them.
//!
//! Guarantees of every implementation (held by `testing::dispatches`' suite):
//! * A channel is worked by one node at a time: [`Dispatches::claim`] gives a lease, and nothing is written under a lease that has passed on.
//! * A dispatch is marked as begun, durably, before anything is sent ([`Dispatches::begin`]); so after a crash it is known which may have
//!   been sent.
//! * Of one conversation only the first is ever handed out: those behind it wait until it is settled.
//!
//! Does not: make dispatches or settle them (the journal does both, in the transaction of the message's change), or send.

use entities::{ConversationId, MessageId, NodeId, Outbound, ProviderError, Remote, TenantId, Timestamp};

use super::{Line, PartDone, Promise, StoreError};

/// A dispatch that was begun and of which nothing more was heard is due again after so long: time enough for a receipt to settle it.
pub const UNKNOWN_MS: i64 = 30_000;

/// The right to work a channel for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelLease {
    /// The channel.
    pub channel_id: entities::ChannelId,
    /// Who has it.
    pub owner: NodeId,
}

/// What is known of a dispatch that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchState {
    /// Nothing (more) of it was sent.
    Pending,
    /// A try was begun then, and how it ended is not known: the node died, or no answer came.
    Begun(Timestamp),
}

/// One dispatch that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct DueDispatch {
    /// Its place: the position of the event that wished for it. Orders a channel's dispatches.
    pub position: i64,
    /// The conversation of the message it is about,
    pub conversation_id: ConversationId,
    /// and where that stands in it.
    pub seq: u64,
    /// The message it is about.
    pub message_id: MessageId,
    /// It is to send that message, rather than to do something with it.
    pub of_message: bool,
    /// What to do, or why that can never be done. Files have no addresses yet: the gateway gives them.
    pub outbound: Result<Outbound, ProviderError>,
    /// How many tries were begun.
    pub tries: u32,
    /// When it was wished for.
    pub wished_at: Timestamp,
    /// Whether a try may be under way or lost.
    pub state: DispatchState,
    /// The parts that the provider has.
    pub done: Vec<PartDone>,
    /// The provider has told what became of the message: so it has it, whatever came of the try.
    pub heard_of: bool,
}

/// What waits on a channel.
#[derive(Debug, Clone, Default)]
pub struct DispatchPage {
    /// What is due now, by position: of each conversation the first alone, and none of conversations in somebody's hands.
    pub due: Vec<DueDispatch>,
    /// When the next is due that is not yet. Too early does no harm.
    pub next_due_at: Option<Timestamp>,
    /// There is more that is due now and that there was no room for.
    pub more: bool,
}

/// A dispatch that was tried in vain.
#[derive(Debug, Clone, PartialEq)]
pub struct Postponed {
    /// Which.
    pub position: i64,
    /// When to try again, or to look again whether it is settled.
    pub due_at: Timestamp,
    /// How many tries there were that count, this one among them.
    pub tries: u32,
    /// Why it did not go through, if it was tried.
    pub error: Option<ProviderError>,
    /// The parts that the provider has.
    pub done: Vec<PartDone>,
    /// Pending: nothing more was sent. Begun: that is not known.
    pub state: DispatchState,
}

/// A channel that nobody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeglectedChannel {
    /// Which.
    pub id: entities::ChannelId,
    /// When its first dispatch is due, or was.
    pub due_at: Timestamp,
}

/// The rows. See the module's head for what every implementation guarantees.
pub trait Dispatches: Send + Sync + 'static {
    /// Takes or renews the lease until an instant, unless another has it beyond `now`; `None` then, or if the channel is gone, has no
    /// credential, or is disconnected (its queue stays).
    fn claim(&self, lease: ChannelLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Line>, StoreError>>;

    /// Gives the lease back; nothing happens if it is another's.
    fn release(&self, lease: ChannelLease) -> Promise<'_, Result<(), StoreError>>;

    /// What waits, at most `limit`, without that of `busy` conversations.
    fn page(&self, line: &Line, now: Timestamp, busy: &[ConversationId], limit: usize) -> Promise<'_, Result<DispatchPage, StoreError>>;

    /// Marks a dispatch as begun, counts the try and lets it be due [`UNKNOWN_MS`] after `now`, should nothing more be heard of it. False if
    /// the lease has passed on or the dispatch is settled: then nothing may be sent.
    fn begin(&self, lease: ChannelLease, position: i64, now: Timestamp) -> Promise<'_, Result<bool, StoreError>>;

    /// Writes that a try was in vain; nothing happens if the lease has passed on or the dispatch is settled.
    fn postpone(&self, lease: ChannelLease, postponed: Postponed) -> Promise<'_, Result<(), StoreError>>;

    /// Says that the channel cannot send until somebody does something: its status becomes `disconnected`, with the reason and the remedy,
    /// and the tenant's events say so (`channel.failed`), at least once. Nothing happens if the lease has passed on, or it is so already.
    fn halt(&self, lease: ChannelLease, reason: String, now: Timestamp) -> Promise<'_, Result<(), StoreError>>;

    /// Where a conversation's other side is, and the channel that leads there; `None` if the tenant has no such conversation, it is on no
    /// provider, or its channel cannot be worked.
    fn reach(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Option<(Line, Remote)>, StoreError>>;

    /// Channels that nobody has a lease of at `now` and that have something due up to `soon`, those that wait the longest first, at most
    /// `limit`. For the sweep. One too many does no harm.
    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<NeglectedChannel>, StoreError>>;
}
