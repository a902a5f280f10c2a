//! Routing in memory, read from the journal in memory as the real one reads the tables; attendance that a test keeps; and the suite that holds
//! all routing to the same promises.
//!
//! Start reading at [`conformance`].

pub mod conformance;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entities::{
    AgentId, Conversation, ConversationId, ConversationStatus, EventKind, NodeId, Presence, RoutingMode, RoutingRules, StoredEvent, TeamId,
    TenantId, Timestamp,
};

use super::MemoryJournal;
use crate::port::{Attendance, ConversationRow, Held, Member, Promise, Routing, RoutingLease, Selection, StoreError, Survey, Waiting};

/// Routing in memory.
pub struct MemoryRouting {
    journal: Arc<MemoryJournal>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    tenants: HashMap<TenantId, Tenant>,
    /// So many calls from now on fail.
    refusals: usize,
    surveys: usize,
}

#[derive(Default)]
struct Tenant {
    rules: RoutingRules,
    lease: Option<(NodeId, Timestamp)>,
    seats: BTreeMap<AgentId, Seat>,
    history: History,
}

/// A member as a test sets them.
#[derive(Debug, Clone, Default)]
pub struct Seat {
    /// May be given conversations.
    pub takes: bool,
    /// How many open ones they can have.
    pub capacity: u32,
    /// Their teams.
    pub teams: Vec<TeamId>,
}

/// What the rows do not show, told by the events.
#[derive(Default)]
struct History {
    read_until: u64,
    conversations: HashMap<ConversationId, Told>,
    given_at: HashMap<AgentId, Timestamp>,
}

struct Told {
    status: ConversationStatus,
    assignee_id: Option<AgentId>,
    opened_at: Timestamp,
}

impl MemoryRouting {
    /// Routing over this journal; no tenant is known yet.
    #[must_use]
    pub fn new(journal: Arc<MemoryJournal>) -> Self {
        Self { journal, kept: Mutex::default() }
    }

    /// Makes a tenant, or changes its rules.
    pub fn set_rules(&self, tenant_id: TenantId, rules: RoutingRules) {
        self.kept().tenants.entry(tenant_id).or_default().rules = rules;
    }

    /// Makes a member, or changes them.
    pub fn seat(&self, tenant_id: TenantId, agent_id: AgentId, seat: Seat) {
        self.kept().tenants.entry(tenant_id).or_default().seats.insert(agent_id, seat);
    }

    /// Who has the lease, and until when.
    #[must_use]
    pub fn lease(&self, tenant_id: TenantId) -> Option<(NodeId, Timestamp)> {
        self.kept().tenants.get(&tenant_id).and_then(|tenant| tenant.lease)
    }

    /// The next so many calls fail and do nothing.
    pub fn refuse(&self, calls: usize) {
        self.kept().refusals = calls;
    }

    /// How often everything was looked at.
    #[must_use]
    pub fn surveys(&self) -> usize {
        self.kept().surveys
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers from a tenant and its rows, or fails if it is told to.
    fn with<T: Send + 'static>(
        &self,
        tenant_id: TenantId,
        absent: T,
        read: impl FnOnce(&mut Tenant, &[ConversationRow]) -> T,
    ) -> Promise<'_, Result<T, StoreError>> {
        let mut kept = self.kept();
        let answer = kept.refuse_one().map(|()| match kept.tenants.get_mut(&tenant_id) {
            Some(tenant) => {
                tenant.history.read(&self.journal.events(tenant_id, tenant.history.read_until));
                read(tenant, &self.journal.rows(tenant_id))
            }
            None => absent,
        });
        Box::pin(std::future::ready(answer))
    }
}

impl Kept {
    fn refuse_one(&mut self) -> Result<(), StoreError> {
        let refused = self.refusals > 0;
        self.refusals = self.refusals.saturating_sub(1);
        if refused { Err(StoreError::Unavailable(Arc::from("told to refuse"))) } else { Ok(()) }
    }
}

impl History {
    fn read(&mut self, events: &[StoredEvent]) {
        for event in events {
            self.read_until = event.position;
            if let (EventKind::ConversationCreated | EventKind::ConversationUpdated | EventKind::ConversationAssigned, Ok(conversation)) =
                (event.kind, serde_json::from_str::<Conversation>(event.data.get()))
            {
                self.tell(&conversation, event.at);
            }
        }
    }

    fn tell(&mut self, conversation: &Conversation, at: Timestamp) {
        let Conversation { status, assignee_id, .. } = *conversation;
        let before = self.conversations.get(&conversation.id);
        let was_open = before.is_some_and(|told| told.status == ConversationStatus::Open);
        let opened_at = before.filter(|_| was_open || status != ConversationStatus::Open).map_or(at, |told| told.opened_at);
        if let Some(agent_id) = assignee_id.filter(|_| before.is_none_or(|told| told.assignee_id != assignee_id)) {
            self.given_at.insert(agent_id, at);
        }
        self.conversations.insert(conversation.id, Told { status, assignee_id, opened_at });
    }
}

fn is_open(row: &ConversationRow) -> bool {
    row.status == ConversationStatus::Open && row.trashed_at.is_none()
}

impl Tenant {
    fn is_routed(&self) -> bool {
        self.rules.mode != RoutingMode::Manual
    }

    fn survey(&self, rows: &[ConversationRow]) -> Option<Survey> {
        let load = |agent_id| {
            let has = |row: &&ConversationRow| is_open(row) && row.assignee_id == Some(agent_id);
            rows.iter().filter(has).count() as u32
        };
        let member = |agent_id: AgentId, seat: Seat| Member {
            agent_id,
            takes: seat.takes,
            capacity: seat.capacity,
            teams: seat.teams,
            load: load(agent_id),
            given_at: self.history.given_at.get(&agent_id).copied(),
        };
        let strangers = rows.iter().filter_map(|row| row.assignee_id).filter(|agent_id| !self.seats.contains_key(agent_id));
        let strangers: std::collections::BTreeSet<AgentId> = strangers.filter(|agent_id| load(*agent_id) > 0).collect();
        let seated = self.seats.iter().map(|(agent_id, seat)| member(*agent_id, seat.clone()));
        let members = seated.chain(strangers.into_iter().map(|agent_id| member(agent_id, Seat::default())));
        self.is_routed().then(|| Survey { rules: self.rules, members: members.collect() })
    }

    /// The open ones in no personal inbox that are asked for, with when they were opened.
    fn select<'r>(
        &self,
        rows: &'r [ConversationRow],
        selection: &Selection,
        wanted: impl Fn(&ConversationRow) -> bool,
    ) -> Vec<(Timestamp, &'r ConversationRow)> {
        let is_asked_for = |row: &&ConversationRow| {
            is_open(row)
                && row.owner_id.is_none()
                && row.team_id.is_none_or(|team_id| selection.teams.contains(&team_id))
                && !selection.without.contains(&row.id)
                && wanted(row)
        };
        let opened_at = |row: &ConversationRow| self.history.conversations.get(&row.id).map_or(row.created_at, |told| told.opened_at);
        let mut found: Vec<_> = rows.iter().filter(is_asked_for).map(|row| (opened_at(row), row)).collect();
        found.sort_unstable_by_key(|(opened_at, row)| (*opened_at, row.id));
        found.truncate(selection.limit);
        found
    }
}

impl Routing for MemoryRouting {
    fn claim(&self, lease: RoutingLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<bool, StoreError>> {
        self.with(lease.tenant_id, false, move |tenant, _rows| {
            let free = tenant.lease.is_none_or(|(owner, until)| owner == lease.owner || until <= now);
            let ours = free && tenant.is_routed();
            if ours {
                tenant.lease = Some((lease.owner, until));
            }
            ours
        })
    }

    fn release(&self, lease: RoutingLease) -> Promise<'_, Result<(), StoreError>> {
        self.with(lease.tenant_id, (), move |tenant, _rows| tenant.lease = tenant.lease.filter(|(owner, _)| *owner != lease.owner))
    }

    fn survey(&self, tenant_id: TenantId) -> Promise<'_, Result<Option<Survey>, StoreError>> {
        self.kept().surveys += 1;
        self.with(tenant_id, None, |tenant, rows| tenant.survey(rows))
    }

    fn waiting(&self, tenant_id: TenantId, selection: Selection) -> Promise<'_, Result<Vec<Waiting>, StoreError>> {
        self.with(tenant_id, Vec::new(), move |tenant, rows| {
            let found = tenant.select(rows, &selection, |row| row.assignee_id.is_none());
            found.into_iter().map(|(opened_at, row)| Waiting { id: row.id, team_id: row.team_id, opened_at }).collect()
        })
    }

    fn held(
        &self,
        tenant_id: TenantId,
        by: Vec<AgentId>,
        unanswered_only: bool,
        selection: Selection,
    ) -> Promise<'_, Result<Vec<Held>, StoreError>> {
        self.with(tenant_id, Vec::new(), move |tenant, rows| {
            let is_answered = |row: &ConversationRow| row.last_reply.is_some_and(|reply| reply.seq >= row.last_message_seq);
            let is_theirs = |row: &ConversationRow| row.assignee_id.is_some_and(|agent_id| by.contains(&agent_id));
            let found = tenant.select(rows, &selection, |row| is_theirs(row) && !(unanswered_only && is_answered(row)));
            let held = |row: &ConversationRow| row.assignee_id.map(|agent_id| Held { id: row.id, team_id: row.team_id, agent_id });
            found.into_iter().filter_map(|(_, row)| held(row)).collect()
        })
    }

    fn neglected(&self, owner: NodeId, tenants: Vec<TenantId>, now: Timestamp) -> Promise<'_, Result<Vec<TenantId>, StoreError>> {
        let mut kept = self.kept();
        let refused = kept.refuse_one();
        let is_free = |tenant: &Tenant| tenant.lease.is_none_or(|(holder, until)| holder == owner || until <= now);
        let is_neglected = |id: &TenantId| kept.tenants.get(id).is_some_and(|tenant| tenant.is_routed() && is_free(tenant));
        let found = tenants.into_iter().filter(is_neglected).collect();
        Box::pin(std::future::ready(refused.map(|()| found)))
    }
}

/// Who is there, as a test says.
#[derive(Debug, Default)]
pub struct MemoryAttendance {
    present: Mutex<BTreeMap<(TenantId, AgentId), Presence>>,
}

impl MemoryAttendance {
    /// An agent comes, steps aside or goes.
    pub fn set(&self, tenant_id: TenantId, agent_id: AgentId, presence: Presence) {
        self.held().insert((tenant_id, agent_id), presence);
    }

    /// Whether an agent is online.
    #[must_use]
    pub fn is_online(&self, tenant_id: TenantId, agent_id: AgentId) -> bool {
        self.held().get(&(tenant_id, agent_id)) == Some(&Presence::Online)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<(TenantId, AgentId), Presence>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attendance for MemoryAttendance {
    fn present(&self, tenant_id: TenantId) -> Promise<'_, Result<Vec<(AgentId, Presence)>, StoreError>> {
        let present = self.held();
        let here = present.iter().filter(|((of, _), presence)| *of == tenant_id && **presence != Presence::Offline);
        let here = here.map(|((_, agent_id), presence)| (*agent_id, *presence)).collect();
        Box::pin(std::future::ready(Ok(here)))
    }

    fn attended(&self) -> Promise<'_, Vec<TenantId>> {
        let present = self.held();
        let online = present.iter().filter(|(_, presence)| **presence == Presence::Online);
        let tenants: std::collections::BTreeSet<TenantId> = online.map(|((tenant_id, _), _)| *tenant_id).collect();
        Box::pin(std::future::ready(tenants.into_iter().collect()))
    }
}
