//! The hub: from committed events to the live sessions that may see them, on this node.
//!
//! Guarantees: a session that joined receives, once and in the order of their positions, all events behind the position that
//! [`Hubs::join`] answered, as far as its view covers them — or it is cut, and resumes with its cursor. What the bus lost is read
//! from the journal: at once if a later event shows the gap, within [`HEAD_CHECK`] otherwise.
//!
//! Does not: encode frames (a session does, once for all), or authorise (the session has, before it asks for a topic).
//!
//! Start reading at [`message`], then `stream` (pure), then `actor`.

mod actor;
pub mod message;
mod stream;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use actix::{Actor, Addr};
use entities::{SessionId, TenantId};
use tokio::sync::oneshot;

pub use message::{Delivery, LiveEvent, Outlet, Topics, View};

use self::{
    actor::HubActor,
    message::{Drain, Join, Leave, Publish, Signalled, Watch},
};
use crate::{
    port::{Journal, Published, Signal, StoreError},
    runtime::shard::Shards,
};

/// How often live tenants' heads are compared with the journal.
pub const HEAD_CHECK: Duration = Duration::from_secs(5);

/// The hubs of this node, one a shard, tenants spread over them. Cheap to clone.
#[derive(Clone)]
pub struct Hubs {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Arc<Shards>,
    hubs: Vec<Addr<HubActor>>,
}

impl Hubs {
    /// Starts a hub on each shard. Must be called inside an actix system.
    #[must_use]
    pub fn start(shards: Arc<Shards>, journal: &Arc<dyn Journal>) -> Self {
        let start = |place| {
            let journal = journal.clone();
            shards.arbiter(place).map(|arbiter| HubActor::start_in_arbiter(arbiter, move |_ctx| HubActor::new(journal)))
        };
        let hubs = (0..shards.count()).filter_map(start).collect();
        Self { inner: Arc::new(Inner { shards, hubs }) }
    }

    /// Adds a session to its tenant's stream and answers the position behind which it will be sent everything that it may see.
    /// What lies between the session's cursor and that position it reads from the journal itself.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the tenant's head could not be read; the session is not in then.
    pub async fn join(&self, tenant_id: TenantId, session_id: SessionId, outlet: Arc<Outlet>, view: View) -> Result<u64, StoreError> {
        let gone = || StoreError::Unavailable("the hub is gone".into());
        let (answer, answered) = oneshot::channel();
        let hub = self.hub(tenant_id).ok_or_else(gone)?;
        hub.send(Join { tenant_id, session_id, outlet, view, answer }).await.map_err(|_stopped| gone())?;
        answered.await.map_err(|_dropped| gone())?
    }

    /// Changes what an agent's session sees. From the position that it answers on, the new topics are covered without a gap.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the session is not in (any more); [`StoreError::Unavailable`] if the hub is gone.
    pub async fn watch(&self, tenant_id: TenantId, session_id: SessionId, topics: Topics) -> Result<u64, StoreError> {
        let hub = self.hub(tenant_id).ok_or(StoreError::NotFound)?;
        hub.send(Watch { tenant_id, session_id, topics }).await.map_err(|_stopped| StoreError::Unavailable("the hub is gone".into()))?
    }

    /// Takes a session out. Never waits; a session that could not be taken out now is found to be closed at its next event.
    pub fn leave(&self, tenant_id: TenantId, session_id: SessionId) {
        if let Some(hub) = self.hub(tenant_id) {
            hint(hub.try_send(Leave { tenant_id, session_id }).is_ok(), "leave");
        }
    }

    /// Hands in committed events. Never waits; what does not fit is found again by position.
    pub fn publish(&self, published: Published) {
        if let Some(hub) = self.hub(published.tenant_id) {
            hint(hub.try_send(Publish(published)).is_ok(), "publish");
        }
    }

    /// Hands in something of the moment. Never waits; may be dropped.
    pub fn signal(&self, tenant_id: TenantId, signal: Signal) {
        if let Some(hub) = self.hub(tenant_id) {
            hint(hub.try_send(Signalled { tenant_id, signal: Arc::new(signal) }).is_ok(), "signal");
        }
    }

    /// Tells every session of this node to reconnect elsewhere; answers how many were told.
    pub async fn drain(&self) -> usize {
        let mut told = 0;
        for hub in &self.inner.hubs {
            told += hub.send(Drain).await.unwrap_or(0);
        }
        told
    }

    fn hub(&self, tenant_id: TenantId) -> Option<&Addr<HubActor>> {
        self.inner.hubs.get(self.inner.shards.place(&tenant_id))
    }
}

fn hint(taken: bool, what: &'static str) {
    if !taken {
        tracing::warn!(what, "a hub's mailbox is full; the sweep will repair what it misses");
    }
}
