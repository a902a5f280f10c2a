//! Changing a tenant's own settings.

use actors::port::StoreError;
use entities::{TenantId, table::tenant};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::audit::{self, Deed, Doer};
use crate::store::{Database, unavailable};

/// Gives the tenant another name, if it still has this version.
///
/// # Errors
/// [`StoreError::Conflict`] if the version is another.
pub async fn rename(db: &Database, tenant_id: TenantId, doer: &Doer, version: u64, name: &str) -> Result<(), StoreError> {
    db.write(async |transaction| {
        let done = tenant::Entity::update_many()
            .col_expr(tenant::Column::Name, Expr::value(name))
            .col_expr(tenant::Column::Version, Expr::value(version as i64 + 1))
            .col_expr(tenant::Column::UpdatedAt, Expr::value(doer.at.utc()))
            .filter(tenant::Column::Id.eq(tenant_id.uuid()))
            .filter(tenant::Column::Version.eq(version as i64))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(super::stale());
        }
        let deed =
            Deed { action: "workspace.updated", target_kind: "workspace", target_id: tenant_id.uuid(), detail: json!({"name": name}) };
        audit::record(transaction, tenant_id, doer, deed).await
    })
    .await
}
