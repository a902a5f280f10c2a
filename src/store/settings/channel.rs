//! Making and changing channels, and the secrets by which a site vouches for its visitors.

use actors::port::StoreError;
use entities::{
    ChannelId, ChannelKind, ChannelStatus, CredentialId, TenantId, WidgetSettings,
    table::{channel, credential, identity_secret, thread},
};
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

/// A channel to a provider, to be made.
#[derive(Debug)]
pub struct NewChannel {
    /// Its id.
    pub id: ChannelId,
    /// What it is connected to.
    pub kind: ChannelKind,
    /// The name that agents see.
    pub name: String,
    /// The account at the provider.
    pub address: String,
    /// What it sends and verifies with.
    pub credential_id: CredentialId,
    /// Whether it works, and what is wrong.
    pub status: (ChannelStatus, Option<String>),
}

/// Why a channel to a provider was not made or not removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The tenant has as many as it may.
    TooMany,
    /// Another channel of the kind has the address.
    Taken,
    /// The credential is gone.
    NoCredential,
    /// It has conversations.
    HasConversations,
}

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

/// Makes a channel to a provider.
pub async fn create(db: &Database, tenant_id: TenantId, doer: &Doer, new: NewChannel) -> Result<Result<(), Refused>, StoreError> {
    let NewChannel { id, kind, name, address, credential_id, status: (status, status_detail) } = new;
    let detail = json!({"kind": kind, "name": name, "address": address, "credential_id": credential_id});
    let row = channel::ActiveModel {
        id: Set(id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        kind: Set(kind.as_str().to_owned()),
        name: Set(name),
        address: Set(Some(address.clone())),
        credential_id: Set(Some(credential_id.uuid())),
        owner_id: Set(None),
        status: Set(status.as_str().to_owned()),
        status_detail: Set(status_detail),
        settings: Set("{}".to_owned()),
        api_key: Set(None),
        version: Set(1),
        created_at: Set(doer.at.utc()),
        updated_at: Set(doer.at.utc()),
    };
    db.write(async |transaction| {
        if !lock_credential(transaction, tenant_id, credential_id).await? {
            return Ok(Err(Refused::NoCredential));
        }
        let own = channel::Entity::find().filter(channel::Column::TenantId.eq(tenant_id.uuid()));
        if own.clone().count(transaction).await.map_err(unavailable)? >= CHANNELS_MAX {
            return Ok(Err(Refused::TooMany));
        }
        let same = own.filter(channel::Column::Kind.eq(kind.as_str())).filter(channel::Column::Address.eq(address));
        if same.count(transaction).await.map_err(unavailable)? > 0 {
            return Ok(Err(Refused::Taken));
        }
        channel::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        audit::record(transaction, tenant_id, doer, deed("channel.created", id, detail)).await.map(Ok)
    })
    .await
}

/// Says whether a channel works. Does nothing where it stands so already.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such channel.
pub async fn set_status(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: ChannelId,
    status: ChannelStatus,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    db.write(async |transaction| {
        let own = channel::Entity::find()
            .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
            .filter(channel::Column::Id.eq(id.uuid()))
            .lock_exclusive();
        let row = own.one(transaction).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
        if row.status == status.as_str() && row.status_detail.as_deref() == detail {
            return Ok(());
        }
        channel::Entity::update_many()
            .col_expr(channel::Column::Status, Expr::value(status.as_str()))
            .col_expr(channel::Column::StatusDetail, Expr::value(detail.map(str::to_owned)))
            .col_expr(channel::Column::Version, Expr::value(row.version + 1))
            .col_expr(channel::Column::UpdatedAt, Expr::value(doer.at.utc()))
            .filter(channel::Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        let action = if status == ChannelStatus::Disconnected { "channel.disconnected" } else { "channel.connected" };
        audit::record(transaction, tenant_id, doer, deed(action, id, json!({"status": status, "detail": detail}))).await
    })
    .await
}

/// Removes a channel that has no conversation, with its identity secrets.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such channel.
pub async fn delete(db: &Database, tenant_id: TenantId, doer: &Doer, id: ChannelId) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        let own = channel::Entity::find()
            .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
            .filter(channel::Column::Id.eq(id.uuid()))
            .lock_exclusive();
        let row = own.one(transaction).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
        // Every conversation has its thread.
        let used = thread::Entity::find()
            .filter(thread::Column::TenantId.eq(tenant_id.uuid()))
            .filter(thread::Column::ChannelId.eq(id.uuid()))
            .limit(1);
        if used.one(transaction).await.map_err(unavailable)?.is_some() {
            return Ok(Err(Refused::HasConversations));
        }
        identity_secret::Entity::delete_many()
            .filter(identity_secret::Column::TenantId.eq(tenant_id.uuid()))
            .filter(identity_secret::Column::ChannelId.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        channel::Entity::delete_by_id(id.uuid()).exec(transaction).await.map_err(unavailable)?;
        let detail = json!({"kind": row.kind, "name": row.name, "address": row.address});
        audit::record(transaction, tenant_id, doer, deed("channel.deleted", id, detail)).await.map(Ok)
    })
    .await
}

/// Holds a credential, so that it is not removed meanwhile; whether the tenant has it.
async fn lock_credential(transaction: &DatabaseTransaction, tenant_id: TenantId, id: CredentialId) -> Result<bool, StoreError> {
    let row = credential::Entity::find()
        .filter(credential::Column::TenantId.eq(tenant_id.uuid()))
        .filter(credential::Column::Id.eq(id.uuid()))
        .lock_exclusive();
    Ok(row.one(transaction).await.map_err(unavailable)?.is_some())
}

/// Writes a channel's name, credential and settings, if it still has the version that it was read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another; [`StoreError::NotFound`] if its new credential is gone.
pub async fn update(db: &Database, tenant_id: TenantId, doer: &Doer, channel: &Channel, changed: &[&str]) -> Result<(), StoreError> {
    let (settings, api_key) = match &channel.settings {
        Settings::Widget(settings) => (text(settings)?, Some(settings.api_key.clone())),
        Settings::Other(settings) => (Value::Object(settings.clone()).to_string(), None),
    };
    db.write(async |transaction| {
        if let Some(id) = channel.credential_id
            && changed.contains(&"credential_id")
            && !lock_credential(transaction, tenant_id, CredentialId::new(id)).await?
        {
            return Err(StoreError::NotFound);
        }
        let done = channel::Entity::update_many()
            .col_expr(channel::Column::Name, Expr::value(channel.name.as_str()))
            .col_expr(channel::Column::CredentialId, Expr::value(channel.credential_id))
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
