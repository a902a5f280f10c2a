//! How the journal changes a channel: the row, its secret, its line in the log and its event, all or nothing. On both databases.

use std::sync::Arc;

use actors::{
    port::{AuditLine, Body, ChannelWrite, CommitError, IdentitySecretWrite, NewEvent, SettingsWrite, Write},
    testing::{conformance::Bench, talk::Talk},
};
use entities::{AuditEntryId, ChannelId, ChannelStatus, CredentialId, EventId, EventKind, TenantId};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::{json, value::to_raw_value};
use switchboard::store::{self, Database};
use uuid::Uuid;

use super::journal::bench;
use crate::support::databases::{self, Fresh};

struct Scene {
    db: Database,
    bench: Bench,
    tenant_id: TenantId,
    channel_id: ChannelId,
    _fresh: Fresh,
}

impl Scene {
    async fn new(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let tenant_id = TenantId::new(bench.clock.new_id());
        (bench.add_tenant)(tenant_id).await;
        let channel_id = ChannelId::new(bench.clock.new_id());
        let scene = Self { db: fresh.db.clone(), bench, tenant_id, channel_id, _fresh: fresh };
        let (id, at) = (scene.bench.clock.new_id(), scene.bench.clock.now());
        let insert = "INSERT INTO channel (id, tenant_id, kind, name, status, created_at, updated_at) VALUES ($1, $2, $3, 'Site', 'connected', $4, $4)";
        let widget: Vec<Value> = vec![channel_id.uuid().into(), tenant_id.uuid().into(), "widget".into(), at.utc().into()];
        scene.run(insert, widget).await;
        let insert = "INSERT INTO webhook (id, tenant_id, url, events, filter, secret, status, created_at, updated_at) \
             VALUES ($1, $2, 'https://example.com/', '[\"channel.updated\"]', $3, $4, 'enabled', $5, $5)";
        let filter = json!({"channel_ids": [channel_id]}).to_string();
        let webhook: Vec<Value> = vec![id.into(), tenant_id.uuid().into(), filter.into(), b"sealed".to_vec().into(), at.micros().into()];
        scene.run(insert, webhook).await;
        scene.run("UPDATE tenant SET webhook_version = 1 WHERE id = $1", vec![tenant_id.uuid().into()]).await;
        scene
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable)).await.expect(sql);
    }

    async fn count(&self, of: &str) -> i64 {
        let statement = Statement::from_string(self.db.backend(), format!("SELECT COUNT(*) AS n FROM {of}"));
        self.db.read().query_one_raw(statement).await.expect(of).expect("a row").try_get("", "n").expect("a number")
    }

    /// So many: channels of version 2, secrets, lines, events, deliveries.
    async fn counts(&self) -> [i64; 5] {
        let mut counts = [0; 5];
        for (count, of) in counts.iter_mut().zip(["channel WHERE version = 2", "identity_secret", "audit_entry", "event", "delivery"]) {
            *count = self.count(of).await;
        }
        counts
    }

    fn channel(&self, name: &str) -> ChannelWrite {
        let at = self.bench.clock.now();
        let line = AuditLine {
            id: AuditEntryId::new(self.bench.clock.new_id()),
            at,
            actor_kind: "agent",
            actor_id: None,
            actor_name: Some("Maya".to_owned()),
            action: "channel.updated",
            target_kind: "channel",
            target_id: self.channel_id.uuid(),
            detail: "{}".to_owned(),
            request_id: None,
        };
        ChannelWrite {
            id: self.channel_id,
            expected_version: 1,
            name: name.to_owned(),
            credential_id: None,
            status: ChannelStatus::Connected,
            status_detail: None,
            settings: "{}".to_owned(),
            secret: Some(IdentitySecretWrite { key_id: format!("ik_{name}"), sealed: Some("sealed".to_owned()) }),
            line: Some(line),
            at,
        }
    }

    fn write(&self, tenant_id: TenantId, channel: ChannelWrite) -> Write {
        let event = NewEvent {
            id: EventId::new(self.bench.clock.new_id()),
            kind: EventKind::ChannelUpdated,
            place: None,
            visitor_visible: false,
            body: Body::Settings(Arc::from(to_raw_value(&json!({"id": channel.id})).expect("JSON"))),
            at: channel.at,
        };
        let settings = Some(SettingsWrite::Channel(Box::new(channel)));
        Write { tenant_id, contact: None, conversation: None, settings, events: vec![event] }
    }
}

async fn both(test: impl AsyncFn(Scene)) {
    test(Scene::new(databases::sqlite().await).await).await;
    test(Scene::new(databases::postgres().await).await).await;
}

#[tokio::test]
async fn a_change_its_secret_its_line_its_event_and_what_is_to_be_delivered_are_one_transaction() {
    both(async |scene| {
        let committed = scene.bench.journal.commit(scene.write(scene.tenant_id, scene.channel("Shop"))).await.expect("a commit");
        assert_eq!(committed.first_position, 1);
        assert_eq!(scene.counts().await, [1, 1, 1, 1, 1]);
        let ended = IdentitySecretWrite { key_id: "ik_Shop".to_owned(), sealed: None };
        let again = ChannelWrite { expected_version: 2, secret: Some(ended), line: None, ..scene.channel("Shop") };
        scene.bench.journal.commit(scene.write(scene.tenant_id, again)).await.expect("a commit");
        assert_eq!(scene.counts().await, [0, 0, 1, 2, 2]);
        assert_eq!(scene.count("channel WHERE version = 3 AND name = 'Shop'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_what_is_no_longer_so_is_refused_whole() {
    both(async |scene| {
        let stranger = TenantId::new(scene.bench.clock.new_id());
        (scene.bench.add_tenant)(stranger).await;
        let stale = ChannelWrite { expected_version: 7, ..scene.channel("Shop") };
        let gone = ChannelWrite { id: ChannelId::new(Uuid::from_u128(9)), ..scene.channel("Shop") };
        let without = ChannelWrite { credential_id: Some(CredentialId::new(Uuid::from_u128(9))), ..scene.channel("Shop") };
        for (tenant_id, channel) in
            [(scene.tenant_id, stale), (scene.tenant_id, gone), (scene.tenant_id, without), (stranger, scene.channel("Shop"))]
        {
            let refused = scene.bench.journal.commit(scene.write(tenant_id, channel)).await;
            assert!(matches!(refused, Err(CommitError::Conflict)), "{refused:?}");
        }
        assert_eq!(scene.counts().await, [0, 0, 0, 0, 0]);
        let begun = scene.bench.journal.commit(scene.write(scene.tenant_id, scene.channel("Shop"))).await.expect("a commit");
        assert_eq!(begun.first_position, 1, "what was refused took no position");
    })
    .await;
}

#[tokio::test]
async fn of_changes_that_come_at_once_one_is_made_and_what_comes_with_them_is_not_touched() {
    both(async |scene| {
        let (_talk, message) = Talk::begin(&scene.bench.clock, scene.tenant_id, "Hello?");
        let said = message.events.len() as i64;
        let journal = &scene.bench.journal;
        let rivals = ["a", "b", "c", "d"].map(|name| journal.commit(scene.write(scene.tenant_id, scene.channel(name))));
        let (begun, rivals) = futures_util::future::join(journal.commit(message), futures_util::future::join_all(rivals)).await;
        begun.expect("a commit");
        let made: Vec<_> = rivals.iter().filter(|rival| rival.is_ok()).collect();
        assert_eq!(made.len(), 1, "{rivals:?}");
        assert_eq!(scene.counts().await, [1, 1, 1, said + 1, 1]);
        assert_eq!(journal.head(scene.tenant_id).await.expect("the head").cast_signed(), said + 1, "no gap");
    })
    .await;
}
