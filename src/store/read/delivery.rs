//! Deliveries and their attempts.
//!
//! Guarantees: a page costs no more where there are a million deliveries than where there are a hundred. Pages go by position, and what no
//! index serves is looked for among [`LOOKED_AT_MAX`] deliveries at a time: a page may then be short, or empty, and still lead on.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    AttemptError, DeliveryId, DeliveryStatus, ErrorClass, EventId, EventKind, TenantId, Timestamp, Timings, Trigger, WebhookId,
    table::{delivery, event_body},
    thread,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement, Value};

use super::{
    damaged, event_place, json,
    page::{Listed, cut},
};
use crate::store::{Database, dialect, unavailable};

/// Deliveries that are looked at for one page with filters that no index serves.
pub const LOOKED_AT_MAX: i64 = 5_000;
/// Attempts of one delivery that a list shows, the latest.
pub const ATTEMPTS_LISTED_MAX: u32 = 12;
/// Attempts of one delivery that are shown where it stands alone, the latest.
pub const ATTEMPTS_SHOWN_MAX: u32 = 200;

/// An event for a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The delivery's id.
    pub id: DeliveryId,
    /// Its place: the event's, or below zero for what was tried out.
    pub position: i64,
    /// The event.
    pub event_id: EventId,
    /// Its kind.
    pub kind: EventKind,
    /// What became of it.
    pub status: DeliveryStatus,
    /// How many attempts there were.
    pub attempt_count: u32,
    /// If pending: when the next attempt may be made.
    pub next_due_at: Option<Timestamp>,
    /// When the event happened.
    pub at: Timestamp,
    /// The latest attempts, the oldest of them first.
    pub attempts: Vec<Attempt>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number among the delivery's attempts, from 1.
    pub number: u32,
    /// Why it was made.
    pub trigger: Trigger,
    /// When.
    pub started_at: Timestamp,
    /// How long its parts took.
    pub timings: Timings,
    /// Where the connection went.
    pub address: Option<String>,
    /// The answer's status.
    pub http_status: Option<u16>,
    /// The answer's headers.
    pub response_headers: Vec<(String, String)>,
    /// The answer's body; lists leave it out.
    pub response_body: Option<String>,
    /// Why it failed.
    pub error: Option<AttemptError>,
    /// When the next one was due.
    pub next_due_at: Option<Timestamp>,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What became of them.
    pub status: Option<DeliveryStatus>,
    /// The event's kind.
    pub kind: Option<EventKind>,
    /// The event.
    pub event_id: Option<EventId>,
    /// Of events from this instant on.
    pub from: Option<Timestamp>,
    /// Of events before this instant.
    pub to: Option<Timestamp>,
}

/// Lists a page of a webhook's deliveries, the latest event first and what was tried out last. The webhook must be the tenant's.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    wanted: Wanted,
    after: Option<i64>,
    limit: u64,
) -> Result<Listed<Delivery, i64>, StoreError> {
    if let Some(event_id) = wanted.event_id {
        let found = find(db, tenant_id, webhook_id, thread::delivery_id(event_id, webhook_id), false).await?;
        let fits = |row: &Delivery| after.is_none_or(|after| row.position < after) && wanted.fits(row);
        return Ok(Listed { data: found.into_iter().filter(fits).collect(), next: None });
    }
    let scope = Scope { db, tenant_id, webhook_id, wanted };
    let (mut rows, mut next) = (Vec::new(), None);
    let before = after.unwrap_or(i64::MAX);
    if before > 0 {
        let (floor, ceiling) = scope.bounds(before).await?;
        (rows, next) = scope.part(floor, ceiling, limit + 1).await?;
    }
    let room = (limit + 1).saturating_sub(rows.len() as u64);
    if room > 0 && next.is_none() {
        let (tried_out, rest) = scope.part(i64::MIN, before.min(0), room).await?;
        rows.extend(tried_out);
        next = rest;
    }
    let next = cut(&mut rows, limit, |row| row.position).or(next);
    let mut data = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    fill(db, webhook_id, &mut data, ATTEMPTS_LISTED_MAX, false).await?;
    Ok(Listed { data, next })
}

/// Finds one delivery of a webhook's; `whole` with all that its receiver answered.
pub async fn find(
    db: &Database,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    id: DeliveryId,
    whole: bool,
) -> Result<Option<Delivery>, StoreError> {
    let row = delivery::Entity::find()
        .filter(delivery::Column::Id.eq(id.uuid()))
        .filter(delivery::Column::TenantId.eq(tenant_id.uuid()))
        .filter(delivery::Column::WebhookId.eq(webhook_id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    let Some(row) = row else { return Ok(None) };
    let mut found = [read(row)?];
    fill(db, webhook_id, &mut found, if whole { ATTEMPTS_SHOWN_MAX } else { ATTEMPTS_LISTED_MAX }, whole).await?;
    Ok(found.into_iter().next())
}

/// What is sent for an event, if it is still kept.
pub async fn body(db: &Database, tenant_id: TenantId, position: i64) -> Result<Option<String>, StoreError> {
    event_body::Entity::find()
        .select_only()
        .column(event_body::Column::Body)
        .filter(event_body::Column::TenantId.eq(tenant_id.uuid()))
        .filter(event_body::Column::Position.eq(position))
        .into_tuple()
        .one(db.read())
        .await
        .map_err(unavailable)
}

impl Wanted {
    fn fits(&self, row: &Delivery) -> bool {
        self.status.is_none_or(|status| row.status == status)
            && self.kind.is_none_or(|kind| row.kind == kind)
            && self.from.is_none_or(|from| row.at >= from)
            && self.to.is_none_or(|to| row.at < to)
    }

    /// Whether something is asked for that neither the key nor the index by status serves.
    const fn looks(&self) -> bool {
        self.kind.is_some() || self.from.is_some() || self.to.is_some() || matches!(self.status, Some(DeliveryStatus::Delivered))
    }
}

/// Whose deliveries, and which.
struct Scope<'a> {
    db: &'a Database,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    wanted: Wanted,
}

impl Scope<'_> {
    /// Between which places the events of `from` and `to` lie: from the first on, and before the second.
    async fn bounds(&self, before: i64) -> Result<(i64, i64), StoreError> {
        if self.wanted.from.is_none() && self.wanted.to.is_none() {
            return Ok((0, before));
        }
        let Some(kept) = event_place::kept(self.db, self.tenant_id).await? else { return Ok((0, before)) };
        let mut bounds = (0, before);
        if let Some(from) = self.wanted.from {
            let first = event_place::from(self.db, self.tenant_id, kept, from).await?;
            // What is older than the oldest event kept may still have its delivery.
            bounds.0 = if first == kept.oldest { 0 } else { first };
        }
        if let Some(to) = self.wanted.to {
            let end = event_place::until(self.db, self.tenant_id, kept, to).await?;
            bounds.1 = if end > kept.newest { before } else { before.min(end) };
        }
        Ok(bounds)
    }

    /// At most `limit` rows from `floor` on and before `ceiling`, the highest first; and where to go on, if not all were looked at.
    async fn part(&self, floor: i64, ceiling: i64, limit: u64) -> Result<(Vec<delivery::Model>, Option<i64>), StoreError> {
        let looks = self.wanted.looks();
        let mut values: Vec<Value> =
            vec![self.webhook_id.uuid().into(), self.tenant_id.uuid().into(), floor.into(), ceiling.into(), (limit as i64).into()];
        if looks {
            values.extend([
                LOOKED_AT_MAX.into(),
                self.wanted.kind.map(EventKind::as_str).into(),
                self.wanted.from.map(Timestamp::micros).into(),
                self.wanted.to.map(Timestamp::micros).into(),
            ]);
        }
        let sql = page_sql(self.db.backend(), self.wanted.status, looks);
        let rows = delivery::Model::find_by_statement(Statement::from_sql_and_values(self.db.backend(), sql, values));
        let rows = rows.all(self.db.read()).await.map_err(unavailable)?;
        if !looks || rows.len() as u64 >= limit {
            return Ok((rows, None));
        }
        let values: Vec<Value> =
            vec![self.webhook_id.uuid().into(), self.tenant_id.uuid().into(), floor.into(), ceiling.into(), (LOOKED_AT_MAX - 1).into()];
        let last = Statement::from_sql_and_values(self.db.backend(), last_looked_at_sql(self.db.backend(), self.wanted.status), values);
        let last = self.db.read().query_one_raw(last).await.map_err(unavailable)?;
        let last = last.map(|row| row.try_get("", "position").map_err(unavailable)).transpose()?;
        Ok((rows, last))
    }
}

/// The rows that the key, or the index by status, leads to. The second condition on the status is the index's own, word for word, because
/// SQLite looks no further; where most deliveries arrive, those that did are not indexed.
fn reached(backend: DbBackend, status: Option<DeliveryStatus>) -> String {
    let (index, of_status) = match status {
        Some(status @ (DeliveryStatus::Pending | DeliveryStatus::Failed | DeliveryStatus::Skipped)) => {
            let of_status = format!(" AND status = '{status}' AND status <> 'delivered'");
            (dialect::by_index(backend, "delivery_by_status"), of_status)
        }
        Some(DeliveryStatus::Delivered) | None => (String::new(), String::new()),
    };
    format!(
        "FROM delivery{index} WHERE webhook_id = $1 AND tenant_id = $2 AND position >= $3 AND position < $4{of_status} ORDER BY position DESC"
    )
}

/// The query of a page, as a test reads its plan.
#[must_use]
pub fn page_sql(backend: DbBackend, status: Option<DeliveryStatus>, looks: bool) -> String {
    let reached = reached(backend, status);
    if !looks {
        return format!("SELECT * {reached} LIMIT $5");
    }
    let delivered = if status == Some(DeliveryStatus::Delivered) { " AND status = 'delivered'" } else { "" };
    format!(
        "SELECT * FROM (SELECT * {reached} LIMIT $6) AS seen WHERE (CAST($7 AS text) IS NULL OR kind = CAST($7 AS text)) \
         AND (CAST($8 AS bigint) IS NULL OR at >= CAST($8 AS bigint)) AND (CAST($9 AS bigint) IS NULL OR at < CAST($9 AS bigint)){delivered} \
         ORDER BY position DESC LIMIT $5"
    )
}

/// Where a page with filters stopped looking, as a test reads its plan.
#[must_use]
pub fn last_looked_at_sql(backend: DbBackend, status: Option<DeliveryStatus>) -> String {
    format!("SELECT position {} LIMIT 1 OFFSET $5", reached(backend, status))
}

/// Reads the attempts of some deliveries, the latest of each.
async fn fill(db: &Database, webhook_id: WebhookId, deliveries: &mut [Delivery], most: u32, whole: bool) -> Result<(), StoreError> {
    let tried = || deliveries.iter().filter(|delivery| delivery.attempt_count > 0);
    if tried().next().is_none() {
        return Ok(());
    }
    let values: Vec<Value> = [webhook_id.uuid().into(), most.into()].into_iter().chain(tried().map(|row| row.position.into())).collect();
    let statement = Statement::from_sql_and_values(db.backend(), attempts_sql(tried().count(), whole), values);
    let rows = Tried::find_by_statement(statement).all(db.read()).await.map_err(unavailable)?;
    let mut of: HashMap<i64, Vec<Attempt>> = HashMap::new();
    for row in rows {
        of.entry(row.position).or_default().push(row.read()?);
    }
    for delivery in deliveries {
        delivery.attempts = of.remove(&delivery.position).unwrap_or_default();
    }
    Ok(())
}

/// The query of the attempts of so many deliveries, as a test reads its plan.
#[must_use]
pub fn attempts_sql(deliveries: usize, whole: bool) -> String {
    let places: Vec<String> = (3..deliveries + 3).map(|number| format!("${number}")).collect();
    let answer =
        if whole { "a.response_headers, a.response_body" } else { "'[]' AS response_headers, CAST(NULL AS text) AS response_body" };
    format!(
        "SELECT a.position, a.number, a.trigger_kind, a.started_at, a.dns_ms, a.connect_ms, a.tls_ms, a.first_byte_ms, a.total_ms, \
         a.address, a.http_status, {answer}, a.error_class, a.error, a.next_due_at \
         FROM delivery d JOIN attempt a ON a.webhook_id = d.webhook_id AND a.position = d.position AND a.number > d.attempts - $2 \
         WHERE d.webhook_id = $1 AND d.position IN ({}) ORDER BY a.position, a.number",
        places.join(", ")
    )
}

#[derive(FromQueryResult)]
struct Tried {
    position: i64,
    number: i64,
    trigger_kind: String,
    started_at: i64,
    dns_ms: Option<i64>,
    connect_ms: Option<i64>,
    tls_ms: Option<i64>,
    first_byte_ms: Option<i64>,
    total_ms: i64,
    address: Option<String>,
    http_status: Option<i64>,
    response_headers: String,
    response_body: Option<String>,
    error_class: Option<String>,
    error: Option<String>,
    next_due_at: Option<i64>,
}

impl Tried {
    fn read(self) -> Result<Attempt, StoreError> {
        let ms = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        let error = match self.error_class {
            Some(class) => Some(AttemptError {
                class: ErrorClass::parse(&class).ok_or_else(|| damaged("attempt.error_class"))?,
                detail: self.error.unwrap_or_default(),
            }),
            None => None,
        };
        Ok(Attempt {
            number: self.number as u32,
            trigger: Trigger::parse(&self.trigger_kind).ok_or_else(|| damaged("attempt.trigger_kind"))?,
            started_at: Timestamp::from_micros(self.started_at),
            timings: Timings {
                dns: ms(self.dns_ms),
                connect: ms(self.connect_ms),
                tls: ms(self.tls_ms),
                first_byte: ms(self.first_byte_ms),
                total: ms(Some(self.total_ms)).unwrap_or(u32::MAX),
            },
            address: self.address,
            http_status: self.http_status.and_then(|status| u16::try_from(status).ok()),
            response_headers: json("attempt.response_headers", &self.response_headers)?,
            response_body: self.response_body,
            error,
            next_due_at: self.next_due_at.map(Timestamp::from_micros),
        })
    }
}

fn read(row: delivery::Model) -> Result<Delivery, StoreError> {
    let status = DeliveryStatus::parse(&row.status).ok_or_else(|| damaged("delivery.status"))?;
    Ok(Delivery {
        id: DeliveryId::new(row.id),
        position: row.position,
        event_id: EventId::new(row.event_id),
        kind: EventKind::parse(&row.kind).ok_or_else(|| damaged("delivery.kind"))?,
        status,
        attempt_count: row.attempts as u32,
        next_due_at: (status == DeliveryStatus::Pending).then(|| Timestamp::from_micros(row.due_at)),
        at: Timestamp::from_micros(row.at),
        attempts: Vec::new(),
    })
}
