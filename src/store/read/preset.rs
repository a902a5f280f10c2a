//! What is prepared for the inbox: everybody's, and the reader's own.
//!
//! Guarantees: of another agent's nothing is found.

use actors::port::StoreError;
use entities::{AgentId, PresetId, TenantId, Timestamp};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::page::{Listed, Place, cut};
use crate::store::{Database, journal::read::rows, unavailable};

/// One of a kind, with what the kind has of its own still as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: PresetId,
    /// Whose it is; `None`: everybody's.
    pub owner_id: Option<AgentId>,
    /// What the kind has of its own.
    pub body: String,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Whose rows a reader sees beside everybody's. Who is no agent has none: then the tenant stands for both.
pub(in crate::store) fn scope(tenant_id: TenantId, owner_id: Option<AgentId>) -> Uuid {
    owner_id.map_or_else(|| tenant_id.uuid(), AgentId::uuid)
}

/// Finds one that the reader sees.
pub async fn find(
    db: &Database,
    tenant_id: TenantId,
    reader: Option<AgentId>,
    kind: &str,
    id: PresetId,
) -> Result<Option<Stored>, StoreError> {
    let values: [Value; 4] = [tenant_id.uuid().into(), kind.into(), scope(tenant_id, reader).into(), id.uuid().into()];
    rows(db, FIND, values).await?.first().map(|row| stored(tenant_id, row)).transpose()
}

const FIND: &str = "SELECT id, scope_id, body, version, created_at, updated_at FROM preset \
     WHERE id = $4 AND (tenant_id = $1 AND kind = $2 AND scope_id IN ($1, $3)) IS TRUE";

/// Lists a page of those that the reader sees, the first to be made first.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    reader: Option<AgentId>,
    kind: &str,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Stored>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, Uuid::nil()), Place::parts);
    let values: [Value; 6] =
        [tenant_id.uuid().into(), kind.into(), scope(tenant_id, reader).into(), at.into(), id.into(), (limit + 1).cast_signed().into()];
    let mut listed = rows(db, LIST, values).await?.iter().map(|row| stored(tenant_id, row)).collect::<Result<Vec<_>, _>>()?;
    let next = cut(&mut listed, limit, |row| Place::of_micros(row.created_at.micros(), row.id.uuid()));
    Ok(Listed { data: listed, next })
}

/// A page of kind `$2` behind `$4`, `$5`. What agents have for themselves is passed over: its number is bounded.
pub const LIST: &str = "SELECT id, scope_id, body, version, created_at, updated_at FROM preset WHERE tenant_id = $1 AND kind = $2 \
     AND (created_at, id) > ($4, $5) AND (scope_id IN ($1, $3)) IS TRUE ORDER BY created_at, id LIMIT $6";

fn stored(tenant_id: TenantId, row: &QueryResult) -> Result<Stored, StoreError> {
    let number = |column| row.try_get::<i64>("", column).map_err(unavailable);
    let uuid = |column| row.try_get::<Uuid>("", column).map_err(unavailable);
    let scope = uuid("scope_id")?;
    Ok(Stored {
        id: PresetId::new(uuid("id")?),
        owner_id: (scope != tenant_id.uuid()).then(|| AgentId::new(scope)),
        body: row.try_get("", "body").map_err(unavailable)?,
        version: number("version")?.cast_unsigned(),
        created_at: Timestamp::from_micros(number("created_at")?),
        updated_at: Timestamp::from_micros(number("updated_at")?),
    })
}
