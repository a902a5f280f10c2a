//! The tenant: its members' presence and who is looking at which conversation, on this node.
//!
//! Guarantees: sessions are told what changed, never the whole list. An agent whose last socket closed stays present for
//! [`GRACE`], so that a reconnect does not show as a coming and going.
//!
//! Does not: store anything. After a restart sessions announce themselves again.

mod actor;
mod state;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix::{Actor, Addr};
use entities::{AgentId, AgentSummary, ConversationId, Presence, SessionId, TenantId};

use self::actor::{Ask, Tell, TenantActor};
use crate::{
    port::{Attendance, Bus, Promise, StoreError},
    runtime::shard::Shards,
};

/// How long an agent stays present without a socket.
pub const GRACE: Duration = Duration::from_secs(5);

/// What a session says to its tenant.
#[derive(Debug, Clone)]
pub enum News {
    /// An agent's socket opened, or says again that it is there.
    Here {
        /// Whose socket.
        agent: AgentSummary,
    },
    /// The agent chose what to be.
    Presence(Presence),
    /// The socket shows this conversation, or none.
    Viewing(Option<ConversationId>),
    /// The socket closed.
    Gone,
}

/// Reaches the tenants' actors. Cheap to clone.
#[derive(Clone)]
pub struct Tenants {
    inner: Arc<Inner>,
}

struct Inner {
    bus: Arc<dyn Bus>,
    shards: Arc<Shards>,
    /// One actor a tenant that had an agent here since the start: as many as there are tenants, a kilobyte each.
    actors: Mutex<HashMap<TenantId, Addr<TenantActor>>>,
}

impl Tenants {
    /// Must be called inside an actix system.
    #[must_use]
    pub fn start(bus: Arc<dyn Bus>, shards: Arc<Shards>) -> Self {
        Self { inner: Arc::new(Inner { bus, shards, actors: Mutex::default() }) }
    }

    /// The presence of every member that is not offline.
    pub async fn presence(&self, tenant_id: TenantId) -> Vec<(AgentId, Presence)> {
        match self.find(tenant_id) {
            Some(addr) => addr.send(Ask).await.unwrap_or_default(),
            None => Vec::new(),
        }
    }

    /// Tells the tenant of one of its agents' sockets. Waits for a slot in the mailbox, so nothing is dropped.
    pub async fn tell(&self, tenant_id: TenantId, session_id: SessionId, news: News) {
        let Some(addr) = self.find_or_start(tenant_id) else { return };
        if addr.send(Tell { session_id, news }).await.is_err() {
            tracing::warn!(tenant.id = %tenant_id, "a tenant's actor died; the next heartbeat of its sessions rebuilds it");
        }
    }

    fn find(&self, tenant_id: TenantId) -> Option<Addr<TenantActor>> {
        let actors = self.inner.actors.lock().unwrap_or_else(PoisonError::into_inner);
        actors.get(&tenant_id).filter(|addr| addr.connected()).cloned()
    }

    fn find_or_start(&self, tenant_id: TenantId) -> Option<Addr<TenantActor>> {
        let mut actors = self.inner.actors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(addr) = actors.get(&tenant_id).filter(|addr| addr.connected()) {
            return Some(addr.clone());
        }
        let arbiter = self.inner.shards.arbiter(self.inner.shards.place(&tenant_id))?;
        let bus = self.inner.bus.clone();
        let addr = TenantActor::start_in_arbiter(arbiter, move |_ctx| TenantActor::new(tenant_id, bus));
        actors.insert(tenant_id, addr.clone());
        Some(addr)
    }
}

/// Who is there, as far as this node alone serves the tenant's agents.
impl Attendance for Tenants {
    fn present(&self, tenant_id: TenantId) -> Promise<'_, Result<Vec<(AgentId, Presence)>, StoreError>> {
        Box::pin(async move { Ok(self.presence(tenant_id).await) })
    }

    fn attended(&self) -> Promise<'_, Vec<TenantId>> {
        let tenants: Vec<TenantId> = self.inner.actors.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        Box::pin(async move {
            let mut attended = Vec::new();
            for tenant_id in tenants {
                if self.presence(tenant_id).await.iter().any(|(_, presence)| *presence == Presence::Online) {
                    attended.push(tenant_id);
                }
            }
            attended
        })
    }
}
