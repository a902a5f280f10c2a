//! Replays: events of the past that are to be sent again, and how far that is.

use actors::port::StoreError;
use entities::{ReplayId, ReplayOnly, ReplayStatus, TenantId, Timestamp, WebhookId, table::replay};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::damaged;
use crate::store::{Database, unavailable};

/// A replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The replay's id.
    pub id: ReplayId,
    /// Which webhook's.
    pub webhook_id: WebhookId,
    /// Which deliveries.
    pub only: ReplayOnly,
    /// Events from this instant on.
    pub from: Option<Timestamp>,
    /// Events before this instant.
    pub to: Option<Timestamp>,
    /// The first place it looks at.
    pub first_position: i64,
    /// The last place it looks at.
    pub last_position: i64,
    /// The place it looks at next.
    pub next_position: i64,
    /// Deliveries that it made due.
    pub queued: u64,
    /// How far it is.
    pub status: ReplayStatus,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it had gone through all events.
    pub finished_at: Option<Timestamp>,
}

/// Finds a replay of a webhook's.
pub async fn find(db: &Database, tenant_id: TenantId, webhook_id: WebhookId, id: ReplayId) -> Result<Option<Replay>, StoreError> {
    let row = replay::Entity::find()
        .filter(replay::Column::TenantId.eq(tenant_id.uuid()))
        .filter(replay::Column::WebhookId.eq(webhook_id.uuid()))
        .filter(replay::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(read).transpose()
}

fn read(row: replay::Model) -> Result<Replay, StoreError> {
    Ok(Replay {
        id: ReplayId::new(row.id),
        webhook_id: WebhookId::new(row.webhook_id),
        only: ReplayOnly::parse(&row.only_kind).ok_or_else(|| damaged("replay.only_kind"))?,
        from: row.from_at.map(Timestamp::from_micros),
        to: row.to_at.map(Timestamp::from_micros),
        first_position: row.first_position,
        last_position: row.last_position,
        next_position: row.next_position,
        queued: row.queued as u64,
        status: ReplayStatus::parse(&row.status).ok_or_else(|| damaged("replay.status"))?,
        created_at: Timestamp::from_micros(row.created_at),
        finished_at: row.finished_at.map(Timestamp::from_micros),
    })
}
