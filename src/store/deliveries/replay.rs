//! Going through past events for a replay, oldest first: a stored job, in short transactions, each of which writes how far it came.
//!
//! Guarantees: after a crash it goes on where it was; a delivery is made due at most once for a replay. A webhook that is gone ends its replays.
//!
//! Does not: send. What it makes due is sent like everything else, with its whole schedule of retries before it.

use actors::port::StoreError;
use entities::{
    EventPattern, ReplayOnly, ReplayStatus, StoredEvent, SubscriptionFilter, TenantId, Timestamp, Trigger, WebhookId, subscription::About,
    thread,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{get, instant};
use crate::store::{
    Database,
    journal::read::{self, rows},
    unavailable,
};

/// Events looked at in one transaction.
const STEP: usize = 200;
/// Steps of all replays in one round of the sweep.
const STEPS_MAX: usize = 50;

/// A replay under way.
struct Job {
    id: Uuid,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    only: ReplayOnly,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    next: i64,
    last: i64,
}

/// Goes on with the replays that are under way; how many deliveries became due, and the webhooks that have them.
///
/// # Errors
/// [`StoreError::Unavailable`]; what was done by then stays done.
pub async fn go_on(db: &Database, now: Timestamp) -> Result<(u64, Vec<WebhookId>), StoreError> {
    const RUNNING: &str = "SELECT id, tenant_id, webhook_id, only_kind, from_at, to_at, next_position, last_position FROM replay \
        WHERE status = 'running' ORDER BY created_at LIMIT 100";
    let (mut queued, mut woken, mut steps) = (0, Vec::new(), 0);
    for row in rows(db, RUNNING, []).await? {
        let mut job = job(&row)?;
        let mut done = false;
        while !done && steps < STEPS_MAX {
            steps += 1;
            let (count, ended) = step(db, &mut job, now).await?;
            queued += count;
            done = ended;
            if count > 0 {
                woken.push(job.webhook_id);
            }
        }
    }
    woken.sort_unstable();
    woken.dedup();
    Ok((queued, woken))
}

fn job(row: &QueryResult) -> Result<Job, StoreError> {
    let only: String = get(row, "only_kind")?;
    Ok(Job {
        id: get(row, "id")?,
        tenant_id: TenantId::new(get(row, "tenant_id")?),
        webhook_id: WebhookId::new(get(row, "webhook_id")?),
        only: ReplayOnly::parse(&only).ok_or_else(|| super::unknown("kind of replay", &only))?,
        from: instant(row, "from_at")?,
        to: instant(row, "to_at")?,
        next: get(row, "next_position")?,
        last: get(row, "last_position")?,
    })
}

/// Looks at the next events; how many became due, and whether those were the last.
async fn step(db: &Database, job: &mut Job, now: Timestamp) -> Result<(u64, bool), StoreError> {
    let after = job.next.saturating_sub(1).max(0).cast_unsigned();
    let mut events = read::events_after(db, job.tenant_id, after, STEP).await?;
    let seen_all = events.len() < STEP;
    events.retain(|event| event.position.cast_signed() <= job.last);
    let next = events.last().map_or(job.last + 1, |event| event.position.cast_signed() + 1);
    let ended = seen_all || next > job.last;
    let wanted = wanted(db, job, events).await?;
    let (tenant_id, webhook_id) = (job.tenant_id, job.webhook_id);
    let queued = db
        .write(async |transaction| {
            // Held until the end, so that a webhook that is being removed gets no rows behind its back.
            if !still_there(transaction, tenant_id, webhook_id).await? {
                finish(transaction, job.id, job.last + 1, 0, Some(now)).await?;
                return Ok(None);
            }
            let mut queued = 0;
            for event in &wanted {
                queued += u64::from(make_due(transaction, job, event, now).await?);
            }
            finish(transaction, job.id, next, queued, ended.then_some(now)).await?;
            Ok(Some(queued))
        })
        .await?;
    job.next = next;
    Ok(queued.map_or((0, true), |queued| (queued, ended)))
}

/// Of these events, those that the webhook wants today and that lie in the replay's time. What an event is about is what its conversation
/// is now: the past state is not kept.
async fn wanted(db: &Database, job: &Job, events: Vec<StoredEvent>) -> Result<Vec<StoredEvent>, StoreError> {
    const WEBHOOK: &str = "SELECT events, filter FROM webhook WHERE id = $1 AND tenant_id = $2";
    let found = rows(db, WEBHOOK, [job.webhook_id.uuid().into(), job.tenant_id.uuid().into()]).await?;
    let Some(row) = found.first() else { return Ok(Vec::new()) };
    let unreadable = |error: serde_json::Error| super::unreadable(job.webhook_id, &error.to_string());
    let patterns: Vec<EventPattern> = serde_json::from_str(&get::<String>(row, "events")?).map_err(unreadable)?;
    let filter: SubscriptionFilter = serde_json::from_str(&get::<String>(row, "filter")?).map_err(unreadable)?;
    let mut wanted = Vec::with_capacity(events.len());
    for event in events {
        let in_time = job.from.is_none_or(|from| event.at >= from) && job.to.is_none_or(|to| event.at < to);
        if in_time && patterns.iter().any(|pattern| pattern.covers(event.kind)) && about_is_wanted(db, &filter, &event).await? {
            wanted.push(event);
        }
    }
    Ok(wanted)
}

async fn about_is_wanted(db: &Database, filter: &SubscriptionFilter, event: &StoredEvent) -> Result<bool, StoreError> {
    if filter.is_empty() {
        return Ok(true);
    }
    let Some(id) = event.conversation_id else { return Ok(filter.wants(About::default())) };
    let Some(loaded) = read::load(db, event.tenant_id, id, 0).await? else { return Ok(filter.wants(About::default())) };
    let row = loaded.row;
    Ok(filter.wants(About { channel_id: Some(row.channel_id), team_id: row.team_id, labels: &row.labels }))
}

async fn still_there(transaction: &DatabaseTransaction, tenant_id: TenantId, id: WebhookId) -> Result<bool, StoreError> {
    // Touches the row, which locks it on PostgreSQL; SQLite has one writer anyway.
    const TOUCH: &str = "UPDATE webhook SET lease_until = lease_until WHERE id = $1 AND tenant_id = $2";
    let touch = statement(transaction, TOUCH, [id.uuid().into(), tenant_id.uuid().into()]);
    Ok(transaction.execute_raw(touch).await.map_err(unavailable)?.rows_affected() > 0)
}

/// Makes the event's delivery due, if the replay is of its kind; whether it did.
async fn make_due(transaction: &DatabaseTransaction, job: &Job, event: &StoredEvent, now: Timestamp) -> Result<bool, StoreError> {
    const AGAIN: &str = "UPDATE delivery SET status = 'pending', next_trigger = $3, budget_from = attempts, due_at = $4 \
        WHERE webhook_id = $1 AND position = $2 AND status <> 'pending'";
    const BODY: &str = "INSERT INTO event_body (tenant_id, position, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    const MAKE: &str = "INSERT INTO delivery (webhook_id, position, tenant_id, id, event_id, kind, status, next_trigger, due_at, at) \
        VALUES ($1, $2, $5, $6, $7, $8, 'pending', $3, $4, $9) ON CONFLICT DO NOTHING";
    let which = match job.only {
        ReplayOnly::Failed => " AND status = 'failed'",
        ReplayOnly::Missing => " AND attempts = 0",
        ReplayOnly::All => "",
    };
    let position = event.position.cast_signed();
    let mut values: Vec<Value> = vec![job.webhook_id.uuid().into(), position.into(), Trigger::Replay.as_str().into(), now.micros().into()];
    let again = statement(transaction, &format!("{AGAIN}{which}"), values.clone());
    if transaction.execute_raw(again).await.map_err(unavailable)?.rows_affected() > 0 {
        return Ok(true);
    }
    if job.only == ReplayOnly::Failed {
        return Ok(false);
    }
    let body = event.envelope().map_err(|error| StoreError::Unavailable(format!("an event cannot be sent as JSON: {error}").into()))?;
    let tenant_id = event.tenant_id.uuid();
    values.extend([
        tenant_id.into(),
        thread::delivery_id(event.id, job.webhook_id).uuid().into(),
        event.id.uuid().into(),
        event.kind.as_str().into(),
        event.at.micros().into(),
    ]);
    let make = transaction.execute_raw(statement(transaction, MAKE, values)).await.map_err(unavailable)?;
    if make.rows_affected() == 0 {
        return Ok(false);
    }
    let keep = statement(transaction, BODY, [tenant_id.into(), position.into(), body.into()]);
    transaction.execute_raw(keep).await.map_err(unavailable)?;
    Ok(true)
}

async fn finish(
    transaction: &DatabaseTransaction,
    id: Uuid,
    next: i64,
    queued: u64,
    finished_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    const FINISH: &str = "UPDATE replay SET next_position = $2, queued = queued + $3, status = $4, finished_at = $5 WHERE id = $1";
    let status = if finished_at.is_some() { ReplayStatus::Done } else { ReplayStatus::Running };
    let values: [Value; 5] =
        [id.into(), next.into(), queued.cast_signed().into(), status.as_str().into(), finished_at.map(Timestamp::micros).into()];
    transaction.execute_raw(statement(transaction, FINISH, values)).await.map_err(unavailable).map(|_done| ())
}

fn statement(transaction: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(transaction.get_database_backend(), sql, values)
}
