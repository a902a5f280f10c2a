//! Tenants, as their members see them.

use actors::port::StoreError;
use entities::{TenantId, Timestamp, table::tenant};
use sea_orm::EntityTrait;
use serde_json::{Map, Value};

use super::json;
use crate::store::{Database, unavailable};

/// A customer organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Workspace {
    /// The tenant's id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// The plan it is on.
    pub plan: String,
    /// Where it differs from the plan.
    pub limits: Map<String, Value>,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Finds one tenant.
pub async fn find(db: &Database, tenant_id: TenantId) -> Result<Option<Workspace>, StoreError> {
    let row = tenant::Entity::find_by_id(tenant_id.uuid()).one(db.read()).await.map_err(unavailable)?;
    row.map(workspace).transpose()
}

fn workspace(row: tenant::Model) -> Result<Workspace, StoreError> {
    Ok(Workspace {
        id: TenantId::new(row.id),
        name: row.name,
        plan: row.plan,
        limits: json("tenant.limits", &row.limits)?,
        version: row.version as u64,
        created_at: Timestamp::new(row.created_at),
    })
}
