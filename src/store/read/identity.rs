//! The secrets by which a site vouches for a widget's visitors, as they lie sealed.

use actors::port::StoreError;
use entities::{ChannelId, TenantId, table::identity_secret};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::{Database, unavailable};

/// Most secrets of one widget that are tried.
pub const SECRETS_MAX: u64 = 20;

/// A secret as it lies in the table.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Its name.
    pub key_id: String,
    /// What `crypto` opens.
    pub sealed: Vec<u8>,
}

/// The live secrets of a widget, newest first.
pub async fn list_secrets(db: &Database, tenant_id: TenantId, channel_id: ChannelId) -> Result<Vec<Sealed>, StoreError> {
    let rows = identity_secret::Entity::find()
        .filter(identity_secret::Column::TenantId.eq(tenant_id.uuid()))
        .filter(identity_secret::Column::ChannelId.eq(channel_id.uuid()))
        .order_by_desc(identity_secret::Column::CreatedAt)
        .limit(SECRETS_MAX)
        .all(db.read())
        .await
        .map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| Sealed { key_id: row.key_id, sealed: row.sealed }).collect())
}
