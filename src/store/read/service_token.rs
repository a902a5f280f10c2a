//! Service accounts and their tokens; never a token's text, which nobody keeps.

use actors::port::StoreError;
use entities::{
    Permission, ServiceAccountId, TenantId, Timestamp, TokenId,
    table::{service_account, token},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};

use super::{
    json,
    page::{Listed, Place, cut, key},
};
use crate::store::{Database, unavailable};

/// A token, as far as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token's id.
    pub id: TokenId,
    /// Whose it is.
    pub service_account_id: ServiceAccountId,
    /// What it is for.
    pub name: String,
    /// Its last characters.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Until when the text before the last rotation works, too.
    pub previous_until: Option<Timestamp>,
    /// When it was last used, give or take.
    pub last_used_at: Option<Timestamp>,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A program that acts with tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The service account's id.
    pub id: ServiceAccountId,
    /// What it is called.
    pub name: String,
    /// Its tokens do not work.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Finds one token.
pub async fn find(db: &Database, tenant_id: TenantId, id: TokenId) -> Result<Option<Token>, StoreError> {
    let row = token::Entity::find()
        .filter(token::Column::TenantId.eq(tenant_id.uuid()))
        .filter(token::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(self::token).transpose()
}

/// Lists a page of tokens, the newest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Token>, StoreError> {
    use token::Column as C;
    let mut query = token::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).lt(place.values()));
    }
    let query = query.order_by_desc(C::CreatedAt).order_by_desc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of(row.created_at, row.id));
    Ok(Listed { data: rows.into_iter().map(self::token).collect::<Result<_, _>>()?, next })
}

/// Finds one service account.
pub async fn find_account(db: &Database, tenant_id: TenantId, id: ServiceAccountId) -> Result<Option<ServiceAccount>, StoreError> {
    let row = service_account::Entity::find()
        .filter(service_account::Column::TenantId.eq(tenant_id.uuid()))
        .filter(service_account::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(account))
}

/// Lists a page of service accounts, the newest first.
pub async fn list_accounts(
    db: &Database,
    tenant_id: TenantId,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<ServiceAccount>, StoreError> {
    use service_account::Column as C;
    let mut query = service_account::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).lt(place.values()));
    }
    let query = query.order_by_desc(C::CreatedAt).order_by_desc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of(row.created_at, row.id));
    Ok(Listed { data: rows.into_iter().map(account).collect(), next })
}

fn account(row: service_account::Model) -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::new(row.id),
        name: row.name,
        disabled: row.disabled_at.is_some(),
        created_at: Timestamp::new(row.created_at),
    }
}

/// The token that a row tells of.
pub(in crate::store) fn token(row: token::Model) -> Result<Token, StoreError> {
    Ok(Token {
        id: TokenId::new(row.id),
        service_account_id: ServiceAccountId::new(row.service_account_id),
        name: row.name,
        hint: row.hint,
        scopes: json("token.scopes", &row.scopes)?,
        expires_at: row.expires_at.map(Timestamp::new),
        revoked_at: row.revoked_at.map(Timestamp::new),
        previous_until: row.previous_until.map(Timestamp::new),
        last_used_at: row.last_used_at.map(Timestamp::new),
        version: row.version as u64,
        created_at: Timestamp::new(row.created_at),
    })
}
