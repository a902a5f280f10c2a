//! What is to be asked of providers, once what made us curious is durable.
//!
//! Guarantees: whoever takes an inquiry up moves its due instant ahead in the statement that takes it, and every later change of the row names
//! that instant: of two nodes one asks, and who was overtaken changes nothing.

use actors::port::StoreError;
use entities::{ChannelId, ChannelKind, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::store::{Database, journal::read::rows, unavailable};

/// Channels of a kind that are taken care of for the first time at once.
const ADOPTED_MAX: i64 = 1_000;
/// Rests of subjects that are forgotten at once.
const RESTS_MAX: i64 = 1_000;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Who a contact is: the subject is the address.
    Profile,
    /// What came to the channel of which we were not told. Where a provider is read room by room the subject is the room; else there is none.
    Missed,
    /// Who does not want to be written to, by the provider's own list; there is no subject.
    OptOuts,
}

impl Question {
    /// As the table has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Missed => "missed",
            Self::OptOuts => "opt_outs",
        }
    }
}

/// An inquiry that was taken up.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Whose.
    pub tenant_id: TenantId,
    /// The channel whose provider is asked.
    pub channel_id: ChannelId,
    /// What; `None` if this version does not know it.
    pub question: Option<Question>,
    /// About whom.
    pub subject: String,
    /// Up to when the answers before were complete.
    pub since: Option<Timestamp>,
    /// Where the answers go on, where they were not at their end.
    pub page: Option<String>,
    /// Which try this is, from 1.
    pub tries: i64,
    kind: String,
    /// Until when it is this node's.
    lease: Timestamp,
}

/// Wishes for an answer at `due_at`. One that waits goes on waiting; one that was given up is asked for anew.
pub async fn wish(
    db: &Database,
    (tenant_id, channel_id): (TenantId, ChannelId),
    question: Question,
    subject: &str,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    const WISH: &str = "INSERT INTO inquiry (channel_id, kind, subject, tenant_id, tries, due_at) VALUES ($1, $2, $3, $4, 0, $5) \
        ON CONFLICT (channel_id, kind, subject) DO UPDATE SET due_at = excluded.due_at, tries = 0 WHERE inquiry.due_at IS NULL";
    let values: [Value; 5] =
        [channel_id.uuid().into(), question.as_str().into(), subject.into(), tenant_id.uuid().into(), due_at.micros().into()];
    execute(db, WISH, values).await.map(|_rows| ())
}

/// Has it asked what was missed of a channel's rooms, each beginning at `since`. Those that are asked about go on as they are; those that rest are
/// asked about from where they ended.
pub async fn wish_for_rooms(
    db: &Database,
    (tenant_id, channel_id): (TenantId, ChannelId),
    rooms: &[String],
    since: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    const WISH: &str = "INSERT INTO inquiry (channel_id, kind, subject, tenant_id, tries, due_at, since) VALUES ($1, $2, $3, $4, 0, $5, $6) \
        ON CONFLICT (channel_id, kind, subject) DO UPDATE SET due_at = excluded.due_at, tries = 0 WHERE inquiry.due_at IS NULL";
    let statement = |room: &String| {
        let values: [Value; 6] = [
            channel_id.uuid().into(),
            Question::Missed.as_str().into(),
            room.as_str().into(),
            tenant_id.uuid().into(),
            now.micros().into(),
            since.micros().into(),
        ];
        Statement::from_sql_and_values(db.backend(), WISH, values)
    };
    let statements: Vec<Statement> = rooms.iter().map(statement).collect();
    if statements.is_empty() {
        return Ok(());
    }
    db.write(async |transaction| {
        for statement in statements {
            transaction.execute_raw(statement).await.map_err(unavailable)?;
        }
        Ok(())
    })
    .await
}

/// Has it asked of the channels of a kind what was missed, where nobody has thought of it yet; how many. `since`: from when on, if not from the
/// beginning.
pub async fn adopt(db: &Database, kind: ChannelKind, since: Option<Timestamp>, now: Timestamp) -> Result<u64, StoreError> {
    ask_all(db, (kind, Question::Missed), since, now).await
}

/// Has a question without a subject asked of the channels of a kind, where nobody has thought of it yet; how many. `since` is as for [`adopt`].
pub async fn ask_all(
    db: &Database,
    (kind, question): (ChannelKind, Question),
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    const ADOPT: &str = "INSERT INTO inquiry (channel_id, kind, subject, tenant_id, tries, due_at, since) \
        SELECT c.id, $2, '', c.tenant_id, 0, $3, $5 \
        FROM channel c WHERE c.kind = $1 AND c.credential_id IS NOT NULL AND NOT EXISTS \
        (SELECT 1 FROM inquiry i WHERE i.channel_id = c.id AND i.kind = $2 AND i.subject = '') LIMIT $4 ON CONFLICT DO NOTHING";
    let values: [Value; 5] =
        [kind.as_str().into(), question.as_str().into(), now.micros().into(), ADOPTED_MAX.into(), since.map(Timestamp::micros).into()];
    execute(db, ADOPT, values).await
}

/// Has it asked now what was missed, of every channel: something may have come while this server was away.
pub async fn hasten(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    const HASTEN: &str = "UPDATE inquiry SET due_at = $2 WHERE kind = $1 AND due_at > $2";
    execute(db, HASTEN, [Value::from(Question::Missed.as_str()), now.micros().into()]).await
}

/// Takes up inquiries that are due, whosever they are, the longest due first, at most `limit`: until `lease` nobody else does.
pub async fn take(db: &Database, now: Timestamp, lease: Timestamp, limit: u64) -> Result<Vec<Taken>, StoreError> {
    const LEASE: &str =
        "UPDATE inquiry SET due_at = $5, tries = tries + 1 WHERE channel_id = $1 AND kind = $2 AND subject = $3 AND due_at = $4";
    let mut taken = Vec::new();
    for row in rows(db, DUE, [now.micros().into(), limit.cast_signed().into()]).await? {
        let (one, due_at) = (read(&row, lease)?, row.try_get::<i64>("", "due_at").map_err(unavailable)?);
        let values: [Value; 5] =
            [one.channel_id.uuid().into(), one.kind.as_str().into(), one.subject.as_str().into(), due_at.into(), lease.micros().into()];
        if execute(db, LEASE, values).await? == 1 {
            taken.push(one);
        }
    }
    Ok(taken)
}

/// What is due at `$1`, at most `$2`.
pub const DUE: &str = "SELECT tenant_id, channel_id, kind, subject, since, page, tries, due_at FROM inquiry WHERE due_at <= $1 \
    ORDER BY due_at LIMIT $2";

fn read(row: &QueryResult, lease: Timestamp) -> Result<Taken, StoreError> {
    let uuid = |column| row.try_get::<Uuid>("", column).map_err(unavailable);
    let kind: String = row.try_get("", "kind").map_err(unavailable)?;
    Ok(Taken {
        tenant_id: TenantId::new(uuid("tenant_id")?),
        channel_id: ChannelId::new(uuid("channel_id")?),
        question: [Question::Profile, Question::Missed, Question::OptOuts].into_iter().find(|known| known.as_str() == kind),
        subject: row.try_get("", "subject").map_err(unavailable)?,
        since: row.try_get::<Option<i64>>("", "since").map_err(unavailable)?.map(Timestamp::from_micros),
        page: row.try_get("", "page").map_err(unavailable)?,
        tries: row.try_get::<i64>("", "tries").map_err(unavailable)? + 1,
        kind,
        lease,
    })
}

/// Puts an inquiry off until `due_at`; `None`: it is given up. `why` is for people. What was on its way through pages begins anew.
pub async fn put_off(db: &Database, taken: &Taken, due_at: Option<Timestamp>, why: &str) -> Result<(), StoreError> {
    const LATER: &str = "UPDATE inquiry SET due_at = $5, error = $6, page = NULL \
        WHERE channel_id = $1 AND kind = $2 AND subject = $3 AND due_at = $4";
    let [channel, kind, subject, lease] = key(taken);
    execute(db, LATER, [channel, kind, subject, lease, due_at.map(Timestamp::micros).into(), why.into()]).await.map(|_rows| ())
}

/// Notes up to when the answers are complete, and when to ask next.
pub async fn go_on(db: &Database, taken: &Taken, since: Timestamp, due_at: Timestamp) -> Result<(), StoreError> {
    const NEXT: &str = "UPDATE inquiry SET due_at = $5, since = $6, tries = 0, error = NULL \
        WHERE channel_id = $1 AND kind = $2 AND subject = $3 AND due_at = $4";
    let [channel, kind, subject, lease] = key(taken);
    execute(db, NEXT, [channel, kind, subject, lease, due_at.micros().into(), since.micros().into()]).await.map(|_rows| ())
}

/// Notes where the answers go on, and when to ask for that: nothing is wrong, so that it counts as no try.
pub async fn turn_page(db: &Database, taken: &Taken, page: Option<&str>, due_at: Timestamp) -> Result<(), StoreError> {
    const TURN: &str = "UPDATE inquiry SET due_at = $5, page = $6, tries = 0, error = NULL \
        WHERE channel_id = $1 AND kind = $2 AND subject = $3 AND due_at = $4";
    let [channel, kind, subject, lease] = key(taken);
    execute(db, TURN, [channel, kind, subject, lease, due_at.micros().into(), page.into()]).await.map(|_rows| ())
}

/// Notes up to when a room's answers are complete. `None`: it rests until it is wished for.
pub async fn rest(db: &Database, taken: &Taken, since: Timestamp, due_at: Option<Timestamp>) -> Result<(), StoreError> {
    const REST: &str = "UPDATE inquiry SET due_at = $5, since = $6, page = NULL, tries = 0, error = NULL \
        WHERE channel_id = $1 AND kind = $2 AND subject = $3 AND due_at = $4";
    let [channel, kind, subject, lease] = key(taken);
    let values = [channel, kind, subject, lease, due_at.map(Timestamp::micros).into(), since.micros().into()];
    execute(db, REST, values).await.map(|_rows| ())
}

/// Forgets a channel's rooms that have rested since before an instant.
pub async fn forget_rests(db: &Database, channel_id: ChannelId, before: Timestamp) -> Result<u64, StoreError> {
    let values: [Value; 4] = [channel_id.uuid().into(), Question::Missed.as_str().into(), before.micros().into(), RESTS_MAX.into()];
    execute(db, FORGET, values).await
}

/// The rooms of channel `$1` whose questions of kind `$2` have rested since before `$3`, at most `$4`.
pub const FORGET: &str = "DELETE FROM inquiry WHERE channel_id = $1 AND kind = $2 AND subject IN \
    (SELECT i.subject FROM inquiry i WHERE i.channel_id = $1 AND i.kind = $2 AND i.due_at IS NULL AND i.since < $3 LIMIT $4)";

/// Forgets an inquiry: it is answered, or there is nobody to ask.
pub async fn finish(db: &Database, taken: &Taken) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM inquiry WHERE channel_id = $1 AND kind = $2 AND subject = $3 AND due_at = $4";
    execute(db, DROP, key(taken)).await.map(|_rows| ())
}

fn key(taken: &Taken) -> [Value; 4] {
    [taken.channel_id.uuid().into(), taken.kind.as_str().into(), taken.subject.as_str().into(), taken.lease.micros().into()]
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
