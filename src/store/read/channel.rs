//! Channels, with their settings.

use actors::port::StoreError;
use entities::{AgentId, ChannelId, ChannelKind, ChannelStatus, CredentialId, TenantId, Timestamp, WidgetSettings, table::channel};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    damaged,
    page::{Listed, Place, cut, key},
};
use crate::store::{Database, unavailable};

/// A connected widget, number, page or mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The channel's id.
    pub id: ChannelId,
    /// What it is connected to.
    pub kind: ChannelKind,
    /// The name that agents see.
    pub name: String,
    /// The provider's account.
    pub address: Option<String>,
    /// The credential it sends and verifies with.
    pub credential_id: Option<Uuid>,
    /// The agent whose personal channel it is.
    pub owner_id: Option<AgentId>,
    /// Whether it works.
    pub status: ChannelStatus,
    /// What is wrong, in words.
    pub status_detail: Option<String>,
    /// What can be set.
    pub settings: Settings,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A channel's settings, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// Of a widget.
    Widget(Box<WidgetSettings>),
    /// Of every other kind.
    Other(Map<String, Value>),
}

/// A channel to a provider, whosever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedChannel {
    /// Whose.
    pub tenant_id: TenantId,
    /// What it is connected to.
    pub kind: ChannelKind,
    /// The name that agents see.
    pub name: String,
    /// The provider's account.
    pub address: String,
    /// The credential it sends and verifies with.
    pub credential_id: CredentialId,
    /// Whether it works.
    pub status: ChannelStatus,
    /// What is wrong, in words.
    pub status_detail: Option<String>,
}

/// Lists the channels to providers of all tenants: for the operator of the server.
pub async fn list_connected(db: &Database, limit: u64) -> Result<Vec<ConnectedChannel>, StoreError> {
    let query = channel::Entity::find().filter(channel::Column::CredentialId.is_not_null());
    let rows = query.order_by_asc(channel::Column::Id).limit(limit).all(db.read()).await.map_err(unavailable)?;
    let connected = rows.into_iter().filter_map(|row| {
        let (tenant_id, credential_id) = (TenantId::new(row.tenant_id), CredentialId::new(row.credential_id?));
        Some(self::channel(row).map(|channel| ConnectedChannel {
            tenant_id,
            kind: channel.kind,
            name: channel.name,
            address: channel.address.unwrap_or_default(),
            credential_id,
            status: channel.status,
            status_detail: channel.status_detail,
        }))
    });
    connected.collect()
}

/// Finds one channel.
pub async fn find(db: &Database, tenant_id: TenantId, id: ChannelId) -> Result<Option<Channel>, StoreError> {
    let row = channel::Entity::find()
        .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
        .filter(channel::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(self::channel).transpose()
}

/// Lists the channels that send and verify with a credential.
pub async fn list_of_credential(db: &Database, tenant_id: TenantId, id: CredentialId) -> Result<Vec<Channel>, StoreError> {
    let query =
        channel::Entity::find().filter(channel::Column::TenantId.eq(tenant_id.uuid())).filter(channel::Column::CredentialId.eq(id.uuid()));
    let rows = query.order_by_asc(channel::Column::Id).all(db.read()).await.map_err(unavailable)?;
    rows.into_iter().map(self::channel).collect()
}

/// Finds the channel of a kind that has an address.
pub async fn find_by_address(db: &Database, tenant_id: TenantId, kind: ChannelKind, address: &str) -> Result<Option<Channel>, StoreError> {
    let row = channel::Entity::find()
        .filter(channel::Column::Kind.eq(kind.as_str()))
        .filter(channel::Column::Address.eq(address))
        .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(self::channel).transpose()
}

/// Lists a page of channels, the oldest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Channel>, StoreError> {
    use channel::Column as C;
    let mut query = channel::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).gt(place.values()));
    }
    let query = query.order_by_asc(C::CreatedAt).order_by_asc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of(row.created_at, row.id));
    Ok(Listed { data: rows.into_iter().map(self::channel).collect::<Result<_, _>>()?, next })
}

/// The channel that a row tells of.
pub(in crate::store) fn channel(row: channel::Model) -> Result<Channel, StoreError> {
    let kind = ChannelKind::parse(&row.kind).ok_or_else(|| damaged("channel.kind"))?;
    let settings = match kind {
        ChannelKind::Widget => serde_json::from_str(&row.settings).map(|settings| Settings::Widget(Box::new(settings))),
        _ => serde_json::from_str(&row.settings).map(Settings::Other),
    };
    Ok(Channel {
        id: ChannelId::new(row.id),
        kind,
        name: row.name,
        address: row.address,
        credential_id: row.credential_id,
        owner_id: row.owner_id.map(AgentId::new),
        status: ChannelStatus::parse(&row.status).ok_or_else(|| damaged("channel.status"))?,
        status_detail: row.status_detail,
        settings: settings.map_err(|_unreadable| damaged("channel.settings"))?,
        version: row.version as u64,
        created_at: Timestamp::new(row.created_at),
    })
}
