//! Making, changing and removing webhooks. What comes in here sealed is kept sealed.
//!
//! Guarantees: whatever decides which events a webhook gets is changed under the lock of its tenant's row, and with it `webhook_version`
//! rises; whoever numbers the tenant's events holds the same lock, so that no event is cut by what was so before. The plan's number of
//! webhooks is kept likewise.

use actors::port::StoreError;
use entities::{EventPattern, SubscriptionFilter, TenantId, Timestamp, WebhookId, WebhookStatus, table::replay, table::webhook};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, Statement, UpdateMany,
    Value as Bound, sea_query::Expr,
};
use serde_json::{Value, json};

use super::audit::{self, Deed, Doer};
use crate::store::{Database, unavailable};

/// Deliveries removed in one transaction.
const BATCH: i64 = 500;
/// Why a webhook is at rest while its deliveries are being removed.
const BEING_DELETED: &str = "it is being deleted";

/// A webhook to make.
#[derive(Debug)]
pub struct NewWebhook {
    /// Its id.
    pub id: WebhookId,
    /// What its owner may choose.
    pub settings: Settings,
    /// What signs, sealed.
    pub sealed_secret: Vec<u8>,
}

/// What a webhook's owner may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where its events go.
    pub url: String,
    /// What its owner calls it.
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
}

/// The plan allows no more webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// Makes a webhook, if the tenant has less than `webhooks_max`.
pub async fn create(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    new: NewWebhook,
    webhooks_max: u64,
) -> Result<Result<(), TooMany>, StoreError> {
    let NewWebhook { id, settings, sealed_secret } = new;
    let detail = json!({"events": settings.events});
    let row = webhook::ActiveModel {
        id: Set(id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        events: Set(text(&settings.events)?),
        filter: Set(text(&settings.filter)?),
        url: Set(settings.url),
        description: Set(settings.description),
        headers: Set(settings.sealed_headers),
        ordered: Set(settings.ordered),
        rate_limit_per_second: Set(settings.rate_limit_per_second.map(i64::from)),
        secret: Set(sealed_secret),
        status: Set(WebhookStatus::Enabled.as_str().to_owned()),
        created_at: Set(doer.at.micros()),
        updated_at: Set(doer.at.micros()),
        ..Default::default()
    };
    db.write(async |transaction| {
        raise_version(transaction, tenant_id).await?;
        let has = webhook::Entity::find().filter(webhook::Column::TenantId.eq(tenant_id.uuid())).count(transaction).await;
        if has.map_err(unavailable)? >= webhooks_max {
            return Ok(Err(TooMany));
        }
        webhook::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        audit::record(transaction, tenant_id, doer, deed("webhook.created", id, detail)).await.map(Ok)
    })
    .await
}

/// Writes a webhook's settings, if it still has the version that it was read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    (id, version): (WebhookId, u64),
    settings: Settings,
    changed: &[&str],
) -> Result<(), StoreError> {
    let decides = changed.iter().any(|field| matches!(*field, "events" | "filter"));
    let (events, filter) = (text(&settings.events)?, text(&settings.filter)?);
    db.write(async |transaction| {
        if decides {
            raise_version(transaction, tenant_id).await?;
        }
        let done = touching(tenant_id, id, doer)
            .col_expr(webhook::Column::Url, Expr::value(settings.url))
            .col_expr(webhook::Column::Description, Expr::value(settings.description))
            .col_expr(webhook::Column::Events, Expr::value(events))
            .col_expr(webhook::Column::Filter, Expr::value(filter))
            .col_expr(webhook::Column::Headers, Expr::value(settings.sealed_headers))
            .col_expr(webhook::Column::Ordered, Expr::value(settings.ordered))
            .col_expr(webhook::Column::RateLimitPerSecond, Expr::value(settings.rate_limit_per_second.map(i64::from)))
            .filter(webhook::Column::Version.eq(version as i64))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(super::stale());
        }
        audit::record(transaction, tenant_id, doer, deed("webhook.updated", id, json!({"changed": changed}))).await
    })
    .await
}

/// Puts a webhook to work. What went wrong before no longer counts against it.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such webhook.
pub async fn enable(db: &Database, tenant_id: TenantId, doer: &Doer, id: WebhookId) -> Result<(), StoreError> {
    use webhook::Column as C;
    let update = touching(tenant_id, id, doer)
        .col_expr(C::Status, Expr::value(WebhookStatus::Enabled.as_str()))
        .col_expr(C::DisabledReason, Expr::value(None::<String>))
        .col_expr(C::FailingSince, Expr::value(None::<i64>))
        .col_expr(C::WarnedAt, Expr::value(None::<i64>))
        .col_expr(C::PausedUntil, Expr::value(None::<i64>))
        .col_expr(C::Failures, Expr::value(0_i64))
        .col_expr(C::Exhausted, Expr::value(0_i64))
        .filter(C::Status.ne(WebhookStatus::Enabled.as_str()));
    set_status(db, tenant_id, doer, update, deed("webhook.enabled", id, json!({}))).await
}

/// Puts a webhook to rest: what happens from now on is kept as skipped.
///
/// # Errors
/// As [`enable`].
pub async fn disable(db: &Database, tenant_id: TenantId, doer: &Doer, id: WebhookId, reason: &str) -> Result<(), StoreError> {
    let update = touching(tenant_id, id, doer)
        .col_expr(webhook::Column::Status, Expr::value(WebhookStatus::Disabled.as_str()))
        .col_expr(webhook::Column::DisabledReason, Expr::value(Some(reason)))
        .filter(webhook::Column::Status.ne(WebhookStatus::Disabled.as_str()));
    set_status(db, tenant_id, doer, update, deed("webhook.disabled", id, json!({"reason": reason}))).await
}

/// Does nothing where the webhook stands so already.
async fn set_status(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    update: UpdateMany<webhook::Entity>,
    deed: Deed,
) -> Result<(), StoreError> {
    db.write(async |transaction| {
        raise_version(transaction, tenant_id).await?;
        let done = update.exec(transaction).await.map_err(unavailable)?;
        if done.rows_affected == 0 {
            let there = webhook::Entity::find()
                .filter(webhook::Column::TenantId.eq(tenant_id.uuid()))
                .filter(webhook::Column::Id.eq(deed.target_id));
            return if there.count(transaction).await.map_err(unavailable)? == 0 { Err(StoreError::NotFound) } else { Ok(()) };
        }
        audit::record(transaction, tenant_id, doer, deed).await
    })
    .await
}

/// Gives a webhook another secret; the present one signs too until `previous_until`, and one before that no longer.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such webhook.
pub async fn rotate_secret(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: WebhookId,
    sealed_secret: Vec<u8>,
    previous_until: Option<Timestamp>,
) -> Result<(), StoreError> {
    use webhook::Column as C;
    // The right side of each is the row as it was.
    let previous = if previous_until.is_some() { Expr::col(C::Secret) } else { Expr::value(None::<Vec<u8>>) };
    let update = touching(tenant_id, id, doer)
        .col_expr(C::PreviousSecret, previous)
        .col_expr(C::PreviousUntil, Expr::value(previous_until.map(Timestamp::micros)))
        .col_expr(C::Secret, Expr::value(sealed_secret));
    db.write(async |transaction| {
        let done = update.exec(transaction).await.map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        let detail = json!({"previous_until": previous_until});
        audit::record(transaction, tenant_id, doer, deed("webhook.secret_rotated", id, detail)).await
    })
    .await
}

/// Removes a webhook with its deliveries, attempts and replays: puts it to rest, removes its deliveries in short transactions, and then what
/// is left of them together with the webhook itself. Whoever is interrupted begins again.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such webhook.
pub async fn delete(db: &Database, tenant_id: TenantId, doer: &Doer, id: WebhookId) -> Result<(), StoreError> {
    // Without events it gets nothing new, so that there is an end to what is to be removed.
    let rest = touching(tenant_id, id, doer)
        .col_expr(webhook::Column::Events, Expr::value("[]"))
        .col_expr(webhook::Column::Status, Expr::value(WebhookStatus::Disabled.as_str()))
        .col_expr(webhook::Column::DisabledReason, Expr::value(Some(BEING_DELETED)));
    db.write(async |transaction| {
        raise_version(transaction, tenant_id).await?;
        let done = rest.exec(transaction).await.map_err(unavailable)?;
        if done.rows_affected == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    })
    .await?;
    while db.write(async |transaction| remove_deliveries(transaction, tenant_id, id).await).await? == BATCH.cast_unsigned() {}
    db.write(async |transaction| {
        raise_version(transaction, tenant_id).await?;
        let done = webhook::Entity::delete_many()
            .filter(webhook::Column::TenantId.eq(tenant_id.uuid()))
            .filter(webhook::Column::Id.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        if done.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        // Nobody adds to them any more: whoever makes deliveries holds the tenant's row or the webhook's.
        while remove_deliveries(transaction, tenant_id, id).await? == BATCH.cast_unsigned() {}
        replay::Entity::delete_many()
            .filter(replay::Column::TenantId.eq(tenant_id.uuid()))
            .filter(replay::Column::WebhookId.eq(id.uuid()))
            .exec(transaction)
            .await
            .map_err(unavailable)?;
        audit::record(transaction, tenant_id, doer, deed("webhook.deleted", id, json!({}))).await
    })
    .await
}

/// Removes the first deliveries of a webhook, at most [`BATCH`], with their attempts, and the bodies of what was only tried out.
async fn remove_deliveries(transaction: &DatabaseTransaction, tenant_id: TenantId, id: WebhookId) -> Result<u64, StoreError> {
    const FIRST: &str = "SELECT position FROM delivery WHERE webhook_id = $1 ORDER BY position LIMIT $2";
    let run = async |sql: String, values: Vec<Bound>| {
        let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
        transaction.execute_raw(statement).await.map_err(unavailable)
    };
    let own = || vec![Bound::from(id.uuid()), Bound::from(BATCH)];
    run(format!("DELETE FROM attempt WHERE webhook_id = $1 AND position IN ({FIRST})"), own()).await?;
    let bodies = format!("DELETE FROM event_body WHERE tenant_id = $3 AND position < 0 AND position IN ({FIRST})");
    run(bodies, own().into_iter().chain([Bound::from(tenant_id.uuid())]).collect()).await?;
    let done = run(format!("DELETE FROM delivery WHERE webhook_id = $1 AND position IN ({FIRST})"), own()).await?;
    Ok(done.rows_affected())
}

/// Locks the tenant's row and says that what its webhooks want is another now. First in its transaction.
async fn raise_version(transaction: &DatabaseTransaction, tenant_id: TenantId) -> Result<(), StoreError> {
    const RAISE: &str = "UPDATE tenant SET webhook_version = webhook_version + 1 WHERE id = $1";
    let raise = Statement::from_sql_and_values(transaction.get_database_backend(), RAISE, [tenant_id.uuid().into()]);
    let done = transaction.execute_raw(raise).await.map_err(unavailable)?;
    if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// An update of the tenant's webhook that raises its version.
fn touching(tenant_id: TenantId, id: WebhookId, doer: &Doer) -> UpdateMany<webhook::Entity> {
    use sea_orm::sea_query::ExprTrait as _;
    webhook::Entity::update_many()
        .col_expr(webhook::Column::Version, Expr::col(webhook::Column::Version).add(1))
        .col_expr(webhook::Column::UpdatedAt, Expr::value(doer.at.micros()))
        .filter(webhook::Column::TenantId.eq(tenant_id.uuid()))
        .filter(webhook::Column::Id.eq(id.uuid()))
}

pub(super) fn deed(action: &'static str, id: WebhookId, detail: Value) -> Deed {
    Deed { action, target_kind: "webhook", target_id: id.uuid(), detail }
}

fn text(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable(format!("a webhook cannot be written: {error}").into()))
}
