//! Which messages hold the words.
//!
//! The newest first, by the tenant's positions: SQLite's index lies in that order; PostgreSQL looks through the newest messages, which is enough for a
//! frequent word, and otherwise sorts what its index found.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::TenantId;
use migration::{postgres_bare, postgres_words};
use sea_orm::{
    DbBackend, QueryResult, Value,
    sqlx::{self, AssertSqlSafe, PgPool, Row as _, postgres::PgRow, query},
};
use uuid::Uuid;

use super::{
    super::{
        conversation::{self, Viewer},
        page::Listed,
    },
    Words,
};
use crate::store::{Database, connect::lost, journal::read::rows, unavailable};

/// Messages that are looked at at once.
pub const CHUNK: u64 = 200;
/// How often, for one page.
pub const CHUNKS_MAX: u64 = 10;
/// So many of the newest messages PostgreSQL looks at before it asks its index.
const WINDOW: u64 = 300;
/// So many of them that hold the words are enough.
const WINDOW_ENOUGH: u64 = 60;
/// Behind every position: SQLite's index has 40 bits for one.
pub const NEWEST: i64 = (1 << 40) - 1;

/// Where a message stands that holds the words.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    position: i64,
    /// The conversation.
    pub conversation_id: Uuid,
    /// Its place there.
    pub seq: u64,
    /// With whom.
    pub contact_id: Uuid,
}

/// Those before this position that the viewer may see, at most `limit`.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    words: &Words,
    mut before: i64,
    limit: u64,
) -> Result<Listed<Found, i64>, StoreError> {
    let mut data: Vec<Found> = Vec::new();
    for _chunk in 0..CHUNKS_MAX {
        let (matching, more) = matching(db, tenant_id, words, before).await?;
        let ids: Vec<Uuid> = matching.iter().map(|(_, id, _)| *id).collect();
        let visible = conversation::list_among(db, tenant_id, viewer, ids).await?;
        let contacts: HashMap<Uuid, Uuid> = visible.into_iter().map(|row| (row.id, row.contact_id)).collect();
        for (position, conversation_id, seq) in matching {
            before = position;
            let Some(contact_id) = contacts.get(&conversation_id).copied() else { continue };
            if data.len() as u64 == limit {
                // One more than the page has: the next begins behind the page's last.
                let next = data.last().map(|last| last.position);
                return Ok(Listed { data, next });
            }
            data.push(Found { position, conversation_id, seq, contact_id });
        }
        if !more {
            return Ok(Listed { data, next: None });
        }
    }
    Ok(Listed { data, next: Some(before) })
}

/// Places of messages that hold the words, the newest first, and whether there may be more.
async fn matching(db: &Database, tenant_id: TenantId, words: &Words, before: i64) -> Result<(Vec<(i64, Uuid, u64)>, bool), StoreError> {
    if let Some(pool) = db.postgres() {
        let newest = postgres(pool, window_sql(), tenant_id, words, before, WINDOW).await?;
        if newest.len() as u64 >= WINDOW_ENOUGH {
            return Ok((newest, true));
        }
        let found = postgres(pool, sql(DbBackend::Postgres), tenant_id, words, before, CHUNK).await?;
        let more = found.len() as u64 == CHUNK;
        return Ok((found, more));
    }
    let values: [Value; 4] = [tenant_id.uuid().into(), before.into(), (CHUNK as i64).into(), words.fts5().into()];
    let found = rows(db, &sql(DbBackend::Sqlite), values).await?;
    let more = found.len() as u64 == CHUNK;
    let place = |row: &QueryResult| {
        Ok((row.try_get("", "position")?, row.try_get("", "conversation_id")?, row.try_get::<i64>("", "seq")?.cast_unsigned()))
    };
    Ok((found.iter().map(place).collect::<Result<_, sea_orm::DbErr>>().map_err(unavailable)?, more))
}

async fn postgres(
    pool: &PgPool,
    sql: String,
    tenant_id: TenantId,
    words: &Words,
    before: i64,
    count: u64,
) -> Result<Vec<(i64, Uuid, u64)>, StoreError> {
    // Planned for these words each time: a plan for any words would be one for frequent ones.
    let query = query(AssertSqlSafe(sql)).persistent(false).bind(tenant_id.uuid()).bind(before).bind(count as i64);
    let query = query.bind(words.tsquery()).bind(format!("'{}'", tenant_id.uuid()));
    let found = query.fetch_all(pool).await.map_err(|error| lost(&error))?;
    let place = |row: &PgRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get::<i64, _>(2)?.cast_unsigned()));
    found.iter().map(place).collect::<Result<_, sqlx::Error>>().map_err(|error| lost(&error))
}

/// PostgreSQL's statement over the newest messages alone, which finds frequent words without gathering all that hold them.
fn window_sql() -> String {
    let now = postgres_words("w.said", "w.tenant_id");
    let wanted = postgres_query("$4", "$5");
    format!(
        "SELECT w.position, w.conversation_id, w.seq FROM (SELECT m.position, m.conversation_id, m.seq, m.tenant_id, \
         COALESCE(s.content_text, m.content_text) AS said FROM message m \
         LEFT JOIN message_state s ON s.conversation_id = m.conversation_id AND s.seq = m.seq \
         WHERE m.tenant_id = $1 AND m.position < $2 ORDER BY m.position DESC LIMIT $3) AS w WHERE {now} @@ {wanted} ORDER BY w.position DESC"
    )
}

/// The statement: tenant, position, how many, and what is searched for.
///
/// On PostgreSQL the order is that of a sum, which no index has: otherwise it may go through all messages in their order to find one rare word.
#[must_use]
pub fn sql(backend: DbBackend) -> String {
    if backend == DbBackend::Sqlite {
        return "SELECT m.position, m.conversation_id, m.seq FROM search_message f \
             CROSS JOIN message m INDEXED BY message_by_position ON m.tenant_id = $1 AND m.position = (f.rowid & 1099511627775) \
             WHERE f.search_message MATCH $4 AND f.rowid > (SELECT number << 40 FROM search_tenant WHERE tenant_id = $1) \
             AND f.rowid < (SELECT (number << 40) + $2 FROM search_tenant WHERE tenant_id = $1) ORDER BY f.rowid DESC LIMIT $3"
            .to_owned();
    }
    let first = postgres_words("m.content_text", "m.tenant_id");
    let now = postgres_words("s.content_text", "s.tenant_id");
    let wanted = postgres_query("$4", "$5");
    format!(
        "SELECT position, conversation_id, seq FROM ((SELECT m.position, m.conversation_id, m.seq FROM message m \
         WHERE m.tenant_id = $1 AND m.position < $2 AND {first} @@ {wanted} AND NOT EXISTS (SELECT 1 FROM message_state s \
         WHERE s.conversation_id = m.conversation_id AND s.seq = m.seq AND s.content_text IS NOT NULL) \
         ORDER BY m.position + 0 DESC LIMIT $3) \
         UNION ALL (SELECT m.position, m.conversation_id, m.seq FROM message_state s \
         JOIN message m ON m.conversation_id = s.conversation_id AND m.seq = s.seq WHERE s.content_text IS NOT NULL AND s.tenant_id = $1 \
         AND m.position < $2 AND {now} @@ {wanted} ORDER BY m.position + 0 DESC LIMIT $3)) AS f ORDER BY position DESC LIMIT $3"
    )
}

/// What is searched for, with the tenant; where the database finds no word in it, something that nothing holds.
pub fn postgres_query(words: &str, tenant: &str) -> String {
    let query = format!("to_tsquery('simple'::regconfig, {})", postgres_bare(&format!("CAST({words} AS text)")));
    format!("(CASE WHEN numnode({query}) = 0 THEN CAST('' AS tsquery) ELSE {query} && CAST(CAST({tenant} AS text) AS tsquery) END)")
}
