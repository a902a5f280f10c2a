//! The promises of [`Routing`], one function each; every implementation is held to all of them.
//!
//! A test makes a [`Fixture`] and calls [`all`]; a broken promise panics and its name is in the backtrace. Each promise has a tenant of its own,
//! so one database serves them all.
#![expect(clippy::expect_used, reason = "a broken promise is a panic")]

use entities::{AgentId, ConversationId, ConversationStatus, NodeId, RoutingMode, RoutingRules, TeamId, TenantId};

use super::Seat;
use crate::port::{Clock, Member, Promise, Routing, RoutingLease, Selection};

/// Routing under test, and what makes its rows.
pub trait Fixture: Send + Sync {
    /// The routing.
    fn routing(&self) -> &dyn Routing;

    /// Where ids and times come from.
    fn clock(&self) -> &dyn Clock;

    /// Lets a second pass.
    fn pass(&self);

    /// Makes a tenant.
    fn add_tenant(&self, rules: RoutingRules) -> Promise<'_, TenantId>;

    /// Makes a team.
    fn add_team(&self, tenant_id: TenantId) -> Promise<'_, TeamId>;

    /// Makes a member.
    fn add_member(&self, tenant_id: TenantId, seat: Seat) -> Promise<'_, AgentId>;

    /// Makes a conversation, now, in which the contact has written last.
    fn add_conversation(&self, tenant_id: TenantId, placed: Placed) -> Promise<'_, ConversationId>;

    /// Changes a conversation, now; `answered`: an agent of ours writes last.
    fn change(&self, tenant_id: TenantId, id: ConversationId, placed: Placed, answered: bool) -> Promise<'_, ()>;
}

/// Where a conversation is.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// Where it stands.
    pub status: ConversationStatus,
    /// Whose it is.
    pub assignee_id: Option<AgentId>,
    /// Which team's.
    pub team_id: Option<TeamId>,
    /// In whose personal inbox.
    pub owner_id: Option<AgentId>,
}

/// Holds the routing to every promise.
pub async fn all(fixture: &dyn Fixture) {
    one_node_at_a_time_gives_out(fixture).await;
    a_tenant_without_rules_is_left_alone(fixture).await;
    the_oldest_waits_first(fixture).await;
    what_is_not_open_or_not_free_does_not_wait(fixture).await;
    only_those_asked_for_are_read(fixture).await;
    coming_back_makes_young_and_changing_hands_does_not(fixture).await;
    a_survey_counts_what_is_open(fixture).await;
    what_the_gone_have_is_found(fixture).await;
    the_neglected_are_routed_and_free(fixture).await;
    another_tenant_sees_nothing(fixture).await;
}

const FREE: Placed = Placed { status: ConversationStatus::Open, assignee_id: None, team_id: None, owner_id: None };

/// A tenant under test.
struct Stage<'a> {
    fixture: &'a dyn Fixture,
    tenant_id: TenantId,
}

impl<'a> Stage<'a> {
    async fn set(fixture: &'a dyn Fixture) -> Self {
        let rules = RoutingRules { mode: RoutingMode::ByLoad, ..RoutingRules::default() };
        Self { fixture, tenant_id: fixture.add_tenant(rules).await }
    }

    fn lease(&self) -> RoutingLease {
        RoutingLease { tenant_id: self.tenant_id, owner: NodeId::new(self.fixture.clock().new_id()) }
    }

    async fn claim(&self, lease: RoutingLease, now_ms: i64, until_ms: i64) -> bool {
        let now = self.fixture.clock().now();
        self.fixture.routing().claim(lease, now.plus_ms(now_ms), now.plus_ms(until_ms)).await.expect("claim")
    }

    async fn agent(&self) -> AgentId {
        self.fixture.add_member(self.tenant_id, Seat { takes: true, capacity: 5, teams: Vec::new() }).await
    }

    async fn add(&self, placed: Placed) -> ConversationId {
        self.fixture.pass();
        self.fixture.add_conversation(self.tenant_id, placed).await
    }

    async fn change(&self, id: ConversationId, placed: Placed) {
        self.fixture.pass();
        self.fixture.change(self.tenant_id, id, placed, false).await;
    }

    async fn waiting(&self, selection: Selection) -> Vec<ConversationId> {
        let found = self.fixture.routing().waiting(self.tenant_id, selection).await.expect("read what waits");
        found.into_iter().map(|waiting| waiting.id).collect()
    }

    async fn members(&self) -> Vec<Member> {
        let survey = self.fixture.routing().survey(self.tenant_id).await.expect("survey").expect("it is routed");
        survey.members
    }

    async fn member(&self, agent_id: AgentId) -> Member {
        self.members().await.into_iter().find(|member| member.agent_id == agent_id).expect("the member")
    }
}

fn any(limit: usize) -> Selection {
    Selection { limit, ..Selection::default() }
}

async fn one_node_at_a_time_gives_out(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let (first, second) = (stage.lease(), stage.lease());
    assert!(stage.claim(first, 0, 1_000).await);
    assert!(!stage.claim(second, 999, 2_000).await, "another has it");
    assert!(stage.claim(first, 999, 2_000).await, "its own is renewed");
    assert!(!stage.claim(second, 1_999, 3_000).await, "it was renewed");
    assert!(stage.claim(second, 2_000, 3_000).await, "it has ended");
    fixture.routing().release(first).await.expect("release");
    assert!(!stage.claim(first, 2_100, 4_000).await, "nobody gives back what is another's");
    fixture.routing().release(second).await.expect("release");
    assert!(stage.claim(first, 2_100, 4_000).await, "what is given back is anybody's");
}

async fn a_tenant_without_rules_is_left_alone(fixture: &dyn Fixture) {
    let tenant_id = fixture.add_tenant(RoutingRules::default()).await;
    let stage = Stage { fixture, tenant_id };
    assert!(!stage.claim(stage.lease(), 0, 1_000).await);
    assert_eq!(fixture.routing().survey(tenant_id).await.expect("survey"), None);
    let strange = Stage { fixture, tenant_id: TenantId::new(fixture.clock().new_id()) };
    assert!(!strange.claim(strange.lease(), 0, 1_000).await);
    assert_eq!(fixture.routing().survey(strange.tenant_id).await.expect("survey"), None);
    let found = fixture.routing().neglected(stage.lease().owner, vec![tenant_id, strange.tenant_id], fixture.clock().now()).await;
    assert_eq!(found.expect("read the neglected"), []);
}

async fn the_oldest_waits_first(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(stage.add(FREE).await);
    }
    assert_eq!(stage.waiting(any(10)).await, all);
    assert_eq!(stage.waiting(any(2)).await, all.iter().copied().take(2).collect::<Vec<_>>());
}

async fn what_is_not_open_or_not_free_does_not_wait(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let ann = stage.agent().await;
    let free = stage.add(FREE).await;
    for status in [ConversationStatus::Pending, ConversationStatus::Snoozed, ConversationStatus::Resolved] {
        stage.add(Placed { status, ..FREE }).await;
    }
    stage.add(Placed { assignee_id: Some(ann), ..FREE }).await;
    stage.add(Placed { owner_id: Some(ann), ..FREE }).await;
    assert_eq!(stage.waiting(any(10)).await, [free]);
}

async fn only_those_asked_for_are_read(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let (red, blue) = (fixture.add_team(stage.tenant_id).await, fixture.add_team(stage.tenant_id).await);
    let of_red = stage.add(Placed { team_id: Some(red), ..FREE }).await;
    let of_none = stage.add(FREE).await;
    let of_blue = stage.add(Placed { team_id: Some(blue), ..FREE }).await;
    assert_eq!(stage.waiting(any(10)).await, [of_none]);
    assert_eq!(stage.waiting(Selection { teams: vec![blue], ..any(10) }).await, [of_none, of_blue]);
    let without = vec![of_none];
    assert_eq!(stage.waiting(Selection { teams: vec![red, blue], without, limit: 10 }).await, [of_red, of_blue]);
}

async fn coming_back_makes_young_and_changing_hands_does_not(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let ann = stage.agent().await;
    let (first, second, third) = (stage.add(FREE).await, stage.add(FREE).await, stage.add(FREE).await);
    stage.change(first, Placed { status: ConversationStatus::Snoozed, ..FREE }).await;
    stage.change(second, Placed { assignee_id: Some(ann), ..FREE }).await;
    assert_eq!(stage.waiting(any(10)).await, [third]);
    stage.change(first, FREE).await;
    stage.change(second, FREE).await;
    assert_eq!(stage.waiting(any(10)).await, [second, third, first]);
}

async fn a_survey_counts_what_is_open(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let team = fixture.add_team(stage.tenant_id).await;
    let ann = fixture.add_member(stage.tenant_id, Seat { takes: true, capacity: 3, teams: vec![team] }).await;
    let viewer = fixture.add_member(stage.tenant_id, Seat { takes: false, capacity: 3, teams: Vec::new() }).await;
    assert_eq!(stage.member(ann).await, Member { agent_id: ann, takes: true, capacity: 3, teams: vec![team], load: 0, given_at: None });
    let hers = Placed { assignee_id: Some(ann), ..FREE };
    let first = stage.add(hers).await;
    stage.add(Placed { owner_id: Some(ann), ..hers }).await;
    let given_at = Some(fixture.clock().now());
    stage.change(first, Placed { status: ConversationStatus::Resolved, ..hers }).await;
    let after = stage.member(ann).await;
    assert_eq!((after.load, after.given_at), (1, given_at), "what is in her own inbox counts, what is resolved does not");
    stage.add(Placed { assignee_id: Some(viewer), ..FREE }).await;
    let viewer = stage.member(viewer).await;
    assert_eq!((viewer.takes, viewer.load), (false, 1), "who may be given nothing can have something");
}

async fn what_the_gone_have_is_found(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture).await;
    let team = fixture.add_team(stage.tenant_id).await;
    let (ann, bob) = (stage.agent().await, stage.agent().await);
    let of_ann = |placed: Placed| Placed { assignee_id: Some(ann), ..placed };
    let unanswered = stage.add(of_ann(FREE)).await;
    let answered = stage.add(of_ann(FREE)).await;
    fixture.change(stage.tenant_id, answered, of_ann(FREE), true).await;
    stage.add(of_ann(Placed { status: ConversationStatus::Pending, ..FREE })).await;
    stage.add(of_ann(Placed { owner_id: Some(ann), ..FREE })).await;
    let of_team = stage.add(of_ann(Placed { team_id: Some(team), ..FREE })).await;
    stage.add(Placed { assignee_id: Some(bob), ..FREE }).await;
    let find = async |unanswered_only, selection| {
        let held = fixture.routing().held(stage.tenant_id, vec![ann], unanswered_only, selection).await.expect("read what she has");
        assert!(held.iter().all(|held| held.agent_id == ann));
        held.into_iter().map(|held| held.id).collect::<Vec<_>>()
    };
    assert_eq!(find(false, any(10)).await, [unanswered, answered]);
    assert_eq!(find(true, any(10)).await, [unanswered]);
    assert_eq!(find(false, Selection { teams: vec![team], ..any(10) }).await, [unanswered, answered, of_team]);
    assert_eq!(find(false, Selection { without: vec![unanswered], ..any(1) }).await, [answered]);
}

async fn the_neglected_are_routed_and_free(fixture: &dyn Fixture) {
    let (free, taken) = (Stage::set(fixture).await, Stage::set(fixture).await);
    let lease = taken.lease();
    assert!(taken.claim(lease, 0, 1_000).await);
    let now = fixture.clock().now();
    let tenants = vec![free.tenant_id, taken.tenant_id];
    let stranger = NodeId::new(fixture.clock().new_id());
    let found = async |owner, now| fixture.routing().neglected(owner, tenants.clone(), now).await.expect("read the neglected");
    assert_eq!(found(stranger, now).await, [free.tenant_id]);
    assert_eq!(found(lease.owner, now).await.len(), 2, "its own lease may be from before a crash");
    assert_eq!(found(stranger, now.plus_ms(1_000)).await.len(), 2, "it has ended");
    assert_eq!(fixture.routing().neglected(stranger, Vec::new(), now).await.expect("read the neglected"), []);
}

async fn another_tenant_sees_nothing(fixture: &dyn Fixture) {
    let (stage, other) = (Stage::set(fixture).await, Stage::set(fixture).await);
    let ann = stage.agent().await;
    stage.add(FREE).await;
    stage.add(Placed { assignee_id: Some(ann), ..FREE }).await;
    assert_eq!(other.waiting(any(10)).await, []);
    assert_eq!(other.members().await, []);
    assert_eq!(fixture.routing().held(other.tenant_id, vec![ann], false, any(10)).await.expect("read"), []);
}
