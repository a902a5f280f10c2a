//! What came of attempts, with what becomes of their deliveries and of the webhook, in one transaction.

use actors::port::{Attempted, Health, Lease, Recorded, StoreError};
use entities::{DeliveryStatus, Timestamp, Verdict, WebhookId, table::attempt};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Statement, Value, sea_query::OnConflict};

use crate::store::{Database, unavailable};

/// Most attempts of one statement: SQLite takes 32,766 values.
const ROWS_MAX: usize = 512;

/// Writes all of it, or nothing.
pub async fn record(db: &Database, lease: Lease, attempts: &[Attempted], health: Health) -> Result<Recorded, StoreError> {
    let backend = db.backend();
    db.write(async |transaction| {
        if !webhook(backend, transaction, lease, attempts, health).await? {
            return Ok(Recorded::LeaseLost);
        }
        for attempts in attempts.chunks(ROWS_MAX) {
            keep_attempts(transaction, lease, attempts).await?;
            change_deliveries(backend, transaction, lease, attempts).await?;
        }
        Ok(Recorded::Written)
    })
    .await
}

/// Writes the webhook's counters, if the lease still holds; whether it does.
async fn webhook(
    backend: DbBackend,
    transaction: &DatabaseTransaction,
    lease: Lease,
    attempts: &[Attempted],
    health: Health,
) -> Result<bool, StoreError> {
    const COUNT: &str = "UPDATE webhook SET failures = $1, exhausted = $2, failing_since = $3, paused_until = $4, \
        delivered = delivered + $5, failed = failed + $6, last_success_at = COALESCE($7, last_success_at), \
        warned_at = CASE WHEN $3 IS NULL THEN NULL ELSE warned_at END WHERE id = $8 AND lease_owner = $9 AND status = 'enabled'";
    let of = |status: DeliveryStatus| attempts.iter().filter(|attempt| attempt.status == status).count() as i64;
    let delivered = attempts.iter().filter(|attempt| attempt.outcome.verdict == Verdict::Delivered);
    let values: [Value; 9] = [
        i64::from(health.failures).into(),
        i64::from(health.exhausted).into(),
        health.failing_since.map(Timestamp::micros).into(),
        health.paused_until.map(Timestamp::micros).into(),
        of(DeliveryStatus::Delivered).into(),
        of(DeliveryStatus::Failed).into(),
        delivered.map(|attempt| attempt.started_at.micros()).max().into(),
        lease.webhook_id.uuid().into(),
        lease.owner.uuid().into(),
    ];
    let done = transaction.execute_raw(Statement::from_sql_and_values(backend, COUNT, values)).await.map_err(unavailable)?;
    Ok(done.rows_affected() > 0)
}

async fn keep_attempts(transaction: &DatabaseTransaction, lease: Lease, attempts: &[Attempted]) -> Result<(), StoreError> {
    let rows = attempts.iter().map(|attempt| row(lease.webhook_id, attempt)).collect::<Result<Vec<_>, _>>()?;
    let known = OnConflict::new().do_nothing().to_owned();
    attempt::Entity::insert_many(rows).on_conflict(known).exec_without_returning(transaction).await.map_err(unavailable).map(|_done| ())
}

/// An attempt as its table has it.
///
/// # Errors
/// [`StoreError::Unavailable`] if an answer's headers cannot be JSON, which no text is not.
pub fn row(webhook_id: WebhookId, attempted: &Attempted) -> Result<attempt::ActiveModel, StoreError> {
    let outcome = &attempted.outcome;
    let headers = serde_json::to_string(&outcome.response_headers)
        .map_err(|error| StoreError::Unavailable(format!("an answer's headers cannot be written: {error}").into()))?;
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

/// Sets the deliveries as the attempts left them; one that was recorded already has a higher number and is left alone.
async fn change_deliveries(
    backend: DbBackend,
    transaction: &DatabaseTransaction,
    lease: Lease,
    attempts: &[Attempted],
) -> Result<(), StoreError> {
    const KINDS: [&str; 4] = ["BIGINT", "BIGINT", "TEXT", "BIGINT"];
    let mut values: Vec<Value> = vec![lease.webhook_id.uuid().into()];
    for attempt in attempts {
        values.extend([
            attempt.position.into(),
            i64::from(attempt.number).into(),
            attempt.status.as_str().into(),
            attempt.next_due_at.unwrap_or(attempt.started_at).micros().into(),
        ]);
    }
    let row = |row: usize| {
        let casts = KINDS.iter().zip(2 + row * KINDS.len()..).map(|(kind, number)| format!("CAST(${number} AS {kind})"));
        format!("({})", casts.collect::<Vec<_>>().join(", "))
    };
    let sql = format!(
        "UPDATE delivery SET attempts = r.column2, status = r.column3, due_at = r.column4, next_trigger = 'auto' \
         FROM (VALUES {}) AS r WHERE delivery.webhook_id = $1 AND delivery.position = r.column1 AND delivery.attempts < r.column2",
        (0..attempts.len()).map(row).collect::<Vec<_>>().join(", ")
    );
    transaction.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(unavailable).map(|_done| ())
}
