//! Tries to let our app in at a provider, from the state that is given along to what came of it.
//!
//! Guarantees: a state is used once, by the session that began, before its time is over: one statement decides all of it. Does not: keep the
//! state itself, only its hash.

use actors::port::StoreError;
use entities::{AgentId, ChannelId, InstallId, LoginSessionId, Provider, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::store::{Database, read::install::Status, unavailable};

/// Most tries of one session that are kept; the oldest are forgotten.
pub const TRIES_MAX: i64 = 20;

/// A try that begins.
#[derive(Debug)]
pub struct NewInstall {
    /// Its id.
    pub id: InstallId,
    /// At which provider.
    pub provider: Provider,
    /// Who.
    pub agent_id: AgentId,
    /// In which sign-in.
    pub session_id: LoginSessionId,
    /// SHA-256 of the state.
    pub hash: [u8; 32],
    /// When.
    pub created_at: Timestamp,
    /// Until when the state may come back.
    pub expires_at: Timestamp,
}

/// Who brings a state back, and when.
#[derive(Debug, Clone, Copy)]
pub struct Bearer {
    /// At which provider.
    pub provider: Provider,
    /// In which sign-in.
    pub session_id: LoginSessionId,
    /// When.
    pub now: Timestamp,
}

/// Keeps a try, and of those of the same session the newest.
pub async fn begin(db: &Database, tenant_id: TenantId, new: &NewInstall) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO oauth_state (id, tenant_id, provider, agent_id, login_session_id, hash, status, channel_ids, created_at, \
        expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', $8, $9)";
    const FORGET: &str = "DELETE FROM oauth_state WHERE tenant_id = $1 AND login_session_id = $2 AND id NOT IN (SELECT id FROM oauth_state \
        WHERE tenant_id = $1 AND login_session_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3)";
    let row: [Value; 9] = [
        new.id.uuid().into(),
        tenant_id.uuid().into(),
        new.provider.as_str().into(),
        new.agent_id.uuid().into(),
        new.session_id.uuid().into(),
        new.hash.to_vec().into(),
        Status::Begun.as_str().into(),
        new.created_at.micros().into(),
        new.expires_at.micros().into(),
    ];
    let add = Statement::from_sql_and_values(db.backend(), ADD, row);
    let old: [Value; 3] = [tenant_id.uuid().into(), new.session_id.uuid().into(), TRIES_MAX.into()];
    let forget = Statement::from_sql_and_values(db.backend(), FORGET, old);
    db.write(async |transaction| {
        transaction.execute_raw(add).await.map_err(unavailable)?;
        transaction.execute_raw(forget).await.map_err(unavailable)?;
        Ok(())
    })
    .await
}

/// Uses a state up; whose it was, if it is good: never used, not too old, of this provider, tenant and session. Of two at once one gets it.
pub async fn take(db: &Database, tenant_id: TenantId, hash: &[u8; 32], bearer: Bearer) -> Result<Option<InstallId>, StoreError> {
    const TAKE: &str = "UPDATE oauth_state SET hash = NULL WHERE hash = $1 AND tenant_id = $2 AND login_session_id = $3 AND provider = $4 \
        AND expires_at > $5 RETURNING id";
    let values: [Value; 5] = [
        hash.to_vec().into(),
        tenant_id.uuid().into(),
        bearer.session_id.uuid().into(),
        bearer.provider.as_str().into(),
        bearer.now.micros().into(),
    ];
    let take = Statement::from_sql_and_values(db.backend(), TAKE, values);
    db.write(async |transaction| {
        let taken = transaction.query_one_raw(take).await.map_err(unavailable)?;
        taken.map(|row| row.try_get("", "id").map(InstallId::new).map_err(unavailable)).transpose()
    })
    .await
}

/// Writes down what came of a try.
pub async fn finish(
    db: &Database,
    tenant_id: TenantId,
    id: InstallId,
    status: Status,
    detail: &str,
    channels: &[ChannelId],
) -> Result<(), StoreError> {
    const FINISH: &str = "UPDATE oauth_state SET status = $3, detail = $4, channel_ids = $5 WHERE id = $1 AND tenant_id = $2";
    let odd = |error: serde_json::Error| StoreError::Unavailable(error.to_string().into());
    let values: [Value; 5] = [
        id.uuid().into(),
        tenant_id.uuid().into(),
        status.as_str().into(),
        detail.into(),
        serde_json::to_string(channels).map_err(odd)?.into(),
    ];
    execute(db, FINISH, values).await.map(|_rows| ())
}

/// Forgets tries whose time was over before an instant; how many.
pub async fn forget_before(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    execute(db, "DELETE FROM oauth_state WHERE expires_at < $1", [Value::from(before.micros())]).await
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
