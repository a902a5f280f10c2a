//! Adding and changing members.
//!
//! Guarantees: a tenant always keeps an owner who may sign in, also when two are taken away at once; the plan's number of members is
//! kept likewise; whoever is disabled or gets another password is signed out in the same transaction.

use actors::port::StoreError;
use entities::{AgentId, Role, TenantId, table::login_session, table::member, table::tenant};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

use super::{
    audit::{self, Deed, Doer},
    tenant::{NewMember, insert_member},
};
use crate::store::{Database, read::agent::Agent, unavailable};

/// Why the rules refused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nobody would be left who may do everything.
    LastOwner,
    /// Another member has this e-mail address.
    EmailTaken,
    /// The plan allows no more members.
    Quota,
}

/// Adds a member; at most `members_max` may be enabled then.
pub async fn create(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    new: &NewMember,
    members_max: u64,
) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        lock_tenant(transaction, tenant_id).await?;
        let same = member::Entity::find()
            .filter(member::Column::TenantId.eq(tenant_id.uuid()))
            .filter(member::Column::Email.eq(new.email.as_str()));
        if same.count(transaction).await.map_err(unavailable)? > 0 {
            return Ok(Err(Refused::EmailTaken));
        }
        if enabled(transaction, tenant_id).await? >= members_max {
            return Ok(Err(Refused::Quota));
        }
        insert_member(transaction, tenant_id, new, doer.at).await?;
        let deed = deed("agent.created", new.id, json!({"role": new.role}));
        audit::record(transaction, tenant_id, doer, deed).await.map(Ok)
    })
    .await
}

/// Writes a member's name, role, picture, capacity and whether they may sign in, and a new password if there is one, if they still have the version
/// that they were read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    agent: &Agent,
    password_hash: Option<&str>,
    changed: &[&str],
    members_max: u64,
) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        lock_tenant(transaction, tenant_id).await?;
        let of_tenant = member::Column::TenantId.eq(tenant_id.uuid());
        let before = member::Entity::find()
            .filter(of_tenant.clone())
            .filter(member::Column::Id.eq(agent.id.uuid()))
            .filter(member::Column::Version.eq(agent.version as i64))
            .one(transaction)
            .await
            .map_err(unavailable)?
            .ok_or_else(super::stale)?;
        if before.disabled_at.is_some() && !agent.disabled && enabled(transaction, tenant_id).await? >= members_max {
            return Ok(Err(Refused::Quota));
        }
        let was_owner = before.role == Role::Owner.as_str() && before.disabled_at.is_none();
        if was_owner && (agent.role != Role::Owner || agent.disabled) && owners(transaction, tenant_id).await? <= 1 {
            return Ok(Err(Refused::LastOwner));
        }
        let disabled_at = agent.disabled.then(|| before.disabled_at.unwrap_or(doer.at.utc()));
        member::Entity::update_many()
            .col_expr(member::Column::Name, Expr::value(agent.name.as_str()))
            .col_expr(member::Column::Role, Expr::value(agent.role.as_str()))
            .col_expr(member::Column::AvatarUrl, Expr::value(agent.avatar_url.clone()))
            .col_expr(member::Column::DisabledAt, Expr::value(disabled_at))
            .col_expr(member::Column::Capacity, Expr::value(agent.capacity.map(i64::from)))
            .col_expr(member::Column::PasswordHash, Expr::value(password_hash.unwrap_or(&before.password_hash)))
            .col_expr(member::Column::Version, Expr::value(before.version + 1))
            .col_expr(member::Column::UpdatedAt, Expr::value(doer.at.utc()))
            .filter(of_tenant)
            .filter(member::Column::Id.eq(agent.id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if agent.disabled || password_hash.is_some() {
            sign_out(transaction, tenant_id, agent.id).await?;
        }
        audit::record(transaction, tenant_id, doer, deed("agent.updated", agent.id, json!({"changed": changed}))).await.map(Ok)
    })
    .await
}

async fn sign_out(transaction: &DatabaseTransaction, tenant_id: TenantId, id: AgentId) -> Result<(), StoreError> {
    login_session::Entity::delete_many()
        .filter(login_session::Column::TenantId.eq(tenant_id.uuid()))
        .filter(login_session::Column::MemberId.eq(id.uuid()))
        .exec(transaction)
        .await
        .map_err(unavailable)?;
    Ok(())
}

/// Two changes that count members (or whatever else is bounded) must not count at the same time. SQLite has one writer anyway.
pub(super) async fn lock_tenant(transaction: &DatabaseTransaction, tenant_id: TenantId) -> Result<(), StoreError> {
    let row = tenant::Entity::find_by_id(tenant_id.uuid()).lock_exclusive().one(transaction).await.map_err(unavailable)?;
    row.map(|_locked| ()).ok_or(StoreError::NotFound)
}

/// How many members may sign in.
pub(super) async fn enabled(transaction: &DatabaseTransaction, tenant_id: TenantId) -> Result<u64, StoreError> {
    member::Entity::find()
        .filter(member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(member::Column::DisabledAt.is_null())
        .count(transaction)
        .await
        .map_err(unavailable)
}

async fn owners(transaction: &DatabaseTransaction, tenant_id: TenantId) -> Result<u64, StoreError> {
    member::Entity::find()
        .filter(member::Column::TenantId.eq(tenant_id.uuid()))
        .filter(member::Column::Role.eq(Role::Owner.as_str()))
        .filter(member::Column::DisabledAt.is_null())
        .count(transaction)
        .await
        .map_err(unavailable)
}

fn deed(action: &'static str, id: AgentId, detail: serde_json::Value) -> Deed {
    Deed { action, target_kind: "agent", target_id: id.uuid(), detail }
}
