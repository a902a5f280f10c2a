//! Parts of messages that come piece by piece: kept until their message is shown, and a while longer, for those that come late and for repeats.
//!
//! Guarantees: a part is kept once, however often it comes. Which parts make one message is not written down: it follows from what is kept, so
//! that nodes that keep parts at the same time agree on it.

use actors::port::StoreError;
use entities::{ChannelId, Happening, Inbound, TenantId, Timestamp, parts::MessagePart};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::store::{Database, journal::read::rows, unavailable};

/// Most parts that are kept of one sender's reference: a few messages of the longest.
const PARTS_MAX: i64 = 1_000;

/// Whose part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The channel that it came over.
    pub channel_id: ChannelId,
}

/// A part that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What was told of it besides the part.
    pub item: Inbound,
    /// The part.
    pub part: MessagePart,
    /// When it is shown at the latest; `None` once it is.
    pub due_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Keeps a part, to be shown at `due_at` at the latest; one that is kept already stays as it is.
pub async fn keep(
    db: &Database,
    at: At,
    part: &MessagePart,
    item: &Inbound,
    (now, due_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO message_part (channel_id, part_of, part_id, tenant_id, item, due_at, received_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let item = serde_json::to_string(item).map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
    let values: [Value; 7] = [
        at.channel_id.uuid().into(),
        part.of.as_str().into(),
        part.message.id.as_str().into(),
        at.tenant_id.uuid().into(),
        item.into(),
        due_at.micros().into(),
        now.micros().into(),
    ];
    execute(db, ADD, values).await.map(|_rows| ())
}

/// All parts that share a sender's reference, in the order in which they came.
pub async fn list(db: &Database, at: At, of: &str) -> Result<Vec<Kept>, StoreError> {
    let values: [Value; 4] = [at.channel_id.uuid().into(), of.into(), at.tenant_id.uuid().into(), PARTS_MAX.into()];
    rows(db, LIST, values).await?.iter().map(kept).collect()
}

/// The parts of the reference `$2` on the channel `$1` of the tenant `$3`, at most `$4`.
pub const LIST: &str = "SELECT item, due_at, received_at FROM message_part WHERE channel_id = $1 AND part_of = $2 \
    AND (tenant_id = $3) IS TRUE ORDER BY received_at, part_id LIMIT $4";

fn kept(row: &QueryResult) -> Result<Kept, StoreError> {
    let item: String = row.try_get("", "item").map_err(unavailable)?;
    let item: Inbound = crate::store::read::json("message_part.item", &item)?;
    let Happening::Part(part) = &item.what else { return Err(crate::store::read::damaged("message_part.item")) };
    let micros = |column| row.try_get::<Option<i64>>("", column).map_err(unavailable);
    Ok(Kept {
        part: (**part).clone(),
        due_at: micros("due_at")?.map(Timestamp::from_micros),
        received_at: Timestamp::from_micros(micros("received_at")?.unwrap_or_default()),
        item,
    })
}

/// Takes up showing the message that begins with this part: until `lease` nobody else does. Whether it was free.
pub async fn claim(db: &Database, at: At, part: &MessagePart, due_at: Timestamp, lease: Timestamp) -> Result<bool, StoreError> {
    const CLAIM: &str = "UPDATE message_part SET due_at = $5 WHERE channel_id = $1 AND part_of = $2 AND part_id = $3 AND due_at = $4";
    let values: [Value; 5] = [
        at.channel_id.uuid().into(),
        part.of.as_str().into(),
        part.message.id.as_str().into(),
        due_at.micros().into(),
        lease.micros().into(),
    ];
    Ok(execute(db, CLAIM, values).await? == 1)
}

/// Notes that these parts are shown.
pub async fn shown(db: &Database, at: At, parts: &[&MessagePart]) -> Result<(), StoreError> {
    const SHOWN: &str = "UPDATE message_part SET due_at = NULL WHERE channel_id = $1 AND part_of = $2 AND part_id = $3";
    let statements: Vec<Statement> = parts
        .iter()
        .map(|part| {
            let values: [Value; 3] = [at.channel_id.uuid().into(), part.of.as_str().into(), part.message.id.as_str().into()];
            Statement::from_sql_and_values(db.backend(), SHOWN, values)
        })
        .collect();
    db.write(async |transaction| {
        for statement in statements {
            transaction.execute_raw(statement).await.map_err(unavailable)?;
        }
        Ok(())
    })
    .await
}

/// Where parts are that have waited long enough, whosever they are, at most `limit`.
pub async fn due(db: &Database, now: Timestamp, limit: u64) -> Result<Vec<(At, String)>, StoreError> {
    let found = rows(db, DUE, [now.micros().into(), limit.cast_signed().into()]).await?;
    let mut due = Vec::with_capacity(found.len());
    for row in &found {
        let uuid = |column| row.try_get::<Uuid>("", column).map_err(unavailable);
        let at = At { tenant_id: TenantId::new(uuid("tenant_id")?), channel_id: ChannelId::new(uuid("channel_id")?) };
        let one = (at, row.try_get::<String>("", "part_of").map_err(unavailable)?);
        if !due.contains(&one) {
            due.push(one);
        }
    }
    Ok(due)
}

/// Parts that are due at `$1`, at most `$2`.
pub const DUE: &str = "SELECT tenant_id, channel_id, part_of FROM message_part WHERE due_at <= $1 ORDER BY due_at LIMIT $2";

/// Forgets what came before an instant, at most a thousand; how many that were.
pub async fn forget_before(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    const DROP: &str = "DELETE FROM message_part WHERE (channel_id, part_of, part_id) IN \
        (SELECT channel_id, part_of, part_id FROM message_part WHERE received_at < $1 ORDER BY received_at LIMIT 1000)";
    execute(db, DROP, [Value::from(before.micros())]).await
}

/// Forgets the parts of a reference: their channel is gone.
pub async fn forget(db: &Database, at: At, of: &str) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM message_part WHERE channel_id = $1 AND part_of = $2";
    execute(db, DROP, [Value::from(at.channel_id.uuid()), of.into()]).await.map(|_rows| ())
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
