//! Dropping events that are older than they are kept.
//!
//! The oldest go first, by position, in short transactions; what is left still has no gap. Messages stay: only the way to resume from that
//! long ago is lost, and clients are told to load their screens.

use actors::port::StoreError;
use entities::Timestamp;
use sea_orm::{ConnectionTrait, Statement, prelude::Uuid};

use crate::store::{Database, dialect, unavailable};

/// Events dropped in one transaction.
const BATCH: i64 = 1_000;
/// Transactions a tenant is given in one round.
const BATCHES_MAX: usize = 50;

/// Drops every tenant's events from before an instant; how many that were.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn forget_before(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    let tenants = Statement::from_string(db.backend(), "SELECT id FROM tenant ORDER BY id");
    let tenants = db.read().query_all_raw(tenants).await.map_err(unavailable)?;
    let mut forgotten = 0;
    for row in tenants {
        let tenant_id: Uuid = row.try_get("", "id").map_err(unavailable)?;
        for _batch in 0..BATCHES_MAX {
            let dropped = forget_batch(db, tenant_id, before).await?;
            forgotten += dropped;
            if dropped < BATCH.cast_unsigned() {
                break;
            }
        }
    }
    Ok(forgotten)
}

async fn forget_batch(db: &Database, tenant_id: Uuid, before: Timestamp) -> Result<u64, StoreError> {
    const DROP: &str = "DELETE FROM event WHERE tenant_id = $1 AND position <= $2";
    // The oldest by position, then the clock: a scan for old instants would read every event where none is old.
    const OLDEST: &str = "SELECT MAX(position) AS last FROM \
        (SELECT position, at FROM event WHERE tenant_id = $1 ORDER BY position LIMIT $2) AS oldest WHERE at < $3";
    let oldest =
        Statement::from_sql_and_values(db.backend(), OLDEST, [tenant_id.into(), BATCH.into(), dialect::micros_value(db.backend(), before)]);
    let row = db.read().query_one_raw(oldest).await.map_err(unavailable)?;
    let last: Option<i64> = row.map(|row| row.try_get("", "last")).transpose().map_err(unavailable)?.flatten();
    let Some(last) = last else { return Ok(0) };
    let drop = Statement::from_sql_and_values(db.backend(), DROP, [tenant_id.into(), last.into()]);
    db.write(async |transaction| Ok(transaction.execute_raw(drop).await.map_err(unavailable)?.rows_affected())).await
}
