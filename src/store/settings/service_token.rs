//! Making, rotating and revoking the tokens of service accounts. Only hashes are kept.

use actors::port::StoreError;
use entities::{TenantId, Timestamp, TokenId, table::token};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

use super::{
    audit::{self, Deed, Doer},
    token::NewToken,
};
use crate::store::{Database, read::service_token::Token, unavailable};

/// Most tokens of one tenant, revoked ones not counted.
pub const TOKENS_MAX: u64 = 200;

/// The tenant has [`TOKENS_MAX`] tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// Makes a token together with its service account, which is called the same.
pub async fn create(db: &Database, tenant_id: TenantId, doer: &Doer, new: &NewToken) -> Result<Result<(), TooMany>, StoreError> {
    db.write(async |transaction| {
        let living = token::Entity::find()
            .filter(token::Column::TenantId.eq(tenant_id.uuid()))
            .filter(token::Column::RevokedAt.is_null())
            .count(transaction)
            .await
            .map_err(unavailable)?;
        if living >= TOKENS_MAX {
            return Ok(Err(TooMany));
        }
        super::token::insert(transaction, tenant_id, new).await?;
        let detail = json!({"name": new.name, "scopes": new.scopes, "expires_at": new.expires_at});
        audit::record(transaction, tenant_id, doer, deed("token.created", new.id, detail)).await.map(Ok)
    })
    .await
}

/// Gives a living token a new text; the old one works until `previous_until`, and whatever was before that ends now.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such token; [`StoreError::Conflict`] if it was revoked or has expired.
pub async fn rotate(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: TokenId,
    hash: &[u8],
    hint: &str,
    previous_until: Timestamp,
) -> Result<Token, StoreError> {
    db.write(async |transaction| {
        let mut row = token::Entity::find()
            .filter(token::Column::TenantId.eq(tenant_id.uuid()))
            .filter(token::Column::Id.eq(id.uuid()))
            .lock_exclusive()
            .one(transaction)
            .await
            .map_err(unavailable)?
            .ok_or(StoreError::NotFound)?;
        if row.revoked_at.is_some() || row.expires_at.is_some_and(|end| end <= doer.at.utc()) {
            return Err(StoreError::Conflict("the token was revoked or has expired"));
        }
        let overlap = previous_until > doer.at;
        row.previous_hash = overlap.then(|| std::mem::take(&mut row.hash));
        row.previous_until = overlap.then(|| previous_until.utc());
        row.hash = hash.to_vec();
        hint.clone_into(&mut row.hint);
        row.version += 1;
        token::Entity::update_many()
            .col_expr(token::Column::Hash, Expr::value(row.hash.clone()))
            .col_expr(token::Column::Hint, Expr::value(row.hint.clone()))
            .col_expr(token::Column::PreviousHash, Expr::value(row.previous_hash.clone()))
            .col_expr(token::Column::PreviousUntil, Expr::value(row.previous_until))
            .col_expr(token::Column::Version, Expr::value(row.version))
            .filter(token::Column::TenantId.eq(tenant_id.uuid()))
            .filter(token::Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        let detail = json!({"previous_until": row.previous_until.map(Timestamp::new)});
        audit::record(transaction, tenant_id, doer, deed("token.rotated", id, detail)).await?;
        crate::store::read::service_token::token(row)
    })
    .await
}

/// Ends a token at once, whatever text it goes by. Ending it again changes nothing.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such token.
pub async fn revoke(db: &Database, tenant_id: TenantId, doer: &Doer, id: TokenId) -> Result<(), StoreError> {
    db.write(async |transaction| {
        let row = token::Entity::find()
            .filter(token::Column::TenantId.eq(tenant_id.uuid()))
            .filter(token::Column::Id.eq(id.uuid()))
            .lock_exclusive()
            .one(transaction)
            .await
            .map_err(unavailable)?
            .ok_or(StoreError::NotFound)?;
        if row.revoked_at.is_some() {
            return Ok(());
        }
        token::Entity::update_many()
            .col_expr(token::Column::RevokedAt, Expr::value(Some(doer.at.utc())))
            .col_expr(token::Column::Version, Expr::value(row.version + 1))
            .filter(token::Column::TenantId.eq(tenant_id.uuid()))
            .filter(token::Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        audit::record(transaction, tenant_id, doer, deed("token.revoked", id, json!({}))).await
    })
    .await
}

fn deed(action: &'static str, id: TokenId, detail: serde_json::Value) -> Deed {
    Deed { action, target_kind: "token", target_id: id.uuid(), detail }
}
