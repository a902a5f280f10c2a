//! Who changed what in a tenant's settings.

use actors::port::StoreError;
use entities::{AuditEntryId, TenantId, Timestamp, table::audit_entry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use serde_json::Value;
use uuid::Uuid;

use super::{
    json,
    page::{Listed, Place, cut, key},
};
use crate::store::{Database, unavailable};

/// One line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The entry's id.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor.
    pub actor_kind: String,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// What they were called then.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: Option<String>,
    /// To which.
    pub target_id: Option<Uuid>,
    /// What more is to be said.
    pub detail: Value,
    /// The request by which it was done.
    pub request_id: Option<String>,
}

/// Lists a page of entries, the latest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Entry>, StoreError> {
    use audit_entry::Column as C;
    let mut query = audit_entry::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::At, C::Id).lt(place.values()));
    }
    let query = query.order_by_desc(C::At).order_by_desc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of(row.at, row.id));
    Ok(Listed { data: rows.into_iter().map(entry).collect::<Result<_, _>>()?, next })
}

fn entry(row: audit_entry::Model) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: AuditEntryId::new(row.id),
        at: Timestamp::new(row.at),
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        action: row.action,
        target_kind: row.target_kind,
        target_id: row.target_id,
        detail: json("audit_entry.detail", &row.detail)?,
        request_id: row.request_id,
    })
}
