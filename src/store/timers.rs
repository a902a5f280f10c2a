//! Timers over SQL: what is due by the clock, of every tenant.
//!
//! Guarantees: everything in [`actors::port::timers`], on both databases with the same statements, each served by an index of its own that holds only
//! what has a time. Instants are integers of microseconds.
//!
//! Does not: change anything; the journal does, with the conversation.

use actors::port::{DueMark, DueTimer, Promise, StoreError, Timer, Timers};
use entities::{ChannelStatus, ConversationId, Refusal, ScheduledMessageId, TenantId, Timestamp};
use sea_orm::{QueryResult, TryGetable, Value};
use uuid::Uuid;

use super::{Database, journal::read::rows, unavailable};

/// The timers over SQL.
pub struct SqlTimers {
    db: Database,
}

impl SqlTimers {
    /// Those of this database.
    #[must_use]
    pub const fn new(db: Database) -> Self {
        Self { db }
    }

    async fn due_now(&self, timer: Timer, now: Timestamp, after: Option<DueMark>, limit: usize) -> Result<Vec<DueTimer>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut values: Vec<Value> = vec![now.micros().into(), limit.into()];
        if let Some((at, id)) = after {
            values.extend([at.micros().into(), id.into()]);
        }
        rows(&self.db, &due_sql(timer, after.is_some()), values).await?.iter().map(|row| due(timer, row)).collect()
    }
}

/// Finds what is due up to `$1`, at most `$2`, in order; behind the time `$3` and the id `$4`, if it goes on.
#[must_use]
pub fn due_sql(timer: Timer, goes_on: bool) -> String {
    let (columns, from, at, id) = match timer {
        Timer::Snooze => ("c.tenant_id, c.id AS conversation_id", "conversation c", "c.snoozed_until", "c.id"),
        Timer::Message => (
            "s.tenant_id, s.conversation_id, s.id, ch.status, ch.status_detail",
            "scheduled_message s LEFT JOIN conversation c ON c.id = s.conversation_id LEFT JOIN channel ch ON ch.id = c.channel_id",
            "s.due_at",
            "s.id",
        ),
    };
    let behind = if goes_on { format!(" AND ({at}, {id}) > ($3, $4)") } else { String::new() };
    format!("SELECT {columns}, {at} AS due_at FROM {from} WHERE {at} <= $1 AND c.trashed_at IS NULL{behind} ORDER BY {at}, {id} LIMIT $2")
}

fn due(timer: Timer, row: &QueryResult) -> Result<DueTimer, StoreError> {
    let mut due = DueTimer {
        tenant_id: TenantId::new(get(row, "tenant_id")?),
        conversation_id: ConversationId::new(get(row, "conversation_id")?),
        at: Timestamp::from_micros(get(row, "due_at")?),
        message_id: None,
        refusal: None,
    };
    if timer == Timer::Message {
        due.message_id = Some(ScheduledMessageId::new(get::<Uuid>(row, "id")?));
        let status: Option<String> = get(row, "status")?;
        if status.as_deref() == Some(ChannelStatus::Disconnected.as_str()) {
            due.refusal = Some(Refusal::Disconnected { detail: get(row, "status_detail")? });
        }
    }
    Ok(due)
}

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    row.try_get("", column).map_err(unavailable)
}

impl Timers for SqlTimers {
    fn due(&self, timer: Timer, now: Timestamp, after: Option<DueMark>, limit: usize) -> Promise<'_, Result<Vec<DueTimer>, StoreError>> {
        Box::pin(self.due_now(timer, now, after, limit))
    }
}
