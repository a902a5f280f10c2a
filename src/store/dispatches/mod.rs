//! The dispatches over SQL: who works a channel, what waits for its provider, and which of it was begun.
//!
//! Guarantees: everything in [`actors::port::dispatches`], on both databases with the same statements. Instants are integers of microseconds.
//!
//! Does not: make dispatches or take them away (the journal does, with their messages), or send them.

mod halt;
mod page;

use std::sync::Arc;

use actors::port::{
    ChannelLease, DispatchPage, DispatchState, Dispatches, Journal, Line, NeglectedChannel, Postponed, Promise, StoreError, UNKNOWN_MS,
};
use entities::{ChannelId, ChannelKind, ConversationId, CredentialId, EventId, Remote, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};

pub use page::{due_sql, next_sql};

use super::{Database, dialect, journal::read::rows, unavailable};

/// A channel that can be worked: connected, with an account and what proves that it is ours.
const WORKABLE: &str = "c.status <> 'disconnected' AND c.credential_id IS NOT NULL AND c.address IS NOT NULL";
/// A dispatch that is the first of its conversation.
const FIRST: &str = "NOT EXISTS (SELECT 1 FROM dispatch e WHERE e.conversation_id = d.conversation_id AND e.position < d.position)";

/// The dispatches over SQL.
pub struct SqlDispatches {
    db: Database,
    journal: Arc<dyn Journal>,
    new_event_id: Arc<dyn Fn() -> EventId + Send + Sync>,
}

impl SqlDispatches {
    /// Those of this database. What a channel's state tells of itself goes through `journal`.
    pub fn new(db: Database, journal: Arc<dyn Journal>, new_event_id: Arc<dyn Fn() -> EventId + Send + Sync>) -> Self {
        Self { db, journal, new_event_id }
    }

    async fn claim_now(&self, lease: ChannelLease, now: Timestamp, until: Timestamp) -> Result<Option<Line>, StoreError> {
        let claim = format!(
            "UPDATE channel AS c SET lease_owner = $1, lease_until = $2 WHERE c.id = $3 AND {WORKABLE} \
             AND (c.lease_owner IS NULL OR c.lease_owner = $1 OR c.lease_until < $4) RETURNING tenant_id, kind, address, credential_id"
        );
        let values: [Value; 4] = [lease.owner.uuid().into(), until.micros().into(), lease.channel_id.uuid().into(), now.micros().into()];
        let claim = Statement::from_sql_and_values(self.db.backend(), claim, values);
        let row = self.db.write(async |transaction| transaction.query_one_raw(claim).await.map_err(unavailable)).await?;
        row.map(|row| line(lease.channel_id, &row)).transpose()
    }

    async fn release_now(&self, lease: ChannelLease) -> Result<(), StoreError> {
        const RELEASE: &str = "UPDATE channel SET lease_owner = NULL, lease_until = NULL WHERE id = $1 AND lease_owner = $2";
        self.run(RELEASE, [lease.channel_id.uuid().into(), lease.owner.uuid().into()]).await.map(|_released| ())
    }

    async fn begin_now(&self, lease: ChannelLease, position: i64, now: Timestamp) -> Result<bool, StoreError> {
        const BEGIN: &str = "UPDATE dispatch SET begun_at = $1, due_at = $2, tries = tries + 1 WHERE channel_id = $3 AND position = $4 \
            AND EXISTS (SELECT 1 FROM channel c WHERE c.id = $3 AND c.lease_owner = $5)";
        let due_at = now.plus_ms(UNKNOWN_MS);
        let values: [Value; 5] =
            [now.micros().into(), due_at.micros().into(), lease.channel_id.uuid().into(), position.into(), lease.owner.uuid().into()];
        Ok(self.run(BEGIN, values).await? > 0)
    }

    async fn postpone_now(&self, lease: ChannelLease, postponed: Postponed) -> Result<(), StoreError> {
        const POSTPONE: &str = "UPDATE dispatch SET due_at = $1, tries = $2, begun_at = $3, done = $4, error = COALESCE($5, error) \
            WHERE channel_id = $6 AND position = $7 AND EXISTS (SELECT 1 FROM channel c WHERE c.id = $6 AND c.lease_owner = $8)";
        let begun_at = match postponed.state {
            DispatchState::Pending => None,
            DispatchState::Begun(at) => Some(at.micros()),
        };
        let done = (!postponed.done.is_empty()).then(|| serde_json::to_string(&postponed.done)).transpose().map_err(odd)?;
        let error = postponed.error.map(|error| serde_json::to_string(&error)).transpose().map_err(odd)?;
        let values: [Value; 8] = [
            postponed.due_at.micros().into(),
            i64::from(postponed.tries).into(),
            begun_at.into(),
            done.into(),
            error.into(),
            lease.channel_id.uuid().into(),
            postponed.position.into(),
            lease.owner.uuid().into(),
        ];
        self.run(POSTPONE, values).await.map(|_written| ())
    }

    async fn reach_now(&self, tenant_id: TenantId, id: ConversationId) -> Result<Option<(Line, Remote)>, StoreError> {
        let reach = format!(
            "SELECT v.remote, c.id, c.tenant_id, c.kind, c.address, c.credential_id FROM conversation v JOIN channel c ON c.id = v.channel_id \
             WHERE v.tenant_id = $1 AND v.id = $2 AND v.remote IS NOT NULL AND {WORKABLE}"
        );
        let found = rows(&self.db, &reach, [tenant_id.uuid().into(), id.uuid().into()]).await?;
        let Some(row) = found.first() else { return Ok(None) };
        let remote: String = get(row, "remote")?;
        let remote = serde_json::from_str(&remote).map_err(odd)?;
        Ok(Some((line(ChannelId::new(get(row, "id")?), row)?, remote)))
    }

    async fn neglected_now(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Result<Vec<NeglectedChannel>, StoreError> {
        let values = [now.micros().into(), soon.micros().into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let neglected = |row: &QueryResult| {
            Ok(NeglectedChannel { id: ChannelId::new(get(row, "channel_id")?), due_at: Timestamp::from_micros(get(row, "due_at")?) })
        };
        rows(&self.db, &neglected_sql(self.db.backend()), values).await?.iter().map(neglected).collect()
    }

    /// Runs one statement in a transaction of its own; how many rows it changed.
    async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
    }
}

impl Dispatches for SqlDispatches {
    fn claim(&self, lease: ChannelLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<Option<Line>, StoreError>> {
        Box::pin(self.claim_now(lease, now, until))
    }

    fn release(&self, lease: ChannelLease) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.release_now(lease))
    }

    fn page(&self, line: &Line, now: Timestamp, busy: &[ConversationId], limit: usize) -> Promise<'_, Result<DispatchPage, StoreError>> {
        let (line, busy) = (line.clone(), busy.to_vec());
        Box::pin(async move { page::read(&self.db, &line, now, &busy, limit).await })
    }

    fn begin(&self, lease: ChannelLease, position: i64, now: Timestamp) -> Promise<'_, Result<bool, StoreError>> {
        Box::pin(self.begin_now(lease, position, now))
    }

    fn postpone(&self, lease: ChannelLease, postponed: Postponed) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.postpone_now(lease, postponed))
    }

    fn halt(&self, lease: ChannelLease, reason: String, now: Timestamp) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.halt_now(lease, reason, now))
    }

    fn reach(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Option<(Line, Remote)>, StoreError>> {
        Box::pin(self.reach_now(tenant_id, id))
    }

    fn neglected(&self, now: Timestamp, soon: Timestamp, limit: usize) -> Promise<'_, Result<Vec<NeglectedChannel>, StoreError>> {
        Box::pin(self.neglected_now(now, soon, limit))
    }
}

/// Finds channels that nobody works: not leased beyond `$1`, with something due up to `$2`, at most `$3`.
#[must_use]
pub fn neglected_sql(backend: DbBackend) -> String {
    // Grouping by channel would lead SQLite by the key, through all that is not due as well.
    let by_due = dialect::by_index(backend, "dispatch_by_due");
    format!(
        "SELECT d.channel_id, MIN(d.due_at) AS due_at FROM dispatch d{by_due} JOIN channel c ON c.id = d.channel_id WHERE d.due_at <= $2 \
         AND (c.lease_until IS NULL OR c.lease_until < $1) AND {WORKABLE} AND {FIRST} GROUP BY d.channel_id ORDER BY MIN(d.due_at) LIMIT $3"
    )
}

fn line(id: ChannelId, row: &QueryResult) -> Result<Line, StoreError> {
    let kind: String = get(row, "kind")?;
    Ok(Line {
        tenant_id: TenantId::new(get(row, "tenant_id")?),
        id,
        kind: ChannelKind::parse(&kind)
            .ok_or_else(|| StoreError::Unavailable(format!("channel {id} is of kind {kind}, which this version does not know").into()))?,
        address: get(row, "address")?,
        credential_id: CredentialId::new(get(row, "credential_id")?),
    })
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    row.try_get("", column).map_err(unavailable)
}

/// JSON that the journal, or this module, cannot have written, or that cannot be written.
fn odd(error: serde_json::Error) -> StoreError {
    StoreError::Unavailable(format!("a dispatch's JSON: {error}").into())
}
