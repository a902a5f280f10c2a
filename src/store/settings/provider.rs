//! What the door for providers' notifications keeps besides conversations: what waits for a message, what could not be read, and further
//! keys of a thread.

use actors::port::StoreError;
use entities::{ChannelId, TenantId, Timestamp, thread::ThreadIds};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::store::{
    Database,
    read::provider::{Quarantined, Waiting},
    unavailable,
};

/// Keeps what was told of a message that is not known yet; what is there already stays.
pub async fn wait(db: &Database, waiting: &Waiting, now: Timestamp) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO waiting_item (channel_id, target, digest, tenant_id, item, received_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let item = serde_json::to_string(&waiting.item).map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
    let values: [Value; 6] = [
        waiting.channel_id.uuid().into(),
        waiting.target.as_str().into(),
        waiting.digest.clone().into(),
        waiting.tenant_id.uuid().into(),
        item.into(),
        now.micros().into(),
    ];
    execute(db, ADD, values).await.map(|_rows| ())
}

/// Forgets what waited: it was taken in.
pub async fn stop_waiting(db: &Database, waiting: &Waiting) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM waiting_item WHERE channel_id = $1 AND target = $2 AND digest = $3";
    let values: [Value; 3] = [waiting.channel_id.uuid().into(), waiting.target.as_str().into(), waiting.digest.clone().into()];
    execute(db, DROP, values).await.map(|_rows| ())
}

/// Forgets what has waited since before an instant, at most a thousand; how many that were.
pub async fn forget_waiting_before(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    const DROP: &str = "DELETE FROM waiting_item WHERE (channel_id, target, digest) IN \
        (SELECT channel_id, target, digest FROM waiting_item WHERE received_at < $1 ORDER BY received_at LIMIT 1000)";
    execute(db, DROP, [Value::from(before.micros())]).await
}

/// Makes a further key of a channel's thread lead where the thread leads; a key that leads somewhere already goes on leading there.
pub async fn alias(db: &Database, tenant_id: TenantId, channel_id: ChannelId, key: &str, to: ThreadIds) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO thread (tenant_id, channel_id, thread_key, contact_id, conversation_id) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT DO NOTHING";
    let values: [Value; 5] =
        [tenant_id.uuid().into(), channel_id.uuid().into(), key.into(), to.contact_id.uuid().into(), to.conversation_id.uuid().into()];
    execute(db, ADD, values).await.map(|_rows| ())
}

/// Keeps a payload that could not be read.
pub async fn quarantine(db: &Database, payload: &Quarantined) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO quarantine (id, tenant_id, credential_id, provider, kind, content_type, body, error, received_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values: [Value; 9] = [
        payload.id.into(),
        payload.tenant_id.uuid().into(),
        payload.credential_id.uuid().into(),
        payload.provider.as_str().into(),
        payload.kind.as_str().into(),
        payload.content_type.as_str().into(),
        payload.body.clone().into(),
        payload.error.as_str().into(),
        payload.received_at.micros().into(),
    ];
    execute(db, ADD, values).await.map(|_rows| ())
}

/// Forgets a payload: it was read after all.
pub async fn release(db: &Database, payload: &Quarantined) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM quarantine WHERE id = $1 AND tenant_id = $2";
    execute(db, DROP, [Value::from(payload.id), payload.tenant_id.uuid().into()]).await.map(|_rows| ())
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
