//! The router's actor: does what the state says, one tenant at a time.
//!
//! Guarantees: one thing at a time is under way. A look that is cut off by the end of the actor leaves every conversation as it was, or given out.
//!
//! Does not: decide anything. [`State::next`], the ledger and the deal do.

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use entities::{TenantId, Timestamp};

use super::{
    Tools,
    ledger::Ledger,
    look::look,
    state::{State, Step},
};
use crate::{
    port::{RoutingLease, StoreError},
    runtime::roster::{Registration, Tell, Worker},
};

/// Mailbox slots; hints are told once until they are heard.
const MAILBOX_MAX: usize = 16;

/// One tenant's router, awake.
pub struct RouterActor {
    tools: Arc<Tools>,
    state: State,
    /// Out while a look has it.
    ledger: Ledger,
    under_way: Option<SpawnHandle>,
    timer: Option<SpawnHandle>,
    registration: Registration<Self>,
}

impl Worker for RouterActor {
    type Key = TenantId;
    type Doors = Tools;
    const OF: &'static str = "tenant's router";

    fn new(tenant_id: TenantId, tools: Arc<Tools>, registration: Registration<Self>) -> Self {
        let state = State::new(RoutingLease { tenant_id, owner: tools.node_id });
        Self { tools, state, ledger: Ledger::default(), under_way: None, timer: None, registration }
    }
}

impl RouterActor {
    /// Does what there is to do, until there is nothing but to wait.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        loop {
            let now = self.tools.clock.now();
            match self.state.next(now) {
                Step::Claim { until } => self.claim(now, until, ctx),
                Step::Look { whole, until } => self.look(whole, until, ctx),
                Step::Release => self.release(ctx),
                Step::Wait(at) => return self.sleep_until(at, now, ctx),
                Step::Leave => {
                    if self.leave(ctx) {
                        return;
                    }
                }
            }
        }
    }

    fn claim(&mut self, now: Timestamp, until: Timestamp, ctx: &mut Context<Self>) {
        let (tools, lease) = (self.tools.clone(), self.state.lease());
        let claim = async move { tools.routing.claim(lease, now, until).await };
        self.spawn("claim", claim, ctx, move |actor, ours| actor.state.claimed(until, ours));
    }

    fn release(&mut self, ctx: &mut Context<Self>) {
        let (tools, lease) = (self.tools.clone(), self.state.lease());
        let release = async move { tools.routing.release(lease).await };
        self.spawn("release", release, ctx, |actor, ()| actor.state.released());
    }

    fn look(&mut self, whole: bool, until: Timestamp, ctx: &mut Context<Self>) {
        let (tools, lease, mut ledger) = (self.tools.clone(), self.state.lease(), std::mem::take(&mut self.ledger));
        let look = async move {
            let looked = look(&tools, lease.tenant_id, &mut ledger, whole, until).await;
            Ok((ledger, looked))
        };
        self.spawn("look", look, ctx, |actor, (ledger, looked)| {
            actor.ledger = ledger;
            let now = actor.tools.clock.now();
            match looked {
                Ok(looked) => actor.state.looked(now, looked),
                Err(error) => actor.failed("look", &error),
            }
        });
    }

    fn spawn<T: 'static>(
        &mut self,
        what: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + 'static,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, T) + 'static,
    ) {
        self.under_way = Some(ctx.spawn(work.into_actor(self).map(move |done, actor, ctx| {
            actor.under_way = None;
            match done {
                Ok(done) => then(actor, done),
                Err(error) => actor.failed(what, &error),
            }
            actor.pump(ctx);
        })));
    }

    fn failed(&mut self, what: &'static str, error: &StoreError) {
        tracing::warn!(tenant.id = %self.state.lease().tenant_id, what, %error, "a tenant's router failed and tries again");
        self.state.failed(self.tools.clock.now());
    }

    fn sleep_until(&mut self, at: Option<Timestamp>, now: Timestamp, ctx: &mut Context<Self>) {
        let Some(at) = at else { return };
        // The timer counts whole milliseconds, and must not be early.
        let micros = u64::try_from(at.micros().saturating_sub(now.micros())).unwrap_or(0);
        self.timer = Some(ctx.run_later(Duration::from_millis(micros.div_ceil(1_000).max(1)), |actor, ctx| {
            actor.timer = None;
            actor.pump(ctx);
        }));
    }

    /// Stops, unless somebody has come to wake it meanwhile: then it begins anew.
    fn leave(&mut self, ctx: &mut Context<Self>) -> bool {
        if let Some(under_way) = self.under_way.take() {
            ctx.cancel_future(under_way);
        }
        if self.registration.leave() {
            ctx.stop();
            return true;
        }
        self.state = State::new(self.state.lease());
        self.ledger = Ledger::default();
        false
    }
}

impl Actor for RouterActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        self.pump(ctx);
    }
}

impl Handler<Tell> for RouterActor {
    type Result = ();

    fn handle(&mut self, tell: Tell, ctx: &mut Self::Context) {
        match tell {
            Tell::Stir => {
                self.registration.heard();
                self.state.stir();
            }
            Tell::Drain => self.state.drain(),
            Tell::Abandon => self.state.abandon(),
        }
        self.pump(ctx);
    }
}
