//! Beginning and ending sign-ins.

use actors::port::StoreError;
use entities::{AgentId, LoginSessionId, TenantId, Timestamp, table};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::store::{Database, unavailable};

/// A sign-in to be kept.
pub struct NewSession {
    /// The sign-in.
    pub id: LoginSessionId,
    /// Who signed in.
    pub agent_id: AgentId,
    /// SHA-256 of its token.
    pub hash: [u8; 32],
    /// What the browser calls itself, cut to a bound by the caller.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Keeps a sign-in, and forgets those of the same member that have ended.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn create(db: &Database, tenant_id: TenantId, session: NewSession) -> Result<(), StoreError> {
    use table::login_session::{ActiveModel, Column, Entity};
    db.write(async |transaction| {
        Entity::delete_many()
            .filter(Column::TenantId.eq(tenant_id.uuid()))
            .filter(Column::MemberId.eq(session.agent_id.uuid()))
            .filter(Column::ExpiresAt.lte(session.created_at.utc()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        let row = ActiveModel {
            id: Set(session.id.uuid()),
            tenant_id: Set(tenant_id.uuid()),
            member_id: Set(session.agent_id.uuid()),
            hash: Set(session.hash.to_vec()),
            user_agent: Set(session.user_agent.clone()),
            created_at: Set(session.created_at.utc()),
            last_seen_at: Set(session.created_at.utc()),
            expires_at: Set(session.expires_at.utc()),
        };
        Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable).map(|_rows| ())
    })
    .await
}

/// Notes that a sign-in is in use.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn touch(db: &Database, tenant_id: TenantId, id: LoginSessionId, now: Timestamp) -> Result<(), StoreError> {
    use table::login_session::{Column, Entity};
    db.write(async |transaction| {
        Entity::update_many()
            .col_expr(Column::LastSeenAt, Expr::value(now.utc()))
            .filter(Column::TenantId.eq(tenant_id.uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)
            .map(|_rows| ())
    })
    .await
}

/// Ends one sign-in; one that is not there has ended already.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn end(db: &Database, tenant_id: TenantId, id: LoginSessionId) -> Result<(), StoreError> {
    use table::login_session::{Column, Entity};
    db.write(async |transaction| {
        Entity::delete_many()
            .filter(Column::TenantId.eq(tenant_id.uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)
            .map(|_rows| ())
    })
    .await
}

/// Ends every sign-in of a member.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn end_all(db: &Database, tenant_id: TenantId, agent_id: AgentId) -> Result<(), StoreError> {
    use table::login_session::{Column, Entity};
    db.write(async |transaction| {
        Entity::delete_many()
            .filter(Column::TenantId.eq(tenant_id.uuid()))
            .filter(Column::MemberId.eq(agent_id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)
            .map(|_rows| ())
    })
    .await
}

/// Forgets sign-ins that have ended; how many.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn forget_over(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    use table::login_session::{Column, Entity};
    db.write(async |transaction| {
        let done = Entity::delete_many().filter(Column::ExpiresAt.lte(now.utc())).exec(transaction).await.map_err(unavailable)?;
        Ok(done.rows_affected)
    })
    .await
}
