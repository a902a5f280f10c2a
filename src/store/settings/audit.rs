//! Writing the audit log: always in the transaction of the change that it tells of.

use actors::port::{AuditLine, StoreError};
use entities::{AuditEntryId, TenantId, Timestamp, table::audit_entry};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

use crate::store::unavailable;

/// Who does something, when, and by which request.
#[derive(Debug, Clone)]
pub struct Doer {
    /// A fresh id for the line in the log.
    pub entry_id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// `agent`, `service`, or `system` for the command line.
    pub kind: &'static str,
    /// Who.
    pub id: Option<Uuid>,
    /// What they are called now.
    pub name: Option<String>,
    /// The request, if it came by one.
    pub request_id: Option<String>,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Deed {
    /// As `resource.verb`.
    pub action: &'static str,
    /// To what kind of thing.
    pub target_kind: &'static str,
    /// To which.
    pub target_id: Uuid,
    /// What more is to be said: an object, never with a secret in it.
    pub detail: Value,
}

/// The line that the journal writes with a change that it makes.
pub fn line(doer: &Doer, deed: Deed) -> AuditLine {
    AuditLine {
        id: doer.entry_id,
        at: doer.at,
        actor_kind: doer.kind,
        actor_id: doer.id,
        actor_name: doer.name.clone(),
        action: deed.action,
        target_kind: deed.target_kind,
        target_id: deed.target_id,
        detail: deed.detail.to_string(),
        request_id: doer.request_id.clone(),
    }
}

/// Adds a line to the tenant's log.
pub async fn record(transaction: &DatabaseTransaction, tenant_id: TenantId, doer: &Doer, deed: Deed) -> Result<(), StoreError> {
    let row = audit_entry::ActiveModel {
        tenant_id: Set(tenant_id.uuid()),
        at: Set(doer.at.utc()),
        id: Set(doer.entry_id.uuid()),
        actor_kind: Set(doer.kind.to_owned()),
        actor_id: Set(doer.id),
        actor_name: Set(doer.name.clone()),
        action: Set(deed.action.to_owned()),
        target_kind: Set(Some(deed.target_kind.to_owned())),
        target_id: Set(Some(deed.target_id)),
        detail: Set(deed.detail.to_string()),
        request_id: Set(doer.request_id.clone()),
    };
    audit_entry::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
    Ok(())
}
