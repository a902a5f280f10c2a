//! Files to be fetched from providers.
//!
//! Guarantees: whoever takes a file up moves its due instant ahead in the statement that takes it, and every later change of the row names
//! that instant: of two nodes one fetches, and who was overtaken changes nothing.

use actors::port::StoreError;
use entities::{AttachmentId, AttachmentRef, AuthorKind, ChannelId, ConversationId, InboundMedia, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::store::{Database, journal::read::rows, unavailable};

/// A file that is to be fetched.
#[derive(Debug, Clone)]
pub struct Wished {
    /// What its message shows of it.
    pub shown_as: AttachmentRef,
    /// The provider's id of the message.
    pub provider_id: String,
    /// What the provider told of it.
    pub media: InboundMedia,
}

/// Notes files to be fetched, with their rows; what is noted already stays. A file that is there already is noted, too: its message may not
/// know yet.
pub async fn wish(
    db: &Database,
    tenant_id: TenantId,
    (channel_id, conversation_id): (ChannelId, ConversationId),
    wished: &[Wished],
    now: Timestamp,
) -> Result<(), StoreError> {
    const ADD_FILE: &str = "INSERT INTO attachment (id, tenant_id, conversation_id, uploader_kind, filename, media_type, size, sha256, \
        storage_key, created_at, used_at, shown) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $9, $10) ON CONFLICT DO NOTHING";
    const ADD_FETCH: &str = "INSERT INTO media_fetch (attachment_id, tenant_id, channel_id, conversation_id, provider_id, media, tries, \
        due_at, created_at) SELECT $1, $2, $3, $4, $5, $6, 0, $7, $7 WHERE EXISTS (SELECT 1 FROM attachment WHERE id = $1 \
        AND tenant_id = $2) ON CONFLICT DO NOTHING";
    let odd = |error: serde_json::Error| StoreError::Unavailable(error.to_string().into());
    let mut statements = Vec::with_capacity(wished.len() * 2);
    for file in wished {
        let shown = &file.shown_as;
        let row: [Value; 10] = [
            shown.id.uuid().into(),
            tenant_id.uuid().into(),
            conversation_id.uuid().into(),
            AuthorKind::Visitor.as_str().into(),
            shown.filename.as_str().into(),
            shown.media_type.as_str().into(),
            shown.size.cast_signed().into(),
            Vec::<u8>::new().into(),
            now.utc().into(),
            true.into(),
        ];
        statements.push(Statement::from_sql_and_values(db.backend(), ADD_FILE, row));
        let fetch: [Value; 7] = [
            shown.id.uuid().into(),
            tenant_id.uuid().into(),
            channel_id.uuid().into(),
            conversation_id.uuid().into(),
            file.provider_id.as_str().into(),
            serde_json::to_string(&file.media).map_err(odd)?.into(),
            now.micros().into(),
        ];
        statements.push(Statement::from_sql_and_values(db.backend(), ADD_FETCH, fetch));
    }
    db.write(async |transaction| {
        for statement in statements {
            transaction.execute_raw(statement).await.map_err(unavailable)?;
        }
        Ok(())
    })
    .await
}

/// A file that was taken up.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Whose.
    pub tenant_id: TenantId,
    /// The channel that it came over.
    pub channel_id: ChannelId,
    /// The provider's id of its message.
    pub provider_id: String,
    /// What the provider told of it; `None` if what stands there cannot be read.
    pub media: Option<InboundMedia>,
    /// What its row shows of it.
    pub shown_as: AttachmentRef,
    /// Its bytes are stored; only its message is still to be told.
    pub stored: bool,
    /// Which try this is, from 1.
    pub tries: i64,
    /// Until when it is this node's.
    lease: Timestamp,
}

/// A file whose bytes are on disk.
#[derive(Debug, Clone)]
pub struct Bytes {
    /// How many.
    pub size: u64,
    /// Their type.
    pub media_type: String,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
    /// Where they lie below the attachments folder.
    pub storage_key: String,
}

/// Takes up files that are due, whosever they are, the longest due first, at most `limit`: until `lease` nobody else does.
pub async fn take(db: &Database, now: Timestamp, lease: Timestamp, limit: u64) -> Result<Vec<Taken>, StoreError> {
    const LEASE: &str = "UPDATE media_fetch SET due_at = $3, tries = tries + 1 WHERE attachment_id = $1 AND due_at = $2";
    // Mostly nothing is due, and then nothing is written.
    let due = rows(db, DUE, [now.micros().into(), limit.cast_signed().into()]).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut taken = Vec::with_capacity(due.len());
    let backend = db.backend();
    db.write(async |transaction| {
        for row in &due {
            let (id, due_at) = (uuid(row, "attachment_id")?, row.try_get::<i64>("", "due_at").map_err(unavailable)?);
            let values: [Value; 3] = [id.into(), due_at.into(), lease.micros().into()];
            let leased = transaction.execute_raw(Statement::from_sql_and_values(backend, LEASE, values)).await.map_err(unavailable)?;
            if leased.rows_affected() == 1 {
                taken.push(read(row, lease)?);
            }
        }
        Ok(())
    })
    .await?;
    Ok(taken)
}

/// What is due, with what its file's row says.
pub const DUE: &str = "SELECT f.attachment_id, f.tenant_id, f.channel_id, f.provider_id, f.media, f.tries, f.due_at, a.filename, a.media_type, \
    a.size, a.storage_key FROM media_fetch f JOIN attachment a ON a.id = f.attachment_id WHERE f.due_at <= $1 ORDER BY f.due_at LIMIT $2";

fn read(row: &QueryResult, lease: Timestamp) -> Result<Taken, StoreError> {
    let text = |column| row.try_get::<String>("", column).map_err(unavailable);
    let number = |column| row.try_get::<i64>("", column).map_err(unavailable);
    let id = AttachmentId::new(uuid(row, "attachment_id")?);
    let media = serde_json::from_str(&text("media")?);
    if let Err(error) = &media {
        tracing::error!(attachment.id = %id, %error, "what was noted of a file cannot be read");
    }
    let size = number("size")?.cast_unsigned();
    Ok(Taken {
        tenant_id: TenantId::new(uuid(row, "tenant_id")?),
        channel_id: ChannelId::new(uuid(row, "channel_id")?),
        provider_id: text("provider_id")?,
        media: media.ok(),
        shown_as: AttachmentRef { id, filename: text("filename")?, size, media_type: text("media_type")? },
        stored: !text("storage_key")?.is_empty(),
        tries: number("tries")? + 1,
        lease,
    })
}

fn uuid(row: &QueryResult, column: &str) -> Result<Uuid, StoreError> {
    row.try_get("", column).map_err(unavailable)
}

/// Writes down where a file's bytes lie and what they are, and begins to count the tries anew: now its message is to be told. Whether it was
/// this one that is kept; if not, another was first and these bytes are nobody's.
pub async fn store(db: &Database, taken: &Taken, bytes: &Bytes) -> Result<bool, StoreError> {
    const KEEP: &str = "UPDATE attachment SET size = $3, media_type = $4, sha256 = $5, storage_key = $6 \
        WHERE id = $1 AND tenant_id = $2 AND storage_key = ''";
    const RESET: &str = "UPDATE media_fetch SET tries = 0, error = NULL WHERE attachment_id = $1 AND due_at = $2";
    let id = taken.shown_as.id.uuid();
    let kept: [Value; 6] = [
        id.into(),
        taken.tenant_id.uuid().into(),
        bytes.size.cast_signed().into(),
        bytes.media_type.as_str().into(),
        bytes.sha256.to_vec().into(),
        bytes.storage_key.as_str().into(),
    ];
    let kept = Statement::from_sql_and_values(db.backend(), KEEP, kept);
    let reset = Statement::from_sql_and_values(db.backend(), RESET, [Value::from(id), taken.lease.micros().into()]);
    db.write(async |transaction| {
        let kept = transaction.execute_raw(kept).await.map_err(unavailable)?.rows_affected() == 1;
        transaction.execute_raw(reset).await.map_err(unavailable)?;
        Ok(kept)
    })
    .await
}

/// Puts a file off until `due_at`; `None`: it is given up. `why` is for people.
pub async fn put_off(db: &Database, taken: &Taken, due_at: Option<Timestamp>, why: &str) -> Result<(), StoreError> {
    const LATER: &str = "UPDATE media_fetch SET due_at = $3, error = $4 WHERE attachment_id = $1 AND due_at = $2";
    let due_at = due_at.map(Timestamp::micros);
    let values: [Value; 4] = [taken.shown_as.id.uuid().into(), taken.lease.micros().into(), due_at.into(), why.into()];
    execute(db, LATER, values).await.map(|_rows| ())
}

/// Forgets that a file was to be fetched: it is there, and its message knows.
pub async fn finish(db: &Database, taken: &Taken) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM media_fetch WHERE attachment_id = $1 AND due_at = $2";
    execute(db, DROP, [Value::from(taken.shown_as.id.uuid()), taken.lease.micros().into()]).await.map(|_rows| ())
}

/// Has a file of the tenant fetched again, now, with all its tries; whether it is one that is to be fetched at all.
pub async fn again(db: &Database, tenant_id: TenantId, id: AttachmentId, now: Timestamp) -> Result<bool, StoreError> {
    const AGAIN: &str = "UPDATE media_fetch SET due_at = $3, tries = 0, error = NULL WHERE attachment_id = $1 AND tenant_id = $2";
    let values: [Value; 3] = [id.uuid().into(), tenant_id.uuid().into(), now.micros().into()];
    Ok(execute(db, AGAIN, values).await? > 0)
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
