//! Routing in memory keeps what it promises.

use std::{collections::HashMap, sync::Arc, sync::Mutex};

use entities::{AgentId, AuthorKind, ConversationId, RoutingRules, TeamId, TenantId};

use crate::{
    port::{Clock, Journal, LastReply, Promise, Routing},
    testing::{
        ManualClock, MemoryJournal, MemoryRouting, RecordingBus, Talk,
        routing::{
            Seat,
            conformance::{self, Fixture, Placed},
        },
    },
};

struct Memory {
    clock: Arc<ManualClock>,
    journal: Arc<MemoryJournal>,
    routing: MemoryRouting,
    talks: Mutex<HashMap<ConversationId, Talk>>,
}

impl Memory {
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

impl Fixture for Memory {
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
        let tenant_id = TenantId::new(self.clock.new_id());
        self.routing.set_rules(tenant_id, rules);
        Box::pin(std::future::ready(tenant_id))
    }

    fn add_team(&self, _tenant_id: TenantId) -> Promise<'_, TeamId> {
        Box::pin(std::future::ready(TeamId::new(self.clock.new_id())))
    }

    fn add_member(&self, tenant_id: TenantId, seat: Seat) -> Promise<'_, AgentId> {
        let agent_id = AgentId::new(self.clock.new_id());
        self.routing.seat(tenant_id, agent_id, seat);
        Box::pin(std::future::ready(agent_id))
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

#[tokio::test]
async fn routing_in_memory_conforms() {
    let journal = Arc::new(MemoryJournal::new(Arc::new(RecordingBus::default())));
    let routing = MemoryRouting::new(journal.clone());
    let memory = Memory { clock: Arc::new(ManualClock::default()), journal, routing, talks: Mutex::default() };
    conformance::all(&memory).await;
}
