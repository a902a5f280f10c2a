//! The writer's statements on SQLite.
//!
//! They run on the journal's own thread, with no thread of the connection's between: crossing to one and back, once a statement, costs a
//! busy machine more than the statement does. Each row is one run of a statement that stays prepared.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use actors::port::ChannelWrite;
use chrono::SecondsFormat;
use entities::{AgentId, ClientId, ConversationId, TeamId, Timestamp};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, OptionalExtension as _, ffi, params};
use uuid::Uuid;

use super::{
    batch::{FoundContact, FoundConversation, Need, Raised, TakenClientId},
    erase::{self, With},
    outgoing::FoundWebhook,
    rows::{ContactRow, ConversationRow, DeliveryRow, EventRow, MessageRow, Rows},
    sqlite_settings,
    statements::{Failure, Statements},
    writer::Connect,
};
use crate::store::connect;

/// Statements kept prepared; there are fewer.
const STATEMENTS_MAX: usize = 64;

const CONVERSATION: &str = "SELECT id, tenant_id, seq, labels, assignee_id FROM conversation WHERE id = ?1";
const CONTACT: &str = "SELECT id, tenant_id, version FROM contact WHERE id = ?1";
const CLIENT_ID: &str = "SELECT conversation_id, client_id, id, seq, ticket_id FROM message WHERE conversation_id = ?1 AND client_id = ?2";
const RAISE: &str = "UPDATE tenant SET position = position + ?2, ticket_number = ticket_number + ?3 WHERE id = ?1 \
     RETURNING id, position, ticket_number, webhook_version";
const WEBHOOKS: &str = "SELECT id, status, events, filter FROM webhook WHERE tenant_id = ?1 ORDER BY created_at, id";
const HAS_EVENT: &str = "SELECT 1 FROM event WHERE tenant_id = ?1 AND position = ?2 AND id = ?3";
const ADD_CONVERSATION: &str = "INSERT INTO conversation (id, tenant_id, channel_id, contact_id, status, priority, assignee_id, team_id, \
     owner_id, labels, ticket_id, seq, inbound_count, inbound_seen, contact_read_seq, agent_read_seq, last_message_seq, last_reply_seq, \
     last_reply_kind, last_reply_by, other_reply_seq, other_reply_kind, other_reply_by, created_at, updated_at, remote, snoozed_until, \
     scheduled_count, opened_at, trashed_at, erased_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
     ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31)";
/// Takes the same values as [`ADD_CONVERSATION`].
const CHANGE_CONVERSATION: &str = "UPDATE conversation SET contact_id = ?4, status = ?5, priority = ?6, assignee_id = ?7, team_id = ?8, \
     owner_id = ?9, labels = ?10, ticket_id = ?11, seq = ?12, inbound_count = ?13, inbound_seen = ?14, contact_read_seq = ?15, \
     agent_read_seq = ?16, last_message_seq = ?17, last_reply_seq = ?18, last_reply_kind = ?19, last_reply_by = ?20, \
     other_reply_seq = ?21, other_reply_kind = ?22, other_reply_by = ?23, updated_at = ?25, remote = ?26, \
     snoozed_until = ?27, scheduled_count = ?28, opened_at = ?29, trashed_at = ?30, erased_at = ?31 WHERE id = ?1";
const ADD_MESSAGE: &str = "INSERT INTO message (conversation_id, seq, tenant_id, id, ticket_id, kind, direction, author_kind, author_id, \
     author_name, author_avatar_url, content, content_text, extra, status, client_id, position, created_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
const ADD_EVENT: &str = "INSERT INTO event (tenant_id, position, id, kind, conversation_id, seq, visitor_visible, data, at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const ADD_BODY: &str = "INSERT INTO event_body (tenant_id, position, body) VALUES (?1, ?2, ?3)";
const ADD_DELIVERY: &str = "INSERT INTO delivery (webhook_id, position, tenant_id, id, event_id, kind, status, next_trigger, due_at, at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'auto', ?8, ?8)";
const ADD_THREAD: &str = "INSERT INTO thread (tenant_id, channel_id, thread_key, contact_id, conversation_id) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT DO NOTHING";
const SAVE_TICKET: &str = "INSERT INTO ticket (id, tenant_id, number, conversation_id, contact_id, subject, status, priority, assignee_id, \
     created_at, updated_at, resolved_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
     ON CONFLICT (id) DO UPDATE SET contact_id = excluded.contact_id, subject = excluded.subject, status = excluded.status, \
     priority = excluded.priority, assignee_id = excluded.assignee_id, updated_at = excluded.updated_at, \
     resolved_at = excluded.resolved_at";
const SAVE_READ: &str = "INSERT INTO read_mark (tenant_id, conversation_id, agent_id, seq, inbound_seen) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT DO UPDATE SET seq = excluded.seq, inbound_seen = excluded.inbound_seen";
const SAVE_TURN: &str = "INSERT INTO routing_turn (tenant_id, agent_id, given_at) VALUES (?1, ?2, ?3) \
     ON CONFLICT DO UPDATE SET given_at = excluded.given_at";
const SAVE_CONTACT: &str = "INSERT INTO contact (id, tenant_id, name, email, phone, avatar_url, verified, custom_attributes, country, \
     blocked, version, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone, \
     avatar_url = excluded.avatar_url, verified = excluded.verified, custom_attributes = excluded.custom_attributes, \
     country = excluded.country, blocked = excluded.blocked, version = excluded.version, updated_at = excluded.updated_at";
const DROP_ADDRESSES: &str = "DELETE FROM contact_address WHERE tenant_id = ?1 AND contact_id = ?2";
const ADD_ADDRESS: &str = "INSERT INTO contact_address (tenant_id, kind, value, contact_id, place) VALUES (?1, ?2, ?3, ?4, ?5)";
const DROP_LABEL: &str = "DELETE FROM conversation_label WHERE tenant_id = ?1 AND label = ?2 AND conversation_id = ?3";
const ADD_LABEL: &str = "INSERT INTO conversation_label (tenant_id, label, conversation_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

const SAVE_STATE: &str = "INSERT INTO message_state (conversation_id, seq, tenant_id, state, content_text) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT DO UPDATE SET state = excluded.state, content_text = excluded.content_text";
const ADD_PROVIDER_ID: &str = "INSERT INTO provider_message (channel_id, provider_id, tenant_id, conversation_id, seq) \
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
const ADD_DISPATCH: &str = "INSERT INTO dispatch (channel_id, position, tenant_id, conversation_id, seq, action, tries, due_at, wished_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?7)";
const SUPERSEDE_DISPATCHES: &str = "DELETE FROM dispatch WHERE conversation_id = ?1 AND action = ?2 AND position < ?3 AND begun_at IS NULL";
const DROP_DISPATCH: &str = "DELETE FROM dispatch WHERE channel_id = ?1 AND position = ?2";
const SAVE_SCHEDULED: &str = "INSERT INTO scheduled_message (tenant_id, conversation_id, id, due_at, message) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT DO UPDATE SET due_at = excluded.due_at, message = excluded.message";
const DROP_ITEM: &str = "DELETE FROM bulk_item WHERE job_id = ?1 AND conversation_id = ?2";
const DROP_SCHEDULED: &str = "DELETE FROM scheduled_message WHERE tenant_id = ?1 AND conversation_id = ?2 AND id = ?3";

/// The writer's own connection, with the promises of `store::connect`.
pub struct SqliteConnect(pub PathBuf);

impl Connect for SqliteConnect {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, Failure> {
        // Not made where it is missing: a file that vanished under a running server is no empty database.
        let connection = Connection::open_with_flags(&self.0, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(connect::BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        for (name, value) in connect::SQLITE_PRAGMAS.into_iter().chain([connect::SQLITE_WRITER_CACHE]) {
            connection.pragma_update(None, name, value)?;
        }
        Ok(connection)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let text: Arc<str> = Arc::from(error.to_string());
        match error.sqlite_error() {
            Some(known) if matches!(known.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Again(text),
            Some(ffi::Error {
                extended_code: ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID,
                ..
            }) => Self::Taken(text),
            _ => Self::Refused(text),
        }
    }
}

/// Runs the statement for each row.
fn each<T>(
    connection: &Connection,
    statement: &'static str,
    rows: impl IntoIterator<Item = T>,
    run: impl Fn(&mut CachedStatement<'_>, T) -> rusqlite::Result<usize>,
) -> Result<(), Failure> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(statement)?;
    for row in rows {
        run(&mut statement, row)?;
    }
    Ok(())
}

/// An instant as the columns hold it that others read as one: the text that sorts as the instants do.
pub(super) fn instant(at: Timestamp) -> String {
    at.utc().to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

impl Statements for Connection {
    async fn begin(&mut self) -> Result<(), Failure> {
        self.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        self.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), Failure> {
        // SQLite gives some transactions up by itself, and then there is nothing to roll back.
        if !self.is_autocommit() {
            self.prepare_cached("ROLLBACK")?.execute([])?;
        }
        Ok(())
    }

    async fn conversations(&mut self, ids: &[Uuid]) -> Result<Vec<FoundConversation>, Failure> {
        let mut statement = self.prepare_cached(CONVERSATION)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let read = |row: &rusqlite::Row<'_>| {
                let (id, tenant_id, seq) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(FoundConversation { id, tenant_id, seq, labels: row.get(3)?, assignee_id: row.get(4)? })
            };
            found.extend(statement.query_row([id], read).optional()?);
        }
        Ok(found)
    }

    async fn contacts(&mut self, ids: &[Uuid]) -> Result<Vec<FoundContact>, Failure> {
        let mut statement = self.prepare_cached(CONTACT)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let read = |row: &rusqlite::Row<'_>| Ok(FoundContact { id: row.get(0)?, tenant_id: row.get(1)?, version: row.get(2)? });
            found.extend(statement.query_row([id], read).optional()?);
        }
        Ok(found)
    }

    async fn client_ids(&mut self, keys: &[(Uuid, &str)]) -> Result<Vec<TakenClientId>, Failure> {
        let mut statement = self.prepare_cached(CLIENT_ID)?;
        let mut taken = Vec::new();
        for (id, key) in keys {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(TakenClientId {
                    conversation_id: row.get(0)?,
                    client_id: row.get(1)?,
                    message_id: row.get(2)?,
                    seq: row.get(3)?,
                    ticket_id: row.get(4)?,
                })
            };
            taken.extend(statement.query_row(params![id, key], read).optional()?);
        }
        Ok(taken)
    }

    async fn change_channel(&mut self, tenant_id: Uuid, channel: &ChannelWrite) -> Result<bool, Failure> {
        sqlite_settings::change_channel(self, tenant_id, channel)
    }

    async fn raise(&mut self, needs: &BTreeMap<Uuid, Need>) -> Result<Vec<Raised>, Failure> {
        let mut statement = self.prepare_cached(RAISE)?;
        let mut raised = Vec::with_capacity(needs.len());
        for (id, need) in needs {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Raised { tenant_id: row.get(0)?, position: row.get(1)?, ticket_number: row.get(2)?, webhook_version: row.get(3)? })
            };
            raised.extend(statement.query_row(params![id, need.events.cast_signed(), need.tickets.cast_signed()], read).optional()?);
        }
        Ok(raised)
    }

    async fn webhooks(&mut self, tenant_id: Uuid) -> Result<Vec<FoundWebhook>, Failure> {
        let mut statement = self.prepare_cached(WEBHOOKS)?;
        let read =
            |row: &rusqlite::Row<'_>| Ok(FoundWebhook { id: row.get(0)?, status: row.get(1)?, events: row.get(2)?, filter: row.get(3)? });
        let found = statement.query_map([tenant_id], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), Failure> {
        erased(self, rows)?;
        // The search index takes the row numbers of one tenant after the other; going back and forth, it would begin a new part each time.
        let mut messages: Vec<&MessageRow<'_>> = rows.messages.iter().collect();
        messages.sort_by_key(|row| row.tenant_id);
        each(self, ADD_MESSAGE, messages, message)?;
        each(self, ADD_EVENT, &rows.events, event)?;
        each(self, ADD_BODY, &rows.bodies, |statement, row| statement.execute(params![row.tenant_id, row.position, row.body]))?;
        each(self, ADD_DELIVERY, &rows.deliveries, delivery)?;
        sqlite_settings::webhooks(self, &rows.webhooks)?;
        each(self, ADD_CONVERSATION, rows.conversations.iter().filter(|row| row.stored_labels.is_none()), conversation)?;
        each(self, CHANGE_CONVERSATION, rows.conversations.iter().filter(|row| row.stored_labels.is_some()), conversation)?;
        each(self, DROP_LABEL, rows.dropped_labels()?, |statement, (tenant_id, label, id)| {
            statement.execute(params![tenant_id, label, id])
        })?;
        each(self, ADD_LABEL, rows.added_labels(), |statement, (tenant_id, label, id)| statement.execute(params![tenant_id, label, id]))?;
        each(self, SAVE_CONTACT, rows.contacts.values(), contact)?;
        let known = rows.contacts.values().filter(|row| row.contact.version > 1);
        each(self, DROP_ADDRESSES, known, |statement, row| statement.execute(params![row.tenant_id, row.contact.id.uuid()]))?;
        each(self, ADD_ADDRESS, rows.addresses(), |statement, (tenant_id, address, id, place)| {
            statement.execute(params![tenant_id, address.kind.as_str(), address.value.as_str(), id, place])
        })?;
        each(self, ADD_THREAD, &rows.threads, |statement, (tenant_id, row, key)| {
            statement.execute(params![tenant_id, row.channel_id.uuid(), key, row.contact.id.uuid(), row.id.uuid()])
        })?;
        each(self, SAVE_TICKET, rows.tickets.values(), ticket)?;
        each(self, SAVE_READ, &rows.reads, |statement, ((tenant_id, conversation_id, agent_id), mark)| {
            statement.execute(params![tenant_id, conversation_id, agent_id, mark.seq.cast_signed(), mark.inbound_seen.cast_signed()])
        })?;
        each(self, SAVE_TURN, &rows.turns, |statement, ((tenant_id, agent_id), at)| {
            statement.execute(params![tenant_id, agent_id, at.micros()])
        })?;
        each(self, DROP_ITEM, &rows.items, |statement, (job, conversation_id)| statement.execute(params![job, conversation_id]))?;
        remote(self, rows)?;
        scheduled(self, rows)
    }

    async fn has_event(&mut self, tenant_id: Uuid, position: i64, id: Uuid) -> Result<bool, Failure> {
        Ok(self.prepare_cached(HAS_EVENT)?.exists(params![tenant_id, position, id])?)
    }
}

fn message(statement: &mut CachedStatement<'_>, row: &MessageRow<'_>) -> rusqlite::Result<usize> {
    let message = row.message;
    statement.execute(params![
        message.conversation_id.uuid(),
        message.seq.cast_signed(),
        row.tenant_id,
        message.id.uuid(),
        message.ticket_id.uuid(),
        message.kind.as_str(),
        message.direction.as_str(),
        message.author.kind.as_str(),
        message.author.id,
        message.author.name.as_deref(),
        message.author.avatar_url.as_deref(),
        row.coded.content.as_deref(),
        message.content_text.as_str(),
        row.coded.extra.as_deref(),
        message.status.as_str(),
        message.client_id.as_ref().map(ClientId::as_str),
        row.position.map(u64::cast_signed),
        message.created_at.micros(),
    ])
}

fn event(statement: &mut CachedStatement<'_>, row: &EventRow<'_>) -> rusqlite::Result<usize> {
    let event = row.event;
    statement.execute(params![
        event.tenant_id.uuid(),
        event.position.cast_signed(),
        event.id.uuid(),
        event.kind.as_str(),
        event.conversation_id.map(ConversationId::uuid),
        event.seq.map(u64::cast_signed),
        event.visitor_visible,
        row.data(),
        event.at.micros(),
    ])
}

fn remote(connection: &Connection, rows: &Rows<'_>) -> Result<(), Failure> {
    each(connection, SAVE_STATE, &rows.changed, |statement, ((id, seq), row)| {
        statement.execute(params![id, seq.cast_signed(), row.tenant_id, row.state, row.content_text])
    })?;
    each(connection, ADD_PROVIDER_ID, &rows.provider_ids, |statement, row| {
        statement.execute(params![row.channel_id, row.provider_id, row.tenant_id, row.place.0, row.place.1])
    })?;
    each(connection, ADD_DISPATCH, &rows.dispatches, |statement, row| {
        let (id, seq) = row.place;
        statement.execute(params![row.channel_id, row.position, row.tenant_id, id, seq, row.action, row.wished_at])
    })?;
    each(connection, SUPERSEDE_DISPATCHES, &rows.superseding, |statement, (id, action, position)| {
        statement.execute(params![id, action, position])
    })?;
    each(connection, DROP_DISPATCH, &rows.settled, |statement, (channel_id, position)| statement.execute(params![channel_id, position]))
}

fn erased(connection: &Connection, rows: &Rows<'_>) -> Result<(), Failure> {
    for (sql, with) in erase::STATEMENTS {
        each(connection, sql, &rows.erased, |statement, row| match with {
            With::UpTo => statement.execute(params![row.id, row.up_to]),
            With::Tenant => statement.execute(params![row.id, row.tenant_id]),
        })?;
    }
    Ok(())
}

fn scheduled(connection: &Connection, rows: &Rows<'_>) -> Result<(), Failure> {
    let kept = rows.scheduled.iter().filter(|(_, row)| row.message.is_some());
    each(connection, SAVE_SCHEDULED, kept, |statement, (id, row)| {
        statement.execute(params![row.tenant_id, row.conversation_id, id, row.due_at, row.message])
    })?;
    let gone = rows.scheduled.iter().filter(|(_, row)| row.message.is_none());
    each(connection, DROP_SCHEDULED, gone, |statement, (id, row)| statement.execute(params![row.tenant_id, row.conversation_id, id]))
}

fn delivery(statement: &mut CachedStatement<'_>, row: &DeliveryRow<'_>) -> rusqlite::Result<usize> {
    let event = row.event;
    statement.execute(params![
        row.webhook_id.uuid(),
        event.position.cast_signed(),
        event.tenant_id.uuid(),
        row.id.uuid(),
        event.id.uuid(),
        event.kind.as_str(),
        row.status.as_str(),
        event.at.micros(),
    ])
}

fn conversation(statement: &mut CachedStatement<'_>, stored: &ConversationRow<'_>) -> rusqlite::Result<usize> {
    let row = stored.row;
    let (last_seq, last_kind, last_by) = ConversationRow::reply(row.last_reply);
    let (other_seq, other_kind, other_by) = ConversationRow::reply(row.other_reply);
    statement.execute(params![
        row.id.uuid(),
        stored.tenant_id,
        row.channel_id.uuid(),
        row.contact.id.uuid(),
        row.status.as_str(),
        row.priority.as_str(),
        row.assignee_id.map(AgentId::uuid),
        row.team_id.map(TeamId::uuid),
        row.owner_id.map(AgentId::uuid),
        stored.labels,
        row.ticket.as_ref().map(|ticket| ticket.id.uuid()),
        row.seq.cast_signed(),
        row.inbound_count.cast_signed(),
        row.inbound_seen.cast_signed(),
        row.contact_read_seq.cast_signed(),
        row.agent_read_seq.cast_signed(),
        row.last_message_seq.cast_signed(),
        last_seq,
        last_kind,
        last_by,
        other_seq,
        other_kind,
        other_by,
        instant(row.created_at),
        instant(row.updated_at),
        stored.remote,
        row.snoozed_until.map(Timestamp::micros),
        row.scheduled_count.cast_signed(),
        instant(row.opened_at),
        row.trashed_at.map(Timestamp::micros),
        row.erased_at.map(Timestamp::micros),
    ])
}

fn contact(statement: &mut CachedStatement<'_>, row: &ContactRow<'_>) -> rusqlite::Result<usize> {
    let contact = row.contact;
    statement.execute(params![
        contact.id.uuid(),
        row.tenant_id,
        contact.name.as_deref(),
        contact.email.as_deref(),
        contact.phone.as_deref(),
        contact.avatar_url.as_deref(),
        contact.verified,
        row.custom_attributes,
        contact.country.as_deref(),
        contact.blocked,
        contact.version.cast_signed(),
        instant(contact.created_at),
        instant(contact.updated_at),
    ])
}

fn ticket(statement: &mut CachedStatement<'_>, (tenant_id, ticket): &(Uuid, &entities::Ticket)) -> rusqlite::Result<usize> {
    statement.execute(params![
        ticket.id.uuid(),
        tenant_id,
        ticket.number.cast_signed(),
        ticket.conversation_id.uuid(),
        ticket.contact.id.uuid(),
        ticket.subject.as_str(),
        ticket.status.as_str(),
        ticket.priority.as_str(),
        ticket.assignee_id.map(AgentId::uuid),
        instant(ticket.created_at),
        instant(ticket.updated_at),
        ticket.resolved_at.map(instant),
    ])
}
