//! The deliveries over SQL, held to every promise on both databases.

use std::sync::Arc;

use actors::{
    port::{Clock, Deliveries, Promise},
    testing::{
        conformance::Bench,
        deliveries::conformance::{self, Fixture},
    },
};
use entities::{DeliveryId, DeliveryStatus, EventId, EventKind, TenantId, Timestamp, WebhookId, WebhookSecret};
use sea_orm::{ConnectionTrait, Statement, Value};
use switchboard::{
    crypto::{Keys, webhook::seal_secret},
    store::{self, Database, deliveries::SqlDeliveries},
};

use super::journal::bench;
use crate::support::databases::{self, Fresh};

struct Scene {
    db: Database,
    bench: Bench,
    keys: Keys,
    deliveries: SqlDeliveries,
    _fresh: Fresh,
}

impl Scene {
    async fn new(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let keys = Keys::new([7; 32]);
        let clock = bench.clock.clone();
        let new_event_id = Arc::new(move || EventId::new(clock.new_id()));
        let deliveries = SqlDeliveries::new(fresh.db.clone(), keys.clone(), bench.journal.clone(), new_event_id);
        Self { db: fresh.db.clone(), bench, keys, deliveries, _fresh: fresh }
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable).map(|_done| ())).await.expect(sql);
    }

    async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<sea_orm::QueryResult> {
        self.db.read().query_all_raw(Statement::from_sql_and_values(self.db.backend(), sql, values)).await.expect(sql)
    }
}

impl Fixture for Scene {
    fn deliveries(&self) -> &dyn Deliveries {
        &self.deliveries
    }

    fn clock(&self) -> &dyn Clock {
        &*self.bench.clock
    }

    fn add_tenant(&self) -> Promise<'_, TenantId> {
        Box::pin(async {
            let id = TenantId::new(self.bench.clock.new_id());
            (self.bench.add_tenant)(id).await;
            id
        })
    }

    fn add_webhook(&self, tenant_id: TenantId, ordered: bool) -> Promise<'_, WebhookId> {
        Box::pin(async move {
            let id = self.bench.clock.new_id();
            let secret = seal_secret(&self.keys, tenant_id, &WebhookSecret::from_random([3; 32])).expect("seal");
            let now = self.bench.clock.now().micros();
            let sql = "INSERT INTO webhook (id, tenant_id, url, events, ordered, secret, status, created_at, updated_at) \
                       VALUES ($1, $2, 'https://example.com/', '[\"*\"]', $3, $4, 'enabled', $5, $5)";
            self.run(sql, vec![id.into(), tenant_id.uuid().into(), ordered.into(), secret.into(), now.into()]).await;
            WebhookId::new(id)
        })
    }

    fn add_delivery(&self, id: WebhookId, position: i64, body: String, due_at: Timestamp) -> Promise<'_, (DeliveryId, EventId)> {
        Box::pin(async move {
            let made = (DeliveryId::new(self.bench.clock.new_id()), EventId::new(self.bench.clock.new_id()));
            let keep = "INSERT INTO event_body (tenant_id, position, body) SELECT tenant_id, $2, $3 FROM webhook WHERE id = $1 \
                        ON CONFLICT (tenant_id, position) DO UPDATE SET body = excluded.body";
            self.run(keep, vec![id.uuid().into(), position.into(), body.into()]).await;
            let make = "INSERT INTO delivery (webhook_id, position, tenant_id, id, event_id, kind, status, next_trigger, due_at, at) \
                        SELECT id, $2, tenant_id, $3, $4, 'ticket.created', 'pending', 'auto', $5, $5 FROM webhook WHERE id = $1";
            let values = vec![id.uuid().into(), position.into(), made.0.uuid().into(), made.1.uuid().into(), due_at.micros().into()];
            self.run(make, values).await;
            made
        })
    }

    fn switch_off(&self, id: WebhookId) -> Promise<'_, ()> {
        Box::pin(self.run("UPDATE webhook SET status = 'disabled' WHERE id = $1", vec![id.uuid().into()]))
    }

    fn status(&self, id: WebhookId, position: i64) -> Promise<'_, DeliveryStatus> {
        Box::pin(async move {
            let sql = "SELECT status FROM delivery WHERE webhook_id = $1 AND position = $2";
            let rows = self.rows(sql, vec![id.uuid().into(), position.into()]).await;
            let text: String = rows.first().expect("a delivery").try_get("", "status").expect("a text");
            DeliveryStatus::parse(&text).expect("a status")
        })
    }

    fn attempts(&self, id: WebhookId, position: i64) -> Promise<'_, Vec<u32>> {
        Box::pin(async move {
            let sql = "SELECT number FROM attempt WHERE webhook_id = $1 AND position = $2 ORDER BY number";
            let rows = self.rows(sql, vec![id.uuid().into(), position.into()]).await;
            rows.iter().map(|row| row.try_get::<i64>("", "number").expect("a number") as u32).collect()
        })
    }

    fn told(&self, tenant_id: TenantId) -> Promise<'_, Vec<EventKind>> {
        Box::pin(async move {
            let events = self.bench.journal.events_after(tenant_id, 0, 100).await.expect("events");
            events.iter().map(|event| event.kind).collect()
        })
    }
}

#[tokio::test]
async fn sqlite_keeps_every_promise_about_deliveries() {
    conformance::all(&Scene::new(databases::sqlite().await).await).await;
}

#[tokio::test]
async fn postgres_keeps_every_promise_about_deliveries() {
    conformance::all(&Scene::new(databases::postgres().await).await).await;
}
