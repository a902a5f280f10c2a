//! Answers kept for repeated requests.
//!
//! A key is claimed by inserting its row, so of requests that arrive at once exactly one does the work. The claim is a lease: if the
//! process dies in between, the key is free again after [`LEASE_MS`].

use actors::port::StoreError;
use entities::{TenantId, Timestamp, table};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::store::{Database, unavailable};

/// How long an answer is kept: 24 hours.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// How long one request may work on its key before another may take it over.
pub const LEASE_MS: i64 = 60_000;

/// The row a key names: whose, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName {
    /// The caller within the tenant.
    pub caller: String,
    /// What the client chose, hashed so that its length is bounded.
    pub key: String,
}

/// An answer as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The HTTP status.
    pub status: u16,
    /// JSON object of the headers that belong to the answer.
    pub headers: String,
    /// The body, sealed by the caller.
    pub body: Vec<u8>,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The key is ours: do the work, then keep or release.
    Ours,
    /// Somebody is at work on it.
    InProgress,
    /// It was used for something else.
    Mismatch,
    /// It was answered before.
    Answered(Kept),
}

/// Claims a key for a request with this fingerprint.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn claim(
    db: &Database,
    tenant_id: TenantId,
    name: &KeyName,
    fingerprint: &[u8; 32],
    now: Timestamp,
) -> Result<Claim, StoreError> {
    use table::idempotency_key::{ActiveModel, Entity};
    db.write(async |transaction| {
        let row =
            Entity::find_by_id((tenant_id.uuid(), name.caller.clone(), name.key.clone())).one(transaction).await.map_err(unavailable)?;
        if let Some(row) = row {
            let over = Timestamp::new(row.expires_at) <= now;
            let abandoned = row.status.is_none() && Timestamp::new(row.created_at).plus_ms(LEASE_MS) <= now;
            if !over && row.fingerprint != fingerprint {
                return Ok(Claim::Mismatch);
            }
            if !over && !abandoned {
                return Ok(match (row.status, row.headers, row.body) {
                    (Some(status), Some(headers), Some(body)) => {
                        Claim::Answered(Kept { status: u16::try_from(status).unwrap_or(500), headers, body })
                    }
                    _ => Claim::InProgress,
                });
            }
            delete(tenant_id, name).exec(transaction).await.map_err(unavailable)?;
        }
        let row = ActiveModel {
            tenant_id: Set(tenant_id.uuid()),
            caller: Set(name.caller.clone()),
            key: Set(name.key.clone()),
            fingerprint: Set(fingerprint.to_vec()),
            status: Set(None),
            headers: Set(None),
            body: Set(None),
            created_at: Set(now.utc()),
            expires_at: Set(now.plus_ms(KEPT_MS).utc()),
        };
        Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        Ok(Claim::Ours)
    })
    .await
    // On PostgreSQL two may see no row and insert at once; the one that comes second runs into the primary key.
    .or_else(|error| if matches!(error, StoreError::Conflict(_)) { Ok(Claim::InProgress) } else { Err(error) })
}

/// Keeps the answer to a claimed key.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn keep(db: &Database, tenant_id: TenantId, name: &KeyName, kept: Kept) -> Result<(), StoreError> {
    use table::idempotency_key::{Column, Entity};
    db.write(async |transaction| {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(i64::from(kept.status)))
            .col_expr(Column::Headers, Expr::value(kept.headers.clone()))
            .col_expr(Column::Body, Expr::value(kept.body.clone()))
            .filter(Column::TenantId.eq(tenant_id.uuid()))
            .filter(Column::Caller.eq(name.caller.as_str()))
            .filter(Column::Key.eq(name.key.as_str()))
            .exec(transaction)
            .await
            .map_err(unavailable)
            .map(|_rows| ())
    })
    .await
}

/// Gives a claimed key back: the request failed for a reason of ours, and may be tried again.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn release(db: &Database, tenant_id: TenantId, name: &KeyName) -> Result<(), StoreError> {
    db.write(async |transaction| delete(tenant_id, name).exec(transaction).await.map_err(unavailable).map(|_rows| ())).await
}

/// Forgets answers that are over; how many.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn forget_over(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    use table::idempotency_key::{Column, Entity};
    db.write(async |transaction| {
        let done = Entity::delete_many().filter(Column::ExpiresAt.lte(now.utc())).exec(transaction).await.map_err(unavailable)?;
        Ok(done.rows_affected)
    })
    .await
}

fn delete(tenant_id: TenantId, name: &KeyName) -> sea_orm::DeleteMany<table::idempotency_key::Entity> {
    use table::idempotency_key::{Column, Entity};
    Entity::delete_many()
        .filter(Column::TenantId.eq(tenant_id.uuid()))
        .filter(Column::Caller.eq(name.caller.as_str()))
        .filter(Column::Key.eq(name.key.as_str()))
}
