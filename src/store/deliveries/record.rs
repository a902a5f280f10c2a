//! What came of attempts, with what becomes of their deliveries and of their webhooks, in one transaction.
//!
//! Here are the statements that both databases understand; PostgreSQL has one of its own that does all of it (`record_postgres`). What is written
//! together is chosen in `recorder`.

use std::collections::HashSet;

use actors::port::{Attempted, Health, Lease, Recorded, StoreError};
use entities::{DeliveryStatus, Timestamp, Verdict, WebhookId, table::attempt};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Statement, Value, sea_query::OnConflict};
use uuid::Uuid;

use super::record_postgres;
use crate::store::{Database, unavailable};

/// Most attempts of one statement: SQLite takes 32,766 values.
const ROWS_MAX: usize = 512;

/// What is to be recorded of one webhook.
#[derive(Debug, Clone)]
pub struct Item {
    /// Whose, and by whom.
    pub lease: Lease,
    /// Its attempts.
    pub attempts: Vec<Attempted>,
    /// The webhook's health after them.
    pub health: Health,
}

/// Writes all of it, or nothing; for each item whether its lease still held. No webhook may be in it twice.
pub async fn record(db: &Database, items: &[Item]) -> Result<Vec<Recorded>, StoreError> {
    let held = match db.postgres() {
        Some(pool) => record_postgres::record(pool, items).await?,
        None => record_in_steps(db, items).await?,
    };
    let told = |item: &Item| if held.contains(&item.lease.webhook_id.uuid()) { Recorded::Written } else { Recorded::LeaseLost };
    Ok(items.iter().map(told).collect())
}

async fn record_in_steps(db: &Database, items: &[Item]) -> Result<HashSet<Uuid>, StoreError> {
    let backend = db.backend();
    db.write(async |transaction| {
        let mut held = HashSet::new();
        for item in items {
            if webhook(backend, transaction, item).await? {
                held.insert(item.lease.webhook_id.uuid());
            }
        }
        let of_held = items.iter().filter(|item| held.contains(&item.lease.webhook_id.uuid()));
        let attempts: Vec<_> = of_held.flat_map(|item| item.attempts.iter().map(|attempt| (item.lease.webhook_id, attempt))).collect();
        for attempts in attempts.chunks(ROWS_MAX) {
            keep_attempts(transaction, attempts).await?;
            change_deliveries(backend, transaction, attempts).await?;
        }
        Ok(held)
    })
    .await
}

impl Item {
    /// How many of its deliveries have become this.
    pub(super) fn count(&self, status: DeliveryStatus) -> i64 {
        self.attempts.iter().filter(|attempt| attempt.status == status).count() as i64
    }

    /// When the latest attempt was begun that succeeded.
    pub(super) fn last_success_at(&self) -> Option<i64> {
        let delivered = self.attempts.iter().filter(|attempt| attempt.outcome.verdict == Verdict::Delivered);
        delivered.map(|attempt| attempt.started_at.micros()).max()
    }
}

/// When a delivery is due after an attempt; of one that is over it is no longer looked at.
pub(super) fn due_at(attempt: &Attempted) -> i64 {
    attempt.next_due_at.unwrap_or(attempt.started_at).micros()
}

/// Writes the webhook's counters, if the lease still holds; whether it does.
async fn webhook(backend: DbBackend, transaction: &DatabaseTransaction, item: &Item) -> Result<bool, StoreError> {
    const COUNT: &str = "UPDATE webhook SET failures = $1, exhausted = $2, failing_since = $3, paused_until = $4, \
        delivered = delivered + $5, failed = failed + $6, last_success_at = COALESCE($7, last_success_at), \
        warned_at = CASE WHEN $3 IS NULL THEN NULL ELSE warned_at END WHERE id = $8 AND lease_owner = $9 AND status = 'enabled'";
    let health = item.health;
    let values: [Value; 9] = [
        i64::from(health.failures).into(),
        i64::from(health.exhausted).into(),
        health.failing_since.map(Timestamp::micros).into(),
        health.paused_until.map(Timestamp::micros).into(),
        item.count(DeliveryStatus::Delivered).into(),
        item.count(DeliveryStatus::Failed).into(),
        item.last_success_at().into(),
        item.lease.webhook_id.uuid().into(),
        item.lease.owner.uuid().into(),
    ];
    let done = transaction.execute_raw(Statement::from_sql_and_values(backend, COUNT, values)).await.map_err(unavailable)?;
    Ok(done.rows_affected() > 0)
}

async fn keep_attempts(transaction: &DatabaseTransaction, attempts: &[(WebhookId, &Attempted)]) -> Result<(), StoreError> {
    let rows = attempts.iter().map(|(webhook_id, attempt)| row(*webhook_id, attempt)).collect::<Result<Vec<_>, _>>()?;
    let known = OnConflict::new().do_nothing().to_owned();
    attempt::Entity::insert_many(rows).on_conflict(known).exec_without_returning(transaction).await.map_err(unavailable).map(|_done| ())
}

/// An attempt as its table has it.
///
/// # Errors
/// [`StoreError::Unavailable`] if an answer's headers cannot be JSON, which no text is not.
pub fn row(webhook_id: WebhookId, attempted: &Attempted) -> Result<attempt::ActiveModel, StoreError> {
    let outcome = &attempted.outcome;
    let headers = headers(attempted)?;
    Ok(attempt::ActiveModel {
        webhook_id: Set(webhook_id.uuid()),
        position: Set(attempted.position),
        number: Set(i64::from(attempted.number)),
        trigger_kind: Set(attempted.trigger.as_str().to_owned()),
        started_at: Set(attempted.started_at.micros()),
        dns_ms: Set(outcome.timings.dns.map(i64::from)),
        connect_ms: Set(outcome.timings.connect.map(i64::from)),
        tls_ms: Set(outcome.timings.tls.map(i64::from)),
        first_byte_ms: Set(outcome.timings.first_byte.map(i64::from)),
        total_ms: Set(i64::from(outcome.timings.total)),
        address: Set(outcome.address.map(|address| address.to_string())),
        http_status: Set(outcome.http_status.map(i64::from)),
        response_headers: Set(headers),
        response_body: Set(outcome.response_body.clone()),
        error_class: Set(outcome.error.as_ref().map(|error| error.class.as_str().to_owned())),
        error: Set(outcome.error.as_ref().map(|error| error.detail.clone())),
        next_due_at: Set(attempted.next_due_at.map(Timestamp::micros)),
    })
}

/// An answer's headers as their column has them.
pub(super) fn headers(attempted: &Attempted) -> Result<String, StoreError> {
    serde_json::to_string(&attempted.outcome.response_headers)
        .map_err(|error| StoreError::Unavailable(format!("an answer's headers cannot be written: {error}").into()))
}

/// Sets the deliveries as the attempts left them; one that was recorded already has a higher number and is left alone.
async fn change_deliveries(
    backend: DbBackend,
    transaction: &DatabaseTransaction,
    attempts: &[(WebhookId, &Attempted)],
) -> Result<(), StoreError> {
    const COLUMNS: usize = 5;
    let mut values: Vec<Value> = Vec::with_capacity(attempts.len() * COLUMNS);
    for (webhook_id, attempt) in attempts {
        values.extend([
            webhook_id.uuid().into(),
            attempt.position.into(),
            i64::from(attempt.number).into(),
            attempt.status.as_str().into(),
            due_at(attempt).into(),
        ]);
    }
    let row = |row: usize| {
        let names: Vec<String> = (1 + row * COLUMNS..).take(COLUMNS).map(|number| format!("${number}")).collect();
        format!("({})", names.join(", "))
    };
    let sql = format!(
        "UPDATE delivery SET attempts = r.column3, status = r.column4, due_at = r.column5, next_trigger = 'auto' \
         FROM (VALUES {}) AS r WHERE delivery.webhook_id = r.column1 AND delivery.position = r.column2 AND delivery.attempts < r.column3",
        (0..attempts.len()).map(row).collect::<Vec<_>>().join(", ")
    );
    transaction.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(unavailable).map(|_done| ())
}
