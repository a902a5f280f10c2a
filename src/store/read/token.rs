//! Finding what a service token stands for.

use actors::port::StoreError;
use entities::{Permission, ServiceAccountId, TenantId, Timestamp, TokenId, table};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::json;
use crate::store::{Database, unavailable};

/// A token that counts, and whose it is.
pub struct FoundToken {
    /// The workspace it belongs to.
    pub tenant_id: TenantId,
    /// The token.
    pub id: TokenId,
    /// Whose token it is.
    pub service_account_id: ServiceAccountId,
    /// That account's name.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When its use was last noted.
    pub last_used_at: Option<Timestamp>,
}

/// The token with this hash, or whose text before the last rotation had it and still counts; unless it was revoked, has ended, or its
/// account is disabled. Nothing is kept between requests, so that revoking counts at once.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_by_hash(db: &Database, hash: &[u8; 32], now: Timestamp) -> Result<Option<FoundToken>, StoreError> {
    use table::token::{Column, Entity};
    let either = Condition::any().add(Column::Hash.eq(hash.to_vec())).add(Column::PreviousHash.eq(hash.to_vec()));
    let Some(row) = Entity::find().filter(either).one(db.read()).await.map_err(unavailable)? else { return Ok(None) };
    let is_previous = row.hash != hash;
    let over = |at: Option<sea_orm::prelude::DateTimeUtc>| at.is_some_and(|at| Timestamp::new(at) <= now);
    if row.revoked_at.is_some() || over(row.expires_at) || (is_previous && (row.previous_until.is_none() || over(row.previous_until))) {
        return Ok(None);
    }
    let account = table::service_account::Entity::find()
        .filter(table::service_account::Column::TenantId.eq(row.tenant_id))
        .filter(table::service_account::Column::Id.eq(row.service_account_id))
        .filter(table::service_account::Column::DisabledAt.is_null())
        .one(db.read())
        .await
        .map_err(unavailable)?;
    let Some(account) = account else { return Ok(None) };
    Ok(Some(FoundToken {
        tenant_id: TenantId::new(row.tenant_id),
        id: TokenId::new(row.id),
        service_account_id: ServiceAccountId::new(account.id),
        name: account.name,
        scopes: json("token.scopes", &row.scopes)?,
        last_used_at: row.last_used_at.map(Timestamp::new),
    }))
}
