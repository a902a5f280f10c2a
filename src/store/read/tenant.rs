//! Finding workspaces.

use actors::port::StoreError;
use entities::{TenantId, Timestamp, table};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::{Database, unavailable};

/// What the command line lists of a workspace.
pub struct Listed {
    /// The workspace.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A workspace's name.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_name(db: &Database, tenant_id: TenantId) -> Result<Option<String>, StoreError> {
    let row = table::tenant::Entity::find_by_id(tenant_id.uuid()).one(db.read()).await.map_err(unavailable)?;
    Ok(row.map(|row| row.name))
}

/// Workspaces, oldest first, at most `limit`: for the operator's command line, which sees all.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_all(db: &Database, limit: u64) -> Result<Vec<Listed>, StoreError> {
    let rows = table::tenant::Entity::find()
        .order_by_asc(table::tenant::Column::CreatedAt)
        .order_by_asc(table::tenant::Column::Id)
        .limit(limit)
        .all(db.read())
        .await
        .map_err(unavailable)?;
    Ok(rows
        .into_iter()
        .map(|row| Listed { id: TenantId::new(row.id), name: row.name, created_at: Timestamp::new(row.created_at) })
        .collect())
}

/// The public key of the oldest widget of the workspace with this slug, if there is such a workspace.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_widget_key(db: &Database, slug: &str) -> Result<Option<String>, StoreError> {
    use table::{channel, tenant};
    let found = tenant::Entity::find().filter(tenant::Column::Slug.eq(slug)).one(db.read()).await.map_err(unavailable)?;
    let Some(found) = found else { return Ok(None) };
    let widget = channel::Entity::find()
        .filter(channel::Column::TenantId.eq(found.id))
        .filter(channel::Column::ApiKey.is_not_null())
        .order_by_asc(channel::Column::CreatedAt)
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(widget.and_then(|widget| widget.api_key))
}
