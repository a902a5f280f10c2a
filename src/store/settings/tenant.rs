//! Making workspaces and members.

use actors::port::StoreError;
use entities::{AgentId, ChannelId, ChannelKind, ChannelStatus, Role, TenantId, Timestamp, WidgetSettings, table};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::token::{self, NewToken};
use crate::store::{Database, unavailable};

/// A member to be made.
pub struct NewMember {
    /// The member.
    pub id: AgentId,
    /// Its address, in lower case.
    pub email: String,
    /// The PHC text of its password.
    pub password_hash: String,
    /// The name to show.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// A widget channel to be made.
pub struct NewWidget {
    /// The channel.
    pub id: ChannelId,
    /// What it is called.
    pub name: String,
    /// How it looks and who may use it.
    pub settings: WidgetSettings,
}

/// A workspace to be made, whole.
pub struct NewTenant {
    /// The workspace.
    pub id: TenantId,
    /// What it is called.
    pub name: String,
    /// A word that it is found by; unique.
    pub slug: Option<String>,
    /// Its owner, and whoever else is there from the beginning.
    pub members: Vec<NewMember>,
    /// Its first token.
    pub token: NewToken,
    /// Its first channel.
    pub widget: NewWidget,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Makes a workspace with its owner, first token and first widget: all or nothing.
///
/// # Errors
/// [`StoreError::Conflict`] if any of it is taken (two members with one address); [`StoreError::Unavailable`].
pub async fn create(db: &Database, tenant: NewTenant) -> Result<(), StoreError> {
    let now = tenant.created_at;
    db.write(async |transaction| {
        let row = table::tenant::ActiveModel {
            id: Set(tenant.id.uuid()),
            name: Set(tenant.name.clone()),
            slug: Set(tenant.slug.clone()),
            plan: Set("default".to_owned()),
            limits: Set("{}".to_owned()),
            settings: Set("{}".to_owned()),
            position: Set(0),
            ticket_number: Set(0),
            version: Set(1),
            created_at: Set(now.utc()),
            updated_at: Set(now.utc()),
        };
        table::tenant::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        for member in &tenant.members {
            insert_member(transaction, tenant.id, member, now).await?;
        }
        token::insert(transaction, tenant.id, &tenant.token).await?;
        insert_widget(transaction, tenant.id, &tenant.widget, now).await
    })
    .await
}

/// Adds a member.
///
/// # Errors
/// [`StoreError::Conflict`] if the address is a member's already, or the tenant does not exist; [`StoreError::Unavailable`].
pub async fn add_member(db: &Database, tenant_id: TenantId, member: NewMember, now: Timestamp) -> Result<(), StoreError> {
    db.write(async |transaction| insert_member(transaction, tenant_id, &member, now).await).await
}

/// Adds a widget channel.
///
/// # Errors
/// As [`add_member`].
pub async fn add_widget(db: &Database, tenant_id: TenantId, widget: NewWidget, now: Timestamp) -> Result<(), StoreError> {
    db.write(async |transaction| insert_widget(transaction, tenant_id, &widget, now).await).await
}

pub(super) async fn insert_member(
    connection: &impl ConnectionTrait,
    tenant_id: TenantId,
    member: &NewMember,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = table::member::ActiveModel {
        id: Set(member.id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        email: Set(member.email.clone()),
        password_hash: Set(member.password_hash.clone()),
        name: Set(member.name.clone()),
        role: Set(member.role.as_str().to_owned()),
        avatar_url: Set(None),
        disabled_at: Set(None),
        capacity: Set(None),
        version: Set(1),
        created_at: Set(now.utc()),
        updated_at: Set(now.utc()),
    };
    table::member::Entity::insert(row).exec_without_returning(connection).await.map_err(unavailable).map(|_rows| ())
}

pub(super) async fn insert_widget(
    connection: &impl ConnectionTrait,
    tenant_id: TenantId,
    widget: &NewWidget,
    now: Timestamp,
) -> Result<(), StoreError> {
    let settings = serde_json::to_string(&widget.settings).map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
    let row = table::channel::ActiveModel {
        id: Set(widget.id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        kind: Set(ChannelKind::Widget.as_str().to_owned()),
        name: Set(widget.name.clone()),
        address: Set(None),
        credential_id: Set(None),
        owner_id: Set(None),
        status: Set(ChannelStatus::Connected.as_str().to_owned()),
        status_detail: Set(None),
        settings: Set(settings),
        api_key: Set(Some(widget.settings.api_key.clone())),
        version: Set(1),
        created_at: Set(now.utc()),
        updated_at: Set(now.utc()),
    };
    table::channel::Entity::insert(row).exec_without_returning(connection).await.map_err(unavailable).map(|_rows| ())
}
