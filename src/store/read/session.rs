//! Finding the sign-in that a session token stands for.

use actors::port::StoreError;
use entities::{AgentId, LoginSessionId, TenantId, Timestamp, table};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::member::{self, Credentials};
use crate::store::{Database, unavailable};

/// A sign-in that counts, and whose it is.
pub struct FoundSession {
    /// The sign-in.
    pub id: LoginSessionId,
    /// The member.
    pub member: Credentials,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last noted to be in use.
    pub last_seen_at: Timestamp,
}

/// The sign-in with this token's hash, unless it has ended or its member is disabled. Nothing is kept between requests, so that signing
/// out and disabling count at once.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_by_hash(db: &Database, hash: &[u8; 32], now: Timestamp) -> Result<Option<FoundSession>, StoreError> {
    use table::login_session::{Column, Entity};
    let Some(row) = Entity::find().filter(Column::Hash.eq(hash.to_vec())).one(db.read()).await.map_err(unavailable)? else {
        return Ok(None);
    };
    let expires_at = Timestamp::new(row.expires_at);
    if expires_at <= now {
        return Ok(None);
    }
    let member = member::find_active(db, TenantId::new(row.tenant_id), AgentId::new(row.member_id)).await?;
    Ok(member.map(|member| FoundSession {
        id: LoginSessionId::new(row.id),
        member,
        expires_at,
        last_seen_at: Timestamp::new(row.last_seen_at),
    }))
}
