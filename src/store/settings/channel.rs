//! Making and changing channels, and the secrets by which a site vouches for its visitors.

use actors::port::StoreError;
use entities::{ChannelId, ChannelKind, TenantId, WidgetSettings, table::channel, table::identity_secret};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    audit::{self, Deed, Doer},
    tenant::{NewWidget, insert_widget},
};
use crate::store::{
    Database,
    read::channel::{Channel, Settings},
    unavailable,
};

/// Most identity secrets that one widget has at a time.
pub const SECRETS_MAX: u64 = 10;
/// Most channels of one tenant.
pub const CHANNELS_MAX: u64 = 200;

/// Why a channel, or a secret of one, was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// Makes a widget.
pub async fn create_widget(db: &Database, tenant_id: TenantId, doer: &Doer, widget: &NewWidget) -> Result<Result<(), TooMany>, StoreError> {
    db.write(async |transaction| {
        let count = channel::Entity::find().filter(channel::Column::TenantId.eq(tenant_id.uuid())).count(transaction).await;
        if count.map_err(unavailable)? >= CHANNELS_MAX {
            return Ok(Err(TooMany));
        }
        insert_widget(transaction, tenant_id, widget, doer.at).await?;
        let deed = deed("channel.created", widget.id, json!({"kind": "widget", "name": widget.name}));
        audit::record(transaction, tenant_id, doer, deed).await.map(Ok)
    })
    .await
}

/// Writes a channel's name and settings, if it still has the version that it was read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(db: &Database, tenant_id: TenantId, doer: &Doer, channel: &Channel, changed: &[&str]) -> Result<(), StoreError> {
    let (settings, api_key) = match &channel.settings {
        Settings::Widget(settings) => (text(settings)?, Some(settings.api_key.clone())),
        Settings::Other(settings) => (Value::Object(settings.clone()).to_string(), None),
    };
    db.write(async |transaction| {
        let done = channel::Entity::update_many()
            .col_expr(channel::Column::Name, Expr::value(channel.name.as_str()))
            .col_expr(channel::Column::Settings, Expr::value(settings))
            .col_expr(channel::Column::ApiKey, Expr::value(api_key))
            .col_expr(channel::Column::Version, Expr::value(channel.version as i64 + 1))
            .col_expr(channel::Column::UpdatedAt, Expr::value(doer.at.utc()))
            .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
            .filter(channel::Column::Id.eq(channel.id.uuid()))
            .filter(channel::Column::Version.eq(channel.version as i64))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(super::stale());
        }
        audit::record(transaction, tenant_id, doer, deed("channel.updated", channel.id, json!({"changed": changed}))).await
    })
    .await
}

/// Adds a sealed identity secret to a widget, and its name to the settings.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such widget.
pub async fn add_identity_secret(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: ChannelId,
    key_id: &str,
    sealed: &str,
) -> Result<Result<(), TooMany>, StoreError> {
    let secret = identity_secret::ActiveModel {
        tenant_id: Set(tenant_id.uuid()),
        channel_id: Set(id.uuid()),
        key_id: Set(key_id.to_owned()),
        sealed: Set(sealed.as_bytes().to_vec()),
        created_at: Set(doer.at.utc()),
    };
    db.write(async |transaction| {
        let row = lock_widget(transaction, tenant_id, id).await?;
        let of_channel = identity_secret::Entity::find()
            .filter(identity_secret::Column::TenantId.eq(tenant_id.uuid()))
            .filter(identity_secret::Column::ChannelId.eq(id.uuid()));
        if of_channel.count(transaction).await.map_err(unavailable)? >= SECRETS_MAX {
            return Ok(Err(TooMany));
        }
        identity_secret::Entity::insert(secret).exec_without_returning(transaction).await.map_err(unavailable)?;
        set_key_ids(transaction, doer, row, |ids| ids.push(key_id.to_owned())).await?;
        let deed = deed("channel.identity_secret_created", id, json!({"key_id": key_id}));
        audit::record(transaction, tenant_id, doer, deed).await.map(Ok)
    })
    .await
}

/// Ends an identity secret: what it signed is refused from now on.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such widget, or the widget no such secret.
pub async fn delete_identity_secret(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: ChannelId,
    key_id: &str,
) -> Result<(), StoreError> {
    db.write(async |transaction| {
        let row = lock_widget(transaction, tenant_id, id).await?;
        let key = (tenant_id.uuid(), id.uuid(), key_id.to_owned());
        let done = identity_secret::Entity::delete_by_id(key).exec(transaction).await.map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        set_key_ids(transaction, doer, row, |ids| ids.retain(|id| id != key_id)).await?;
        let deed = deed("channel.identity_secret_deleted", id, json!({"key_id": key_id}));
        audit::record(transaction, tenant_id, doer, deed).await
    })
    .await
}

async fn lock_widget(transaction: &DatabaseTransaction, tenant_id: TenantId, id: ChannelId) -> Result<channel::Model, StoreError> {
    channel::Entity::find()
        .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
        .filter(channel::Column::Id.eq(id.uuid()))
        .filter(channel::Column::Kind.eq(ChannelKind::Widget.as_str()))
        .lock_exclusive()
        .one(transaction)
        .await
        .map_err(unavailable)?
        .ok_or(StoreError::NotFound)
}

async fn set_key_ids(
    transaction: &DatabaseTransaction,
    doer: &Doer,
    row: channel::Model,
    change: impl FnOnce(&mut Vec<String>),
) -> Result<(), StoreError> {
    let id = row.id;
    let version = row.version;
    let Settings::Widget(mut settings) = crate::store::read::channel::channel(row)?.settings else { return Err(StoreError::NotFound) };
    change(&mut settings.identity.key_ids);
    channel::Entity::update_many()
        .col_expr(channel::Column::Settings, Expr::value(text(&settings)?))
        .col_expr(channel::Column::Version, Expr::value(version + 1))
        .col_expr(channel::Column::UpdatedAt, Expr::value(doer.at.utc()))
        .filter(channel::Column::Id.eq(id))
        .exec(transaction)
        .await
        .map_err(unavailable)?;
    Ok(())
}

fn deed(action: &'static str, id: ChannelId, detail: Value) -> Deed {
    let target_id: Uuid = id.uuid();
    Deed { action, target_kind: "channel", target_id, detail }
}

fn text(settings: &WidgetSettings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|error| StoreError::Unavailable(format!("settings cannot be written: {error}").into()))
}
