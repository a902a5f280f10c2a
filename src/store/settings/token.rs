//! Making and noting service tokens.

use actors::port::StoreError;
use entities::{Permission, ServiceAccountId, TenantId, Timestamp, TokenId, table};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::store::{Database, unavailable};

/// A service account with its first token, to be kept.
pub struct NewToken {
    /// The token.
    pub id: TokenId,
    /// The account that it speaks for, made with it.
    pub service_account_id: ServiceAccountId,
    /// What both are called.
    pub name: String,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Its last characters.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Makes a service account and its token.
///
/// # Errors
/// [`StoreError::Conflict`] if the tenant does not exist; [`StoreError::Unavailable`].
pub async fn create(db: &Database, tenant_id: TenantId, token: NewToken) -> Result<(), StoreError> {
    db.write(async |transaction| insert(transaction, tenant_id, &token).await).await
}

/// As [`create`], within a transaction that makes more.
pub(super) async fn insert(connection: &impl ConnectionTrait, tenant_id: TenantId, token: &NewToken) -> Result<(), StoreError> {
    use table::{service_account, token as row};
    let account = service_account::ActiveModel {
        id: Set(token.service_account_id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        name: Set(token.name.clone()),
        disabled_at: Set(None),
        created_at: Set(token.created_at.utc()),
    };
    service_account::Entity::insert(account).exec_without_returning(connection).await.map_err(unavailable)?;
    let scopes = serde_json::to_string(&token.scopes).map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
    let model = row::ActiveModel {
        id: Set(token.id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        service_account_id: Set(token.service_account_id.uuid()),
        name: Set(token.name.clone()),
        hash: Set(token.hash.to_vec()),
        hint: Set(token.hint.clone()),
        previous_hash: Set(None),
        previous_until: Set(None),
        scopes: Set(scopes),
        expires_at: Set(token.expires_at.map(Timestamp::utc)),
        revoked_at: Set(None),
        last_used_at: Set(None),
        version: Set(1),
        created_at: Set(token.created_at.utc()),
    };
    row::Entity::insert(model).exec_without_returning(connection).await.map_err(unavailable).map(|_rows| ())
}

/// Notes that a token is in use.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn touch(db: &Database, tenant_id: TenantId, id: TokenId, now: Timestamp) -> Result<(), StoreError> {
    use table::token::{Column, Entity};
    db.write(async |transaction| {
        Entity::update_many()
            .col_expr(Column::LastUsedAt, Expr::value(now.utc()))
            .filter(Column::TenantId.eq(tenant_id.uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)
            .map(|_rows| ())
    })
    .await
}
