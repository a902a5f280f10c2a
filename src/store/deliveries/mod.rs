//! The deliveries over SQL: who works a webhook, what waits for it, and what came of each attempt.
//!
//! Guarantees: everything in [`actors::port::deliveries`], on both databases with the same statements. Instants are integers of microseconds.
//!
//! Does not: make deliveries (the journal does, with their events), or send them. Secrets are opened here, because what is claimed is about to
//! be signed; they are never logged.

pub mod record;
mod record_postgres;
mod recorder;
pub mod replay;
pub mod retain;
mod state;

use std::sync::Arc;

use actors::port::{
    Attempted, Claimed, Deliveries, Due, Health, Journal, Lease, Neglected, Page, Promise, Recorded, Room, StoreError, WebhookChange,
};
use entities::{DeliveryId, EventId, EventKind, TenantId, Timestamp, Trigger, WebhookId, WebhookSecret};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use self::{record::Item, recorder::Recorder};
use super::{Database, dialect, journal::read::rows, unavailable};
use crate::crypto::{Keys, webhook as crypto};

/// The deliveries over SQL.
pub struct SqlDeliveries {
    db: Database,
    keys: Keys,
    journal: Arc<dyn Journal>,
    new_event_id: Arc<dyn Fn() -> EventId + Send + Sync>,
    recorder: Arc<Recorder>,
}

impl SqlDeliveries {
    /// Those of this database. Secrets are opened with `keys`; what the webhooks' state tells of itself goes through `journal`.
    pub fn new(db: Database, keys: Keys, journal: Arc<dyn Journal>, new_event_id: Arc<dyn Fn() -> EventId + Send + Sync>) -> Self {
        Self { recorder: Recorder::new(db.clone()), db, keys, journal, new_event_id }
    }

    async fn claim_now(&self, lease: Lease, now: Timestamp, until: Timestamp) -> Result<Option<Claimed>, StoreError> {
        const CLAIM: &str = "UPDATE webhook SET lease_owner = $1, lease_until = $2 \
            WHERE id = $3 AND status = 'enabled' AND (lease_owner IS NULL OR lease_owner = $1 OR lease_until < $4) \
            RETURNING tenant_id, url, headers, secret, previous_secret, previous_until, ordered, rate_limit_per_second, failures, exhausted, \
            failing_since, warned_at, paused_until";
        let values: [Value; 4] = [lease.owner.uuid().into(), until.micros().into(), lease.webhook_id.uuid().into(), now.micros().into()];
        let claim = Statement::from_sql_and_values(self.db.backend(), CLAIM, values);
        let row = self.db.write(async |transaction| transaction.query_one_raw(claim).await.map_err(unavailable)).await?;
        row.map(|row| self.claimed(lease.webhook_id, &row)).transpose()
    }

    fn claimed(&self, id: WebhookId, row: &QueryResult) -> Result<Claimed, StoreError> {
        let tenant_id = TenantId::new(get(row, "tenant_id")?);
        let sealed: Option<Vec<u8>> = get(row, "headers")?;
        let headers = crypto::open_headers(&self.keys, tenant_id, sealed.as_deref()).map_err(|error| damaged(id, error))?;
        let previous: Option<Vec<u8>> = get(row, "previous_secret")?;
        let previous_until: Option<i64> = get(row, "previous_until")?;
        let previous_secret = match (previous, previous_until) {
            (Some(sealed), Some(until)) => Some((self.secret(id, tenant_id, &sealed)?, Timestamp::from_micros(until))),
            _ => None,
        };
        let rate: Option<i64> = get(row, "rate_limit_per_second")?;
        let url: String = get(row, "url")?;
        Ok(Claimed {
            tenant_id,
            id,
            url: url.into(),
            headers: headers.into_iter().collect(),
            secret: self.secret(id, tenant_id, &get::<Vec<u8>>(row, "secret")?)?,
            previous_secret,
            ordered: get(row, "ordered")?,
            rate_limit_per_second: rate.and_then(|rate| u32::try_from(rate).ok()),
            health: Health {
                failures: count(row, "failures")?,
                exhausted: count(row, "exhausted")?,
                failing_since: instant(row, "failing_since")?,
                warned_at: instant(row, "warned_at")?,
                paused_until: instant(row, "paused_until")?,
            },
        })
    }

    fn secret(&self, id: WebhookId, tenant_id: TenantId, sealed: &[u8]) -> Result<WebhookSecret, StoreError> {
        crypto::open_secret(&self.keys, tenant_id, sealed).map_err(|error| damaged(id, error))
    }

    async fn release_now(&self, lease: Lease) -> Result<(), StoreError> {
        const RELEASE: &str = "UPDATE webhook SET lease_owner = NULL, lease_until = NULL WHERE id = $1 AND lease_owner = $2";
        let values: [Value; 2] = [lease.webhook_id.uuid().into(), lease.owner.uuid().into()];
        let release = Statement::from_sql_and_values(self.db.backend(), RELEASE, values);
        self.db.write(async |transaction| transaction.execute_raw(release).await.map_err(unavailable).map(|_done| ())).await
    }

    async fn page_now(&self, claimed: &Claimed, now: Timestamp, busy: &[i64], room: Room) -> Result<Page, StoreError> {
        // What is due, and on every row, or on one without a delivery, when the next is: one journey to the database for both.
        const DUE: &str = "SELECT n.next, d.* FROM (SELECT MIN(due_at) AS next FROM delivery \
            WHERE webhook_id = $1 AND status = 'pending' AND due_at > $3) AS n LEFT JOIN (\
            SELECT d.position, d.id, d.event_id, d.kind, d.attempts, d.budget_from, d.next_trigger, d.due_at, b.body \
            FROM delivery d JOIN event_body b ON b.tenant_id = d.tenant_id AND b.position = d.position \
            WHERE d.webhook_id = $1 AND d.status = 'pending' AND d.due_at <= $3 AND @NOT_BUSY@ \
            ORDER BY d.due_at, d.position LIMIT $2) AS d ON 1 = 1 ORDER BY d.due_at, d.position";
        let id: Uuid = claimed.id.uuid();
        // One more than there is room for tells whether there is more.
        let limit = |rows: usize| Value::from(i64::try_from(rows + 1).unwrap_or(i64::MAX));
        let found = if claimed.ordered {
            // Its primary key would lead SQLite through everything that was ever delivered.
            let line = format!(
                "SELECT d.position, d.id, d.event_id, d.kind, d.attempts, d.budget_from, d.next_trigger, d.due_at, b.body FROM delivery d {} \
                 JOIN event_body b ON b.tenant_id = d.tenant_id AND b.position = d.position \
                 WHERE d.webhook_id = $1 AND d.status = 'pending' ORDER BY d.position LIMIT $2",
                dialect::by_index(self.db.backend(), "delivery_in_order")
            );
            rows(&self.db, &line, [id.into(), limit(room.rows + busy.len())]).await?
        } else {
            // Those in somebody's hands are passed over in the database: their bodies need not come again.
            let (not_busy, busy) = dialect::not_among(self.db.backend(), "d.position", "$4", busy);
            let sql = DUE.replace("@NOT_BUSY@", &not_busy);
            rows(&self.db, &sql, [id.into(), limit(room.rows), now.micros().into(), busy]).await?
        };
        let mut page = Page::default();
        let mut bytes = 0;
        for row in &found {
            if !claimed.ordered {
                page.next_due_at = instant(row, "next")?;
                if get::<Option<i64>>(row, "position")?.is_none() {
                    break;
                }
            }
            let due = due(row)?;
            if due.due_at > now {
                page.next_due_at = Some(due.due_at);
                break;
            }
            if busy.contains(&due.position) {
                continue;
            }
            bytes += due.body.len();
            if page.due.len() == room.rows || (bytes > room.bytes && !page.due.is_empty()) {
                page.more = true;
                break;
            }
            page.due.push(due);
        }
        Ok(page)
    }

    async fn neglected_now(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Result<Vec<Neglected>, StoreError> {
        // Of an ordered webhook the head of the line counts, of another whatever is due first.
        const NEGLECTED: &str = "SELECT * FROM (SELECT w.id, CASE WHEN w.ordered THEN (SELECT d.due_at FROM delivery d \
            WHERE d.webhook_id = w.id AND d.status = 'pending' ORDER BY d.position LIMIT 1) ELSE (SELECT MIN(d.due_at) FROM delivery d \
            WHERE d.webhook_id = w.id AND d.status = 'pending') END AS due_at FROM webhook w \
            WHERE w.status = 'enabled' AND (w.lease_until IS NULL OR w.lease_until < $1) \
            AND (w.paused_until IS NULL OR w.paused_until <= $2)) AS waiting WHERE due_at <= $2 ORDER BY due_at LIMIT $3";
        let values = [now.micros().into(), soon.micros().into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let found = rows(&self.db, NEGLECTED, values).await?;
        let neglected =
            |row: &QueryResult| Ok(Neglected { id: WebhookId::new(get(row, "id")?), due_at: Timestamp::from_micros(get(row, "due_at")?) });
        found.iter().map(neglected).collect()
    }
}

impl Deliveries for SqlDeliveries {
    fn claim(&self, lease: Lease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Claimed>, StoreError>> {
        Box::pin(self.claim_now(lease, now, until))
    }

    fn release(&self, lease: Lease) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.release_now(lease))
    }

    fn page(&self, claimed: &Claimed, now: Timestamp, busy: &[i64], room: Room) -> Promise<'_, Result<Page, StoreError>> {
        let (claimed, busy) = (claimed.clone(), busy.to_vec());
        Box::pin(async move { self.page_now(&claimed, now, &busy, room).await })
    }

    fn record(&self, lease: Lease, attempts: Vec<Attempted>, health: Health) -> Promise<'_, Result<Recorded, StoreError>> {
        Box::pin(self.recorder.record(Item { lease, attempts, health }))
    }

    fn disable(&self, lease: Lease, reason: String, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.tell(lease, WebhookChange::Disabled(reason), now))
    }

    fn warn(&self, lease: Lease, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.tell(lease, WebhookChange::Warned, now))
    }

    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<Neglected>, StoreError>> {
        Box::pin(self.neglected_now(now, soon, limit))
    }
}

fn due(row: &QueryResult) -> Result<Due, StoreError> {
    let (kind, trigger): (String, String) = (get(row, "kind")?, get(row, "next_trigger")?);
    let (attempts, budget_from) = (count(row, "attempts")?, count(row, "budget_from")?);
    let body: String = get(row, "body")?;
    Ok(Due {
        position: get(row, "position")?,
        id: DeliveryId::new(get(row, "id")?),
        event_id: EventId::new(get(row, "event_id")?),
        kind: EventKind::parse(&kind).ok_or_else(|| unknown("event", &kind))?,
        body: body.into_bytes().into(),
        attempts,
        failures_in_budget: attempts.saturating_sub(budget_from),
        trigger: Trigger::parse(&trigger).ok_or_else(|| unknown("trigger", &trigger))?,
        due_at: instant(row, "due_at")?.unwrap_or(Timestamp::from_micros(0)),
    })
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    row.try_get("", column).map_err(unavailable)
}

fn count(row: &QueryResult, column: &str) -> Result<u32, StoreError> {
    get::<i64>(row, column).map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

fn instant(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, StoreError> {
    get::<Option<i64>>(row, column).map(|micros| micros.map(Timestamp::from_micros))
}

fn unknown(what: &str, word: &str) -> StoreError {
    StoreError::Unavailable(format!("a delivery names the {what} {word}, which this version does not know").into())
}

fn unreadable(id: WebhookId, why: &str) -> StoreError {
    StoreError::Unavailable(format!("webhook {id} cannot be read: {why}").into())
}

fn damaged(id: WebhookId, error: crypto::OpenError) -> StoreError {
    unreadable(id, &error.to_string())
}
