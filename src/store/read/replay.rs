//! Replays: events of the past that are to be sent again, and how far that is.

use actors::port::StoreError;
use entities::{ReplayId, ReplayOnly, ReplayStatus, TenantId, Timestamp, WebhookId, table::replay};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Statement, sea_query::ExprTrait,
};

use super::{
    damaged,
    page::{Listed, Place, cut, key},
};
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

/// Lists a page of a webhook's replays, the newest first.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Replay>, StoreError> {
    let mut rows = page_query(tenant_id, webhook_id, after, limit + 1).all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of_micros(row.created_at, row.id));
    Ok(Listed { data: rows.into_iter().map(read).collect::<Result<_, _>>()?, next })
}

/// The query of a page.
fn page_query(tenant_id: TenantId, webhook_id: WebhookId, after: Option<Place>, rows: u64) -> Select<replay::Entity> {
    use replay::Column as C;
    let mine = C::TenantId.eq(tenant_id.uuid()).and(C::WebhookId.eq(webhook_id.uuid()));
    let mut query = replay::Entity::find().filter(mine);
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).lt(place.micros_values()));
    }
    query.order_by_desc(C::CreatedAt).order_by_desc(C::Id).limit(rows)
}

/// The query of a first page, as a test reads its plan.
#[must_use]
pub fn page_statement(backend: DbBackend, tenant_id: TenantId, webhook_id: WebhookId) -> Statement {
    page_query(tenant_id, webhook_id, None, 26).build(backend)
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
