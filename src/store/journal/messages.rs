//! Reading messages: as they were first said, and as they are now.

use actors::port::{HeldMessage, Marks, StoreError, Wanted};
use entities::{
    Author, AuthorKind, ClientId, ConversationId, Direction, Document, Message, MessageId, MessageKind, MessageStatus, TenantId, TicketId,
};
use sea_orm::{DbBackend, DbErr, QueryResult, Value};

use super::{
    prepare::Extra,
    read::{limit_value, number, odd, rows, word},
};
use crate::store::{Database, dialect, unavailable};

/// The columns that [`message`] reads, of a table or alias `m`.
pub const MESSAGE_COLUMNS: &str = "m.conversation_id, m.seq, m.id, m.ticket_id, m.kind, m.direction, m.author_kind, m.author_id, m.author_name, \
     m.author_avatar_url, m.content, m.content_text, m.extra, m.status, m.client_id, m.created_at";

/// What stands behind `message m` where messages are read as they are now, with the column [`held`] reads.
pub const MESSAGE_STATE_JOIN: &str = "LEFT JOIN message_state ms ON ms.conversation_id = m.conversation_id AND ms.seq = m.seq";

/// A message as its row and its conversation's `contact_read_seq` and `agent_read_seq` say: read, if the other side has read so far.
pub fn seen_message(backend: DbBackend, row: &QueryResult) -> Result<Message, DbErr> {
    let mut message = held(backend, row)?.message;
    let read_seq = match message.direction {
        Direction::In => number(row, "agent_read_seq")?,
        Direction::Out => number(row, "contact_read_seq")?,
    };
    if message.status == MessageStatus::Sent && message.kind == MessageKind::Message && message.seq <= read_seq {
        message.status = MessageStatus::Read;
    }
    Ok(message)
}

/// Messages and notes of a conversation before a place, newest first.
pub async fn messages_before(
    db: &Database,
    tenant_id: TenantId,
    id: ConversationId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Message>, StoreError> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS}, ms.state FROM message m {MESSAGE_STATE_JOIN} WHERE m.conversation_id = $1 AND m.seq < $2 AND m.tenant_id = $3 ORDER BY m.seq DESC LIMIT $4"
    );
    let before = before.map_or(i64::MAX, u64::cast_signed);
    let found = rows(db, &sql, [id.uuid().into(), before.into(), tenant_id.uuid().into(), limit_value(limit)]).await?;
    found.iter().map(|row| Ok(held(db.backend(), row)?.message)).collect::<Result<_, DbErr>>().map_err(unavailable)
}

/// Messages and notes of a conversation after a place, oldest first.
pub async fn messages_after(
    db: &Database,
    tenant_id: TenantId,
    id: ConversationId,
    after: u64,
    limit: usize,
) -> Result<Vec<Message>, StoreError> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS}, ms.state FROM message m {MESSAGE_STATE_JOIN} WHERE m.conversation_id = $1 AND m.seq > $2 AND m.tenant_id = $3 ORDER BY m.seq LIMIT $4"
    );
    let found = rows(db, &sql, [id.uuid().into(), after.cast_signed().into(), tenant_id.uuid().into(), limit_value(limit)]).await?;
    found.iter().map(|row| Ok(held(db.backend(), row)?.message)).collect::<Result<_, DbErr>>().map_err(unavailable)
}

/// Messages as they are now, with what is remembered of them, in the order of their places.
pub async fn find_messages(db: &Database, tenant_id: TenantId, id: ConversationId, wanted: Wanted) -> Result<Vec<HeldMessage>, StoreError> {
    let select = format!("SELECT {MESSAGE_COLUMNS}, ms.state FROM message m {MESSAGE_STATE_JOIN} WHERE m.conversation_id = $1");
    let (sql, values) = match wanted {
        Wanted::At(places) => {
            let marks: Vec<String> = (3..places.len() + 3).map(|place| format!("${place}")).collect();
            let sql = format!("{select} AND (m.tenant_id = $2) IS TRUE AND m.seq IN ({}) ORDER BY m.seq DESC", marks.join(", "));
            let places = places.iter().map(|seq| Value::from(seq.cast_signed()));
            (sql, [id.uuid().into(), tenant_id.uuid().into()].into_iter().chain(places).collect::<Vec<_>>())
        }
        Wanted::SentUntil(up_to, limit) => {
            let sql = format!(
                "{select} AND (m.tenant_id = $2) IS TRUE AND m.direction = 'out' AND m.kind = 'message' AND m.created_at <= $3 \
                 ORDER BY m.seq DESC LIMIT $4"
            );
            let up_to = dialect::micros_value(db.backend(), up_to);
            (sql, vec![id.uuid().into(), tenant_id.uuid().into(), up_to, limit_value(limit)])
        }
    };
    let found = rows(db, &sql, values).await?;
    found.iter().rev().map(|row| held(db.backend(), row)).collect::<Result<_, _>>().map_err(unavailable)
}

/// A message, from the columns [`MESSAGE_COLUMNS`].
///
/// # Errors
/// If a column does not hold what the journal wrote.
pub fn message(backend: DbBackend, row: &QueryResult) -> Result<Message, DbErr> {
    message_as(backend, row, "")
}

/// A message as it is now, from its columns and `state` of [`MESSAGE_STATE_JOIN`].
///
/// # Errors
/// As [`message`].
pub fn held(backend: DbBackend, row: &QueryResult) -> Result<HeldMessage, DbErr> {
    match row.try_get::<Option<String>>("", "state")? {
        Some(json) => serde_json::from_str(&json).map_err(odd),
        None => Ok(HeldMessage { message: message(backend, row)?, marks: Marks::default() }),
    }
}

pub(super) fn message_as(backend: DbBackend, row: &QueryResult, prefix: &str) -> Result<Message, DbErr> {
    let text: String = row.try_get(prefix, "content_text")?;
    let content = match row.try_get::<Option<String>>(prefix, "content")? {
        Some(json) => serde_json::from_str(&json).map_err(odd)?,
        None => Document::plain(&text),
    };
    let extra: Extra = match row.try_get::<Option<String>>(prefix, "extra")? {
        Some(json) => serde_json::from_str(&json).map_err(odd)?,
        None => Extra::default(),
    };
    let client_id = row.try_get::<Option<String>>(prefix, "client_id")?;
    let column = |name: &str| format!("{prefix}{name}");
    Ok(Message {
        id: MessageId::new(row.try_get(prefix, "id")?),
        conversation_id: ConversationId::new(row.try_get(prefix, "conversation_id")?),
        ticket_id: TicketId::new(row.try_get(prefix, "ticket_id")?),
        seq: number(row, &column("seq"))?,
        kind: word(row, &column("kind"), MessageKind::parse)?,
        direction: word(row, &column("direction"), Direction::parse)?,
        author: Author {
            kind: word(row, &column("author_kind"), AuthorKind::parse)?,
            id: row.try_get(prefix, "author_id")?,
            name: row.try_get(prefix, "author_name")?,
            avatar_url: row.try_get(prefix, "author_avatar_url")?,
        },
        content,
        content_text: text,
        attachments: extra.attachments,
        reactions: extra.reactions,
        status: word(row, &column("status"), MessageStatus::parse)?,
        error: extra.error,
        client_id: client_id.map(|key| ClientId::parse(&key)).transpose().map_err(odd)?,
        created_at: dialect::micros(backend, row, &column("created_at"))?,
        edited_at: extra.edited_at,
        deleted_at: extra.deleted_at,
        via: extra.via,
    })
}
