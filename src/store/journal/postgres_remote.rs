//! How PostgreSQL takes what providers have to do with a batch, and what is to be said later: one statement a table, one array a column.

use sea_orm::sqlx::{PgConnection, query};

use super::{postgres_rows::column, rows::Rows, statements::Failure};

/// Keeps what became of messages at their providers, and what is to be done there.
pub async fn remote(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if !rows.changed.is_empty() {
        let changed: Vec<_> = rows.changed.iter().collect();
        query(
            "INSERT INTO message_state (conversation_id, seq, tenant_id, state, content_text) \
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[]) \
             ON CONFLICT (conversation_id, seq) DO UPDATE SET state = excluded.state, content_text = excluded.content_text",
        )
        .bind(column(&changed, |(place, _)| place.0))
        .bind(column(&changed, |(place, _)| place.1.cast_signed()))
        .bind(column(&changed, |(_, row)| row.tenant_id))
        .bind(column(&changed, |(_, row)| row.state))
        .bind(column(&changed, |(_, row)| row.content_text))
        .execute(&mut *connection)
        .await?;
    }
    if !rows.provider_ids.is_empty() {
        let ids = &rows.provider_ids;
        query(
            "INSERT INTO provider_message (channel_id, provider_id, tenant_id, conversation_id, seq) \
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::bigint[]) ON CONFLICT DO NOTHING",
        )
        .bind(column(ids, |row| row.channel_id))
        .bind(column(ids, |row| row.provider_id))
        .bind(column(ids, |row| row.tenant_id))
        .bind(column(ids, |row| row.place.0))
        .bind(column(ids, |row| row.place.1))
        .execute(&mut *connection)
        .await?;
    }
    dispatches(connection, rows).await
}

/// Keeps scheduled messages, and drops those that are none any more.
pub async fn scheduled(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    let (kept, gone): (Vec<_>, Vec<_>) = rows.scheduled.iter().partition(|(_, row)| row.message.is_some());
    if !kept.is_empty() {
        query(
            "INSERT INTO scheduled_message (tenant_id, conversation_id, id, due_at, message) \
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[]) \
             ON CONFLICT (tenant_id, conversation_id, id) DO UPDATE SET due_at = excluded.due_at, message = excluded.message",
        )
        .bind(column(&kept, |(_, row)| row.tenant_id))
        .bind(column(&kept, |(_, row)| row.conversation_id))
        .bind(column(&kept, |(id, _)| **id))
        .bind(column(&kept, |(_, row)| row.due_at))
        .bind(column(&kept, |(_, row)| row.message))
        .execute(&mut *connection)
        .await?;
    }
    if !gone.is_empty() {
        query(
            "DELETE FROM scheduled_message s USING unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS r (tenant_id, conversation_id, id) \
             WHERE s.tenant_id = r.tenant_id AND s.conversation_id = r.conversation_id AND s.id = r.id",
        )
        .bind(column(&gone, |(_, row)| row.tenant_id))
        .bind(column(&gone, |(_, row)| row.conversation_id))
        .bind(column(&gone, |(id, _)| **id))
        .execute(connection)
        .await?;
    }
    Ok(())
}

async fn dispatches(connection: &mut PgConnection, rows: &Rows<'_>) -> Result<(), Failure> {
    if !rows.dispatches.is_empty() {
        let wishes = &rows.dispatches;
        query(
            "INSERT INTO dispatch (channel_id, position, tenant_id, conversation_id, seq, action, tries, due_at, wished_at) \
             SELECT r.channel_id, r.position, r.tenant_id, r.conversation_id, r.seq, r.action, 0, r.at, r.at \
             FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bigint[]) \
             AS r (channel_id, position, tenant_id, conversation_id, seq, action, at)",
        )
        .bind(column(wishes, |row| row.channel_id))
        .bind(column(wishes, |row| row.position))
        .bind(column(wishes, |row| row.tenant_id))
        .bind(column(wishes, |row| row.place.0))
        .bind(column(wishes, |row| row.place.1))
        .bind(column(wishes, |row| row.action))
        .bind(column(wishes, |row| row.wished_at))
        .execute(&mut *connection)
        .await?;
    }
    if !rows.superseding.is_empty() {
        query(
            "DELETE FROM dispatch d USING unnest($1::uuid[], $2::text[], $3::bigint[]) AS r (conversation_id, action, position) \
             WHERE d.conversation_id = r.conversation_id AND d.action = r.action AND d.position < r.position AND d.begun_at IS NULL",
        )
        .bind(column(&rows.superseding, |row| row.0))
        .bind(column(&rows.superseding, |row| row.1))
        .bind(column(&rows.superseding, |row| row.2))
        .execute(&mut *connection)
        .await?;
    }
    if !rows.settled.is_empty() {
        query(
            "DELETE FROM dispatch d USING unnest($1::uuid[], $2::bigint[]) AS r (channel_id, position) \
             WHERE d.channel_id = r.channel_id AND d.position = r.position",
        )
        .bind(column(&rows.settled, |row| row.0))
        .bind(column(&rows.settled, |row| row.1))
        .execute(connection)
        .await?;
    }
    Ok(())
}
