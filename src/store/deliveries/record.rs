//! What came of attempts, with what becomes of their deliveries and of the webhook, in one transaction.

use actors::port::{Attempted, Health, Lease, Recorded, StoreError};
use entities::{DeliveryStatus, Verdict};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};

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
            keep_attempts(backend, transaction, lease, attempts).await?;
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
        health.failing_since.map(entities::Timestamp::micros).into(),
        health.paused_until.map(entities::Timestamp::micros).into(),
        of(DeliveryStatus::Delivered).into(),
        of(DeliveryStatus::Failed).into(),
        delivered.map(|attempt| attempt.started_at.micros()).max().into(),
        lease.webhook_id.uuid().into(),
        lease.owner.uuid().into(),
    ];
    let done = transaction.execute_raw(Statement::from_sql_and_values(backend, COUNT, values)).await.map_err(unavailable)?;
    Ok(done.rows_affected() > 0)
}

async fn keep_attempts(
    backend: DbBackend,
    transaction: &DatabaseTransaction,
    lease: Lease,
    attempts: &[Attempted],
) -> Result<(), StoreError> {
    const COLUMNS: usize = 17;
    let mut values: Vec<Value> = Vec::with_capacity(attempts.len() * COLUMNS);
    for attempt in attempts {
        let outcome = &attempt.outcome;
        let headers = serde_json::to_string(&outcome.response_headers)
            .map_err(|error| StoreError::Unavailable(format!("an answer's headers cannot be written: {error}").into()))?;
        let ms = |part: Option<u32>| Value::from(part.map(i64::from));
        values.extend([
            lease.webhook_id.uuid().into(),
            attempt.position.into(),
            i64::from(attempt.number).into(),
            attempt.trigger.as_str().into(),
            attempt.started_at.micros().into(),
            ms(outcome.timings.dns),
            ms(outcome.timings.connect),
            ms(outcome.timings.tls),
            ms(outcome.timings.first_byte),
            i64::from(outcome.timings.total).into(),
            outcome.address.map(|address| address.to_string()).into(),
            outcome.http_status.map(i64::from).into(),
            headers.into(),
            outcome.response_body.clone().into(),
            outcome.error.as_ref().map(|error| error.class.as_str()).into(),
            outcome.error.as_ref().map(|error| error.detail.clone()).into(),
            attempt.next_due_at.map(entities::Timestamp::micros).into(),
        ]);
    }
    let sql = format!(
        "INSERT INTO attempt (webhook_id, position, number, trigger_kind, started_at, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms, \
         address, http_status, response_headers, response_body, error_class, error, next_due_at) VALUES {} ON CONFLICT DO NOTHING",
        tuples(attempts.len(), COLUMNS, 1, |number, _column| format!("${number}"))
    );
    transaction.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(unavailable).map(|_done| ())
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
    let cast = |number: usize, column: usize| format!("CAST(${number} AS {})", KINDS.get(column).copied().unwrap_or("TEXT"));
    let sql = format!(
        "UPDATE delivery SET attempts = r.column2, status = r.column3, due_at = r.column4, next_trigger = 'auto' \
         FROM (VALUES {}) AS r WHERE delivery.webhook_id = $1 AND delivery.position = r.column1 AND delivery.attempts < r.column2",
        tuples(attempts.len(), KINDS.len(), 2, cast)
    );
    transaction.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(unavailable).map(|_done| ())
}

/// So many rows of so many placeholders, the first of which has this number.
fn tuples(rows: usize, columns: usize, first: usize, placeholder: impl Fn(usize, usize) -> String) -> String {
    let row = |row: usize| {
        let marks: Vec<String> = (0..columns).map(|column| placeholder(first + row * columns + column, column)).collect();
        format!("({})", marks.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}
