//! How PostgreSQL takes the rows of a batch: one statement a table, one array a column.

use entities::{AgentId, ClientId, ConversationId, Timestamp};
use sea_orm::{
    prelude::DateTimeUtc,
    sqlx::{PgConnection, query},
};
use uuid::Uuid;

use super::{
    erase::{self, With},
    rows::{ContactRow, ConversationRow, EventRow, MessageRow, Rows},
    statements::Failure,
};

/// One column of all rows.
pub(super) fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Removes what goes with conversations that were deleted for good: few, and one after the other.
pub async fn erased(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    for row in &rows.erased {
        for (sql, with) in erase::STATEMENTS {
            let statement = query(*sql).bind(row.id);
            let statement = match with {
                With::UpTo => statement.bind(row.up_to),
                With::Tenant => statement.bind(row.tenant_id),
            };
            statement.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// Takes away the items of jobs that are done.
pub async fn items(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.items.is_empty() {
        return Ok(());
    }
    query(
        "DELETE FROM bulk_item i USING unnest($1::uuid[], $2::uuid[]) AS r (job_id, conversation_id) \
         WHERE i.job_id = r.job_id AND i.conversation_id = r.conversation_id",
    )
    .bind(column(&rows.items, |row| row.0))
    .bind(column(&rows.items, |row| row.1))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds messages.
pub async fn messages(connection: &mut PgConnection, rows: &[MessageRow<'_>]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    query(
        "INSERT INTO message (conversation_id, seq, tenant_id, id, ticket_id, kind, direction, author_kind, author_id, author_name, \
         author_avatar_url, content, content_text, extra, status, client_id, position, created_at) \
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[], \
         $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bigint[], \
         $18::timestamptz[])",
    )
    .bind(column(rows, |row| row.message.conversation_id.uuid()))
    .bind(column(rows, |row| row.message.seq.cast_signed()))
    .bind(column(rows, |row| row.tenant_id))
    .bind(column(rows, |row| row.message.id.uuid()))
    .bind(column(rows, |row| row.message.ticket_id.uuid()))
    .bind(column(rows, |row| row.message.kind.as_str()))
    .bind(column(rows, |row| row.message.direction.as_str()))
    .bind(column(rows, |row| row.message.author.kind.as_str()))
    .bind(column(rows, |row| row.message.author.id))
    .bind(column(rows, |row| row.message.author.name.as_deref()))
    .bind(column(rows, |row| row.message.author.avatar_url.as_deref()))
    .bind(column(rows, |row| row.coded.content.as_deref()))
    .bind(column(rows, |row| row.message.content_text.as_str()))
    .bind(column(rows, |row| row.coded.extra.as_deref()))
    .bind(column(rows, |row| row.message.status.as_str()))
    .bind(column(rows, |row| row.message.client_id.as_ref().map(ClientId::as_str)))
    .bind(column(rows, |row| row.position.map(u64::cast_signed)))
    .bind(column(rows, |row| row.message.created_at.utc()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds events.
pub async fn events(connection: &mut PgConnection, rows: &[EventRow<'_>]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    query(
        "INSERT INTO event (tenant_id, position, id, kind, conversation_id, seq, visitor_visible, data, at) \
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::boolean[], $8::text[], \
         $9::timestamptz[])",
    )
    .bind(column(rows, |row| row.event.tenant_id.uuid()))
    .bind(column(rows, |row| row.event.position.cast_signed()))
    .bind(column(rows, |row| row.event.id.uuid()))
    .bind(column(rows, |row| row.event.kind.as_str()))
    .bind(column(rows, |row| row.event.conversation_id.map(ConversationId::uuid)))
    .bind(column(rows, |row| row.event.seq.map(u64::cast_signed)))
    .bind(column(rows, |row| row.event.visitor_visible))
    .bind(column(rows, EventRow::data))
    .bind(column(rows, |row| row.event.at.utc()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds what is to be delivered, and the bytes of it.
pub async fn deliveries(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.deliveries.is_empty() {
        return Ok(());
    }
    query("INSERT INTO event_body (tenant_id, position, body) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[])")
        .bind(column(&rows.bodies, |row| row.tenant_id))
        .bind(column(&rows.bodies, |row| row.position))
        .bind(column(&rows.bodies, |row| row.body.as_str()))
        .execute(&mut *connection)
        .await?;
    query(
        "INSERT INTO delivery (webhook_id, position, tenant_id, id, event_id, kind, status, next_trigger, due_at, at) \
         SELECT r.webhook_id, r.position, r.tenant_id, r.id, r.event_id, r.kind, r.status, 'auto', r.at, r.at \
         FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::bigint[]) \
         AS r (webhook_id, position, tenant_id, id, event_id, kind, status, at)",
    )
    .bind(column(&rows.deliveries, |row| row.webhook_id.uuid()))
    .bind(column(&rows.deliveries, |row| row.event.position.cast_signed()))
    .bind(column(&rows.deliveries, |row| row.event.tenant_id.uuid()))
    .bind(column(&rows.deliveries, |row| row.id.uuid()))
    .bind(column(&rows.deliveries, |row| row.event.id.uuid()))
    .bind(column(&rows.deliveries, |row| row.event.kind.as_str()))
    .bind(column(&rows.deliveries, |row| row.status.as_str()))
    .bind(column(&rows.deliveries, |row| row.event.at.micros()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds the conversations that are new, and changes the others. A new one that another node has made meanwhile is refused by its key.
pub async fn conversations(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    let (new, old): (Vec<_>, Vec<_>) = rows.conversations.iter().partition(|row| row.stored_labels.is_none());
    for (rows, statement) in [
        (
            new,
            "INSERT INTO conversation (id, tenant_id, channel_id, contact_id, status, priority, assignee_id, team_id, owner_id, labels, \
             ticket_id, seq, inbound_count, inbound_seen, contact_read_seq, agent_read_seq, last_message_seq, last_reply_seq, \
             last_reply_kind, last_reply_by, other_reply_seq, other_reply_kind, other_reply_by, created_at, updated_at, remote, \
             snoozed_until, scheduled_count, opened_at, trashed_at, erased_at) \
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], \
             $9::uuid[], $10::text[], $11::uuid[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], \
             $17::bigint[], $18::bigint[], $19::text[], $20::uuid[], $21::bigint[], $22::text[], $23::uuid[], $24::timestamptz[], \
             $25::timestamptz[], $26::text[], $27::bigint[], $28::bigint[], $29::timestamptz[], $30::bigint[], $31::bigint[])",
        ),
        (
            old,
            "UPDATE conversation SET contact_id = r.contact_id, status = r.status, priority = r.priority, assignee_id = r.assignee_id, \
             team_id = r.team_id, owner_id = r.owner_id, labels = r.labels, ticket_id = r.ticket_id, seq = r.seq, \
             inbound_count = r.inbound_count, inbound_seen = r.inbound_seen, contact_read_seq = r.contact_read_seq, \
             agent_read_seq = r.agent_read_seq, last_message_seq = r.last_message_seq, last_reply_seq = r.last_reply_seq, \
             last_reply_kind = r.last_reply_kind, last_reply_by = r.last_reply_by, other_reply_seq = r.other_reply_seq, \
             other_reply_kind = r.other_reply_kind, other_reply_by = r.other_reply_by, updated_at = r.updated_at, remote = r.remote, \
             snoozed_until = r.snoozed_until, scheduled_count = r.scheduled_count, opened_at = r.opened_at, \
             trashed_at = r.trashed_at, erased_at = r.erased_at \
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], \
             $9::uuid[], $10::text[], $11::uuid[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], \
             $17::bigint[], $18::bigint[], $19::text[], $20::uuid[], $21::bigint[], $22::text[], $23::uuid[], $24::timestamptz[], \
             $25::timestamptz[], $26::text[], $27::bigint[], $28::bigint[], $29::timestamptz[], $30::bigint[], $31::bigint[]) \
             AS r (id, tenant_id, channel_id, contact_id, status, priority, assignee_id, team_id, owner_id, labels, ticket_id, seq, \
             inbound_count, inbound_seen, contact_read_seq, agent_read_seq, last_message_seq, last_reply_seq, \
             last_reply_kind, last_reply_by, other_reply_seq, other_reply_kind, other_reply_by, created_at, updated_at, remote, \
             snoozed_until, scheduled_count, opened_at, trashed_at, erased_at) WHERE conversation.id = r.id",
        ),
    ] {
        conversation_rows(connection, statement, &rows).await?;
    }
    Ok(())
}

async fn conversation_rows(connection: &mut PgConnection, statement: &'static str, rows: &[&ConversationRow<'_>]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let number = |value: fn(&actors::port::ConversationRow) -> u64| column(rows, move |row| value(row.row).cast_signed());
    query(statement)
        .bind(column(rows, |row| row.row.id.uuid()))
        .bind(column(rows, |row| row.tenant_id))
        .bind(column(rows, |row| row.row.channel_id.uuid()))
        .bind(column(rows, |row| row.row.contact.id.uuid()))
        .bind(column(rows, |row| row.row.status.as_str()))
        .bind(column(rows, |row| row.row.priority.as_str()))
        .bind(column(rows, |row| row.row.assignee_id.map(AgentId::uuid)))
        .bind(column(rows, |row| row.row.team_id.map(entities::TeamId::uuid)))
        .bind(column(rows, |row| row.row.owner_id.map(AgentId::uuid)))
        .bind(column(rows, |row| row.labels))
        .bind(column(rows, |row| row.row.ticket.as_ref().map(|ticket| ticket.id.uuid())))
        .bind(number(|row| row.seq))
        .bind(number(|row| row.inbound_count))
        .bind(number(|row| row.inbound_seen))
        .bind(number(|row| row.contact_read_seq))
        .bind(number(|row| row.agent_read_seq))
        .bind(number(|row| row.last_message_seq))
        .bind(column(rows, |row| ConversationRow::reply(row.row.last_reply).0))
        .bind(column(rows, |row| ConversationRow::reply(row.row.last_reply).1))
        .bind(column(rows, |row| ConversationRow::reply(row.row.last_reply).2))
        .bind(column(rows, |row| ConversationRow::reply(row.row.other_reply).0))
        .bind(column(rows, |row| ConversationRow::reply(row.row.other_reply).1))
        .bind(column(rows, |row| ConversationRow::reply(row.row.other_reply).2))
        .bind(column(rows, |row| row.row.created_at.utc()))
        .bind(column(rows, |row| row.row.updated_at.utc()))
        .bind(column(rows, |row| row.remote))
        .bind(column(rows, |row| row.row.snoozed_until.map(Timestamp::micros)))
        .bind(number(|row| row.scheduled_count))
        .bind(column(rows, |row| row.row.opened_at.utc()))
        .bind(column(rows, |row| row.row.trashed_at.map(Timestamp::micros)))
        .bind(column(rows, |row| row.row.erased_at.map(Timestamp::micros)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces the label rows of conversations whose labels changed.
pub async fn labels(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    let dropped = rows.dropped_labels()?;
    if !dropped.is_empty() {
        query(
            "DELETE FROM conversation_label l USING unnest($1::uuid[], $2::text[], $3::uuid[]) AS r (tenant_id, label, conversation_id) \
             WHERE l.tenant_id = r.tenant_id AND l.label = r.label AND l.conversation_id = r.conversation_id",
        )
        .bind(column(&dropped, |row| row.0))
        .bind(column(&dropped, |row| row.1.as_str()))
        .bind(column(&dropped, |row| row.2))
        .execute(&mut *connection)
        .await?;
    }
    let added = rows.added_labels();
    if !added.is_empty() {
        query(
            "INSERT INTO conversation_label (tenant_id, label, conversation_id) \
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING",
        )
        .bind(column(&added, |row| row.0))
        .bind(column(&added, |row| row.1))
        .bind(column(&added, |row| row.2))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Adds or changes contacts, and replaces their addresses. A new one that another node has made meanwhile is refused by its key.
pub async fn contacts(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.contacts.is_empty() {
        return Ok(());
    }
    let contacts: Vec<&ContactRow<'_>> = rows.contacts.values().collect();
    let (new, old): (Vec<_>, Vec<_>) = contacts.iter().copied().partition(|row| row.contact.version == 1);
    for (rows, statement) in [
        (
            new,
            "INSERT INTO contact (id, tenant_id, name, email, phone, avatar_url, verified, custom_attributes, country, blocked, version, \
             created_at, updated_at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], \
             $7::boolean[], $8::text[], $9::text[], $10::boolean[], $11::bigint[], $12::timestamptz[], $13::timestamptz[])",
        ),
        (
            old,
            // A contact that is made and changed in one batch comes with its last version alone: hence no plain update.
            "INSERT INTO contact AS c (id, tenant_id, name, email, phone, avatar_url, verified, custom_attributes, country, blocked, version, \
             created_at, updated_at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], \
             $7::boolean[], $8::text[], $9::text[], $10::boolean[], $11::bigint[], $12::timestamptz[], $13::timestamptz[]) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone, \
             avatar_url = excluded.avatar_url, verified = excluded.verified, custom_attributes = excluded.custom_attributes, \
             country = excluded.country, blocked = excluded.blocked, version = excluded.version, updated_at = excluded.updated_at",
        ),
    ] {
        contact_rows(connection, statement, &rows).await?;
    }
    addresses(connection, rows).await
}

async fn contact_rows(connection: &mut PgConnection, statement: &'static str, rows: &[&ContactRow<'_>]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    query(statement)
        .bind(column(rows, |row| row.contact.id.uuid()))
        .bind(column(rows, |row| row.tenant_id))
        .bind(column(rows, |row| row.contact.name.as_deref()))
        .bind(column(rows, |row| row.contact.email.as_deref()))
        .bind(column(rows, |row| row.contact.phone.as_deref()))
        .bind(column(rows, |row| row.contact.avatar_url.as_deref()))
        .bind(column(rows, |row| row.contact.verified))
        .bind(column(rows, |row| row.custom_attributes))
        .bind(column(rows, |row| row.contact.country.as_deref()))
        .bind(column(rows, |row| row.contact.blocked))
        .bind(column(rows, |row| row.contact.version.cast_signed()))
        .bind(column(rows, |row| row.contact.created_at.utc()))
        .bind(column(rows, |row| row.contact.updated_at.utc()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn addresses(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    let known: Vec<_> = rows.contacts.values().filter(|row| row.contact.version > 1).collect();
    if !known.is_empty() {
        query(
            "DELETE FROM contact_address a USING unnest($1::uuid[], $2::uuid[]) AS r (tenant_id, contact_id) \
             WHERE a.tenant_id = r.tenant_id AND a.contact_id = r.contact_id",
        )
        .bind(column(&known, |row| row.tenant_id))
        .bind(column(&known, |row| row.contact.id.uuid()))
        .execute(&mut *connection)
        .await?;
    }
    let addresses = rows.addresses();
    if !addresses.is_empty() {
        query(
            "INSERT INTO contact_address (tenant_id, kind, value, contact_id, place) \
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])",
        )
        .bind(column(&addresses, |row| row.0))
        .bind(column(&addresses, |row| row.1.kind.as_str()))
        .bind(column(&addresses, |row| row.1.value.as_str()))
        .bind(column(&addresses, |row| row.2))
        .bind(column(&addresses, |row| row.3))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Adds the threads of new conversations; a key that leads somewhere already goes on leading there.
pub async fn threads(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.threads.is_empty() {
        return Ok(());
    }
    query(
        "INSERT INTO thread (tenant_id, channel_id, thread_key, contact_id, conversation_id) \
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[]) ON CONFLICT DO NOTHING",
    )
    .bind(column(&rows.threads, |row| row.0))
    .bind(column(&rows.threads, |row| row.1.channel_id.uuid()))
    .bind(column(&rows.threads, |row| row.2))
    .bind(column(&rows.threads, |row| row.1.contact.id.uuid()))
    .bind(column(&rows.threads, |row| row.1.id.uuid()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds or changes tickets.
pub async fn tickets(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.tickets.is_empty() {
        return Ok(());
    }
    let tickets: Vec<_> = rows.tickets.values().collect();
    let instant = |value: fn(&entities::Ticket) -> Timestamp| -> Vec<DateTimeUtc> { column(&tickets, move |row| value(row.1).utc()) };
    query(
        "INSERT INTO ticket (id, tenant_id, number, conversation_id, contact_id, subject, status, priority, assignee_id, created_at, \
         updated_at, resolved_at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::text[], \
         $7::text[], $8::text[], $9::uuid[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[]) \
         ON CONFLICT (id) DO UPDATE SET contact_id = excluded.contact_id, subject = excluded.subject, status = excluded.status, \
         priority = excluded.priority, assignee_id = excluded.assignee_id, updated_at = excluded.updated_at, \
         resolved_at = excluded.resolved_at",
    )
    .bind(column(&tickets, |row| row.1.id.uuid()))
    .bind(column(&tickets, |row| row.0))
    .bind(column(&tickets, |row| row.1.number.cast_signed()))
    .bind(column(&tickets, |row| row.1.conversation_id.uuid()))
    .bind(column(&tickets, |row| row.1.contact.id.uuid()))
    .bind(column(&tickets, |row| row.1.subject.as_str()))
    .bind(column(&tickets, |row| row.1.status.as_str()))
    .bind(column(&tickets, |row| row.1.priority.as_str()))
    .bind(column(&tickets, |row| row.1.assignee_id.map(AgentId::uuid)))
    .bind(instant(|ticket| ticket.created_at))
    .bind(instant(|ticket| ticket.updated_at))
    .bind(column(&tickets, |row| row.1.resolved_at.map(Timestamp::utc)))
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps how far agents have read.
pub async fn reads(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.reads.is_empty() {
        return Ok(());
    }
    let reads: Vec<((Uuid, Uuid, Uuid), i64, i64)> =
        rows.reads.iter().map(|(key, mark)| (*key, mark.seq.cast_signed(), mark.inbound_seen.cast_signed())).collect();
    query(
        "INSERT INTO read_mark (tenant_id, conversation_id, agent_id, seq, inbound_seen) \
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) \
         ON CONFLICT (tenant_id, conversation_id, agent_id) DO UPDATE SET seq = excluded.seq, inbound_seen = excluded.inbound_seen",
    )
    .bind(column(&reads, |row| row.0.0))
    .bind(column(&reads, |row| row.0.1))
    .bind(column(&reads, |row| row.0.2))
    .bind(column(&reads, |row| row.1))
    .bind(column(&reads, |row| row.2))
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes when agents were given conversations.
pub async fn turns(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if rows.turns.is_empty() {
        return Ok(());
    }
    let turns: Vec<((Uuid, Uuid), Timestamp)> = rows.turns.iter().map(|(key, at)| (*key, *at)).collect();
    query(
        "INSERT INTO routing_turn (tenant_id, agent_id, given_at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) \
         ON CONFLICT (tenant_id, agent_id) DO UPDATE SET given_at = excluded.given_at",
    )
    .bind(column(&turns, |row| row.0.0))
    .bind(column(&turns, |row| row.0.1))
    .bind(column(&turns, |row| row.1.micros()))
    .execute(connection)
    .await?;
    Ok(())
}
