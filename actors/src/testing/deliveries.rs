//! Deliveries in memory: every promise of the real ones but durability; and the suite that holds them all to the same promises.
//!
//! It works under paused time, which a database's pool does not.
//!
//! Start reading at [`conformance`].

pub mod conformance;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entities::{
    DeliveryId, DeliveryStatus, EventId, EventKind, NodeId, TenantId, Timestamp, Trigger, WebhookId, WebhookSecret, WebhookStatus,
};

use crate::port::{Attempted, Claimed, Deliveries, Due, Health, Lease, Neglected, Page, Promise, Recorded, Room, StoreError};

/// Deliveries in memory.
#[derive(Default)]
pub struct MemoryDeliveries {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    webhooks: HashMap<WebhookId, Kept>,
    /// So many calls from now on fail before they do anything,
    refusals: usize,
    /// or after they have done it: the answer is lost.
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
    /// Records, with those that failed.
    pub records: usize,
    /// Releases.
    pub releases: usize,
}

struct Kept {
    claimed: Claimed,
    status: WebhookStatus,
    disabled_reason: Option<String>,
    lease: Option<(NodeId, Timestamp)>,
    rows: BTreeMap<i64, Row>,
    told: Vec<EventKind>,
}

/// A delivery as it is kept.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is sent, and when.
    pub due: Due,
    /// What became of it.
    pub status: DeliveryStatus,
    /// Every attempt, by number.
    pub attempts: BTreeMap<u32, Attempted>,
}

impl MemoryDeliveries {
    /// Makes a webhook, enabled and well. A test changes it by [`MemoryDeliveries::change`].
    pub fn add(&self, tenant_id: TenantId, id: WebhookId, ordered: bool) {
        let claimed = Claimed {
            tenant_id,
            id,
            url: Arc::from(format!("https://{id}.example/hook")),
            headers: Arc::from([]),
            secret: WebhookSecret::from_random([7; 32]),
            previous_secret: None,
            ordered,
            rate_limit_per_second: None,
            health: Health::default(),
        };
        let status = WebhookStatus::Enabled;
        let kept = Kept { claimed, status, disabled_reason: None, lease: None, rows: BTreeMap::new(), told: Vec::new() };
        self.held().webhooks.insert(id, kept);
    }

    /// Changes a webhook as its owner would.
    pub fn change(&self, id: WebhookId, change: impl FnOnce(&mut Claimed)) {
        if let Some(kept) = self.held().webhooks.get_mut(&id) {
            change(&mut kept.claimed);
        }
    }

    /// Disables a webhook as its owner would.
    pub fn switch_off(&self, id: WebhookId) {
        if let Some(kept) = self.held().webhooks.get_mut(&id) {
            kept.status = WebhookStatus::Disabled;
        }
    }

    /// Makes a delivery that is due then.
    pub fn put(&self, id: WebhookId, position: i64, ids: (DeliveryId, EventId), body: String, due_at: Timestamp) {
        let due = Due {
            position,
            id: ids.0,
            event_id: ids.1,
            kind: EventKind::TicketCreated,
            body: Arc::from(body.into_bytes()),
            attempts: 0,
            failures_in_budget: 0,
            trigger: Trigger::Auto,
            due_at,
        };
        self.put_due(id, due);
    }

    /// Makes a delivery with everything given.
    pub fn put_due(&self, id: WebhookId, due: Due) {
        if let Some(kept) = self.held().webhooks.get_mut(&id) {
            kept.rows.insert(due.position, Row { due, status: DeliveryStatus::Pending, attempts: BTreeMap::new() });
        }
    }

    /// The next so many calls fail and do nothing.
    pub fn refuse(&self, calls: usize) {
        self.held().refusals = calls;
    }

    /// The next so many records are written, and their answers lost.
    pub fn lose_answers(&self, records: usize) {
        self.held().lost_answers = records;
    }

    /// How often it was called.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.held().calls
    }

    /// A delivery as it is now.
    #[must_use]
    pub fn row(&self, id: WebhookId, position: i64) -> Option<Row> {
        self.held().webhooks.get(&id).and_then(|kept| kept.rows.get(&position).cloned())
    }

    /// Every delivery of a webhook, by position.
    #[must_use]
    pub fn rows(&self, id: WebhookId) -> Vec<Row> {
        self.held().webhooks.get(&id).map(|kept| kept.rows.values().cloned().collect()).unwrap_or_default()
    }

    /// How a webhook does.
    #[must_use]
    pub fn health(&self, id: WebhookId) -> Option<Health> {
        self.held().webhooks.get(&id).map(|kept| kept.claimed.health)
    }

    /// Why a webhook is disabled, if it is and there is a reason.
    #[must_use]
    pub fn disabled_reason(&self, id: WebhookId) -> Option<String> {
        self.held().webhooks.get(&id).and_then(|kept| kept.disabled_reason.clone())
    }

    /// What was said of a tenant's webhooks in its events.
    #[must_use]
    pub fn told(&self, tenant_id: TenantId) -> Vec<EventKind> {
        let held = self.held();
        held.webhooks.values().filter(|kept| kept.claimed.tenant_id == tenant_id).flat_map(|kept| kept.told.clone()).collect()
    }

    /// Who has the lease, and until when.
    #[must_use]
    pub fn lease(&self, id: WebhookId) -> Option<(NodeId, Timestamp)> {
        self.held().webhooks.get(&id).and_then(|kept| kept.lease)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to a webhook, or fails as it was told to.
    fn with<T: Send + 'static>(
        &self,
        id: WebhookId,
        absent: T,
        work: impl FnOnce(&mut Kept) -> T + Send + 'static,
    ) -> Promise<'_, Result<T, StoreError>> {
        Box::pin(async move {
            // A turn of the executor, as a database takes one.
            tokio::task::yield_now().await;
            let mut held = self.held();
            held.refuse_one()?;
            Ok(held.webhooks.get_mut(&id).map_or(absent, work))
        })
    }
}

impl Held {
    fn refuse_one(&mut self) -> Result<(), StoreError> {
        if self.refusals > 0 {
            self.refusals -= 1;
            return Err(StoreError::Unavailable(Arc::from("told to refuse")));
        }
        Ok(())
    }
}

impl Kept {
    fn is_held_by(&self, owner: NodeId) -> bool {
        self.status == WebhookStatus::Enabled && self.lease.is_some_and(|(holder, _)| holder == owner)
    }

    fn pending(&self) -> impl Iterator<Item = &Due> {
        self.rows.values().filter(|row| row.status == DeliveryStatus::Pending).map(|row| &row.due)
    }

    fn claim(&mut self, owner: NodeId, now: Timestamp, until: Timestamp) -> Option<Claimed> {
        let taken = self.lease.is_some_and(|(holder, until)| holder != owner && until > now);
        if taken || self.status != WebhookStatus::Enabled {
            return None;
        }
        self.lease = Some((owner, until));
        Some(self.claimed.clone())
    }

    fn page(&self, now: Timestamp, busy: &[i64], room: Room) -> Page {
        let mut page = Page::default();
        let mut waiting: Vec<&Due> = self.pending().filter(|due| !busy.contains(&due.position)).collect();
        let is_due = |due: &&Due| due.due_at <= now;
        let due: Vec<&Due> = if self.claimed.ordered {
            page.next_due_at = waiting.iter().find(|due| !is_due(due)).map(|due| due.due_at);
            waiting.into_iter().take_while(is_due).collect()
        } else {
            page.next_due_at = waiting.iter().filter(|due| !is_due(due)).map(|due| due.due_at).min();
            waiting.sort_by_key(|due| (due.due_at, due.position));
            waiting.into_iter().filter(is_due).collect()
        };
        let mut bytes = 0;
        for next in due {
            bytes += next.body.len();
            if page.due.len() >= room.rows || bytes > room.bytes && !page.due.is_empty() {
                page.more = true;
                break;
            }
            page.due.push(next.clone());
        }
        page
    }

    fn record(&mut self, owner: NodeId, attempts: Vec<Attempted>, health: Health) -> Recorded {
        if !self.is_held_by(owner) {
            return Recorded::LeaseLost;
        }
        self.claimed.health = Health { warned_at: health.failing_since.and(self.claimed.health.warned_at), ..health };
        for attempt in attempts {
            let Some(row) = self.rows.get_mut(&attempt.position) else { continue };
            if row.attempts.contains_key(&attempt.number) {
                continue;
            }
            row.status = attempt.status;
            row.due.attempts = attempt.number;
            row.due.failures_in_budget += 1;
            row.due.trigger = Trigger::Auto;
            row.due.due_at = attempt.next_due_at.unwrap_or(attempt.started_at);
            row.attempts.insert(attempt.number, attempt);
        }
        Recorded::Written
    }

    fn neglected(&self, now: Timestamp, soon: Timestamp) -> Option<Neglected> {
        let is_free = self.status == WebhookStatus::Enabled && self.lease.is_none_or(|(_, until)| until <= now);
        let is_paused = self.claimed.health.paused_until.is_some_and(|until| until > soon);
        let due_at = if self.claimed.ordered { self.pending().next() } else { self.pending().min_by_key(|due| due.due_at) }?.due_at;
        (is_free && !is_paused && due_at <= soon).then_some(Neglected { id: self.claimed.id, due_at })
    }
}

impl Deliveries for MemoryDeliveries {
    fn claim(&self, lease: Lease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Claimed>, StoreError>> {
        self.held().calls.claims += 1;
        self.with(lease.webhook_id, None, move |kept| kept.claim(lease.owner, now, until))
    }

    fn release(&self, lease: Lease) -> Promise<'_, Result<(), StoreError>> {
        self.held().calls.releases += 1;
        self.with(lease.webhook_id, (), move |kept| kept.lease = kept.lease.filter(|(holder, _)| *holder != lease.owner))
    }

    fn page(&self, claimed: &Claimed, now: Timestamp, busy: &[i64], room: Room) -> Promise<'_, Result<Page, StoreError>> {
        self.held().calls.pages += 1;
        let busy = busy.to_vec();
        self.with(claimed.id, Page::default(), move |kept| kept.page(now, &busy, room))
    }

    fn record(&self, lease: Lease, attempts: Vec<Attempted>, health: Health) -> Promise<'_, Result<Recorded, StoreError>> {
        self.held().calls.records += 1;
        let record = self.with(lease.webhook_id, Recorded::LeaseLost, move |kept| kept.record(lease.owner, attempts, health));
        Box::pin(async move {
            let recorded = record.await?;
            let mut held = self.held();
            if held.lost_answers > 0 {
                held.lost_answers -= 1;
                return Err(StoreError::Unavailable(Arc::from("told to lose the answer")));
            }
            Ok(recorded)
        })
    }

    fn disable(&self, lease: Lease, reason: String, _now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        self.with(lease.webhook_id, (), move |kept| {
            if kept.is_held_by(lease.owner) {
                kept.status = WebhookStatus::Disabled;
                kept.disabled_reason = Some(reason);
                kept.told.push(EventKind::WebhookDisabled);
            }
        })
    }

    fn warn(&self, lease: Lease, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        self.with(lease.webhook_id, (), move |kept| {
            if kept.is_held_by(lease.owner) {
                kept.claimed.health.warned_at = Some(now);
                kept.told.push(EventKind::WebhookFailing);
            }
        })
    }

    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<Neglected>, StoreError>> {
        let mut held = self.held();
        let refused = held.refuse_one();
        let mut found: Vec<Neglected> = held.webhooks.values().filter_map(|kept| kept.neglected(now, soon)).collect();
        found.sort_by_key(|neglected| (neglected.due_at, neglected.id));
        found.truncate(limit);
        Box::pin(std::future::ready(refused.map(|()| found)))
    }
}
