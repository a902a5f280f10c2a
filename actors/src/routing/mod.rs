//! Routing: the open conversations of a tenant that are nobody's are given to its agents, by one router, on one node, while somebody is there.
//!
//! Guarantees: the oldest conversation that waits is given to an agent who is online, may see it and has a place free, at once if the hint that
//! something changed arrives, and within a second if it is lost; nobody is given more than their capacity, and loads are kept within one of
//! each other as far as that is in the hands of whoever gives ([`deal`]). What an agent who has gone away leaves behind is kept or given back by
//! the tenant's rules. A race with somebody who assigns by hand is lost without harm: the conversation decides. After a crash the sweep, or
//! another node when the lease has ended, goes on: nothing is remembered that is not in the rows, but for how long somebody has been away.
//!
//! Does not: move conversations between agents who are there, touch personal inboxes, or know how presence or rules are stored.
//!
//! Start reading at [`deal`] (who is given what), then [`ledger`] (what is remembered), `look` (one look), [`state`] (lease and time), `actor`
//! (the sequence) and `runtime::roster` (who is awake).

mod actor;
pub mod deal;
pub mod ledger;
mod look;
pub mod state;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use entities::{ConversationId, EventKind, NodeId, TenantId, Timestamp};

use self::actor::RouterActor;
use crate::{
    conversation::{AskError, Assign, Command, Reply},
    port::{Attendance, Clock, Journal, Promise, Published, Routing, Signal, StoreError},
    runtime::{
        Directory,
        roster::{Roster, Tell},
        shard::Shards,
    },
    sweep::Chore,
};

/// How often a drain looks whether it is done.
const DRAIN_LOOK: Duration = Duration::from_millis(5);

/// Who does what was decided.
pub trait Conversations: Send + Sync + 'static {
    /// Has a conversation change hands; whether it did, rather than not be as it was seen any more.
    ///
    /// # Errors
    /// [`AskError`]: nothing was written, or that is not known.
    fn assign(&self, tenant_id: TenantId, id: ConversationId, assign: Assign) -> Promise<'_, Result<bool, AskError>>;
}

impl Conversations for Directory {
    fn assign(&self, tenant_id: TenantId, id: ConversationId, assign: Assign) -> Promise<'_, Result<bool, AskError>> {
        Box::pin(async move {
            match self.ask(tenant_id, id, Command::Assign(assign)).await? {
                Reply::Updated(conversation) => Ok(conversation.assignee_id == assign.to),
                Reply::Posted(_) | Reply::Read | Reply::Received(_) | Reply::Scheduled { .. } => Ok(false),
            }
        })
    }
}

/// A look at the routers of this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// Awake now.
    pub awake: usize,
    /// Actors that died of a panic since the start.
    pub deaths: u64,
    /// Hints that were not followed since the start, because too many were awake: the sweep repeats them.
    pub put_off: u64,
}

/// Reaches the routers of this node. Cheap to clone.
#[derive(Clone)]
pub struct Routers {
    roster: Arc<Roster<RouterActor>>,
}

/// What routers work with.
pub struct Tools {
    /// What waits and who may be given it.
    pub routing: Arc<dyn Routing>,
    /// Who is there.
    pub attendance: Arc<dyn Attendance>,
    /// Who does what was decided.
    pub conversations: Arc<dyn Conversations>,
    /// Whose head shows whether anything happened.
    pub journal: Arc<dyn Journal>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// In whose name leases are held; no other process that lives has it.
    pub node_id: NodeId,
}

impl Routers {
    /// Those of a node, spread over these threads, at most `awake_max` at once; none is awake yet.
    #[must_use]
    pub fn start(tools: Tools, shards: Arc<Shards>, awake_max: usize) -> Self {
        let clock = tools.clock.clone();
        Self { roster: Roster::new(Arc::new(tools), clock, shards, awake_max) }
    }

    /// Tells that somebody came or went, or that a tenant's rules, teams or members changed. A hint: never waits, and may be lost.
    pub fn wake(&self, tenant_id: TenantId) {
        self.roster.wake(tenant_id, true);
    }

    /// Tells of committed events: those that may give work to a router that is awake. Others need none, because nobody is there. A hint: never
    /// waits, and may be lost.
    pub fn published(&self, published: &Published) {
        let concerns = |kind| {
            matches!(
                kind,
                EventKind::ConversationCreated
                    | EventKind::ConversationUpdated
                    | EventKind::ConversationAssigned
                    | EventKind::ConversationDeleted
            )
        };
        if published.events.iter().any(|event| concerns(event.kind)) {
            self.roster.stir(published.tenant_id);
        }
    }

    /// Tells of the moment: of who came and went. A hint: never waits, and may be lost.
    pub fn signalled(&self, tenant_id: TenantId, signal: &Signal) {
        if matches!(signal, Signal::Presence { .. }) {
            self.wake(tenant_id);
        }
    }

    /// Wakes the routers of tenants that have somebody here and no router anywhere; how many. Safe on several nodes at once. To be called when
    /// the node starts, and again and again: twice in the time in which a lost hint is to be repaired.
    ///
    /// # Errors
    /// [`StoreError`] if they could not be read.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let tools = self.roster.doors();
        let attended = tools.attendance.attended().await;
        if attended.is_empty() {
            return Ok(0);
        }
        let neglected = tools.routing.neglected(tools.node_id, attended, now).await?;
        for tenant_id in &neglected {
            // One that is awake looks by itself.
            self.roster.wake(*tenant_id, false);
        }
        Ok(neglected.len())
    }

    /// Gives out nothing more, waits for what is under way and gives the leases back, within `limit`; whether that came to be.
    pub async fn drain(&self, limit: Duration) -> bool {
        let patience = limit.mul_f64(0.75);
        self.roster.tell_all(Tell::Drain);
        if self.all_left_within(patience).await {
            return true;
        }
        self.roster.tell_all(Tell::Abandon);
        self.all_left_within(limit.saturating_sub(patience)).await
    }

    /// Counts for operators.
    #[must_use]
    pub fn observe(&self) -> Observed {
        Observed { awake: self.roster.awake(), deaths: self.roster.deaths(), put_off: self.roster.put_off() }
    }

    async fn all_left_within(&self, limit: Duration) -> bool {
        let left = async {
            while self.roster.awake() > 0 {
                tokio::time::sleep(DRAIN_LOOK).await;
            }
        };
        tokio::time::timeout(limit, left).await.is_ok()
    }
}

impl Chore for Routers {
    fn name(&self) -> &'static str {
        "wake routers"
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(async move { self.sweep(now).await.map(|woken| woken as u64) })
    }
}
