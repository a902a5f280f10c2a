//! Stories of what breaks, and of several nodes.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entities::{AgentId, ConversationId, NodeId, TenantId, Timestamp};

use super::stage::{Stage, by_load, story};
use crate::{
    conversation::{AskError, Assign, Command, Update},
    port::{Clock, Held, Promise, Routing, RoutingLease, Selection, StoreError, Survey, Waiting},
    routing::Conversations,
    runtime::Directory,
    testing::MemoryRouting,
};

const HEARD: Duration = Duration::from_millis(150);
const SWEEP: Duration = Duration::from_millis(400);

/// The database of a node, until the node is cut off from it as by a crash: then nothing it asks for is ever done.
struct Severed {
    inner: Arc<MemoryRouting>,
    cut: AtomicBool,
}

impl Severed {
    fn or<'a, T: 'a>(&self, promise: Promise<'a, T>) -> Promise<'a, T> {
        if self.cut.load(Ordering::SeqCst) { Box::pin(pending()) } else { promise }
    }
}

impl Routing for Severed {
    fn claim(&self, lease: RoutingLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<bool, StoreError>> {
        self.or(self.inner.claim(lease, now, until))
    }
    fn release(&self, lease: RoutingLease) -> Promise<'_, Result<(), StoreError>> {
        self.or(self.inner.release(lease))
    }
    fn survey(&self, tenant_id: TenantId) -> Promise<'_, Result<Option<Survey>, StoreError>> {
        self.or(self.inner.survey(tenant_id))
    }
    fn waiting(&self, tenant_id: TenantId, selection: Selection) -> Promise<'_, Result<Vec<Waiting>, StoreError>> {
        self.or(self.inner.waiting(tenant_id, selection))
    }
    fn held(
        &self,
        tenant_id: TenantId,
        by: Vec<AgentId>,
        unanswered_only: bool,
        selection: Selection,
    ) -> Promise<'_, Result<Vec<Held>, StoreError>> {
        self.or(self.inner.held(tenant_id, by, unanswered_only, selection))
    }
    fn neglected(&self, owner: NodeId, tenants: Vec<TenantId>, now: Timestamp) -> Promise<'_, Result<Vec<TenantId>, StoreError>> {
        self.or(self.inner.neglected(owner, tenants, now))
    }
}

/// What happens just before the routers' wish reaches a conversation.
type Before = Box<dyn Fn(ConversationId) -> Promise<'static, Option<AskError>> + Send + Sync>;

struct Meddled {
    directory: Directory,
    before: Before,
    asked: Mutex<Vec<ConversationId>>,
}

impl Conversations for Meddled {
    fn assign(&self, tenant_id: TenantId, id: ConversationId, assign: Assign) -> Promise<'_, Result<bool, AskError>> {
        self.asked.lock().expect("lock").push(id);
        Box::pin(async move {
            match (self.before)(id).await {
                Some(error) => Err(error),
                None => self.directory.assign(tenant_id, id, assign).await,
            }
        })
    }
}

impl Stage {
    fn meddle(&self, before: Before) -> Arc<Meddled> {
        let meddled = Arc::new(Meddled { directory: self.directory.clone(), before, asked: Mutex::default() });
        self.hint(&self.another_node(self.node_id, self.routing.clone(), meddled.clone()));
        meddled
    }

    fn stranger(&self) -> crate::routing::Routers {
        self.another_node(NodeId::new(self.clock.new_id()), self.routing.clone(), Arc::new(self.directory.clone()))
    }
}

#[test]
fn a_race_with_somebody_who_assigns_by_hand_is_lost_without_harm() {
    story(async {
        let stage = Stage::set(by_load());
        let bob = stage.agent(9, &[]);
        let (directory, tenant_id) = (stage.directory.clone(), stage.tenant_id);
        let meddled = stage.meddle(Box::new(move |id| {
            let directory = directory.clone();
            Box::pin(async move {
                let to_bob = Update { assignee_id: Some(Some(bob)), ..Update::default() };
                directory.ask(tenant_id, id, Command::Update(Box::new(to_bob))).await.expect("by hand");
                None
            })
        }));
        let ann = stage.agent_online(9, &[]);
        let id = stage.arrives().await;
        stage.pass(Duration::from_secs(30)).await;
        assert_eq!((stage.whose(id), stage.load(ann)), (Some(bob), 0));
        assert_eq!(meddled.asked.lock().expect("lock").len(), 1, "it is not asked again");
    });
}

#[test]
fn a_conversation_that_does_not_answer_holds_up_no_other() {
    story(async {
        let stage = Stage::set(by_load());
        let sick = stage.arrives().await;
        let meddled = stage.meddle(Box::new(move |id| {
            let busy = (id == sick).then_some(AskError::Busy { retry_after_ms: 20_000 });
            Box::pin(std::future::ready(busy))
        }));
        let well = stage.arrives().await;
        let ann = stage.agent_online(1, &[]);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!((stage.whose(sick), stage.whose(well)), (None, Some(ann)));
        stage.pass(Duration::from_secs(15)).await;
        assert_eq!(meddled.asked.lock().expect("lock").iter().filter(|id| **id == sick).count(), 1, "it is left alone as long as it asks");
    });
}

#[test]
fn a_database_that_is_away_delays_and_no_more() {
    story(async {
        let stage = Stage::set(by_load());
        let ann = stage.agent_online(9, &[]);
        stage.pass(HEARD).await;
        stage.routing.refuse(6);
        let first = stage.arrives().await;
        stage.pass(Duration::from_secs(8)).await;
        assert_eq!(stage.whose(first), Some(ann));
        stage.bus.muted.store(true, Ordering::SeqCst);
        let second = stage.arrives().await;
        stage.journal.refuse(3);
        stage.pass(Duration::from_secs(5)).await;
        assert_eq!(stage.whose(second), Some(ann));
    });
}

#[test]
fn of_two_nodes_one_gives_out_and_the_other_goes_on_after_a_crash() {
    story(async {
        let stage = Stage::set(by_load());
        let severed = Arc::new(Severed { inner: stage.routing.clone(), cut: AtomicBool::new(false) });
        let crashing = stage.another_node(NodeId::new(stage.clock.new_id()), severed.clone(), Arc::new(stage.directory.clone()));
        stage.hint(&crashing);
        let ann = stage.agent_online(9, &[]);
        stage.pass(HEARD).await;
        let (holder, _) = stage.routing.lease(stage.tenant_id).expect("the first node has it");
        stage.sweep().await;
        stage.node.wake(stage.tenant_id);
        stage.pass(HEARD).await;
        assert_eq!(stage.node.observe().awake, 0, "another has the lease");
        assert_eq!(stage.routing.lease(stage.tenant_id).map(|(owner, _)| owner), Some(holder));
        severed.cut.store(true, Ordering::SeqCst);
        let id = stage.arrives().await;
        let (_, until) = stage.routing.lease(stage.tenant_id).expect("it died with it");
        while stage.now() < until.plus_ms(-1) {
            stage.sweep().await;
            stage.pass(SWEEP.min(Duration::from_millis(until.ms_since(stage.now()).unsigned_abs().max(1)))).await;
            assert!(stage.whose(id).is_none() || stage.now() >= until, "not before the lease has ended");
        }
        stage.pass(SWEEP).await;
        stage.sweep().await;
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(id), Some(ann));
        assert_eq!(stage.routing.lease(stage.tenant_id).map(|(owner, _)| owner), Some(stage.node_id));
    });
}

#[test]
fn a_node_that_comes_back_goes_on_at_once() {
    story(async {
        let stage = Stage::set(by_load());
        let severed = Arc::new(Severed { inner: stage.routing.clone(), cut: AtomicBool::new(false) });
        let crashing = stage.another_node(stage.node_id, severed.clone(), Arc::new(stage.directory.clone()));
        stage.hint(&crashing);
        let ann = stage.agent_online(9, &[]);
        stage.pass(HEARD).await;
        severed.cut.store(true, Ordering::SeqCst);
        let id = stage.arrives().await;
        stage.pass(HEARD).await;
        let stranger = stage.stranger();
        assert_eq!(stranger.sweep(stage.now()).await.expect("sweep"), 0, "it is another's");
        stage.sweep().await;
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(id), Some(ann));
    });
}

#[test]
fn a_drain_gives_the_lease_back_and_another_node_goes_on() {
    story(async {
        let stage = Stage::set(by_load());
        let ann = stage.agent_online(9, &[]);
        stage.pass(HEARD).await;
        assert!(stage.node.drain(Duration::from_secs(5)).await);
        assert_eq!(stage.routing.lease(stage.tenant_id), None);
        let id = stage.arrives().await;
        let other = stage.stranger();
        assert_eq!(other.sweep(stage.now()).await.expect("sweep"), 1);
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(id), Some(ann));
    });
}

#[test]
fn two_nodes_that_are_both_told_keep_loads_within_one() {
    story(async {
        let stage = Stage::set(by_load());
        let other = stage.stranger();
        let agents = [stage.agent_online(99, &[]), stage.agent_online(99, &[]), stage.agent_online(99, &[])];
        for round in 0..40_u32 {
            stage.arrives().await;
            stage.node.wake(stage.tenant_id);
            other.wake(stage.tenant_id);
            if round == 20 {
                let had = stage.routing.lease(stage.tenant_id).expect("one of them has it").0;
                let holder = if had == stage.node_id { &stage.node } else { &other };
                assert!(holder.drain(Duration::from_secs(5)).await);
                stage.sweep().await;
                other.sweep(stage.now()).await.expect("sweep");
            }
            stage.pass(HEARD).await;
            let loads = agents.map(|agent_id| stage.load(agent_id));
            assert!(loads.iter().max().expect("three") - loads.iter().min().expect("three") <= 1, "{loads:?}");
        }
        assert_eq!(agents.iter().map(|agent_id| stage.load(*agent_id)).sum::<usize>(), 40);
    });
}
