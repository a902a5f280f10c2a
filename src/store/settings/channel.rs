//! Making and removing channels; `channel_change` changes them.

use actors::port::StoreError;
use entities::{
    ChannelId, ChannelKind, ChannelStatus, CredentialId, TenantId,
    table::{channel, credential, identity_secret, thread},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    audit::{self, Deed, Doer},
    tenant::{NewWidget, insert_widget},
};
use crate::store::{Database, unavailable};

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

fn deed(action: &'static str, id: ChannelId, detail: Value) -> Deed {
    let target_id: Uuid = id.uuid();
    Deed { action, target_kind: "channel", target_id, detail }
}
