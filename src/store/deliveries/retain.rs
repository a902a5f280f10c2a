//! Dropping deliveries that are older than they are kept, with their attempts and bytes.
//!
//! The oldest go first, by position, in short transactions, so that nobody waits long for a lock. What is still to be sent goes too: after that
//! long its webhook was disabled or paused, and a replay of it would find the event gone.

use actors::port::StoreError;
use entities::Timestamp;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::get;
use crate::store::{Database, journal::read::rows, unavailable};

/// Deliveries dropped in one transaction.
const BATCH: i64 = 500;
/// Transactions that one webhook is given in one round.
const BATCHES_MAX: usize = 40;

/// Drops every webhook's deliveries of events from before an instant; how many that were.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn forget_before(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for row in rows(db, "SELECT id FROM webhook ORDER BY tenant_id, id", []).await? {
        let webhook_id: Uuid = get(&row, "id")?;
        for _batch in 0..BATCHES_MAX {
            let dropped = forget_batch(db, webhook_id, before).await?;
            forgotten += dropped;
            if dropped < BATCH.cast_unsigned() {
                break;
            }
        }
    }
    Ok(forgotten + forget_bodies(db, before).await?)
}

async fn forget_batch(db: &Database, webhook_id: Uuid, before: Timestamp) -> Result<u64, StoreError> {
    // What somebody tried out stands below zero, the newest first; all else above, the oldest first.
    const OLDEST: &str = "SELECT MAX(position) AS last FROM \
        (SELECT position, at FROM delivery WHERE webhook_id = $1 AND position > 0 ORDER BY position LIMIT $2) AS oldest WHERE at < $3";
    // Each range by itself: with both in one condition SQLite reads all rows of the webhook.
    const DROPPED: [&str; 4] = [
        "DELETE FROM attempt WHERE webhook_id = $1 AND position BETWEEN 1 AND $2",
        "DELETE FROM attempt WHERE webhook_id = $1 AND position > $2 AND position < 0",
        "DELETE FROM delivery WHERE webhook_id = $1 AND position BETWEEN 1 AND $2",
        "DELETE FROM delivery WHERE webhook_id = $1 AND position > $2 AND position < 0",
    ];
    let found = rows(db, OLDEST, [webhook_id.into(), BATCH.into(), before.micros().into()]).await?;
    let last: Option<i64> = found.first().map(|row| get(row, "last")).transpose()?.flatten();
    let ends = [last.unwrap_or(0), -before.micros(), last.unwrap_or(0), -before.micros()];
    let drops =
        DROPPED.iter().zip(ends).map(|(sql, end)| Statement::from_sql_and_values(db.backend(), *sql, [webhook_id.into(), end.into()]));
    let drops: Vec<Statement> = drops.collect();
    db.write(async |transaction| {
        let mut deliveries = 0;
        for (number, drop) in drops.into_iter().enumerate() {
            let dropped = transaction.execute_raw(drop).await.map_err(unavailable)?.rows_affected();
            // The attempts come first, and are not counted.
            deliveries += if number < DROPPED.len() / 2 { 0 } else { dropped };
        }
        Ok(deliveries)
    })
    .await
}

/// Drops the bytes that no delivery names any more, of each tenant.
async fn forget_bodies(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    // No delivery at or below this is left; and what was tried out goes by its time, which its position is.
    const OLDEST: &str = "SELECT MIN(oldest) AS oldest FROM (SELECT (SELECT MIN(d.position) FROM delivery d WHERE d.webhook_id = w.id \
        AND d.position > 0) AS oldest FROM webhook w WHERE w.tenant_id = $1) AS of_each";
    // Each range by itself here, too.
    const BODIES: [&str; 2] = [
        "DELETE FROM event_body WHERE tenant_id = $1 AND position IN (SELECT position FROM event_body \
         WHERE tenant_id = $1 AND position > 0 AND position < $2 ORDER BY position LIMIT $3)",
        "DELETE FROM event_body WHERE tenant_id = $1 AND position IN (SELECT position FROM event_body \
         WHERE tenant_id = $1 AND position < 0 AND position > $2 ORDER BY position LIMIT $3)",
    ];
    const LAST: &str = "SELECT position FROM tenant WHERE id = $1";
    let mut forgotten = 0;
    for row in rows(db, "SELECT DISTINCT tenant_id FROM webhook", []).await? {
        let tenant_id: Uuid = get(&row, "tenant_id")?;
        // Read first: what is made meanwhile lies behind it.
        let last: i64 = rows(db, LAST, [tenant_id.into()]).await?.first().map(|row| get(row, "position")).transpose()?.unwrap_or(0);
        let oldest: Option<i64> = rows(db, OLDEST, [tenant_id.into()]).await?.first().map(|row| get(row, "oldest")).transpose()?.flatten();
        let kept_from = oldest.unwrap_or(last + 1).min(last + 1);
        for (sql, end) in BODIES.iter().zip([kept_from, -before.micros()]) {
            forgotten += forget_range(db, sql, tenant_id, end).await?;
        }
    }
    Ok(forgotten)
}

/// Drops what one of the statements finds, in batches; how many rows that were.
async fn forget_range(db: &Database, sql: &str, tenant_id: Uuid, end: i64) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for _batch in 0..BATCHES_MAX {
        let drop = Statement::from_sql_and_values(db.backend(), sql, [tenant_id.into(), end.into(), BATCH.into()]);
        let dropped = db.write(async |transaction| Ok(transaction.execute_raw(drop).await.map_err(unavailable)?.rows_affected())).await?;
        forgotten += dropped;
        if dropped < BATCH.cast_unsigned() {
            break;
        }
    }
    Ok(forgotten)
}
