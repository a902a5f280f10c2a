//! Webhooks, with what they hold sealed still sealed; and how they do.

use actors::port::StoreError;
use entities::{
    EventPattern, SubscriptionFilter, TenantId, Timestamp, WebhookId, WebhookStatus,
    table::{attempt, webhook},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, sea_query::ExprTrait,
};

use super::{
    damaged, json,
    page::{Listed, Place, cut, key},
};
use crate::store::{Database, dialect, unavailable};

/// Attempts that [`standing`] looks at, the newest events' first.
pub const ATTEMPTS_MAX: u64 = 1_000;
/// How old the attempts may be that [`standing`] looks at.
pub const ATTEMPTS_OF_MS: i64 = 24 * 60 * 60 * 1000;
/// How far [`standing`] counts what waits.
pub const BACKLOG_MAX: u64 = 100_000;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The webhook's id.
    pub id: WebhookId,
    /// Where its events go.
    pub url: String,
    /// What its owner calls it; may be empty.
    pub description: String,
    /// Which events.
    pub events: Vec<EventPattern>,
    /// What they must be about.
    pub filter: SubscriptionFilter,
    /// Headers to send with them, sealed.
    pub sealed_headers: Option<Vec<u8>>,
    /// One event after the other.
    pub ordered: bool,
    /// Most attempts begun in a second.
    pub rate_limit_per_second: Option<u32>,
    /// Whether it is at work.
    pub status: WebhookStatus,
    /// Why it is not.
    pub disabled_reason: Option<String>,
    /// When the first of the attempts was that failed since the last success.
    pub failing_since: Option<Timestamp>,
    /// When `webhook.failing` was said of these failures.
    pub warned_at: Option<Timestamp>,
    /// Until when the secret before the last rotation signs, too.
    pub previous_until: Option<Timestamp>,
    /// Rises with every change of its settings.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// What signs a webhook's deliveries, sealed.
#[derive(Debug)]
pub struct SealedSecrets {
    /// The present secret.
    pub secret: Vec<u8>,
    /// The one before, while its overlap lasts.
    pub previous: Option<Vec<u8>>,
}

/// How a webhook does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Deliveries that arrived, ever.
    pub delivered: u64,
    /// Deliveries that failed for good, ever.
    pub failed: u64,
    /// Deliveries that wait, counted up to [`BACKLOG_MAX`].
    pub backlog: u64,
    /// When the first of those is or was due.
    pub oldest_due_at: Option<Timestamp>,
    /// Whether each of the latest attempts succeeded.
    pub attempts: Vec<Tried>,
}

/// An attempt, as far as figures are made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// It was delivered.
    pub succeeded: bool,
    /// An answer came, and this is how long all of it took.
    pub answered_in_ms: Option<u32>,
}

/// Finds one webhook.
pub async fn find(db: &Database, tenant_id: TenantId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    row(db, tenant_id, id).await?.map(read).transpose()
}

/// What signs a webhook's deliveries at an instant.
pub async fn secrets(db: &Database, tenant_id: TenantId, id: WebhookId, now: Timestamp) -> Result<Option<SealedSecrets>, StoreError> {
    Ok(row(db, tenant_id, id).await?.map(|row| SealedSecrets {
        secret: row.secret,
        previous: row.previous_secret.filter(|_| row.previous_until.is_some_and(|until| until > now.micros())),
    }))
}

/// Lists a page of webhooks, the oldest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Webhook>, StoreError> {
    use webhook::Column as C;
    let mut query = webhook::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).gt(place.micros_values()));
    }
    let query = query.order_by_asc(C::CreatedAt).order_by_asc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of_micros(row.created_at, row.id));
    Ok(Listed { data: rows.into_iter().map(read).collect::<Result<_, _>>()?, next })
}

/// How a webhook of the tenant's does. What was only tried out does not count.
pub async fn standing(db: &Database, tenant_id: TenantId, id: WebhookId, now: Timestamp) -> Result<Option<Standing>, StoreError> {
    let Some(row) = row(db, tenant_id, id).await? else { return Ok(None) };
    let values = [id.uuid().into(), (BACKLOG_MAX as i64).into()];
    let waiting = Statement::from_sql_and_values(db.backend(), backlog_sql(db.backend()), values);
    let waiting = db.read().query_one_raw(waiting).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
    let backlog: i64 = waiting.try_get("", "waiting").map_err(unavailable)?;
    let oldest = Statement::from_sql_and_values(db.backend(), OLDEST, [id.uuid().into()]);
    let oldest = db.read().query_one_raw(oldest).await.map_err(unavailable)?;
    let oldest: Option<i64> = oldest.map(|row| row.try_get("", "due_at").map_err(unavailable)).transpose()?;
    Ok(Some(Standing {
        delivered: row.delivered as u64,
        failed: row.failed as u64,
        backlog: backlog as u64,
        oldest_due_at: oldest.map(Timestamp::from_micros),
        attempts: tried(db, id, now.plus_ms(-ATTEMPTS_OF_MS)).await?,
    }))
}

/// What [`standing`] counts what waits by.
#[must_use]
pub fn backlog_sql(backend: DbBackend) -> String {
    let index = dialect::by_index(backend, "delivery_in_order");
    format!(
        "SELECT COUNT(*) AS waiting FROM \
         (SELECT position FROM delivery{index} WHERE webhook_id = $1 AND status = 'pending' LIMIT $2) AS waits"
    )
}

/// What [`standing`] finds the first that waits by.
pub const OLDEST: &str = "SELECT due_at FROM delivery WHERE webhook_id = $1 AND status = 'pending' ORDER BY due_at, position LIMIT 1";

async fn tried(db: &Database, id: WebhookId, since: Timestamp) -> Result<Vec<Tried>, StoreError> {
    use attempt::Column as C;
    let rows: Vec<(i64, Option<String>, Option<i64>, i64)> = attempt::Entity::find()
        .select_only()
        .columns([C::StartedAt, C::ErrorClass, C::HttpStatus, C::TotalMs])
        .filter(C::WebhookId.eq(id.uuid()))
        .filter(C::Position.gte(0))
        .order_by_desc(C::Position)
        .order_by_desc(C::Number)
        .limit(ATTEMPTS_MAX)
        .into_tuple()
        .all(db.read())
        .await
        .map_err(unavailable)?;
    let recent = rows.into_iter().filter(|(started_at, ..)| *started_at >= since.micros());
    Ok(recent
        .map(|(_, error, status, total_ms)| Tried {
            succeeded: error.is_none(),
            answered_in_ms: status.is_some().then(|| u32::try_from(total_ms).unwrap_or(u32::MAX)),
        })
        .collect())
}

async fn row(db: &Database, tenant_id: TenantId, id: WebhookId) -> Result<Option<webhook::Model>, StoreError> {
    webhook::Entity::find()
        .filter(webhook::Column::TenantId.eq(tenant_id.uuid()))
        .filter(webhook::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)
}

fn read(row: webhook::Model) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: WebhookId::new(row.id),
        url: row.url,
        description: row.description,
        events: json("webhook.events", &row.events)?,
        filter: json("webhook.filter", &row.filter)?,
        sealed_headers: row.headers,
        ordered: row.ordered,
        rate_limit_per_second: row.rate_limit_per_second.and_then(|limit| u32::try_from(limit).ok()),
        status: WebhookStatus::parse(&row.status).ok_or_else(|| damaged("webhook.status"))?,
        disabled_reason: row.disabled_reason,
        failing_since: row.failing_since.map(Timestamp::from_micros),
        warned_at: row.warned_at.map(Timestamp::from_micros),
        previous_until: row.previous_until.map(Timestamp::from_micros),
        version: row.version as u64,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}
