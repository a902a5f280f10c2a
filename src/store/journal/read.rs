//! Reading what the journal wrote: conversations for their actors, messages, and events.
//!
//! The same statements on both databases; rows become nouns here and nowhere else. `store::read` builds its screens from these too.
//!
//! Where a row is found by its id, its tenant is checked by `(tenant_id = $2) IS TRUE`, which no index serves. As a plain condition it has
//! misled PostgreSQL: a plan made while the tables were still small went through all rows of the tenant, and was kept as they grew.

use std::{collections::HashMap, sync::Arc};

use actors::port::{ConversationRow, LastReply, LoadedConversation, StoreError};
use entities::{
    Address, AddressKind, AgentId, AuthorKind, ChannelId, Contact, ContactId, ContactSummary, ConversationId, ConversationStatus, EventId,
    EventKind, MessageId, Priority, StoredEvent, TeamId, TenantId, Ticket, TicketId, TicketSummary, Timestamp, event::ERASED,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, TryGetable, Value, prelude::DateTimeUtc};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::messages::message_as;
pub use super::messages::{
    MESSAGE_COLUMNS, MESSAGE_STATE_JOIN, find_messages, held, message, messages_after, messages_before, seen_message,
};
use crate::store::{Database, dialect, unavailable};

/// The columns that [`conversation`] reads, of `conversation c` with its contact `p` and ticket `t` joined by [`CONVERSATION_JOINS`].
pub const CONVERSATION_COLUMNS: &str = "c.id, c.channel_id, c.contact_id, p.name AS contact_name, p.email AS contact_email, \
     p.avatar_url AS contact_avatar_url, p.blocked AS contact_blocked, c.status, c.priority, c.assignee_id, c.team_id, c.owner_id, c.labels, c.ticket_id, \
     t.number AS ticket_number, t.subject AS ticket_subject, t.status AS ticket_status, t.priority AS ticket_priority, \
     t.assignee_id AS ticket_assignee_id, t.created_at AS ticket_created_at, t.updated_at AS ticket_updated_at, \
     t.resolved_at AS ticket_resolved_at, c.seq, c.inbound_count, c.inbound_seen, c.contact_read_seq, c.agent_read_seq, \
     c.last_message_seq, c.last_reply_seq, c.last_reply_kind, c.last_reply_by, c.other_reply_seq, c.other_reply_kind, c.other_reply_by, \
     c.remote, c.snoozed_until, c.scheduled_count, c.trashed_at, c.erased_at, c.opened_at, c.created_at, c.updated_at";

/// What stands behind `FROM conversation c`.
pub const CONVERSATION_JOINS: &str = "LEFT JOIN contact p ON p.id = c.contact_id LEFT JOIN ticket t ON t.id = c.ticket_id";

/// Rows of a statement.
pub async fn rows(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<QueryResult>, StoreError> {
    db.read().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await.map_err(unavailable)
}

/// A conversation with its ticket and its newest messages.
pub async fn load(
    db: &Database,
    tenant_id: TenantId,
    id: ConversationId,
    recent_max: usize,
) -> Result<Option<LoadedConversation>, StoreError> {
    let sql =
        format!("SELECT {CONVERSATION_COLUMNS} FROM conversation c {CONVERSATION_JOINS} WHERE c.id = $1 AND (c.tenant_id = $2) IS TRUE");
    let Some(found) = rows(db, &sql, [id.uuid().into(), tenant_id.uuid().into()]).await?.into_iter().next() else {
        return Ok(None);
    };
    let (row, ticket) = conversation(&found).map_err(unavailable)?;
    // One more than asked for tells whether there are more.
    let mut newest = messages_before(db, tenant_id, id, None, recent_max.saturating_add(1)).await?;
    let recent_is_all = newest.len() <= recent_max;
    newest.truncate(recent_max);
    newest.reverse();
    Ok(Some(LoadedConversation { row, ticket, recent: newest.into_iter().map(Arc::new).collect(), recent_is_all }))
}

/// A contact with its addresses.
pub async fn find_contact(db: &Database, tenant_id: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
    let sql = "SELECT id, name, email, phone, avatar_url, verified, custom_attributes, country, blocked, version, created_at, updated_at \
               FROM contact WHERE id = $1 AND (tenant_id = $2) IS TRUE";
    let Some(found) = rows(db, sql, [id.uuid().into(), tenant_id.uuid().into()]).await?.into_iter().next() else {
        return Ok(None);
    };
    let sql = "SELECT kind, value FROM contact_address WHERE tenant_id = $1 AND contact_id = $2 ORDER BY place";
    let addresses = rows(db, sql, [tenant_id.uuid().into(), id.uuid().into()]).await?;
    contact(&found, &addresses).map(Some).map_err(unavailable)
}

/// The tenant's last position; 0 if there is no such tenant.
pub async fn head(db: &Database, tenant_id: TenantId) -> Result<u64, StoreError> {
    let found = rows(db, "SELECT position FROM tenant WHERE id = $1", [tenant_id.uuid().into()]).await?;
    found.first().map_or(Ok(0), |row| number(row, "position")).map_err(unavailable)
}

/// The oldest position that is kept.
pub async fn oldest(db: &Database, tenant_id: TenantId) -> Result<u64, StoreError> {
    let sql = "SELECT position FROM event WHERE tenant_id = $1 ORDER BY position LIMIT 1";
    // Read first: what is committed between the two statements is found by the second, and must not be passed over.
    let head = head(db, tenant_id).await?;
    let found = rows(db, sql, [tenant_id.uuid().into()]).await?;
    found.first().map_or(Ok(head + 1), |row| number(row, "position")).map_err(unavailable)
}

/// The tenant's events behind a position.
pub async fn events_after(db: &Database, tenant_id: TenantId, after: u64, limit: usize) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = format!("{} WHERE e.tenant_id = $1 AND e.position > $2 ORDER BY e.position LIMIT $3", events_sql());
    let found = rows(db, &sql, [tenant_id.uuid().into(), after.cast_signed().into(), limit_value(limit)]).await?;
    events(db.backend(), tenant_id, &found).map_err(unavailable)
}

/// The visible events of a conversation behind a `seq`.
pub async fn visitor_events_after(
    db: &Database,
    tenant_id: TenantId,
    id: ConversationId,
    after_seq: u64,
    limit: usize,
) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = visitor_events_sql(db.backend());
    let found = rows(db, &sql, [id.uuid().into(), after_seq.cast_signed().into(), tenant_id.uuid().into(), limit_value(limit)]).await?;
    events(db.backend(), tenant_id, &found).map_err(unavailable)
}

/// The visible events of a conversation: its messages, and those that say something of their own. One statement, so that both are of one
/// instant: in two, an event could fall between them.
pub fn visitor_events_sql(backend: DbBackend) -> String {
    let (columns, visible) = (event_columns(), visible(backend));
    // No message has `seq` 0: the second join gives empty columns of the right types. The words of its condition are those of the index.
    format!(
        "SELECT * FROM (SELECT {columns} FROM message m JOIN event e ON e.tenant_id = m.tenant_id AND e.position = m.position \
         WHERE m.conversation_id = $1 AND m.seq > $2 AND {visible} AND (m.tenant_id = $3) IS TRUE ORDER BY m.seq LIMIT $4) AS said \
         UNION ALL SELECT * FROM (SELECT {columns} FROM event e LEFT JOIN message m ON m.conversation_id = e.conversation_id AND m.seq = 0 \
         WHERE e.conversation_id = $1 AND e.seq > $2 AND {visible} AND e.data IS NOT NULL AND (e.tenant_id = $3) IS TRUE \
         ORDER BY e.seq LIMIT $4) AS done ORDER BY seq LIMIT $4"
    )
}

fn visible(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { "e.visitor_visible = true" } else { "e.visitor_visible = 1" }
}

const EVENT_COLUMNS: &str = "e.position, e.id, e.kind, e.conversation_id, e.seq, e.visitor_visible, e.data, e.at";

fn event_columns() -> String {
    let message = MESSAGE_COLUMNS.split(", ").map(aliased).collect::<Vec<_>>().join(", ");
    format!("{EVENT_COLUMNS}, {message}")
}

/// Whether something was said behind a `seq` of which the event is not kept any more: a visitor's session cannot resume from there.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn has_forgotten_after(db: &Database, tenant_id: TenantId, id: ConversationId, after_seq: u64) -> Result<bool, StoreError> {
    // Events are dropped oldest first: what was said before the oldest kept position is forgotten; where none is kept, all is.
    let sql = "SELECT m.seq FROM message m WHERE m.conversation_id = $1 AND m.tenant_id = $2 AND m.kind = 'message' AND m.seq > $3 \
               AND m.position < COALESCE((SELECT MIN(e.position) FROM event e WHERE e.tenant_id = $2), $4) ORDER BY m.seq LIMIT 1";
    Ok(!rows(db, sql, [id.uuid().into(), tenant_id.uuid().into(), after_seq.cast_signed().into(), i64::MAX.into()]).await?.is_empty())
}

/// Events, each with the message that says it all where its own row does not.
pub fn events_sql() -> String {
    format!(
        "SELECT {} FROM event e LEFT JOIN message m ON e.data IS NULL AND m.conversation_id = e.conversation_id \
         AND m.seq = e.seq - CASE WHEN e.kind = 'ticket.message_created' THEN 1 ELSE 0 END",
        event_columns()
    )
}

fn aliased(column: &str) -> String {
    format!("{} AS m_{}", column.trim(), column.trim().trim_start_matches("m."))
}

fn events(backend: DbBackend, tenant_id: TenantId, found: &[QueryResult]) -> Result<Vec<StoredEvent>, DbErr> {
    // The two events of a message show the same JSON: it is written once.
    let mut last: Option<(MessageId, Arc<RawValue>)> = None;
    let mut events = Vec::with_capacity(found.len());
    for row in found {
        let data = if let Some(text) = row.try_get::<Option<String>>("", "data")? {
            Arc::from(RawValue::from_string(text).map_err(odd)?)
        } else if let Some(id) = row.try_get::<Option<Uuid>>("", "m_id")?.map(MessageId::new) {
            let known = last.as_ref().filter(|(known, _)| *known == id).map(|(_, data)| data.clone());
            let data = match known {
                Some(data) => data,
                None => Arc::from(serde_json::value::to_raw_value(&message_as(backend, row, "m_")?).map_err(odd)?),
            };
            last = Some((id, data.clone()));
            data
        } else {
            Arc::from(RawValue::from_string(ERASED.to_owned()).map_err(odd)?)
        };
        events.push(StoredEvent {
            id: EventId::new(row.try_get("", "id")?),
            tenant_id,
            position: number(row, "position")?,
            conversation_id: row.try_get::<Option<Uuid>>("", "conversation_id")?.map(ConversationId::new),
            seq: row.try_get::<Option<i64>>("", "seq")?.map(i64::cast_unsigned),
            kind: word(row, "kind", EventKind::parse)?,
            visitor_visible: row.try_get("", "visitor_visible")?,
            data,
            at: dialect::micros(backend, row, "at")?,
        });
    }
    Ok(events)
}

/// A conversation and its ticket, from the columns [`CONVERSATION_COLUMNS`].
///
/// # Errors
/// If a column does not hold what the journal wrote.
pub fn conversation(row: &QueryResult) -> Result<(ConversationRow, Option<Ticket>), DbErr> {
    let id = ConversationId::new(row.try_get("", "id")?);
    let contact = ContactSummary {
        id: ContactId::new(row.try_get("", "contact_id")?),
        name: row.try_get("", "contact_name")?,
        email: row.try_get("", "contact_email")?,
        avatar_url: row.try_get("", "contact_avatar_url")?,
        blocked: row.try_get::<Option<bool>>("", "contact_blocked")?.unwrap_or(false),
    };
    let labels: String = row.try_get("", "labels")?;
    let ticket = joined_ticket(row, id, &contact)?;
    let row = ConversationRow {
        id,
        channel_id: ChannelId::new(row.try_get("", "channel_id")?),
        contact,
        status: word(row, "status", ConversationStatus::parse)?,
        snoozed_until: row.try_get::<Option<i64>>("", "snoozed_until")?.map(Timestamp::from_micros),
        priority: word(row, "priority", Priority::parse)?,
        assignee_id: optional_id(row, "assignee_id", AgentId::new)?,
        team_id: optional_id(row, "team_id", TeamId::new)?,
        owner_id: optional_id(row, "owner_id", AgentId::new)?,
        labels: serde_json::from_str(&labels).map_err(odd)?,
        ticket: ticket.as_ref().map(summary),
        seq: number(row, "seq")?,
        inbound_count: number(row, "inbound_count")?,
        inbound_seen: number(row, "inbound_seen")?,
        contact_read_seq: number(row, "contact_read_seq")?,
        agent_read_seq: number(row, "agent_read_seq")?,
        last_message_seq: number(row, "last_message_seq")?,
        last_reply: reply(row, "last")?,
        other_reply: reply(row, "other")?,
        remote: row.try_get::<Option<String>>("", "remote")?.map(|json| serde_json::from_str(&json)).transpose().map_err(odd)?,
        scheduled_count: number(row, "scheduled_count")?,
        trashed_at: row.try_get::<Option<i64>>("", "trashed_at")?.map(Timestamp::from_micros),
        erased_at: row.try_get::<Option<i64>>("", "erased_at")?.map(Timestamp::from_micros),
        opened_at: row
            .try_get::<Option<DateTimeUtc>>("", "opened_at")?
            .map_or_else(|| instant(row, "created_at"), |at| Ok(Timestamp::new(at)))?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    };
    Ok((row, ticket))
}

fn joined_ticket(row: &QueryResult, conversation_id: ConversationId, contact: &ContactSummary) -> Result<Option<Ticket>, DbErr> {
    let (Some(id), Some(number)) = (row.try_get::<Option<Uuid>>("", "ticket_id")?, row.try_get::<Option<i64>>("", "ticket_number")?) else {
        return Ok(None);
    };
    Ok(Some(Ticket {
        id: TicketId::new(id),
        number: number.cast_unsigned(),
        conversation_id,
        subject: row.try_get("", "ticket_subject")?,
        status: word(row, "ticket_status", ConversationStatus::parse)?,
        priority: word(row, "ticket_priority", Priority::parse)?,
        contact: contact.clone(),
        assignee_id: optional_id(row, "ticket_assignee_id", AgentId::new)?,
        created_at: instant(row, "ticket_created_at")?,
        updated_at: instant(row, "ticket_updated_at")?,
        resolved_at: row.try_get::<Option<DateTimeUtc>>("", "ticket_resolved_at")?.map(Timestamp::new),
    }))
}

fn summary(ticket: &Ticket) -> TicketSummary {
    TicketSummary { id: ticket.id, number: ticket.number, subject: ticket.subject.clone(), status: ticket.status }
}

/// A contact, from its row and its addresses in order.
///
/// # Errors
/// If a column does not hold what the journal wrote.
pub fn contact(row: &QueryResult, addresses: &[QueryResult]) -> Result<Contact, DbErr> {
    let attributes: String = row.try_get("", "custom_attributes")?;
    let address = |row: &QueryResult| Ok(Address { kind: word(row, "kind", AddressKind::parse)?, value: row.try_get("", "value")? });
    Ok(Contact {
        id: ContactId::new(row.try_get("", "id")?),
        name: row.try_get("", "name")?,
        email: row.try_get("", "email")?,
        phone: row.try_get("", "phone")?,
        avatar_url: row.try_get("", "avatar_url")?,
        verified: row.try_get("", "verified")?,
        addresses: addresses.iter().map(address).collect::<Result<_, DbErr>>()?,
        custom_attributes: serde_json::from_str(&attributes).map_err(odd)?,
        country: row.try_get("", "country")?,
        blocked: row.try_get("", "blocked")?,
        version: number(row, "version")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

/// The addresses of several contacts, by contact, in order.
pub async fn addresses_of(db: &Database, tenant_id: TenantId, ids: &[ContactId]) -> Result<HashMap<ContactId, Vec<Address>>, StoreError> {
    let mut found: HashMap<ContactId, Vec<Address>> = HashMap::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(found);
    }
    let marks: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT contact_id, kind, value FROM contact_address WHERE tenant_id = $1 AND contact_id IN ({}) ORDER BY contact_id, place",
        marks.join(", ")
    );
    let values = std::iter::once(tenant_id.uuid()).chain(ids.iter().map(|id| id.uuid())).map(Value::from);
    for row in rows(db, &sql, values).await? {
        let read = || -> Result<_, DbErr> {
            let address = Address { kind: word(&row, "kind", AddressKind::parse)?, value: row.try_get("", "value")? };
            Ok((ContactId::new(row.try_get("", "contact_id")?), address))
        };
        let (id, address) = read().map_err(unavailable)?;
        found.entry(id).or_default().push(address);
    }
    Ok(found)
}

fn reply(row: &QueryResult, which: &str) -> Result<Option<LastReply>, DbErr> {
    let Some(seq) = row.try_get::<Option<i64>>("", &format!("{which}_reply_seq"))? else { return Ok(None) };
    Ok(Some(LastReply {
        seq: seq.cast_unsigned(),
        author_id: row.try_get("", &format!("{which}_reply_by"))?,
        author_kind: word(row, &format!("{which}_reply_kind"), AuthorKind::parse)?,
    }))
}

/// A number that is never negative.
pub fn number(row: &QueryResult, column: &str) -> Result<u64, DbErr> {
    row.try_get::<i64>("", column).map(i64::cast_unsigned)
}

/// An instant, of any table but `message` and `event`.
pub fn instant(row: &QueryResult, column: &str) -> Result<Timestamp, DbErr> {
    row.try_get::<DateTimeUtc>("", column).map(Timestamp::new)
}

/// A word of one of the nouns' tables.
pub fn word<T>(row: &QueryResult, column: &str, parse: fn(&str) -> Option<T>) -> Result<T, DbErr> {
    let text: String = row.try_get("", column)?;
    parse(&text).ok_or_else(|| DbErr::Type(format!("column {column} holds the unknown word {text}")))
}

fn optional_id<T>(row: &QueryResult, column: &str, new: fn(Uuid) -> T) -> Result<Option<T>, DbErr> {
    Ok(Option::<Uuid>::try_get(row, "", column)?.map(new))
}

pub(super) fn limit_value(limit: usize) -> Value {
    i64::try_from(limit).unwrap_or(i64::MAX).into()
}

pub(super) fn odd(error: impl std::fmt::Display) -> DbErr {
    DbErr::Type(format!("a column does not hold what was written to it: {error}"))
}
