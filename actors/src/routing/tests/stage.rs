//! A tenant with agents and conversations, nodes that give them out, and hints that the story can lose.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use std::time::Duration;

use entities::{
    AgentId, Author, AuthorKind, ChannelId, Conversation, ConversationId, ConversationStatus, Direction, Document, MessageKind, NodeId,
    Presence, RoutingMode, RoutingRules, TeamId, TenantId, Timestamp, WebhookId, WhenAway, thread,
};

use crate::{
    conversation::{Command, ContactDraft, Opening, Post, Reply, Update},
    port::{Attendance, Bus, Clock, ConversationRow, Published, Routing, Signal},
    routing::{Conversations, Routers, Tools},
    runtime::{Directory, Limits, shard::Shards},
    testing::{FollowingClock, MemoryAttendance, MemoryJournal, MemoryRouting, routing::Seat},
};

/// A bus that tells the routers of one node, unless the story loses it.
#[derive(Default)]
pub struct HintingBus {
    routers: Mutex<Option<Routers>>,
    pub muted: AtomicBool,
}

impl HintingBus {
    fn tell(&self, tell: impl FnOnce(&Routers)) {
        let routers = self.routers.lock().expect("lock").clone();
        if let Some(routers) = routers.filter(|_| !self.muted.load(Ordering::SeqCst)) {
            tell(&routers);
        }
    }
}

impl Bus for HintingBus {
    fn publish(&self, published: Published) {
        self.tell(|routers| routers.published(&published));
    }

    fn signal(&self, tenant_id: TenantId, signal: Signal) {
        self.tell(|routers| routers.signalled(tenant_id, &signal));
    }

    fn wake(&self, _webhooks: &[WebhookId]) {}
}

pub struct Stage {
    pub bus: Arc<HintingBus>,
    pub journal: Arc<MemoryJournal>,
    pub routing: Arc<MemoryRouting>,
    pub attendance: Arc<MemoryAttendance>,
    pub clock: Arc<FollowingClock>,
    pub directory: Directory,
    pub node_id: NodeId,
    pub node: Routers,
    pub tenant_id: TenantId,
    channel_id: ChannelId,
    visitors: AtomicU64,
    /// Visitors' keys, to write again.
    known: Mutex<Vec<(ConversationId, String)>>,
}

/// By load, and nothing is given back.
pub fn by_load() -> RoutingRules {
    RoutingRules { mode: RoutingMode::ByLoad, when_away: WhenAway::Keep, away_after_ms: 60_000 }
}

impl Stage {
    pub fn set(rules: RoutingRules) -> Self {
        let bus = Arc::new(HintingBus::default());
        let journal = Arc::new(MemoryJournal::new(bus.clone()));
        let (clock, shards) = (Arc::new(FollowingClock::default()), Arc::new(Shards::here()));
        let directory = Directory::start(journal.clone(), clock.clone(), shards, Limits::default());
        let (routing, attendance) = (Arc::new(MemoryRouting::new(journal.clone())), Arc::new(MemoryAttendance::default()));
        let (tenant_id, node_id) = (TenantId::new(clock.new_id()), NodeId::new(clock.new_id()));
        routing.set_rules(tenant_id, rules);
        let channel_id = ChannelId::new(clock.new_id());
        let conversations = Arc::new(directory.clone());
        let node = start(routing.clone(), attendance.clone(), conversations, &journal, &clock, node_id);
        *bus.routers.lock().expect("lock") = Some(node.clone());
        let (visitors, known) = (AtomicU64::new(0), Mutex::default());
        Self { bus, journal, routing, attendance, clock, directory, node_id, node, tenant_id, channel_id, visitors, known }
    }

    /// Another node with the same database, or with what stands between it and the database.
    pub fn another_node(&self, node_id: NodeId, routing: Arc<dyn Routing>, conversations: Arc<dyn Conversations>) -> Routers {
        start(routing, self.attendance.clone(), conversations, &self.journal, &self.clock, node_id)
    }

    /// The node learns from these who is there.
    pub fn attend_by(&self, attendance: Arc<dyn Attendance>) {
        let conversations = Arc::new(self.directory.clone());
        let node = start(self.routing.clone(), attendance, conversations, &self.journal, &self.clock, self.node_id);
        *self.bus.routers.lock().expect("lock") = Some(node);
    }

    /// A node takes the place of the first: it is told the hints.
    pub fn hint(&self, node: &Routers) {
        *self.bus.routers.lock().expect("lock") = Some(node.clone());
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn agent(&self, capacity: u32, teams: &[TeamId]) -> AgentId {
        let agent_id = AgentId::new(self.clock.new_id());
        self.routing.seat(self.tenant_id, agent_id, Seat { takes: true, capacity, teams: teams.to_vec() });
        agent_id
    }

    /// An agent who is there already.
    pub fn agent_online(&self, capacity: u32, teams: &[TeamId]) -> AgentId {
        let agent_id = self.agent(capacity, teams);
        self.presence(agent_id, Presence::Online);
        agent_id
    }

    pub fn team(&self) -> TeamId {
        TeamId::new(self.clock.new_id())
    }

    pub fn presence(&self, agent_id: AgentId, presence: Presence) {
        self.attendance.set(self.tenant_id, agent_id, presence);
        self.bus.signal(self.tenant_id, Signal::Presence { agents: vec![(agent_id, presence)] });
    }

    /// Somebody new writes.
    pub async fn arrives(&self) -> ConversationId {
        let visitor = format!("visitor-{}", self.visitors.fetch_add(1, Ordering::SeqCst));
        let id = thread::derive_ids(self.channel_id, &visitor).conversation_id;
        self.known.lock().expect("lock").push((id, visitor.clone()));
        self.post(id, &visitor, Direction::In, None).await;
        id
    }

    /// Somebody new writes, and it is for a team from the first.
    pub async fn arrives_for(&self, team_id: TeamId) -> ConversationId {
        let muted = self.bus.muted.swap(true, Ordering::SeqCst);
        let id = self.arrives().await;
        self.bus.muted.store(muted, Ordering::SeqCst);
        self.update(id, Update { team_id: Some(Some(team_id)), ..Update::default() }).await;
        id
    }

    /// The contact writes again.
    pub async fn writes_again(&self, id: ConversationId) {
        let known = self.known.lock().expect("lock").iter().find(|(known, _)| *known == id).cloned();
        self.post(id, &known.expect("a visitor").1, Direction::In, None).await;
    }

    /// An agent answers.
    pub async fn answers(&self, id: ConversationId, agent_id: AgentId) {
        self.post(id, "", Direction::Out, Some(agent_id)).await;
    }

    async fn post(&self, id: ConversationId, visitor: &str, direction: Direction, agent_id: Option<AgentId>) {
        let kind = if agent_id.is_some() { AuthorKind::Agent } else { AuthorKind::Visitor };
        let opening = Opening {
            channel_id: self.channel_id,
            thread_key: visitor.to_owned(),
            contact_id: thread::derive_ids(self.channel_id, visitor).contact_id,
            contact: ContactDraft::default(),
            remote: None,
        };
        let post = Post {
            author: Author { kind, id: agent_id.map(AgentId::uuid), name: None, avatar_url: None },
            kind: MessageKind::Message,
            direction,
            content: Document::plain("hello"),
            text: "hello".to_owned(),
            attachments: Vec::new(),
            client_id: None,
            repeat_guard: None,
            last_seen_seq: None,
            opening: agent_id.is_none().then_some(opening),
            subject: None,
            via: None,
            provider_id: None,
        };
        self.directory.ask(self.tenant_id, id, Command::Post(Box::new(post))).await.expect("post");
    }

    pub async fn update(&self, id: ConversationId, update: Update) -> Conversation {
        match self.directory.ask(self.tenant_id, id, Command::Update(Box::new(update))).await {
            Ok(Reply::Updated(conversation)) => *conversation,
            other => panic!("expected a changed conversation, got {other:?}"),
        }
    }

    pub async fn becomes(&self, id: ConversationId, status: ConversationStatus) {
        self.update(id, Update { status: Some(status), ..Update::default() }).await;
    }

    /// Somebody gives it by hand, or takes it from everybody.
    pub async fn by_hand(&self, id: ConversationId, to: Option<AgentId>) {
        self.update(id, Update { assignee_id: Some(to), ..Update::default() }).await;
    }

    pub fn rows(&self) -> Vec<ConversationRow> {
        self.journal.rows(self.tenant_id)
    }

    pub fn whose(&self, id: ConversationId) -> Option<AgentId> {
        self.rows().iter().find(|row| row.id == id).expect("the conversation").assignee_id
    }

    /// How many open ones an agent has.
    pub fn load(&self, agent_id: AgentId) -> usize {
        self.rows().iter().filter(|row| row.status == ConversationStatus::Open && row.assignee_id == Some(agent_id)).count()
    }

    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    pub async fn sweep(&self) {
        self.node.sweep(self.now()).await.expect("sweep");
    }
}

fn start(
    routing: Arc<dyn Routing>,
    attendance: Arc<dyn Attendance>,
    conversations: Arc<dyn Conversations>,
    journal: &Arc<MemoryJournal>,
    clock: &Arc<FollowingClock>,
    node_id: NodeId,
) -> Routers {
    let tools = Tools { routing, attendance, conversations, journal: journal.clone(), clock: clock.clone(), node_id };
    Routers::start(tools, Arc::new(Shards::here()), 100)
}

/// Runs a story under paused time.
pub fn story(told: impl Future<Output = ()>) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
    });
    system.block_on(told);
}
