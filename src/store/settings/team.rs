//! Making, changing and removing teams.
//!
//! Guarantees: members are members of the tenant; the number of a tenant's teams is bounded also when two are made at once.

use actors::port::StoreError;
use entities::{
    AgentId, TeamId, TenantId, Timestamp,
    table::{member, team, team_member, tenant},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

use super::audit::{self, Deed, Doer};
use crate::store::{Database, read::team::Team, unavailable};

/// Why the rules refused a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Another team has this name.
    NameTaken,
    /// There are as many as there may be.
    TooMany,
    /// These are no members of the tenant.
    Strangers(Vec<AgentId>),
}

/// Makes a team, if the tenant has less than `teams_max`.
pub async fn create(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    new: &Team,
    teams_max: u64,
) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        if let Some(refused) = refusal(transaction, tenant_id, new).await? {
            return Ok(Err(refused));
        }
        let has = team::Entity::find().filter(team::Column::TenantId.eq(tenant_id.uuid())).filter(team::Column::DeletedAt.is_null());
        if has.count(transaction).await.map_err(unavailable)? >= teams_max {
            return Ok(Err(Refused::TooMany));
        }
        let row = team::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(tenant_id.uuid()),
            name: Set(new.name.clone()),
            description: Set(new.description.clone()),
            version: Set(new.version.cast_signed()),
            created_at: Set(doer.at.micros()),
            updated_at: Set(doer.at.micros()),
            deleted_at: Set(None),
        };
        team::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        seat(transaction, tenant_id, new).await?;
        audit::record(transaction, tenant_id, doer, deed("team.created", new.id, json!({"name": new.name}))).await.map(Ok)
    })
    .await
}

/// Writes a team, if it still has the version that it was read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    after: &Team,
    changed: &[&str],
) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        if let Some(refused) = refusal(transaction, tenant_id, after).await? {
            return Ok(Err(refused));
        }
        let done = team::Entity::update_many()
            .col_expr(team::Column::Name, Expr::value(after.name.as_str()))
            .col_expr(team::Column::Description, Expr::value(after.description.as_str()))
            .col_expr(team::Column::Version, Expr::value(after.version.cast_signed() + 1))
            .col_expr(team::Column::UpdatedAt, Expr::value(doer.at.micros()))
            .filter(team::Column::TenantId.eq(tenant_id.uuid()))
            .filter(team::Column::Id.eq(after.id.uuid()))
            .filter(team::Column::Version.eq(after.version.cast_signed()))
            .filter(team::Column::DeletedAt.is_null())
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(super::stale());
        }
        unseat(transaction, tenant_id, after.id).await?;
        seat(transaction, tenant_id, after).await?;
        audit::record(transaction, tenant_id, doer, deed("team.updated", after.id, json!({"changed": changed}))).await.map(Ok)
    })
    .await
}

/// Takes a team from everybody's sight, and everybody out of it. Its row stays until [`forget`].
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such team.
pub async fn delete(db: &Database, tenant_id: TenantId, doer: &Doer, id: TeamId) -> Result<(), StoreError> {
    db.write(async |transaction| {
        let done = team::Entity::update_many()
            .col_expr(team::Column::DeletedAt, Expr::value(doer.at.micros()))
            .filter(team::Column::TenantId.eq(tenant_id.uuid()))
            .filter(team::Column::Id.eq(id.uuid()))
            .filter(team::Column::DeletedAt.is_null())
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        unseat(transaction, tenant_id, id).await?;
        audit::record(transaction, tenant_id, doer, deed("team.deleted", id, json!({}))).await
    })
    .await
}

/// Removes the row of a team that was deleted before an instant. To be called when no conversation is its any more.
pub async fn forget(db: &Database, tenant_id: TenantId, id: TeamId, before: Timestamp) -> Result<(), StoreError> {
    db.write(async |transaction| {
        team::Entity::delete_many()
            .filter(team::Column::TenantId.eq(tenant_id.uuid()))
            .filter(team::Column::Id.eq(id.uuid()))
            .filter(team::Column::DeletedAt.lt(before.micros()))
            .exec(transaction)
            .await
            .map_err(unavailable)
            .map(|_done| ())
    })
    .await
}

/// What the rules have against a team as it is to be; the tenant's row is held from here on.
async fn refusal(transaction: &DatabaseTransaction, tenant_id: TenantId, team: &Team) -> Result<Option<Refused>, StoreError> {
    // Two changes that count teams, or look for a name, must not do so at the same time. SQLite has one writer anyway.
    let locked = tenant::Entity::find_by_id(tenant_id.uuid()).lock_exclusive().one(transaction).await.map_err(unavailable)?;
    locked.ok_or(StoreError::NotFound)?;
    let same = team::Entity::find()
        .filter(team::Column::TenantId.eq(tenant_id.uuid()))
        .filter(team::Column::Name.eq(team.name.as_str()))
        .filter(team::Column::DeletedAt.is_null())
        .filter(team::Column::Id.ne(team.id.uuid()));
    if same.count(transaction).await.map_err(unavailable)? > 0 {
        return Ok(Some(Refused::NameTaken));
    }
    let known: Vec<uuid::Uuid> = member::Entity::find()
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(member::Column::Id.is_in(team.members.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(transaction)
        .await
        .map_err(unavailable)?;
    let strangers: Vec<AgentId> = team.members.iter().copied().filter(|id| !known.contains(&id.uuid())).collect();
    Ok((!strangers.is_empty()).then_some(Refused::Strangers(strangers)))
}

async fn seat(transaction: &DatabaseTransaction, tenant_id: TenantId, team: &Team) -> Result<(), StoreError> {
    if team.members.is_empty() {
        return Ok(());
    }
    let seat = |id: &AgentId| team_member::ActiveModel {
        tenant_id: Set(tenant_id.uuid()),
        team_id: Set(team.id.uuid()),
        member_id: Set(id.uuid()),
    };
    let rows = team_member::Entity::insert_many(team.members.iter().map(seat));
    rows.exec_without_returning(transaction).await.map_err(unavailable).map(|_rows| ())
}

async fn unseat(transaction: &DatabaseTransaction, tenant_id: TenantId, id: TeamId) -> Result<(), StoreError> {
    team_member::Entity::delete_many()
        .filter(team_member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(team_member::Column::TeamId.eq(id.uuid()))
        .exec(transaction)
        .await
        .map_err(unavailable)
        .map(|_done| ())
}

fn deed(action: &'static str, id: TeamId, detail: serde_json::Value) -> Deed {
    Deed { action, target_kind: "team", target_id: id.uuid(), detail }
}
