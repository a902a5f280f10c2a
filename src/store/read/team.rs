//! Teams, with who is in them.
//!
//! Guarantees: a team that is deleted is not found, though its row may stay for a while ([`deleted`]).

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    AgentId, ConversationId, TeamId, TenantId, Timestamp,
    table::{conversation, team, team_member},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::ExprTrait};
use uuid::Uuid;

use super::page::{Listed, Place, cut, key};
use crate::store::{Database, unavailable};

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// What it is called; another in the tenant has another name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Who is in it, by id.
    pub members: Vec<AgentId>,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Finds one team.
pub async fn find(db: &Database, tenant_id: TenantId, id: TeamId) -> Result<Option<Team>, StoreError> {
    let row = teams(tenant_id).filter(team::Column::Id.eq(id.uuid())).one(db.read()).await.map_err(unavailable)?;
    Ok(with_members(db, tenant_id, row.into_iter().collect()).await?.pop())
}

/// Whether there is such a team.
pub async fn exists(db: &Database, tenant_id: TenantId, id: TeamId) -> Result<bool, StoreError> {
    let row = teams(tenant_id).filter(team::Column::Id.eq(id.uuid())).one(db.read()).await.map_err(unavailable)?;
    Ok(row.is_some())
}

/// Lists a page of teams, the oldest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Team>, StoreError> {
    use team::Column as C;
    let mut query = teams(tenant_id);
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).gt(place.micros_values()));
    }
    let query = query.order_by_asc(C::CreatedAt).order_by_asc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of_micros(row.created_at, row.id));
    Ok(Listed { data: with_members(db, tenant_id, rows).await?, next })
}

/// Teams that are deleted and whose rows are still there, of all tenants, the first deleted first.
pub async fn deleted(db: &Database, limit: u64) -> Result<Vec<(TenantId, TeamId)>, StoreError> {
    let query = team::Entity::find().filter(team::Column::DeletedAt.is_not_null()).order_by_asc(team::Column::DeletedAt).limit(limit);
    let rows = query.all(db.read()).await.map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| (TenantId::new(row.tenant_id), TeamId::new(row.id))).collect())
}

/// Some of a team's conversations with their versions, whether or not the team is deleted.
pub async fn conversations(db: &Database, tenant_id: TenantId, id: TeamId, limit: u64) -> Result<Vec<(ConversationId, u64)>, StoreError> {
    let found: Vec<(Uuid, i64)> = conversation::Entity::find()
        .select_only()
        .columns([conversation::Column::Id, conversation::Column::Seq])
        .filter(conversation::Column::TenantId.eq(tenant_id.uuid()))
        .filter(conversation::Column::TeamId.eq(id.uuid()))
        .order_by_asc(conversation::Column::UpdatedAt)
        .order_by_asc(conversation::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db.read())
        .await
        .map_err(unavailable)?;
    Ok(found.into_iter().map(|(id, version)| (ConversationId::new(id), version.cast_unsigned())).collect())
}

fn teams(tenant_id: TenantId) -> Select<team::Entity> {
    team::Entity::find().filter(team::Column::TenantId.eq(tenant_id.uuid())).filter(team::Column::DeletedAt.is_null())
}

async fn with_members(db: &Database, tenant_id: TenantId, rows: Vec<team::Model>) -> Result<Vec<Team>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = team_member::Entity::find()
        .filter(team_member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(team_member::Column::TeamId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(team_member::Column::MemberId)
        .all(db.read())
        .await
        .map_err(unavailable)?;
    let mut members: HashMap<Uuid, Vec<AgentId>> = HashMap::with_capacity(rows.len());
    for member in found {
        members.entry(member.team_id).or_default().push(AgentId::new(member.member_id));
    }
    let team = |row: team::Model| Team {
        id: TeamId::new(row.id),
        name: row.name,
        description: row.description,
        members: members.remove(&row.id).unwrap_or_default(),
        version: row.version.cast_unsigned(),
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    };
    Ok(rows.into_iter().map(team).collect())
}
