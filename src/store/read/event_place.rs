//! Where in a tenant's events an instant lies.
//!
//! Positions have no gaps and events are numbered in the order of their commits, so an instant is found by halving. The instants themselves
//! are those at which things were decided: neighbours may be the wrong way round, by less than [`SLACK_MS`].

use actors::port::StoreError;
use entities::{TenantId, Timestamp};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::store::{Database, dialect, unavailable};

/// By how much an earlier event's instant may be later than a later one's: the longest that a commit takes, and a clock set right.
pub const SLACK_MS: i64 = 60_000;
/// The halvings that the longest row of events needs.
const HALVINGS_MAX: u32 = 64;

/// The places of a tenant's events, from the oldest that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The oldest.
    pub oldest: i64,
    /// The newest.
    pub newest: i64,
}

/// The places of the tenant's events; `None` if it has none.
pub async fn kept(db: &Database, tenant_id: TenantId) -> Result<Option<Kept>, StoreError> {
    let end = async |order: &str| -> Result<Option<i64>, StoreError> {
        let sql = format!("SELECT position FROM event WHERE tenant_id = $1 ORDER BY position {order} LIMIT 1");
        let row = db.read().query_one_raw(Statement::from_sql_and_values(db.backend(), sql, [tenant_id.uuid().into()])).await;
        row.map_err(unavailable)?.map(|row| row.try_get("", "position").map_err(unavailable)).transpose()
    };
    Ok(match (end("ASC").await?, end("DESC").await?) {
        (Some(oldest), Some(newest)) => Some(Kept { oldest, newest }),
        _ => None,
    })
}

/// A place before which no event happened at `at` or later; one behind the newest if all are older.
pub async fn from(db: &Database, tenant_id: TenantId, kept: Kept, at: Timestamp) -> Result<i64, StoreError> {
    first_since(db, tenant_id, kept, at.plus_ms(-SLACK_MS)).await
}

/// A place from which on no event happened before `at`; one behind the newest if there may be younger ones.
pub async fn until(db: &Database, tenant_id: TenantId, kept: Kept, at: Timestamp) -> Result<i64, StoreError> {
    first_since(db, tenant_id, kept, at.plus_ms(SLACK_MS)).await
}

async fn first_since(db: &Database, tenant_id: TenantId, kept: Kept, at: Timestamp) -> Result<i64, StoreError> {
    const AT: &str = "SELECT at FROM event WHERE tenant_id = $1 AND position = $2";
    let (mut low, mut high) = (kept.oldest, kept.newest.saturating_add(1));
    for _halving in 0..HALVINGS_MAX {
        if low >= high {
            break;
        }
        let middle = low + (high - low) / 2;
        let values: [Value; 2] = [tenant_id.uuid().into(), middle.into()];
        let row = db.read().query_one_raw(Statement::from_sql_and_values(db.backend(), AT, values)).await.map_err(unavailable)?;
        let found = row.map(|row| dialect::micros(db.backend(), &row, "at")).transpose().map_err(unavailable)?;
        // One that is gone was dropped for its age meanwhile.
        if found.is_none_or(|found| found < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
