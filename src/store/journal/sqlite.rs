//! The writer's statements on SQLite.
//!
//! Every statement goes to the connection's own thread and back, which on a busy machine costs more than the statement itself. So a
//! statement takes all rows of its table, up to a bound. It comes in a few sizes, each of which stays prepared, and has room for more rows
//! than it is given: values that are not bound are null, and an insert stops after as many rows as its first value says.

use std::{collections::BTreeMap, sync::LazyLock};

use sea_orm::sqlx::{
    self, Arguments as _, ConnectOptions as _, Row as _, SqliteConnection, query, query_with,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteRow},
};
use uuid::Uuid;

use super::{
    batch::{FoundContact, FoundConversation, Need, TakenClientId},
    rows::{ConversationRow, EventRow, MessageRow, Rows},
    statements::{Failure, Statements},
    writer::Connect,
};

/// Room for rows in each size of a statement. At 25 columns the largest has 12,801 values; SQLite's bound is 32,766.
const SIZES: [usize; 4] = [4, 32, 128, 512];
/// Most rows of one statement.
const ROWS_MAX: usize = 512;

/// The writer's own connection, with the promises of `store::connect`.
pub struct SqliteConnect(pub SqliteConnectOptions);

impl Connect for SqliteConnect {
    type Connection = SqliteConnection;

    async fn connect(&self) -> Result<SqliteConnection, Failure> {
        Ok(self.0.connect().await?)
    }
}

/// A statement in each of its sizes.
struct Roomy {
    texts: [String; SIZES.len()],
    /// Its first value is the number of rows.
    counted: bool,
}

impl Roomy {
    /// `head`, then as many times `row` as the size says with commas between, then `tail`.
    fn new(head: &str, row: &str, tail: &str) -> Self {
        Self { texts: SIZES.map(|size| format!("{head} {} {tail}", vec![row; size].join(", "))), counted: false }
    }

    /// An insert or upsert of these columns.
    fn insert(table: &str, columns: &str, tail: &str) -> Self {
        let marks = vec!["?"; columns.split(',').count()].join(", ");
        let head = format!("WITH given (rows) AS (VALUES (?)) INSERT INTO {table} ({columns}) SELECT * FROM (VALUES");
        let tail = format!(") WHERE true LIMIT (SELECT rows FROM given) {tail}");
        Self { counted: true, ..Self::new(&head, &format!("({marks})"), &tail) }
    }

    /// The statement with room for so many rows, and its values so far.
    fn with_room(&'static self, rows: usize) -> Result<(&'static str, Values), Failure> {
        let mut values = Values::default();
        if self.counted {
            values.add(i64::try_from(rows).unwrap_or(i64::MAX))?;
        }
        let sized = SIZES.iter().zip(&self.texts).find(|(size, _)| **size >= rows);
        let (_, text) = sized.ok_or_else(|| Failure::Refused("a statement was given too many rows".into()))?;
        Ok((text.as_str(), values))
    }
}

static CONVERSATIONS: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::new("SELECT id, tenant_id, seq, labels FROM conversation WHERE id IN (", "?", ")"));
static CONTACTS: LazyLock<Roomy> = LazyLock::new(|| Roomy::new("SELECT id, tenant_id, version FROM contact WHERE id IN (", "?", ")"));
static CLIENT_IDS: LazyLock<Roomy> = LazyLock::new(|| {
    Roomy::new(
        "SELECT m.conversation_id, m.client_id, m.id, m.seq, m.ticket_id FROM (VALUES",
        "(?, ?)",
        ") AS k CROSS JOIN message AS m ON m.conversation_id = k.column1 AND m.client_id = k.column2 AND m.client_id IS NOT NULL",
    )
});
static SAVE_CONVERSATIONS: LazyLock<Roomy> = LazyLock::new(|| {
    Roomy::insert(
        "conversation",
        "id, tenant_id, channel_id, contact_id, status, priority, assignee_id, team_id, owner_id, labels, ticket_id, seq, inbound_count, \
         inbound_seen, contact_read_seq, agent_read_seq, last_message_seq, last_reply_seq, last_reply_kind, last_reply_by, \
         other_reply_seq, other_reply_kind, other_reply_by, created_at, updated_at",
        "ON CONFLICT (id) DO UPDATE SET contact_id = excluded.contact_id, status = excluded.status, priority = excluded.priority, \
         assignee_id = excluded.assignee_id, team_id = excluded.team_id, owner_id = excluded.owner_id, labels = excluded.labels, \
         ticket_id = excluded.ticket_id, seq = excluded.seq, inbound_count = excluded.inbound_count, inbound_seen = excluded.inbound_seen, \
         contact_read_seq = excluded.contact_read_seq, agent_read_seq = excluded.agent_read_seq, \
         last_message_seq = excluded.last_message_seq, last_reply_seq = excluded.last_reply_seq, \
         last_reply_kind = excluded.last_reply_kind, last_reply_by = excluded.last_reply_by, other_reply_seq = excluded.other_reply_seq, \
         other_reply_kind = excluded.other_reply_kind, other_reply_by = excluded.other_reply_by, updated_at = excluded.updated_at",
    )
});
static SAVE_MESSAGES: LazyLock<Roomy> = LazyLock::new(|| {
    Roomy::insert(
        "message",
        "conversation_id, seq, tenant_id, id, ticket_id, kind, direction, author_kind, author_id, author_name, author_avatar_url, content, \
         content_text, extra, status, client_id, position, created_at",
        "",
    )
});
static SAVE_EVENTS: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::insert("event", "tenant_id, position, id, kind, conversation_id, seq, visitor_visible, data, at", ""));
static SAVE_THREADS: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::insert("thread", "tenant_id, channel_id, thread_key, contact_id, conversation_id", "ON CONFLICT DO NOTHING"));
static SAVE_TICKETS: LazyLock<Roomy> = LazyLock::new(|| {
    Roomy::insert(
        "ticket",
        "id, tenant_id, number, conversation_id, contact_id, subject, status, priority, assignee_id, created_at, updated_at, resolved_at",
        "ON CONFLICT (id) DO UPDATE SET contact_id = excluded.contact_id, subject = excluded.subject, status = excluded.status, \
         priority = excluded.priority, assignee_id = excluded.assignee_id, updated_at = excluded.updated_at, \
         resolved_at = excluded.resolved_at",
    )
});
static SAVE_READS: LazyLock<Roomy> = LazyLock::new(|| {
    Roomy::insert(
        "read_mark",
        "tenant_id, conversation_id, agent_id, seq, inbound_seen",
        "ON CONFLICT DO UPDATE SET seq = excluded.seq, inbound_seen = excluded.inbound_seen",
    )
});
static SAVE_CONTACTS: LazyLock<Roomy> = LazyLock::new(|| {
    Roomy::insert(
        "contact",
        "id, tenant_id, name, email, phone, avatar_url, verified, custom_attributes, country, blocked, version, created_at, updated_at",
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone, \
         avatar_url = excluded.avatar_url, verified = excluded.verified, custom_attributes = excluded.custom_attributes, \
         country = excluded.country, blocked = excluded.blocked, version = excluded.version, updated_at = excluded.updated_at",
    )
});
static DROP_ADDRESSES: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::new("DELETE FROM contact_address WHERE (tenant_id, contact_id) IN (VALUES", "(?, ?)", ")"));
static SAVE_ADDRESSES: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::insert("contact_address", "tenant_id, kind, value, contact_id, place", ""));
static SAVE_LABELS: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::insert("conversation_label", "tenant_id, label, conversation_id", "ON CONFLICT DO NOTHING"));
static DROP_LABELS: LazyLock<Roomy> =
    LazyLock::new(|| Roomy::new("DELETE FROM conversation_label WHERE (tenant_id, label, conversation_id) IN (VALUES", "(?, ?, ?)", ")"));

/// The bound values of one statement.
#[derive(Default)]
struct Values(SqliteArguments);

impl Values {
    fn add<'t, T: sqlx::Encode<'t, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(&mut self, value: T) -> Result<(), Failure> {
        self.0.add(value).map_err(|error| Failure::Refused(error.to_string().into()))
    }
}

type Bind<T> = fn(&mut Values, &T) -> Result<(), Failure>;

/// Runs the statement over all rows.
async fn each<T>(connection: &mut SqliteConnection, statement: &'static Roomy, rows: &[T], bind: Bind<T>) -> Result<(), Failure> {
    for chunk in rows.chunks(ROWS_MAX) {
        let (text, mut values) = statement.with_room(chunk.len())?;
        for row in chunk {
            bind(&mut values, row)?;
        }
        query_with(text, values.0).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Asks the question for all keys.
async fn ask<T, R>(
    connection: &mut SqliteConnection,
    statement: &'static Roomy,
    keys: &[T],
    bind: Bind<T>,
    read: fn(&SqliteRow) -> Result<R, sqlx::Error>,
) -> Result<Vec<R>, Failure> {
    let mut found = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(ROWS_MAX) {
        let (text, mut values) = statement.with_room(chunk.len())?;
        for key in chunk {
            bind(&mut values, key)?;
        }
        for row in query_with(text, values.0).fetch_all(&mut *connection).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

impl Statements for SqliteConnection {
    async fn begin(&mut self) -> Result<(), Failure> {
        query("BEGIN IMMEDIATE").execute(self).await?;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        query("COMMIT").execute(self).await?;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), Failure> {
        match query("ROLLBACK").execute(self).await {
            // SQLite gives some transactions up by itself, and then there is nothing to roll back.
            Err(sqlx::Error::Database(error)) if error.message().contains("no transaction is active") => Ok(()),
            done => Ok(done.map(|_| ())?),
        }
    }

    async fn conversations(&mut self, ids: &[Uuid]) -> Result<Vec<FoundConversation>, Failure> {
        let read = |row: &SqliteRow| {
            Ok(FoundConversation { id: row.try_get(0)?, tenant_id: row.try_get(1)?, seq: row.try_get(2)?, labels: row.try_get(3)? })
        };
        ask(self, &CONVERSATIONS, ids, |values, id| values.add(*id), read).await
    }

    async fn contacts(&mut self, ids: &[Uuid]) -> Result<Vec<FoundContact>, Failure> {
        let read = |row: &SqliteRow| Ok(FoundContact { id: row.try_get(0)?, tenant_id: row.try_get(1)?, version: row.try_get(2)? });
        ask(self, &CONTACTS, ids, |values, id| values.add(*id), read).await
    }

    async fn client_ids(&mut self, keys: &[(Uuid, &str)]) -> Result<Vec<TakenClientId>, Failure> {
        let read = |row: &SqliteRow| {
            Ok(TakenClientId {
                conversation_id: row.try_get(0)?,
                client_id: row.try_get(1)?,
                message_id: row.try_get(2)?,
                seq: row.try_get(3)?,
                ticket_id: row.try_get(4)?,
            })
        };
        let bind: Bind<(Uuid, &str)> = |values, (id, key)| {
            values.add(*id)?;
            values.add(*key)
        };
        ask(self, &CLIENT_IDS, keys, bind, read).await
    }

    async fn raise(&mut self, needs: &BTreeMap<Uuid, Need>) -> Result<Vec<(Uuid, i64, i64)>, Failure> {
        let mut raised = Vec::with_capacity(needs.len());
        for (id, need) in needs {
            let statement = query(
                "UPDATE tenant SET position = position + ?2, ticket_number = ticket_number + ?3 WHERE id = ?1 RETURNING position, ticket_number",
            );
            let row =
                statement.bind(id).bind(need.events.cast_signed()).bind(need.tickets.cast_signed()).fetch_optional(&mut *self).await?;
            if let Some(row) = row {
                raised.push((*id, row.try_get(0)?, row.try_get(1)?));
            }
        }
        Ok(raised)
    }

    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), Failure> {
        each(self, &SAVE_MESSAGES, &rows.messages, message).await?;
        each(self, &SAVE_EVENTS, &rows.events, event).await?;
        each(self, &SAVE_CONVERSATIONS, &rows.conversations, conversation).await?;
        labels(self, rows).await?;
        contacts(self, rows).await?;
        rest(self, rows).await
    }

    async fn has_event(&mut self, tenant_id: Uuid, position: i64, id: Uuid) -> Result<bool, Failure> {
        let statement = query("SELECT 1 FROM event WHERE tenant_id = ?1 AND position = ?2 AND id = ?3");
        Ok(statement.bind(tenant_id).bind(position).bind(id).fetch_optional(self).await?.is_some())
    }
}

fn message(values: &mut Values, row: &MessageRow<'_>) -> Result<(), Failure> {
    let message = row.message;
    values.add(message.conversation_id.uuid())?;
    values.add(message.seq.cast_signed())?;
    values.add(row.tenant_id)?;
    values.add(message.id.uuid())?;
    values.add(message.ticket_id.uuid())?;
    values.add(message.kind.as_str())?;
    values.add(message.direction.as_str())?;
    values.add(message.author.kind.as_str())?;
    values.add(message.author.id)?;
    values.add(message.author.name.as_deref())?;
    values.add(message.author.avatar_url.as_deref())?;
    values.add(row.coded.content.as_deref())?;
    values.add(message.content_text.as_str())?;
    values.add(row.coded.extra.as_deref())?;
    values.add(message.status.as_str())?;
    values.add(message.client_id.as_ref().map(entities::ClientId::as_str))?;
    values.add(row.position.map(u64::cast_signed))?;
    values.add(message.created_at.micros())
}

fn event(values: &mut Values, row: &EventRow<'_>) -> Result<(), Failure> {
    let event = row.event;
    values.add(event.tenant_id.uuid())?;
    values.add(event.position.cast_signed())?;
    values.add(event.id.uuid())?;
    values.add(event.kind.as_str())?;
    values.add(event.conversation_id.map(entities::ConversationId::uuid))?;
    values.add(event.seq.map(u64::cast_signed))?;
    values.add(event.visitor_visible)?;
    values.add(row.data())?;
    values.add(event.at.micros())
}

fn conversation(values: &mut Values, row: &ConversationRow<'_>) -> Result<(), Failure> {
    let (tenant_id, labels, row) = (row.tenant_id, row.labels, row.row);
    values.add(row.id.uuid())?;
    values.add(tenant_id)?;
    values.add(row.channel_id.uuid())?;
    values.add(row.contact.id.uuid())?;
    values.add(row.status.as_str())?;
    values.add(row.priority.as_str())?;
    values.add(row.assignee_id.map(entities::AgentId::uuid))?;
    values.add(row.team_id.map(entities::TeamId::uuid))?;
    values.add(row.owner_id.map(entities::AgentId::uuid))?;
    values.add(labels)?;
    values.add(row.ticket.as_ref().map(|ticket| ticket.id.uuid()))?;
    for number in [row.seq, row.inbound_count, row.inbound_seen, row.contact_read_seq, row.agent_read_seq, row.last_message_seq] {
        values.add(number.cast_signed())?;
    }
    for reply in [row.last_reply, row.other_reply] {
        let (seq, kind, by) = ConversationRow::reply(reply);
        values.add(seq)?;
        values.add(kind)?;
        values.add(by)?;
    }
    values.add(row.created_at.utc())?;
    values.add(row.updated_at.utc())
}

async fn labels(connection: &mut SqliteConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    let bind: Bind<(Uuid, &str, Uuid)> = |values, (tenant_id, label, id)| {
        values.add(*tenant_id)?;
        values.add(*label)?;
        values.add(*id)
    };
    let stored = rows.dropped_labels()?;
    let dropped: Vec<_> = stored.iter().map(|(tenant_id, label, id)| (*tenant_id, label.as_str(), *id)).collect();
    each(connection, &DROP_LABELS, &dropped, bind).await?;
    each(connection, &SAVE_LABELS, &rows.added_labels(), bind).await
}

async fn contacts(connection: &mut SqliteConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.contacts.is_empty() {
        return Ok(());
    }
    let contacts: Vec<_> = rows.contacts.values().collect();
    each(connection, &SAVE_CONTACTS, &contacts, |values, row| {
        let contact = row.contact;
        values.add(contact.id.uuid())?;
        values.add(row.tenant_id)?;
        for text in [&contact.name, &contact.email, &contact.phone, &contact.avatar_url] {
            values.add(text.as_deref())?;
        }
        values.add(contact.verified)?;
        values.add(row.custom_attributes)?;
        values.add(contact.country.as_deref())?;
        values.add(contact.blocked)?;
        values.add(contact.version.cast_signed())?;
        values.add(contact.created_at.utc())?;
        values.add(contact.updated_at.utc())
    })
    .await?;
    let known: Vec<_> = contacts.iter().filter(|row| row.contact.version > 1).map(|row| (row.tenant_id, row.contact.id.uuid())).collect();
    each(connection, &DROP_ADDRESSES, &known, |values, (tenant_id, id)| {
        values.add(*tenant_id)?;
        values.add(*id)
    })
    .await?;
    each(connection, &SAVE_ADDRESSES, &rows.addresses(), |values, (tenant_id, address, id, place)| {
        values.add(*tenant_id)?;
        values.add(address.kind.as_str())?;
        values.add(address.value.as_str())?;
        values.add(*id)?;
        values.add(*place)
    })
    .await
}

async fn rest(connection: &mut SqliteConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    each(connection, &SAVE_THREADS, &rows.threads, |values, (tenant_id, row, key)| {
        values.add(*tenant_id)?;
        values.add(row.channel_id.uuid())?;
        values.add(*key)?;
        values.add(row.contact.id.uuid())?;
        values.add(row.id.uuid())
    })
    .await?;
    let tickets: Vec<_> = rows.tickets.values().collect();
    each(connection, &SAVE_TICKETS, &tickets, |values, (tenant_id, ticket)| {
        values.add(ticket.id.uuid())?;
        values.add(*tenant_id)?;
        values.add(ticket.number.cast_signed())?;
        values.add(ticket.conversation_id.uuid())?;
        values.add(ticket.contact.id.uuid())?;
        values.add(ticket.subject.as_str())?;
        values.add(ticket.status.as_str())?;
        values.add(ticket.priority.as_str())?;
        values.add(ticket.assignee_id.map(entities::AgentId::uuid))?;
        values.add(ticket.created_at.utc())?;
        values.add(ticket.updated_at.utc())?;
        values.add(ticket.resolved_at.map(entities::Timestamp::utc))
    })
    .await?;
    let reads: Vec<_> = rows.reads.iter().collect();
    each(connection, &SAVE_READS, &reads, |values, ((tenant_id, conversation_id, agent_id), mark)| {
        values.add(*tenant_id)?;
        values.add(*conversation_id)?;
        values.add(*agent_id)?;
        values.add(mark.seq.cast_signed())?;
        values.add(mark.inbound_seen.cast_signed())
    })
    .await
}
