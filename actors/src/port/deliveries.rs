//! Deliveries: the rows that wait for a webhook, who may work them, and what came of each attempt.
//!
//! Guarantees of every implementation (held by `testing::deliveries`' suite):
//! * A webhook is worked by one node at a time: [`Deliveries::claim`] gives a lease, and nothing is recorded under a lease that has passed on.
//! * [`Deliveries::record`] writes the attempts, what becomes of their deliveries and the webhook's counters in one transaction, or nothing.
//!   An attempt that was recorded already is not counted again.
//!
//! Does not: make deliveries (the journal does, in the transaction of the event), send them (the courier does), or decide when the next
//! attempt is due (`subscription::state` does).

use std::sync::Arc;

use entities::{
    AttemptOutcome, DeliveryId, DeliveryStatus, EventId, EventKind, NodeId, TenantId, Timestamp, Trigger, WebhookId, WebhookSecret,
};

use super::{Promise, StoreError};

/// A webhook as the one who works it needs it.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: WebhookId,
    /// Where to.
    pub url: Arc<str>,
    /// Headers that its owner wants sent.
    pub headers: Arc<[(String, String)]>,
    /// Signs.
    pub secret: WebhookSecret,
    /// Signs too, until then.
    pub previous_secret: Option<(WebhookSecret, Timestamp)>,
    /// One event after the other, by position; a failing one holds up those behind it.
    pub ordered: bool,
    /// Most attempts begun in a second.
    pub rate_limit_per_second: Option<u32>,
    /// How it has done so far.
    pub health: Health,
}

/// How a webhook does: its counters, which live in the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Attempts that failed since the last success.
    pub failures: u32,
    /// Deliveries that failed for good since the last success.
    pub exhausted: u32,
    /// When the first of `failures` was.
    pub failing_since: Option<Timestamp>,
    /// When `webhook.failing` was said of this row of failures.
    pub warned_at: Option<Timestamp>,
    /// Nothing is sent before.
    pub paused_until: Option<Timestamp>,
}

/// One delivery that is due, or will be.
#[derive(Debug, Clone)]
pub struct Due {
    /// The event's position; what orders deliveries.
    pub position: i64,
    /// The delivery.
    pub id: DeliveryId,
    /// The event; the same on every attempt.
    pub event_id: EventId,
    /// Its kind.
    pub kind: EventKind,
    /// What is sent.
    pub body: Arc<[u8]>,
    /// How many attempts there were.
    pub attempts: u32,
    /// How many of those count against the schedule of today: all, or those since it was asked for again.
    pub failures_in_budget: u32,
    /// Why the next attempt is made.
    pub trigger: Trigger,
    /// When it may be made.
    pub due_at: Timestamp,
}

/// What waits for a webhook.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// What is due now, the oldest first; for an ordered webhook, by position, only the head of the line and what follows it without a gap in
    /// dueness.
    pub due: Vec<Due>,
    /// There is more that is due now and that there was no room for.
    pub more: bool,
    /// When the next one is due that is not yet; for an ordered webhook, the first of the line that is not. Too early does no harm.
    pub next_due_at: Option<Timestamp>,
}

/// How much may be read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Most deliveries.
    pub rows: usize,
    /// Most bytes of their bodies; the first is read whatever its size.
    pub bytes: usize,
}

/// A webhook that nobody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neglected {
    /// Which.
    pub id: WebhookId,
    /// When its first delivery is due, or was.
    pub due_at: Timestamp,
}

/// An attempt, and what becomes of its delivery.
#[derive(Debug, Clone)]
pub struct Attempted {
    /// The delivery.
    pub position: i64,
    /// Its number among the delivery's attempts, from 1.
    pub number: u32,
    /// Why it was made.
    pub trigger: Trigger,
    /// When.
    pub started_at: Timestamp,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// What the delivery is now.
    pub status: DeliveryStatus,
    /// If pending: when the next attempt is due.
    pub next_due_at: Option<Timestamp>,
}

/// The right to work a webhook for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// Who has it.
    pub owner: NodeId,
}

/// What [`Deliveries::record`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// All is written; the webhook is as given.
    Written,
    /// The lease has passed on, or the webhook is gone or disabled: nothing was written, whoever has it now will try again.
    LeaseLost,
}

/// The rows. See the module's head for what every implementation guarantees.
pub trait Deliveries: Send + Sync + 'static {
    /// Takes or renews the lease until an instant, unless another has it beyond `now`; `None` then, or if the webhook is disabled or gone.
    fn claim(&self, lease: Lease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Claimed>, StoreError>>;

    /// Gives the lease back; nothing happens if it is another's.
    fn release(&self, lease: Lease) -> Promise<'_, Result<(), StoreError>>;

    /// What waits: as many due deliveries as there is room for that are not among `busy` (positions in somebody's hands), and when the next
    /// is due.
    fn page(&self, claimed: &Claimed, now: Timestamp, busy: &[i64], room: Room) -> Promise<'_, Result<Page, StoreError>>;

    /// Writes attempts, their deliveries' new state, and the webhook's health as it is after them. A delivery whose attempt of that number
    /// was recorded already stays as it is. The next attempt of one that is pending is made automatically.
    fn record(&self, lease: Lease, attempts: Vec<Attempted>, health: Health) -> Promise<'_, Result<Recorded, StoreError>>;

    /// Disables a webhook with the reason, and says so in the tenant's events (`webhook.disabled`), in one transaction.
    fn disable(&self, lease: Lease, reason: String, now: Timestamp) -> Promise<'_, Result<(), StoreError>>;

    /// Says in the tenant's events that the webhook keeps failing (`webhook.failing`), and notes that it was said, in one transaction.
    fn warn(&self, lease: Lease, now: Timestamp) -> Promise<'_, Result<(), StoreError>>;

    /// Enabled webhooks that nobody has a lease of at `now` and that have something due up to `soon`, those that wait the longest first, at
    /// most `limit`; not those that are paused beyond `soon`. For the sweep. One too many does no harm (an ordered webhook whose head is not
    /// due may be among them). `now` may be ahead of time, to find leases that will have ended by then.
    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<Neglected>, StoreError>>;
}
