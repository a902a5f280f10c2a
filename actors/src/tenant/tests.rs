//! Stories of presence and of who looks at what.

use std::{sync::Arc, time::Duration};

use entities::{AgentId, AgentSummary, ConversationId, Presence, SessionId, TenantId};

use super::{GRACE, News, Tenants};
use crate::{
    port::{Clock, Signal},
    runtime::shard::Shards,
    testing::{ManualClock, RecordingBus},
};

struct Stage {
    bus: Arc<RecordingBus>,
    clock: ManualClock,
    tenants: Tenants,
    tenant_id: TenantId,
    ann: AgentSummary,
}

impl Stage {
    fn set() -> Self {
        let (bus, clock) = (Arc::new(RecordingBus::default()), ManualClock::default());
        let tenants = Tenants::start(bus.clone(), Arc::new(Shards::here()));
        let ann = AgentSummary { id: AgentId::new(clock.new_id()), name: "Ann".to_owned() };
        Self { tenants, tenant_id: TenantId::new(clock.new_id()), ann, bus, clock }
    }

    async fn arrives(&self) -> SessionId {
        let session = SessionId::new(self.clock.new_id());
        self.tell(session, News::Here { agent: self.ann.clone() }).await;
        session
    }

    async fn tell(&self, session: SessionId, news: News) {
        self.tenants.tell(self.tenant_id, session, news).await;
    }

    fn signals(&self) -> Vec<Signal> {
        self.bus.signals(self.tenant_id)
    }

    fn presence(&self, presence: Presence) -> Signal {
        Signal::Presence { agents: vec![(self.ann.id, presence)] }
    }
}

fn story(told: impl Future<Output = ()>) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
    });
    system.block_on(told);
}

#[test]
fn only_changes_of_presence_are_told() {
    story(async {
        let stage = Stage::set();
        let first = stage.arrives().await;
        stage.arrives().await;
        stage.tell(first, News::Here { agent: stage.ann.clone() }).await;
        stage.tell(first, News::Presence(Presence::Away)).await;
        stage.tell(first, News::Presence(Presence::Away)).await;
        assert_eq!(stage.signals(), [stage.presence(Presence::Online), stage.presence(Presence::Away)]);
        assert_eq!(stage.tenants.presence(stage.tenant_id).await, [(stage.ann.id, Presence::Away)]);
    });
}

#[test]
fn a_quick_reconnect_is_no_coming_and_going() {
    story(async {
        let stage = Stage::set();
        let first = stage.arrives().await;
        stage.tell(first, News::Gone).await;
        stage.arrives().await;
        tokio::time::sleep(GRACE * 2).await;
        assert_eq!(stage.signals(), [stage.presence(Presence::Online)]);
    });
}

#[test]
fn an_agent_without_a_socket_is_offline_after_the_grace_time() {
    story(async {
        let stage = Stage::set();
        let session = stage.arrives().await;
        stage.tell(session, News::Gone).await;
        tokio::time::sleep(GRACE + Duration::from_secs(1)).await;
        assert_eq!(stage.signals().last(), Some(&stage.presence(Presence::Offline)));
        assert_eq!(stage.tenants.presence(stage.tenant_id).await, []);
    });
}

#[test]
fn viewers_are_told_per_conversation_and_end_with_the_socket() {
    story(async {
        let stage = Stage::set();
        let session = stage.arrives().await;
        let id = ConversationId::new(stage.clock.new_id());
        stage.tell(session, News::Viewing(Some(id))).await;
        stage.tell(session, News::Gone).await;
        let viewers = |agents| Signal::Viewers { conversation_id: id, agents };
        assert_eq!(stage.signals()[1..], [viewers(vec![stage.ann.clone()]), viewers(Vec::new())]);
    });
}

#[test]
fn another_tenants_presence_is_not_to_be_seen() {
    story(async {
        let stage = Stage::set();
        stage.arrives().await;
        let other = TenantId::new(stage.clock.new_id());
        assert_eq!(stage.tenants.presence(other).await, []);
        assert_eq!(stage.bus.signals(other), []);
    });
}
