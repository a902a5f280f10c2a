//! The writer's statements on PostgreSQL.
//!
//! A statement goes to the server and back, so each table takes all its rows at once, as one array a column. Rows that are there are locked
//! in the order of their ids, conversations before contacts before tenants, so that two nodes wait for each other and never in a ring.

use std::collections::BTreeMap;

use actors::port::ChannelWrite;
use sea_orm::sqlx::{
    ConnectOptions as _, Executor as _, PgConnection, Row as _,
    postgres::{PgConnectOptions, PgRow},
    query,
};
use uuid::Uuid;

use super::{
    batch::{FoundContact, FoundConversation, Need, Raised, TakenClientId},
    outgoing::FoundWebhook,
    postgres_remote, postgres_rows, postgres_settings,
    rows::Rows,
    statements::{Failure, Statements},
    writer::Connect,
};

/// The writer's own connection, with the promises of `store::connect`.
pub struct PostgresConnect(pub PgConnectOptions);

impl Connect for PostgresConnect {
    type Connection = PgConnection;

    async fn connect(&self) -> Result<PgConnection, Failure> {
        Ok(self.0.connect().await?)
    }
}

impl Statements for PgConnection {
    async fn begin(&mut self) -> Result<(), Failure> {
        self.execute("BEGIN").await?;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        self.execute("COMMIT").await?;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), Failure> {
        self.execute("ROLLBACK").await?;
        Ok(())
    }

    async fn conversations(&mut self, ids: &[Uuid]) -> Result<Vec<FoundConversation>, Failure> {
        let statement = query("SELECT id, tenant_id, seq, labels, assignee_id FROM conversation WHERE id = ANY($1) ORDER BY id FOR UPDATE");
        let read = |row: &PgRow| {
            let (id, tenant_id, seq) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(FoundConversation { id, tenant_id, seq, labels: row.try_get(3)?, assignee_id: row.try_get(4)? })
        };
        statement.bind(ids).fetch_all(self).await?.iter().map(read).collect()
    }

    async fn contacts(&mut self, ids: &[Uuid]) -> Result<Vec<FoundContact>, Failure> {
        let statement = query("SELECT id, tenant_id, version FROM contact WHERE id = ANY($1) ORDER BY id FOR UPDATE");
        let read = |row: &PgRow| Ok(FoundContact { id: row.try_get(0)?, tenant_id: row.try_get(1)?, version: row.try_get(2)? });
        statement.bind(ids).fetch_all(self).await?.iter().map(read).collect()
    }

    async fn client_ids(&mut self, keys: &[(Uuid, &str)]) -> Result<Vec<TakenClientId>, Failure> {
        let (ids, client_ids): (Vec<Uuid>, Vec<&str>) = keys.iter().copied().unzip();
        let statement = query(
            "SELECT m.conversation_id, m.client_id, m.id, m.seq, m.ticket_id FROM unnest($1::uuid[], $2::text[]) AS k (conversation_id, client_id) \
             JOIN message m ON m.conversation_id = k.conversation_id AND m.client_id = k.client_id",
        );
        let read = |row: &PgRow| {
            Ok(TakenClientId {
                conversation_id: row.try_get(0)?,
                client_id: row.try_get(1)?,
                message_id: row.try_get(2)?,
                seq: row.try_get(3)?,
                ticket_id: row.try_get(4)?,
            })
        };
        statement.bind(ids).bind(client_ids).fetch_all(self).await?.iter().map(read).collect()
    }

    async fn change_channel(&mut self, tenant_id: Uuid, channel: &ChannelWrite) -> Result<bool, Failure> {
        postgres_settings::change_channel(self, tenant_id, channel).await
    }

    async fn raise(&mut self, needs: &BTreeMap<Uuid, Need>) -> Result<Vec<Raised>, Failure> {
        let ids: Vec<Uuid> = needs.keys().copied().collect();
        let events: Vec<i64> = needs.values().map(|need| need.events.cast_signed()).collect();
        let tickets: Vec<i64> = needs.values().map(|need| need.tickets.cast_signed()).collect();
        if ids.len() > 1 {
            query("SELECT 1 FROM tenant WHERE id = ANY($1) ORDER BY id FOR UPDATE").bind(&ids).fetch_all(&mut *self).await?;
        }
        let statement = query(
            "UPDATE tenant SET position = tenant.position + need.events, ticket_number = tenant.ticket_number + need.tickets \
             FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS need (id, events, tickets) WHERE tenant.id = need.id \
             RETURNING tenant.id, tenant.position, tenant.ticket_number, tenant.webhook_version",
        );
        let read = |row: &PgRow| {
            Ok(Raised {
                tenant_id: row.try_get(0)?,
                position: row.try_get(1)?,
                ticket_number: row.try_get(2)?,
                webhook_version: row.try_get(3)?,
            })
        };
        statement.bind(ids).bind(events).bind(tickets).fetch_all(self).await?.iter().map(read).collect()
    }

    async fn webhooks(&mut self, tenant_id: Uuid) -> Result<Vec<FoundWebhook>, Failure> {
        let statement = query("SELECT id, status, events, filter FROM webhook WHERE tenant_id = $1 ORDER BY created_at, id");
        let read = |row: &PgRow| {
            Ok(FoundWebhook { id: row.try_get(0)?, status: row.try_get(1)?, events: row.try_get(2)?, filter: row.try_get(3)? })
        };
        statement.bind(tenant_id).fetch_all(self).await?.iter().map(read).collect()
    }

    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), Failure> {
        postgres_rows::erased(self, rows).await?;
        postgres_rows::messages(self, &rows.messages).await?;
        postgres_rows::events(self, &rows.events).await?;
        postgres_rows::deliveries(self, rows).await?;
        postgres_settings::webhooks(self, &rows.webhooks).await?;
        postgres_rows::conversations(self, rows).await?;
        postgres_rows::labels(self, rows).await?;
        postgres_rows::contacts(self, rows).await?;
        postgres_rows::threads(self, rows).await?;
        postgres_rows::tickets(self, rows).await?;
        postgres_rows::reads(self, rows).await?;
        postgres_rows::turns(self, rows).await?;
        postgres_rows::items(self, rows).await?;
        postgres_remote::remote(self, rows).await?;
        postgres_remote::scheduled(self, rows).await
    }

    async fn has_event(&mut self, tenant_id: Uuid, position: i64, id: Uuid) -> Result<bool, Failure> {
        // Whoever is giving this tenant positions holds its row: the answer is not read before that one has ended.
        self.execute("BEGIN").await?;
        query("SELECT 1 FROM tenant WHERE id = $1 FOR UPDATE").bind(tenant_id).fetch_optional(&mut *self).await?;
        let statement = query("SELECT 1 FROM event WHERE tenant_id = $1 AND position = $2 AND id = $3");
        let found = statement.bind(tenant_id).bind(position).bind(id).fetch_optional(&mut *self).await?.is_some();
        self.execute("ROLLBACK").await?;
        Ok(found)
    }
}
