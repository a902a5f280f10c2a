//! The dispatches over SQL, held to every promise on both databases; and how rows become what a gateway is to do.

use std::sync::Arc;

use actors::{
    port::{ChannelLease, Clock, DispatchAction, DispatchState, Dispatches, DueDispatch, Line, Promise, UNKNOWN_MS},
    testing::{
        conformance::Bench,
        dispatches::conformance::{self, Fixture},
    },
};
use entities::{
    Action, Address, AddressKind, ChannelId, ChannelKind, ConversationId, CredentialId, EventId, MessageId, NodeId, Remote, TenantId,
    Timestamp,
};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::json;
use switchboard::store::{self, Database, dialect, dispatches::SqlDispatches};

use super::journal::bench;
use crate::support::databases::{self, Fresh};

struct Scene {
    db: Database,
    bench: Bench,
    dispatches: SqlDispatches,
    _fresh: Fresh,
}

impl Scene {
    async fn new(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let clock = bench.clock.clone();
        let new_event_id = Arc::new(move || EventId::new(clock.new_id()));
        let dispatches = SqlDispatches::new(fresh.db.clone(), bench.journal.clone(), new_event_id);
        Self { db: fresh.db.clone(), bench, dispatches, _fresh: fresh }
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable).map(|_done| ())).await.expect(sql);
    }

    async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<sea_orm::QueryResult> {
        self.db.read().query_all_raw(Statement::from_sql_and_values(self.db.backend(), sql, values)).await.expect(sql)
    }

    /// Makes a message at a place; `extra` as its column has it.
    async fn message(&self, line: &Line, place: (ConversationId, i64), text: &str, status: &str, extra: Option<String>) -> MessageId {
        let sql = "INSERT INTO message (conversation_id, seq, tenant_id, id, ticket_id, kind, direction, author_kind, author_id, author_name, \
                   author_avatar_url, content_text, extra, status, created_at) \
                   VALUES ($1, $2, $3, $4, $5, 'message', 'out', 'agent', $6, 'Ann', 'https://example.com/ann.png', $7, $8, $9, $10)";
        let (id, now) = (self.bench.clock.new_id(), dialect::micros_value(self.db.backend(), self.bench.clock.now()));
        let (ticket_id, author_id) = (self.bench.clock.new_id(), self.bench.clock.new_id());
        let values = vec![
            place.0.uuid().into(),
            place.1.into(),
            line.tenant_id.uuid().into(),
            id.into(),
            ticket_id.into(),
            author_id.into(),
            text.into(),
            extra.into(),
            status.into(),
            now,
        ];
        self.run(sql, values).await;
        MessageId::new(id)
    }

    async fn dispatch(&self, line: &Line, place: (ConversationId, i64), position: i64, action: Option<&DispatchAction>, at: Timestamp) {
        let sql = "INSERT INTO dispatch (channel_id, position, tenant_id, conversation_id, seq, action, tries, due_at, wished_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)";
        let values = vec![
            line.id.uuid().into(),
            position.into(),
            line.tenant_id.uuid().into(),
            place.0.uuid().into(),
            place.1.into(),
            action.map(|action| serde_json::to_string(action).expect("JSON")).into(),
            at.micros().into(),
        ];
        self.run(sql, values).await;
    }

    async fn provider_id(&self, line: &Line, place: (ConversationId, i64), provider_id: &str) {
        let sql = "INSERT INTO provider_message (channel_id, provider_id, tenant_id, conversation_id, seq) VALUES ($1, $2, $3, $4, $5)";
        let (channel, tenant) = (line.id.uuid().into(), line.tenant_id.uuid().into());
        self.run(sql, vec![channel, provider_id.into(), tenant, place.0.uuid().into(), place.1.into()]).await;
    }

    /// A channel with one conversation, and now.
    async fn talk(&self) -> (Line, ConversationId, Timestamp) {
        let tenant_id = self.add_tenant().await;
        let line = self.add_channel(tenant_id).await;
        let to = self.add_conversation(&line, "+4915100000001").await;
        (line, to, self.bench.clock.now())
    }

    async fn only(&self, line: &Line, now: Timestamp) -> DueDispatch {
        let page = self.dispatches.page(line, now, &[], 64).await.expect("page");
        assert_eq!(page.due.len(), 1, "one is due");
        page.due[0].clone()
    }
}

impl Fixture for Scene {
    fn dispatches(&self) -> &dyn Dispatches {
        &self.dispatches
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

    fn add_channel(&self, tenant_id: TenantId) -> Promise<'_, Line> {
        Box::pin(async move {
            let (id, credential_id) = (self.bench.clock.new_id(), self.bench.clock.new_id());
            let sql = "INSERT INTO channel (id, tenant_id, kind, name, address, credential_id, status, created_at, updated_at) \
                       VALUES ($1, $2, 'sms', 'Number', '+4930123456', $3, 'connected', $4, $4)";
            let now = self.bench.clock.now().utc();
            self.run(sql, vec![id.into(), tenant_id.uuid().into(), credential_id.into(), now.into()]).await;
            let (id, credential_id) = (ChannelId::new(id), CredentialId::new(credential_id));
            Line { tenant_id, id, kind: ChannelKind::Sms, address: "+4930123456".to_owned(), credential_id }
        })
    }

    fn add_conversation<'a>(&'a self, line: &'a Line, phone: &'a str) -> Promise<'a, ConversationId> {
        Box::pin(async move {
            let (id, contact_id) = (self.bench.clock.new_id(), self.bench.clock.new_id());
            let sql = "INSERT INTO conversation (id, tenant_id, channel_id, contact_id, status, priority, labels, seq, inbound_count, \
                       inbound_seen, contact_read_seq, agent_read_seq, last_message_seq, created_at, updated_at, remote) \
                       VALUES ($1, $2, $3, $4, 'open', 'none', '[]', 1, 0, 0, 0, 0, 1, $5, $5, $6)";
            let remote =
                Remote::new(ChannelKind::Sms, Address { kind: AddressKind::Phone, value: phone.to_owned() }, Some("T1".to_owned()));
            let remote = serde_json::to_string(&remote).expect("JSON");
            let now = self.bench.clock.now().utc();
            let (tenant, channel) = (line.tenant_id.uuid().into(), line.id.uuid().into());
            self.run(sql, vec![id.into(), tenant, channel, contact_id.into(), now.into(), remote.into()]).await;
            ConversationId::new(id)
        })
    }

    fn add_dispatch<'a>(
        &'a self,
        line: &'a Line,
        to: ConversationId,
        position: i64,
        text: &'a str,
        at: Timestamp,
    ) -> Promise<'a, MessageId> {
        Box::pin(async move {
            let place = (to, position + 100);
            let id = self.message(line, place, text, "queued", None).await;
            self.dispatch(line, place, position, None, at).await;
            id
        })
    }

    fn settle<'a>(&'a self, line: &'a Line, position: i64) -> Promise<'a, ()> {
        let values = vec![line.id.uuid().into(), position.into()];
        Box::pin(self.run("DELETE FROM dispatch WHERE channel_id = $1 AND position = $2", values))
    }

    fn switch<'a>(&'a self, line: &'a Line, is_connected: bool) -> Promise<'a, ()> {
        let status = if is_connected { "connected" } else { "disconnected" };
        let values = vec![line.id.uuid().into(), status.into()];
        Box::pin(self.run("UPDATE channel SET status = $2, status_detail = NULL WHERE id = $1", values))
    }

    fn disconnected<'a>(&'a self, line: &'a Line) -> Promise<'a, Option<String>> {
        Box::pin(async move {
            let sql = "SELECT status_detail FROM channel WHERE id = $1 AND status = 'disconnected'";
            let rows = self.rows(sql, vec![line.id.uuid().into()]).await;
            rows.first().map(|row| row.try_get("", "status_detail").expect("a reason"))
        })
    }

    fn told(&self, tenant_id: TenantId) -> Promise<'_, usize> {
        Box::pin(async move {
            let events = self.bench.journal.events_after(tenant_id, 0, 100).await.expect("events");
            events.iter().filter(|event| event.kind.as_str() == "channel.failed").count()
        })
    }
}

/// A message with all that one can have comes to the gateway whole, and answers the message it answers by the provider's own name of that.
async fn a_message_is_sent_with_all_that_belongs_to_it(scene: &Scene) {
    let (line, to, now) = scene.talk().await;
    let file = scene.bench.clock.new_id();
    let extra = json!({
        "attachments": [{"id": file, "filename": "plan.pdf", "size": 7, "type": "application/pdf"}],
        "via": {"reply_to_seq": 5, "extra": {"type": "buttons", "buttons": [{"id": "y", "title": "Yes"}]}},
    });
    scene.provider_id(&line, (to, 5), "own:0190").await;
    scene.provider_id(&line, (to, 5), "SM5").await;
    let id = scene.message(&line, (to, 9), "see the plan", "queued", Some(extra.to_string())).await;
    scene.dispatch(&line, (to, 9), 3, None, now).await;
    let due = scene.only(&line, now).await;
    assert_eq!((due.seq, due.of_message, due.heard_of), (9, true, false));
    let outbound = due.outbound.expect("it can be sent");
    assert_eq!((outbound.thread.as_deref(), outbound.now), (Some("T1"), now));
    let Action::Send(message) = outbound.what else { panic!("a message") };
    assert_eq!((message.id, message.text.as_str(), message.reply_to.as_deref()), (id, "see the plan", Some("SM5")));
    assert_eq!((message.author.name.as_deref(), message.author.human), (Some("Ann"), true));
    let [media] = &*message.media else { panic!("one file") };
    assert_eq!((media.id.uuid(), media.filename.as_str(), media.mime.as_str(), media.size), (file, "plan.pdf", "application/pdf", 7));
    assert!(message.extra.is_some());
}

/// What is done with a message names it as the provider does; where the provider has no name for it, that is said and nothing sent.
async fn a_reaction_names_the_provider_s_message(scene: &Scene) {
    let (line, to, now) = scene.talk().await;
    scene.message(&line, (to, 1), "hello", "sent", None).await;
    let react = DispatchAction::React { emoji: Some("👍".to_owned()), previous: None };
    scene.dispatch(&line, (to, 1), 3, Some(&react), now).await;
    let due = scene.only(&line, now).await;
    assert!(!due.of_message && due.outbound.is_err_and(|error| error.code == "message_unknown"));
    scene.provider_id(&line, (to, 1), "SM1").await;
    let due = scene.only(&line, now).await;
    let Action::React { target, emoji, previous } = due.outbound.expect("it can be sent").what else { panic!("a reaction") };
    assert_eq!((target.as_str(), emoji.as_deref(), previous), ("SM1", Some("👍"), None));
}

/// What nobody can be sent is told with the reason, and does not make the page fail.
async fn what_can_never_be_sent_says_why(scene: &Scene) {
    let (line, to, now) = scene.talk().await;
    scene.dispatch(&line, (to, 77), 3, None, now).await;
    assert_eq!(scene.only(&line, now).await.outbound.map_err(|error| error.code), Err("message_gone".to_owned()));
    scene.message(&line, (to, 77), "hello", "queued", None).await;
    scene.run("UPDATE conversation SET remote = NULL WHERE id = $1", vec![to.uuid().into()]).await;
    assert_eq!(scene.only(&line, now).await.outbound.map_err(|error| error.code), Err("no_address".to_owned()));
}

/// A message that was begun, and of which the provider has told since, is known to be there.
async fn a_receipt_is_seen_by_who_waits_for_it(scene: &Scene) {
    let (line, to, now) = scene.talk().await;
    scene.message(&line, (to, 1), "hello", "queued", None).await;
    scene.dispatch(&line, (to, 1), 3, None, now).await;
    let lease = ChannelLease { channel_id: line.id, owner: NodeId::new(scene.bench.clock.new_id()) };
    scene.dispatches.claim(lease, now, now.plus_ms(60_000)).await.expect("claim").expect("it is free");
    assert!(scene.dispatches.begin(lease, 3, now).await.expect("begin"));
    let later = now.plus_ms(UNKNOWN_MS);
    let due = scene.only(&line, later).await;
    assert_eq!((due.state, due.heard_of), (DispatchState::Begun(now), false));
    scene.run("UPDATE message SET status = 'delivered' WHERE conversation_id = $1", vec![to.uuid().into()]).await;
    assert!(scene.only(&line, later).await.heard_of);
}

async fn rows_become_what_is_to_be_done(fresh: Fresh) {
    let scene = Scene::new(fresh).await;
    a_message_is_sent_with_all_that_belongs_to_it(&scene).await;
    a_reaction_names_the_provider_s_message(&scene).await;
    what_can_never_be_sent_says_why(&scene).await;
    a_receipt_is_seen_by_who_waits_for_it(&scene).await;
}

#[tokio::test]
async fn sqlite_keeps_every_promise_about_dispatches() {
    conformance::all(&Scene::new(databases::sqlite().await).await).await;
}

#[tokio::test]
async fn postgres_keeps_every_promise_about_dispatches() {
    conformance::all(&Scene::new(databases::postgres().await).await).await;
}

#[tokio::test]
async fn sqlite_rows_become_what_is_to_be_done() {
    rows_become_what_is_to_be_done(databases::sqlite().await).await;
}

#[tokio::test]
async fn postgres_rows_become_what_is_to_be_done() {
    rows_become_what_is_to_be_done(databases::postgres().await).await;
}
