//! Routing: which conversations wait, who may be given them and is there, and which node gives them out.
//!
//! Guarantees of every implementation (held by `testing::routing`'s suite):
//! * One node at a time gives out a tenant's conversations: [`Routing::claim`] gives a lease.
//! * Reads see everything that was committed before they began: what was given out waits no more, and counts as its agent's.
//! * What waits is read with the oldest first, and nothing that is in a personal inbox is among it.
//!
//! Does not: give anything to anybody. A conversation changes by its own command alone (`conversation::Assign`), which the journal commits; or
//! decide who is given what (`routing::deal` does).

use entities::{AgentId, ConversationId, NodeId, Presence, RoutingRules, TeamId, TenantId, Timestamp};

use super::{Promise, StoreError};

/// The right to give out a tenant's conversations for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoutingLease {
    /// Whose conversations.
    pub tenant_id: TenantId,
    /// Who has it.
    pub owner: NodeId,
}

/// The rules of a tenant, and those whom they concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Who comes next, and what becomes of the conversations of those who go away. Never manual.
    pub rules: RoutingRules,
    /// Everybody who may be given conversations or has open ones. As many as the plan allows members, and those who were members.
    pub members: Vec<Member>,
}

/// One who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub agent_id: AgentId,
    /// May be given conversations: not disabled, and of a role that answers.
    pub takes: bool,
    /// How many open ones they can have; nothing is given to them beyond.
    pub capacity: u32,
    /// Their teams.
    pub teams: Vec<TeamId>,
    /// How many open ones they have, those of their personal inbox among them.
    pub load: u32,
    /// When one was last given to them, or they took it; `None`: never.
    pub given_at: Option<Timestamp>,
}

/// A conversation that is open and nobody's, and in no personal inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub id: ConversationId,
    /// The team whose members alone may be given it.
    pub team_id: Option<TeamId>,
    /// When it was last opened: began, or came back from another status. Changing hands does not make it younger.
    pub opened_at: Timestamp,
}

/// A conversation that is open and somebody's, and in no personal inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: ConversationId,
    /// The team whose it is.
    pub team_id: Option<TeamId>,
    /// Whose it is.
    pub agent_id: AgentId,
}

/// Which conversations to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of these teams; those of no team are always among them.
    pub teams: Vec<TeamId>,
    /// But not these.
    pub without: Vec<ConversationId>,
    /// At most so many.
    pub limit: usize,
}

/// The rows. See the module's head for what every implementation guarantees.
pub trait Routing: Send + Sync + 'static {
    /// Takes or renews the lease until an instant, unless another has it beyond `now`; false then, or if the tenant is gone or its rules are
    /// manual.
    fn claim(&self, lease: RoutingLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<bool, StoreError>>;

    /// Gives the lease back; nothing happens if it is another's.
    fn release(&self, lease: RoutingLease) -> Promise<'_, Result<(), StoreError>>;

    /// The rules and the members as they are now; `None` if the tenant is gone or its rules are manual.
    fn survey(&self, tenant_id: TenantId) -> Promise<'_, Result<Option<Survey>, StoreError>>;

    /// What waits, by `opened_at` and then by id.
    fn waiting(&self, tenant_id: TenantId, selection: Selection) -> Promise<'_, Result<Vec<Waiting>, StoreError>>;

    /// What these agents have, by `opened_at` and then by id; if so asked, only where the last message is none of ours.
    fn held(
        &self,
        tenant_id: TenantId,
        by: Vec<AgentId>,
        unanswered_only: bool,
        selection: Selection,
    ) -> Promise<'_, Result<Vec<Held>, StoreError>>;

    /// Those of `tenants` whose rules are not manual and of which no other node than `owner` has a lease at `now`. For the sweep. One too many
    /// does no harm.
    fn neglected(&self, owner: NodeId, tenants: Vec<TenantId>, now: Timestamp) -> Promise<'_, Result<Vec<TenantId>, StoreError>>;
}

/// Who is there, wherever their sockets are.
pub trait Attendance: Send + Sync + 'static {
    /// Everybody of a tenant who is not offline, on all nodes.
    fn present(&self, tenant_id: TenantId) -> Promise<'_, Result<Vec<(AgentId, Presence)>, StoreError>>;

    /// The tenants of which somebody is online on this node.
    fn attended(&self) -> Promise<'_, Vec<TenantId>>;
}
