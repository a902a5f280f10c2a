//! Routing over SQL, held to every promise on both databases.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use actors::{
    port::{Clock, Journal, LastReply, Promise, Routing},
    testing::{
        ManualClock, RecordingBus, Talk,
        routing::{
            Seat,
            conformance::{self, Fixture, Placed},
        },
    },
};
use entities::{AgentId, AuthorKind, ConversationId, Role, RoutingMode, RoutingRules, TeamId, TenantId};
use sea_orm::{ConnectionTrait, Statement, Value};
use switchboard::store::{self, SqlJournal, routing::SqlRouting};

use crate::support::databases::{self, Fresh};

struct Scene {
    clock: Arc<ManualClock>,
    journal: SqlJournal,
    routing: SqlRouting,
    talks: Mutex<HashMap<ConversationId, Talk>>,
    fresh: Fresh,
}

impl Scene {
    async fn new(fresh: Fresh) -> Self {
        let journal = SqlJournal::open(fresh.db.clone(), Arc::new(RecordingBus::default())).await.expect("open the journal");
        let routing = SqlRouting::new(fresh.db.clone());
        Self { clock: Arc::new(ManualClock::default()), journal, routing, talks: Mutex::default(), fresh }
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let db = &self.fresh.db;
        let statement = Statement::from_sql_and_values(db.backend(), sql, values);
        db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable).map(|_done| ())).await.expect(sql);
    }

    /// Has the conversation be where it is placed, as its actor would.
    async fn place(&self, mut talk: Talk, placed: Placed, answered: bool) {
        let write = talk.update(|row| {
            (row.status, row.assignee_id, row.team_id, row.owner_id) = (placed.status, placed.assignee_id, placed.team_id, placed.owner_id);
            if answered {
                let author_id = self.clock.new_id();
                row.last_reply = Some(LastReply { seq: row.last_message_seq, author_id, author_kind: AuthorKind::Agent });
            }
        });
        self.journal.commit(write).await.expect("commit");
        self.talks.lock().expect("lock").insert(talk.row.id, talk);
    }
}

impl Fixture for Scene {
    fn routing(&self) -> &dyn Routing {
        &self.routing
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn pass(&self) {
        self.clock.advance_ms(1_000);
    }

    fn add_tenant(&self, rules: RoutingRules) -> Promise<'_, TenantId> {
        Box::pin(async move {
            let id = TenantId::new(self.clock.new_id());
            let now = self.clock.now();
            let tenant = "INSERT INTO tenant (id, name, created_at, updated_at) VALUES ($1, 'Acme', $2, $2)";
            self.run(tenant, vec![id.uuid().into(), now.utc().into()]).await;
            // A tenant whose rules nobody has changed has no row.
            if rules.mode != RoutingMode::Manual {
                let routing = "INSERT INTO routing (tenant_id, mode, when_away, away_after_ms, capacity, version, updated_at) \
                               VALUES ($1, $2, $3, $4, 10, 2, $5)";
                let (mode, when_away) = (rules.mode.as_str().into(), rules.when_away.as_str().into());
                let away_after_ms = i64::from(rules.away_after_ms).into();
                self.run(routing, vec![id.uuid().into(), mode, when_away, away_after_ms, now.micros().into()]).await;
            }
            id
        })
    }

    fn add_team(&self, tenant_id: TenantId) -> Promise<'_, TeamId> {
        Box::pin(async move {
            let id = self.clock.new_id();
            let team = "INSERT INTO team (id, tenant_id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)";
            let values = vec![id.into(), tenant_id.uuid().into(), id.to_string().into(), self.clock.now().micros().into()];
            self.run(team, values).await;
            TeamId::new(id)
        })
    }

    fn add_member(&self, tenant_id: TenantId, seat: Seat) -> Promise<'_, AgentId> {
        Box::pin(async move {
            let (id, now) = (self.clock.new_id(), self.clock.now());
            let member = "INSERT INTO member (id, tenant_id, email, password_hash, name, role, capacity, created_at, updated_at) \
                          VALUES ($1, $2, $3, '', 'Ann', $4, $5, $6, $6)";
            let role = if seat.takes { Role::Agent } else { Role::Viewer };
            let capacity = i64::from(seat.capacity).into();
            let (email, role) = (id.to_string().into(), role.as_str().into());
            self.run(member, vec![id.into(), tenant_id.uuid().into(), email, role, capacity, now.utc().into()]).await;
            for team_id in seat.teams {
                let team = "INSERT INTO team_member (tenant_id, team_id, member_id) VALUES ($1, $2, $3)";
                self.run(team, vec![tenant_id.uuid().into(), team_id.uuid().into(), id.into()]).await;
            }
            AgentId::new(id)
        })
    }

    fn add_conversation(&self, tenant_id: TenantId, placed: Placed) -> Promise<'_, ConversationId> {
        Box::pin(async move {
            let clock: Arc<dyn Clock> = self.clock.clone();
            let (talk, write) = Talk::begin(&clock, tenant_id, "hello");
            let id = talk.row.id;
            self.journal.commit(write).await.expect("commit");
            self.place(talk, placed, false).await;
            id
        })
    }

    fn change(&self, _tenant_id: TenantId, id: ConversationId, placed: Placed, answered: bool) -> Promise<'_, ()> {
        Box::pin(async move {
            let talk = self.talks.lock().expect("lock").get(&id).cloned().expect("the conversation");
            self.place(talk, placed, answered).await;
        })
    }
}

/// Disabled members, and those without a number of their own.
async fn a_disabled_member_takes_nothing_and_others_what_the_tenant_says(scene: &Scene) {
    let rules = RoutingRules { mode: RoutingMode::RoundRobin, ..RoutingRules::default() };
    let tenant_id = scene.add_tenant(rules).await;
    let (ann, bob) = (scene.add_member(tenant_id, seat()).await, scene.add_member(tenant_id, seat()).await);
    scene.run("UPDATE member SET capacity = NULL WHERE id = $1", vec![ann.uuid().into()]).await;
    let disabled = "UPDATE member SET disabled_at = $2 WHERE id = $1";
    scene.run(disabled, vec![bob.uuid().into(), scene.clock.now().utc().into()]).await;
    let survey = scene.routing.survey(tenant_id).await.expect("survey").expect("it is routed");
    assert_eq!(survey.rules, rules);
    let seats: Vec<_> = survey.members.iter().map(|member| (member.agent_id, member.takes, member.capacity)).collect();
    assert_eq!(seats, [(ann, true, 10), (bob, false, 3)]);
}

fn seat() -> Seat {
    Seat { takes: true, capacity: 3, teams: Vec::new() }
}

/// A conversation that was taken from somebody does not take their turn back.
async fn a_turn_stays_taken(scene: &Scene) {
    let tenant_id = scene.add_tenant(RoutingRules { mode: RoutingMode::RoundRobin, ..RoutingRules::default() }).await;
    let (ann, bob) = (scene.add_member(tenant_id, seat()).await, scene.add_member(tenant_id, seat()).await);
    let open = entities::ConversationStatus::Open;
    let of = |agent_id| Placed { status: open, assignee_id: Some(agent_id), team_id: None, owner_id: None };
    let first = Some(scene.clock.now());
    let id = scene.add_conversation(tenant_id, of(ann)).await;
    scene.pass();
    let second = Some(scene.clock.now());
    scene.change(tenant_id, id, of(bob), false).await;
    scene.pass();
    scene.change(tenant_id, id, of(bob), true).await;
    let survey = scene.routing.survey(tenant_id).await.expect("survey").expect("it is routed");
    let turns: Vec<_> = survey.members.iter().map(|member| (member.agent_id, member.given_at)).collect();
    assert_eq!(turns, [(ann, first), (bob, second)], "what is said later in a conversation is no turn");
}

async fn all(fresh: Fresh) {
    let scene = Scene::new(fresh).await;
    conformance::all(&scene).await;
    a_disabled_member_takes_nothing_and_others_what_the_tenant_says(&scene).await;
    a_turn_stays_taken(&scene).await;
}

#[tokio::test]
async fn routing_on_sqlite_conforms() {
    all(databases::sqlite().await).await;
}

#[tokio::test]
async fn routing_on_postgres_conforms() {
    all(databases::postgres().await).await;
}
