//! Finding members. [`list_by_email`] is the one search without a tenant: signing in does not name a workspace.

use actors::port::StoreError;
use entities::{AgentId, Role, TenantId, table};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::damaged;
use crate::store::{Database, unavailable};

/// Workspaces in which one e-mail address may be tried at a sign-in.
const WORKSPACES_MAX: u64 = 20;

/// What signing in needs to know of a member.
#[derive(Clone)]
pub struct Credentials {
    /// The member's workspace.
    pub tenant_id: TenantId,
    /// The member.
    pub id: AgentId,
    /// The name to show.
    pub name: String,
    /// The address, in lower case.
    pub email: String,
    /// What the member may do.
    pub role: Role,
    /// The picture to show.
    pub avatar_url: Option<String>,
    /// The password's PHC text.
    pub password_hash: String,
}

/// Everybody with this address who is not disabled, in one workspace or in all; at most 20, the oldest first.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_by_email(db: &Database, email: &str, tenant_id: Option<TenantId>) -> Result<Vec<Credentials>, StoreError> {
    use table::member::{Column, Entity};
    let mut query = Entity::find().filter(Column::Email.eq(email)).filter(Column::DisabledAt.is_null());
    if let Some(tenant_id) = tenant_id {
        query = query.filter(Column::TenantId.eq(tenant_id.uuid()));
    }
    let rows = query.order_by_asc(Column::CreatedAt).limit(WORKSPACES_MAX).all(db.read()).await.map_err(unavailable)?;
    rows.into_iter().map(credentials).collect()
}

/// One member who is not disabled.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_active(db: &Database, tenant_id: TenantId, id: AgentId) -> Result<Option<Credentials>, StoreError> {
    use table::member::{Column, Entity};
    let row = Entity::find()
        .filter(Column::TenantId.eq(tenant_id.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::DisabledAt.is_null())
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(credentials).transpose()
}

fn credentials(row: table::member::Model) -> Result<Credentials, StoreError> {
    Ok(Credentials {
        tenant_id: TenantId::new(row.tenant_id),
        id: AgentId::new(row.id),
        role: Role::parse(&row.role).ok_or_else(|| damaged("member.role"))?,
        name: row.name,
        email: row.email,
        avatar_url: row.avatar_url,
        password_hash: row.password_hash,
    })
}
