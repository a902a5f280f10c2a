//! The hub's actor: one tenant's stream after the other, reading from the journal what the bus did not bring.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use entities::TenantId;
use tokio::sync::oneshot;

use super::{
    HEAD_CHECK,
    message::{Drain, Join, Leave, LiveEvent, Publish, Signalled, Watch},
    stream::Stream,
};
use crate::port::{Journal, StoreError};

/// Mailbox slots: batches of events, mostly.
const MAILBOX_MAX: usize = 8_192;
/// Events read at once to fill a gap.
const REPAIR_PAGE: usize = 512;

/// One shard's hub.
pub struct HubActor {
    journal: Arc<dyn Journal>,
    /// Only tenants with a session on this node.
    streams: HashMap<TenantId, Stream>,
    /// Those who wait for a stream's head. Bounded by the sockets of this node.
    joining: HashMap<TenantId, Vec<oneshot::Sender<Result<u64, StoreError>>>>,
    /// Tenants whose gap is being read.
    repairing: HashSet<TenantId>,
}

impl HubActor {
    pub(super) fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, streams: HashMap::new(), joining: HashMap::new(), repairing: HashSet::new() }
    }

    /// Reads the head of a stream that has just got its first session.
    fn read_head(&self, tenant_id: TenantId, ctx: &mut Context<Self>) {
        let journal = self.journal.clone();
        let read = async move { journal.head(tenant_id).await };
        ctx.spawn(read.into_actor(self).map(move |head, actor, ctx| {
            let joining = actor.joining.remove(&tenant_id).unwrap_or_default();
            let begun = match head {
                Ok(head) => actor.streams.get_mut(&tenant_id).and_then(|stream| {
                    stream.begin(head);
                    stream.next().map(|next| next - 1)
                }),
                Err(error) => {
                    tracing::warn!(tenant.id = %tenant_id, %error, "could not read a tenant's head for its sessions");
                    None
                }
            };
            let Some(joined_at) = begun else {
                actor.streams.remove(&tenant_id);
                let refuse =
                    |waiter: oneshot::Sender<_>| drop(waiter.send(Err(StoreError::Unavailable("the head could not be read".into()))));
                joining.into_iter().for_each(refuse);
                return;
            };
            // A session that has gone meanwhile does not hear it; its outlet is found closed.
            for waiter in joining {
                drop(waiter.send(Ok(joined_at)));
            }
            actor.repair(tenant_id, ctx);
        }));
    }

    /// Reads what is missing, page by page, until nothing waits for it.
    fn repair(&mut self, tenant_id: TenantId, ctx: &mut Context<Self>) {
        let Some(next) = self.streams.get(&tenant_id).filter(|stream| stream.has_gap()).and_then(Stream::next) else { return };
        self.read_behind(tenant_id, next - 1, ctx);
    }

    fn read_behind(&mut self, tenant_id: TenantId, after: u64, ctx: &mut Context<Self>) {
        if !self.repairing.insert(tenant_id) {
            return;
        }
        let journal = self.journal.clone();
        let read = async move { journal.events_after(tenant_id, after, REPAIR_PAGE).await };
        ctx.spawn(read.into_actor(self).map(move |events, actor, ctx| {
            actor.repairing.remove(&tenant_id);
            match events {
                Ok(events) => {
                    let full = events.len() == REPAIR_PAGE;
                    let Some(stream) = actor.streams.get_mut(&tenant_id) else { return };
                    stream.take(events.into_iter().map(LiveEvent::new));
                    let next = stream.next();
                    match next {
                        Some(next) if full && next > after + 1 => actor.read_behind(tenant_id, next - 1, ctx),
                        // Read and still a gap: what is missing is not committed yet on the node that numbered it. The head check tries again.
                        _ => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(tenant.id = %tenant_id, %error, "could not read missed events; trying again at the next check");
                }
            }
        }));
    }

    /// Finds the last event that the bus lost, behind which nothing came that would show the gap.
    fn check_heads(&mut self, ctx: &mut Context<Self>) {
        self.streams.retain(|_, stream| !stream.is_empty());
        let behind = self.streams.iter().filter_map(|(tenant_id, stream)| stream.next().map(|next| (*tenant_id, next - 1)));
        for (tenant_id, after) in behind.collect::<Vec<_>>() {
            self.read_behind(tenant_id, after, ctx);
        }
    }
}

impl Actor for HubActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        ctx.run_interval(HEAD_CHECK, Self::check_heads);
    }
}

impl Handler<Join> for HubActor {
    type Result = ();

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) {
        let stream = self.streams.entry(join.tenant_id).or_default();
        stream.join(join.session_id, join.outlet, join.view);
        if let Some(next) = stream.next() {
            // The session may have gone meanwhile; its outlet is found closed.
            drop(join.answer.send(Ok(next - 1)));
            return;
        }
        let joining = self.joining.entry(join.tenant_id).or_default();
        joining.push(join.answer);
        if joining.len() == 1 {
            self.read_head(join.tenant_id, ctx);
        }
    }
}

impl Handler<Watch> for HubActor {
    type Result = Result<u64, StoreError>;

    fn handle(&mut self, watch: Watch, _ctx: &mut Self::Context) -> Self::Result {
        let stream = self.streams.get_mut(&watch.tenant_id).ok_or(StoreError::NotFound)?;
        let known = stream.watch(watch.session_id, watch.topics);
        stream.next().filter(|_| known).map(|next| next - 1).ok_or(StoreError::NotFound)
    }
}

impl Handler<Leave> for HubActor {
    type Result = ();

    fn handle(&mut self, leave: Leave, _ctx: &mut Self::Context) {
        if let Some(stream) = self.streams.get_mut(&leave.tenant_id) {
            stream.leave(leave.session_id);
            if stream.is_empty() && stream.next().is_some() {
                self.streams.remove(&leave.tenant_id);
            }
        }
    }
}

impl Handler<Publish> for HubActor {
    type Result = ();

    fn handle(&mut self, Publish(published): Publish, ctx: &mut Self::Context) {
        if let Some(stream) = self.streams.get_mut(&published.tenant_id) {
            stream.take(published.events.iter().cloned().map(LiveEvent::new));
            self.repair(published.tenant_id, ctx);
        }
    }
}

impl Handler<Signalled> for HubActor {
    type Result = ();

    fn handle(&mut self, signalled: Signalled, _ctx: &mut Self::Context) {
        if let Some(stream) = self.streams.get(&signalled.tenant_id) {
            stream.signal(&signalled.signal);
        }
    }
}

impl Handler<Drain> for HubActor {
    type Result = usize;

    fn handle(&mut self, _drain: Drain, _ctx: &mut Self::Context) -> usize {
        self.streams.values().map(Stream::drain).sum()
    }
}
