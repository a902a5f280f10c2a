//! What has lain in the trash long enough.

use actors::port::StoreError;
use entities::{ConversationId, TenantId, Timestamp};
use sea_orm::Value;
use uuid::Uuid;

use crate::store::{Database, journal::read::rows, unavailable};

/// Finds what was put in the trash before `$1`, at most `$2`, the longest there first; behind the time `$3` and the id `$4`.
pub const LAIN: &str = "SELECT tenant_id, id, trashed_at FROM conversation WHERE trashed_at < $1 AND (trashed_at, id) > ($3, $4) \
     ORDER BY trashed_at, id LIMIT $2";

/// A conversation in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lain {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: ConversationId,
    /// Since when.
    pub trashed_at: Timestamp,
}

/// Conversations that were put in the trash before `before`, in order, behind `after`. Of every tenant: the sweep asks, not a caller.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn lain_since(
    db: &Database,
    before: Timestamp,
    after: Option<(Timestamp, ConversationId)>,
    limit: u64,
) -> Result<Vec<Lain>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, Uuid::nil()), |(at, id)| (at.micros(), id.uuid()));
    let values: [Value; 4] = [before.micros().into(), i64::try_from(limit).unwrap_or(i64::MAX).into(), at.into(), id.into()];
    let found = rows(db, LAIN, values).await?;
    let lain = |row: &sea_orm::QueryResult| {
        Ok(Lain {
            tenant_id: TenantId::new(row.try_get("", "tenant_id")?),
            id: ConversationId::new(row.try_get("", "id")?),
            trashed_at: Timestamp::from_micros(row.try_get("", "trashed_at")?),
        })
    };
    found.iter().map(lain).collect::<Result<_, _>>().map_err(unavailable)
}
