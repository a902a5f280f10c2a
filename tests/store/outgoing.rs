//! What a commit makes for webhooks: a delivery for each that wants the event, in the event's own transaction; and how it is sent again
//! and dropped. On both databases.

use std::sync::Arc;

use actors::{
    port::{Body, NewEvent, SettingsWrite, WebhookChange, WebhookWrite, Write},
    testing::{conformance::Bench, talk::Talk},
};
use entities::{EventId, EventKind, TenantId, Timestamp, WebhookId, thread};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use serde_json::{json, value::to_raw_value};
use switchboard::store::{
    self, Database,
    deliveries::{replay, retain},
};
use uuid::Uuid;

use super::journal::bench;
use crate::support::databases::{self, Fresh};

/// A tenant with webhooks, on a fresh database.
struct Scene {
    db: Database,
    bench: Bench,
    tenant_id: TenantId,
    _fresh: Fresh,
}

#[derive(Debug, PartialEq, Eq, FromQueryResult)]
struct Row {
    kind: String,
    position: i64,
    status: String,
    attempts: i64,
    next_trigger: String,
}

impl Scene {
    async fn new(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let tenant_id = TenantId::new(bench.clock.new_id());
        (bench.add_tenant)(tenant_id).await;
        Self { db: fresh.db.clone(), bench, tenant_id, _fresh: fresh }
    }

    async fn run(&self, sql: &str, values: Vec<Value>) -> u64 {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| Ok(tx.execute_raw(statement).await.map_err(store::unavailable)?.rows_affected())).await.expect(sql)
    }

    async fn webhooks_changed(&self) {
        self.run("UPDATE tenant SET webhook_version = webhook_version + 1 WHERE id = $1", vec![self.tenant_id.uuid().into()]).await;
    }

    async fn webhook(&self, events: &[&str], filter: serde_json::Value) -> WebhookId {
        let id = self.bench.clock.new_id();
        let now = self.bench.clock.now().micros();
        self.run(
            "INSERT INTO webhook (id, tenant_id, url, events, filter, secret, status, created_at, updated_at) \
             VALUES ($1, $2, 'https://example.com/', $3, $4, $5, 'enabled', $6, $6)",
            vec![
                id.into(),
                self.tenant_id.uuid().into(),
                json!(events).to_string().into(),
                filter.to_string().into(),
                b"sealed".to_vec().into(),
                now.into(),
            ],
        )
        .await;
        self.webhooks_changed().await;
        WebhookId::new(id)
    }

    async fn set_status(&self, id: WebhookId, status: &str) {
        self.run("UPDATE webhook SET status = $2 WHERE id = $1", vec![id.uuid().into(), status.into()]).await;
        self.webhooks_changed().await;
    }

    async fn deliveries(&self, id: WebhookId) -> Vec<Row> {
        let sql = "SELECT kind, position, status, attempts, next_trigger FROM delivery WHERE webhook_id = $1 ORDER BY position";
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, [id.uuid().into()]);
        let rows = self.db.read().query_all_raw(statement).await.expect(sql);
        rows.iter().map(|row| Row::from_query_result(row, "").expect("a delivery")).collect()
    }

    async fn kinds(&self, id: WebhookId) -> Vec<String> {
        self.deliveries(id).await.into_iter().map(|row| row.kind).collect()
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.db.read().query_all_raw(Statement::from_string(self.db.backend(), sql)).await.expect(sql);
        rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")).collect()
    }

    async fn count(&self, table: &str) -> i64 {
        let statement = Statement::from_string(self.db.backend(), format!("SELECT COUNT(*) AS n FROM {table}"));
        self.db.read().query_one_raw(statement).await.expect("count").expect("a row").try_get("", "n").expect("a number")
    }

    async fn commit(&self, write: Write) {
        self.bench.journal.commit(write).await.expect("commit");
    }

    async fn begin(&self) -> Talk {
        let (mut talk, write) = Talk::begin(&self.bench.clock, self.tenant_id, "Hello?");
        self.commit(write).await;
        talk.numbered(1);
        talk
    }
}

async fn both(test: impl AsyncFn(Scene)) {
    test(Scene::new(databases::sqlite().await).await).await;
    test(Scene::new(databases::postgres().await).await).await;
}

#[tokio::test]
async fn an_event_becomes_a_delivery_for_each_webhook_that_wants_it_and_its_bytes_are_kept_once() {
    both(async |scene| {
        let all = scene.webhook(&["*"], json!({})).await;
        let tickets = scene.webhook(&["ticket.*", "ticket.created"], json!({})).await;
        let nothing = scene.webhook(&["channel.updated"], json!({})).await;
        scene.begin().await;
        let events = scene.bench.journal.events_after(scene.tenant_id, 0, 100).await.expect("events");
        let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(scene.kinds(all).await, kinds);
        assert_eq!(scene.kinds(tickets).await, ["ticket.created", "ticket.message_created"]);
        assert_eq!(scene.kinds(nothing).await, [""; 0]);
        assert!(scene.deliveries(all).await.iter().all(|row| row.status == "pending" && row.attempts == 0 && row.next_trigger == "auto"));

        let bodies = scene.texts("SELECT body FROM event_body ORDER BY position").await;
        let envelopes: Vec<String> = events.iter().map(|event| event.envelope().expect("JSON")).collect();
        assert_eq!(bodies, envelopes, "what is sent is what the feed shows, byte for byte");
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_is_made_disabled_or_changed_counts_from_the_very_next_event() {
    both(async |scene| {
        let mut talk = scene.begin().await;
        assert_eq!(scene.count("event_body").await, 0, "nobody wanted anything yet");
        let id = scene.webhook(&["conversation.message_created"], json!({})).await;
        assert_eq!(scene.kinds(id).await, [""; 0], "it gets nothing from before it was made");
        scene.commit(talk.say("one", None)).await;
        scene.set_status(id, "disabled").await;
        scene.commit(talk.say("two", None)).await;
        scene.set_status(id, "enabled").await;
        scene.commit(talk.say("three", None)).await;
        let statuses: Vec<String> = scene.deliveries(id).await.into_iter().map(|row| row.status).collect();
        assert_eq!(statuses, ["pending", "skipped", "pending"]);
    })
    .await;
}

#[tokio::test]
async fn a_filter_holds_for_what_the_event_is_about() {
    both(async |scene| {
        let mut talk = scene.begin().await;
        let channel = talk.row.channel_id;
        let here = scene.webhook(&["conversation.*"], json!({"channel_ids": [channel]})).await;
        let elsewhere = scene.webhook(&["conversation.*"], json!({"channel_ids": [Uuid::from_u128(1)]})).await;
        let vips = scene.webhook(&["conversation.*"], json!({"labels": ["vip"]})).await;
        scene.commit(talk.say("before the label", None)).await;
        scene.commit(talk.update(|row| row.labels = vec![entities::Label::parse("vip").expect("a label")])).await;
        scene.commit(talk.say("behind the label", None)).await;
        assert_eq!(scene.kinds(here).await.len(), 3);
        assert_eq!(scene.kinds(elsewhere).await.len(), 0);
        assert_eq!(scene.kinds(vips).await, ["conversation.updated", "conversation.message_created"]);
    })
    .await;
}

#[tokio::test]
async fn another_tenants_events_are_nobody_elses() {
    both(async |scene| {
        let other = TenantId::new(scene.bench.clock.new_id());
        (scene.bench.add_tenant)(other).await;
        let id = scene.webhook(&["*"], json!({})).await;
        let (_talk, write) = Talk::begin(&scene.bench.clock, other, "Is this yours?");
        scene.commit(write).await;
        assert_eq!(scene.kinds(id).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_is_disabled_for_failing_is_told_of_to_the_others() {
    both(async |scene| {
        let failing = scene.webhook(&["*"], json!({})).await;
        let other = scene.webhook(&["webhook.*"], json!({})).await;
        let now = scene.bench.clock.now();
        let event = NewEvent {
            id: EventId::new(scene.bench.clock.new_id()),
            kind: EventKind::WebhookDisabled,
            place: None,
            visitor_visible: false,
            body: Body::Settings(Arc::from(to_raw_value(&json!({"id": failing})).expect("JSON"))),
            at: now,
        };
        let change = WebhookChange::Disabled("no success for 3 days".to_owned());
        let settings = Some(SettingsWrite::Webhook(WebhookWrite { id: failing, change, at: now }));
        scene.commit(Write { tenant_id: scene.tenant_id, contact: None, conversation: None, settings, events: vec![event] }).await;
        assert_eq!(scene.kinds(failing).await, [""; 0]);
        assert_eq!(scene.kinds(other).await, ["webhook.disabled"]);
        assert_eq!(scene.texts("SELECT disabled_reason FROM webhook WHERE status = 'disabled'").await, ["no success for 3 days"]);
        // From the next event on it is skipped: what was remembered of it is read again.
        scene.begin().await;
        assert!(scene.deliveries(failing).await.iter().all(|row| row.status == "skipped"));
    })
    .await;
}

/// Makes the row of a replay over everything.
async fn begin_replay(scene: &Scene, id: WebhookId, only: &str) {
    let now = scene.bench.clock.now().micros();
    let head = scene.bench.journal.head(scene.tenant_id).await.expect("the head").cast_signed();
    scene
        .run(
            "INSERT INTO replay (id, tenant_id, webhook_id, only_kind, next_position, last_position, first_position, status, created_at) \
             VALUES ($1, $2, $3, $4, 1, $5, 1, 'running', $6)",
            vec![scene.bench.clock.new_id().into(), scene.tenant_id.uuid().into(), id.uuid().into(), only.into(), head.into(), now.into()],
        )
        .await;
}

async fn go_on(scene: &Scene) -> u64 {
    let (queued, woken) = replay::go_on(&scene.db, scene.bench.clock.now()).await.expect("a replay");
    assert_eq!(woken.is_empty(), queued == 0);
    assert_eq!(replay::go_on(&scene.db, scene.bench.clock.now()).await.expect("nothing is left").0, 0);
    queued
}

#[tokio::test]
async fn a_replay_of_what_is_missing_makes_what_never_was_and_wakes_what_was_skipped() {
    both(async |scene| {
        let mut talk = scene.begin().await;
        let id = scene.webhook(&["conversation.message_created"], json!({})).await;
        scene.commit(talk.say("delivered", None)).await;
        scene.run("UPDATE delivery SET status = 'delivered', attempts = 1", Vec::new()).await;
        scene.set_status(id, "disabled").await;
        scene.commit(talk.say("skipped", None)).await;
        scene.set_status(id, "enabled").await;
        begin_replay(&scene, id, "missing").await;
        assert_eq!(go_on(&scene).await, 2);
        let rows: Vec<(String, String)> = scene.deliveries(id).await.into_iter().map(|row| (row.status, row.next_trigger)).collect();
        let row = |status: &str, trigger: &str| (status.to_owned(), trigger.to_owned());
        assert_eq!(rows, [row("pending", "replay"), row("delivered", "auto"), row("pending", "replay")]);
        assert_eq!(scene.texts("SELECT status FROM replay").await, ["done"]);
        // The delivery that the replay made has the id that the journal would have given it.
        let first = scene.bench.journal.events_after(scene.tenant_id, 0, 100).await.expect("events");
        let first = first.iter().find(|event| event.kind == EventKind::ConversationMessageCreated).expect("a message");
        let statement = Statement::from_sql_and_values(
            scene.db.backend(),
            "SELECT 1 AS one FROM delivery WHERE id = $1",
            [thread::delivery_id(first.id, id).uuid().into()],
        );
        assert!(scene.db.read().query_one_raw(statement).await.expect("a look").is_some());
    })
    .await;
}

#[tokio::test]
async fn a_replay_of_what_failed_gives_it_its_whole_schedule_again() {
    both(async |scene| {
        let id = scene.webhook(&["ticket.*"], json!({})).await;
        scene.begin().await;
        scene.run("UPDATE delivery SET status = 'failed', attempts = 6 WHERE kind = 'ticket.created'", Vec::new()).await;
        scene.run("UPDATE delivery SET status = 'delivered', attempts = 1 WHERE kind <> 'ticket.created'", Vec::new()).await;
        begin_replay(&scene, id, "failed").await;
        assert_eq!(go_on(&scene).await, 1);
        let again = scene.deliveries(id).await.into_iter().find(|row| row.kind == "ticket.created").expect("a delivery");
        assert_eq!((again.status.as_str(), again.attempts), ("pending", 6));
        let budget: Vec<String> = scene.texts("SELECT CAST(budget_from AS TEXT) FROM delivery WHERE kind = 'ticket.created'").await;
        assert_eq!(budget, ["6"]);
        begin_replay(&scene, id, "all").await;
        assert_eq!(go_on(&scene).await, 1, "what is waiting already is left as it is");
    })
    .await;
}

#[tokio::test]
async fn a_replay_of_a_webhook_that_is_gone_ends() {
    both(async |scene| {
        let id = scene.webhook(&["*"], json!({})).await;
        scene.begin().await;
        begin_replay(&scene, id, "all").await;
        scene.run("DELETE FROM webhook", Vec::new()).await;
        assert_eq!(go_on(&scene).await, 0);
        assert_eq!(scene.texts("SELECT status FROM replay").await, ["done"]);
    })
    .await;
}

#[tokio::test]
async fn old_deliveries_go_with_their_attempts_and_bytes_and_young_ones_stay() {
    both(async |scene| {
        let id = scene.webhook(&["*"], json!({})).await;
        let mut talk = scene.begin().await;
        let old = scene.count("delivery").await;
        scene
            .run(
                "INSERT INTO attempt (webhook_id, position, number, trigger_kind, started_at, total_ms) \
                 SELECT webhook_id, position, 1, 'auto', 0, 1 FROM delivery",
                Vec::new(),
            )
            .await;
        scene.run("UPDATE delivery SET at = 0", Vec::new()).await;
        scene.commit(talk.say("young", None)).await;
        let (deliveries, bodies) = (scene.count("delivery").await, scene.count("event_body").await);
        let forgotten = retain::forget_before(&scene.db, Timestamp::from_micros(1)).await.expect("a round");
        assert_eq!(forgotten as i64, 2 * old, "the deliveries and the bytes");
        assert_eq!(scene.count("delivery").await, deliveries - old);
        assert_eq!(scene.count("event_body").await, bodies - old);
        assert_eq!(scene.count("attempt").await, 0);
        assert_eq!(scene.kinds(id).await.len() as i64, deliveries - old);
        assert_eq!(retain::forget_before(&scene.db, Timestamp::from_micros(1)).await.expect("a round"), 0);
    })
    .await;
}
