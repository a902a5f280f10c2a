//! Members, without their passwords.

use actors::port::StoreError;
use entities::{AgentId, Role, TenantId, Timestamp, table::member};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};

use super::{
    damaged,
    page::{Listed, Place, cut, key},
};
use crate::store::{Database, unavailable};

/// A member of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The member's id.
    pub id: AgentId,
    /// The name to show.
    pub name: String,
    /// The e-mail address they sign in with.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// A picture's address.
    pub avatar_url: Option<String>,
    /// They may not sign in.
    pub disabled: bool,
    /// How many open conversations they can have; `None` for as many as the workspace says.
    pub capacity: Option<u32>,
    /// Rises with every change.
    pub version: u64,
    /// When they joined.
    pub created_at: Timestamp,
}

/// Finds one member, disabled or not.
pub async fn find(db: &Database, tenant_id: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
    let row = member::Entity::find()
        .filter(member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(member::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(agent).transpose()
}

/// Whether this is a member who may sign in.
pub async fn is_enabled(db: &Database, tenant_id: TenantId, id: AgentId) -> Result<bool, StoreError> {
    Ok(find(db, tenant_id, id).await?.is_some_and(|agent| !agent.disabled))
}

/// What the member's password is checked against.
pub async fn password_hash(db: &Database, tenant_id: TenantId, id: AgentId) -> Result<Option<String>, StoreError> {
    member::Entity::find()
        .select_only()
        .column(member::Column::PasswordHash)
        .filter(member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(member::Column::Id.eq(id.uuid()))
        .into_tuple()
        .one(db.read())
        .await
        .map_err(unavailable)
}

/// Lists a page of members, the first to join first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Agent>, StoreError> {
    use member::Column as C;
    let mut query = member::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).gt(place.values()));
    }
    let query = query.order_by_asc(C::CreatedAt).order_by_asc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of(row.created_at, row.id));
    Ok(Listed { data: rows.into_iter().map(agent).collect::<Result<_, _>>()?, next })
}

/// The member that a row tells of.
pub(in crate::store) fn agent(row: member::Model) -> Result<Agent, StoreError> {
    Ok(Agent {
        id: AgentId::new(row.id),
        role: Role::parse(&row.role).ok_or_else(|| damaged("member.role"))?,
        name: row.name,
        email: row.email,
        avatar_url: row.avatar_url,
        disabled: row.disabled_at.is_some(),
        capacity: row.capacity.map(u32::try_from).transpose().map_err(|_too_great| damaged("member.capacity"))?,
        version: row.version as u64,
        created_at: Timestamp::new(row.created_at),
    })
}
