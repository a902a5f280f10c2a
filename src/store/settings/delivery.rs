//! Sending again, and keeping what was tried out.
//!
//! Does not: make the deliveries of events (the journal does), record their attempts, or walk the events of a replay.

use actors::port::{Attempted, StoreError};
use entities::{
    AttemptOutcome, DeliveryId, DeliveryStatus, EventId, EventKind, ReplayId, ReplayOnly, ReplayStatus, TenantId, Timestamp, Trigger,
    Verdict, WebhookId, WebhookStatus,
    table::{attempt, delivery, event_body, replay, tenant, webhook},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::json;

use super::{
    audit::{self, Doer},
    webhook::deed,
};
use crate::store::{Database, deliveries::record, read::event_place, unavailable};

/// Most replays of one webhook that are under way.
pub const REPLAYS_MAX: u64 = 10;
/// How many neighbouring places are tried for what was tried out in the same microsecond.
const PLACES_MAX: i64 = 1_000;

/// Why nothing is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The webhook is disabled.
    Disabled,
    /// The delivery waits already.
    Pending,
    /// There are [`REPLAYS_MAX`] replays under way.
    TooMany,
}

/// What was tried out, and what came of it.
#[derive(Debug)]
pub struct TriedOut {
    /// The delivery's id.
    pub delivery_id: DeliveryId,
    /// The event that never was.
    pub event_id: EventId,
    /// Its kind.
    pub kind: EventKind,
    /// What was sent.
    pub body: String,
    /// Its place, below zero; the next free one below if it is taken.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// A replay to begin.
#[derive(Debug)]
pub struct NewReplay {
    /// Its id.
    pub id: ReplayId,
    /// Which deliveries.
    pub only: ReplayOnly,
    /// Events from this instant on.
    pub from: Option<Timestamp>,
    /// Events before this instant.
    pub to: Option<Timestamp>,
}

/// Makes a delivery due now, with the whole schedule before it.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant's webhook has no such delivery.
pub async fn retry(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    webhook_id: WebhookId,
    id: DeliveryId,
) -> Result<Result<(), Refused>, StoreError> {
    use delivery::Column as C;
    db.write(async |transaction| {
        if status(transaction, tenant_id, webhook_id).await? == WebhookStatus::Disabled {
            return Ok(Err(Refused::Disabled));
        }
        let mine = C::Id.eq(id.uuid()).and(C::TenantId.eq(tenant_id.uuid())).and(C::WebhookId.eq(webhook_id.uuid()));
        let done = delivery::Entity::update_many()
            .col_expr(C::Status, Expr::value(DeliveryStatus::Pending.as_str()))
            .col_expr(C::NextTrigger, Expr::value(Trigger::Manual.as_str()))
            .col_expr(C::BudgetFrom, Expr::col(C::Attempts))
            .col_expr(C::DueAt, Expr::value(doer.at.micros()))
            .filter(mine.clone())
            .filter(C::Status.ne(DeliveryStatus::Pending.as_str()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            let there = delivery::Entity::find().filter(mine).count(transaction).await.map_err(unavailable)?;
            return if there == 0 { Err(StoreError::NotFound) } else { Ok(Err(Refused::Pending)) };
        }
        audit::record(transaction, tenant_id, doer, deed("webhook.delivery_retried", webhook_id, json!({"delivery_id": id}))).await.map(Ok)
    })
    .await
}

/// Keeps what was tried out as a delivery of its own; answers its place.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such webhook (any more).
pub async fn record_test(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    webhook_id: WebhookId,
    tried: &TriedOut,
) -> Result<i64, StoreError> {
    let delivered = tried.outcome.verdict == Verdict::Delivered;
    let status_now = if delivered { DeliveryStatus::Delivered } else { DeliveryStatus::Failed };
    db.write(async |transaction| {
        status(transaction, tenant_id, webhook_id).await?;
        let position = keep_body(transaction, tenant_id, tried).await?;
        let row = delivery::ActiveModel {
            webhook_id: Set(webhook_id.uuid()),
            position: Set(position),
            tenant_id: Set(tenant_id.uuid()),
            id: Set(tried.delivery_id.uuid()),
            event_id: Set(tried.event_id.uuid()),
            kind: Set(tried.kind.as_str().to_owned()),
            status: Set(status_now.as_str().to_owned()),
            attempts: Set(1),
            budget_from: Set(0),
            next_trigger: Set(Trigger::Test.as_str().to_owned()),
            due_at: Set(tried.at.micros()),
            at: Set(tried.at.micros()),
        };
        delivery::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        let attempted = Attempted {
            position,
            number: 1,
            trigger: Trigger::Test,
            started_at: tried.at,
            outcome: tried.outcome.clone(),
            status: status_now,
            next_due_at: None,
        };
        let row = record::row(webhook_id, &attempted)?;
        attempt::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        let detail = json!({"event": tried.kind, "delivery_id": tried.delivery_id});
        audit::record(transaction, tenant_id, doer, deed("webhook.tested", webhook_id, detail)).await?;
        Ok(position)
    })
    .await
}

/// Puts the body at its place, or the next free one below.
async fn keep_body(transaction: &DatabaseTransaction, tenant_id: TenantId, tried: &TriedOut) -> Result<i64, StoreError> {
    for position in (0..PLACES_MAX).map(|below| tried.position - below) {
        let row = event_body::ActiveModel { tenant_id: Set(tenant_id.uuid()), position: Set(position), body: Set(tried.body.clone()) };
        let taken = OnConflict::columns([event_body::Column::TenantId, event_body::Column::Position]).do_nothing().to_owned();
        let done = event_body::Entity::insert(row).on_conflict(taken).exec_without_returning(transaction).await;
        if done.map_err(unavailable)? > 0 {
            return Ok(position);
        }
    }
    Err(StoreError::Conflict("too many webhooks were tried out at the same moment"))
}

/// Begins a replay: a row that says which events to go through, and how far that is.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such webhook.
pub async fn replay(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    webhook_id: WebhookId,
    new: &NewReplay,
) -> Result<Result<(), Refused>, StoreError> {
    let kept = event_place::kept(db, tenant_id).await?;
    let first = match (new.from, kept) {
        (Some(from), Some(kept)) => event_place::from(db, tenant_id, kept, from).await?,
        (None, Some(kept)) => kept.oldest,
        (_, None) => 1,
    };
    let end = match (new.to, kept) {
        (Some(to), Some(kept)) => Some(event_place::until(db, tenant_id, kept, to).await?).filter(|end| *end <= kept.newest),
        _ => None,
    };
    db.write(async |transaction| {
        if status(transaction, tenant_id, webhook_id).await? == WebhookStatus::Disabled {
            return Ok(Err(Refused::Disabled));
        }
        let running = replay::Entity::find()
            .filter(replay::Column::TenantId.eq(tenant_id.uuid()))
            .filter(replay::Column::WebhookId.eq(webhook_id.uuid()))
            .filter(replay::Column::Status.eq(ReplayStatus::Running.as_str()));
        if running.count(transaction).await.map_err(unavailable)? >= REPLAYS_MAX {
            return Ok(Err(Refused::TooMany));
        }
        let row = replay::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(tenant_id.uuid()),
            webhook_id: Set(webhook_id.uuid()),
            only_kind: Set(new.only.as_str().to_owned()),
            from_at: Set(new.from.map(Timestamp::micros)),
            to_at: Set(new.to.map(Timestamp::micros)),
            next_position: Set(first),
            last_position: Set(match end {
                Some(end) => end - 1,
                None => head(transaction, tenant_id).await?,
            }),
            first_position: Set(first),
            queued: Set(0),
            status: Set(ReplayStatus::Running.as_str().to_owned()),
            created_at: Set(doer.at.micros()),
            finished_at: Set(None),
        };
        replay::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        let detail = json!({"replay_id": new.id, "only": new.only, "from": new.from, "to": new.to});
        audit::record(transaction, tenant_id, doer, deed("webhook.replayed", webhook_id, detail)).await.map(Ok)
    })
    .await
}

/// The tenant's newest event.
async fn head(transaction: &DatabaseTransaction, tenant_id: TenantId) -> Result<i64, StoreError> {
    let row = tenant::Entity::find_by_id(tenant_id.uuid()).one(transaction).await.map_err(unavailable)?;
    row.map(|row| row.position).ok_or(StoreError::NotFound)
}

/// Where the webhook stands; locks its row, so that it is still there when the transaction ends.
async fn status(transaction: &DatabaseTransaction, tenant_id: TenantId, id: WebhookId) -> Result<WebhookStatus, StoreError> {
    let row = webhook::Entity::find()
        .filter(webhook::Column::TenantId.eq(tenant_id.uuid()))
        .filter(webhook::Column::Id.eq(id.uuid()))
        .lock_exclusive()
        .one(transaction)
        .await
        .map_err(unavailable)?
        .ok_or(StoreError::NotFound)?;
    WebhookStatus::parse(&row.status).ok_or_else(|| crate::store::read::damaged("webhook.status"))
}
