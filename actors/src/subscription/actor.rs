//! The subscription's actor: does what the state says, one webhook at a time.
//!
//! Guarantees: at most one read and one write of the store are under way; attempts run beside them. Attempts end with the actor: what was under
//! way when it stops, or dies, is due again.
//!
//! Does not: decide anything. [`State::next`] does.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use entities::{AttemptError, AttemptOutcome, ErrorClass, NodeId, RetrySchedule, Timestamp, Timings, Verdict, WebhookId};

use super::state::{State, Step};
use crate::{
    port::{Claimed, Clock, Courier, Deliveries, Health, Lease, Page, Recorded, Room, StoreError},
    runtime::{
        roster::{Registration, Tell, Worker},
        shares::{Asked, Shares, Slot},
    },
};

/// Mailbox slots; hints are told once until they are heard.
const MAILBOX_MAX: usize = 16;
/// A courier that has not answered so long after its deadline never will.
const COURIER_GRACE: Duration = Duration::from_secs(1);

/// The world as subscriptions see it.
pub struct Doors {
    pub deliveries: Arc<dyn Deliveries>,
    pub courier: Arc<dyn Courier>,
    pub clock: Arc<dyn Clock>,
    pub shares: Arc<Shares<WebhookId>>,
    pub node_id: NodeId,
    pub deadline: Duration,
    pub schedule: Arc<RetrySchedule>,
}

impl Doors {
    fn state(&self, webhook_id: WebhookId) -> State {
        State::new(Lease { webhook_id, owner: self.node_id }, self.deadline, self.schedule.clone(), self.clock.now())
    }
}

/// One webhook, awake.
pub struct SubscriptionActor {
    doors: Arc<Doors>,
    state: State,
    /// What is to be stopped when the webhook is lost: attempts by their positions,
    flights: HashMap<i64, SpawnHandle>,
    /// the page that is being read, and what waits for a place.
    page: Option<SpawnHandle>,
    place: Option<SpawnHandle>,
    timer: Option<SpawnHandle>,
    registration: Registration<Self>,
}

impl Worker for SubscriptionActor {
    type Key = WebhookId;
    type Doors = Doors;
    const OF: &'static str = "webhook";

    fn new(webhook_id: WebhookId, doors: Arc<Doors>, registration: Registration<Self>) -> Self {
        let state = doors.state(webhook_id);
        Self { doors, state, flights: HashMap::new(), page: None, place: None, timer: None, registration }
    }
}

impl SubscriptionActor {
    /// Does what there is to do, until there is nothing but to wait. Each step puts something under way, of which there is a bounded number.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        loop {
            let now = self.doors.clock.now();
            match self.state.next(now) {
                Step::Claim { until } => self.claim(now, until, ctx),
                Step::Page { claimed, busy, room } => self.read(claimed, busy, room, now, ctx),
                Step::Begin => self.find_place(ctx),
                Step::Record { attempts, health } => self.record(attempts, health, ctx),
                Step::Disable { reason } => self.disable(reason, now, ctx),
                Step::Warn => self.warn(now, ctx),
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
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        let claim = async move { doors.deliveries.claim(lease, now, until).await };
        self.write("claim", claim, ctx, move |state, now, claimed| state.claimed(now, until, claimed));
    }

    fn record(&mut self, attempts: Vec<crate::port::Attempted>, health: Health, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        let record = async move { doors.deliveries.record(lease, attempts, health).await };
        self.write("record", record, ctx, move |state, now, recorded| {
            if recorded == Recorded::LeaseLost {
                tracing::info!(webhook.id = %lease.webhook_id, "a webhook was disabled, or is worked by another node now");
            }
            state.recorded(now, recorded);
        });
    }

    fn disable(&mut self, reason: String, now: Timestamp, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        tracing::warn!(webhook.id = %lease.webhook_id, reason, "a webhook is disabled");
        let disable = async move { doors.deliveries.disable(lease, reason, now).await };
        self.write("disable", disable, ctx, |state, _now, ()| state.disabled());
    }

    fn warn(&mut self, now: Timestamp, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        let warn = async move { doors.deliveries.warn(lease, now).await };
        self.write("warn", warn, ctx, move |state, _now, ()| state.warned(now));
    }

    fn release(&mut self, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        let release = async move { doors.deliveries.release(lease).await };
        self.write("release", release, ctx, |state, _now, ()| state.released());
    }

    /// Has the store do something and tells the state how it went.
    fn write<T: 'static>(
        &mut self,
        what: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + 'static,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut State, Timestamp, T) + 'static,
    ) {
        ctx.spawn(work.into_actor(self).map(move |done, actor, ctx| {
            let now = actor.doors.clock.now();
            match done {
                Ok(done) => then(&mut actor.state, now, done),
                Err(error) => {
                    let lease = actor.state.lease();
                    tracing::warn!(webhook.id = %lease.webhook_id, what, %error, "the store failed a webhook and is asked again");
                    actor.state.write_failed(now);
                }
            }
            actor.pump(ctx);
        }));
    }

    fn read(&mut self, claimed: Arc<Claimed>, busy: Vec<i64>, room: Room, now: Timestamp, ctx: &mut Context<Self>) {
        let doors = self.doors.clone();
        let read = async move { doors.deliveries.page(&claimed, now, &busy, room).await };
        self.page = Some(ctx.spawn(read.into_actor(self).map(|page: Result<Page, StoreError>, actor, ctx| {
            actor.page = None;
            let now = actor.doors.clock.now();
            match page {
                Ok(page) => actor.state.read(now, page),
                Err(error) => {
                    let lease = actor.state.lease();
                    tracing::warn!(webhook.id = %lease.webhook_id, %error, "could not read what is due for a webhook; it is asked again");
                    actor.state.read_failed(now);
                }
            }
            actor.pump(ctx);
        })));
    }

    /// Begins an attempt, now or when there is a place for it.
    fn find_place(&mut self, ctx: &mut Context<Self>) {
        let Some(tenant_id) = self.state.tenant_id() else { return };
        match self.doors.shares.ask(tenant_id, self.state.lease().webhook_id) {
            Asked::Now(slot) => self.begin(slot, ctx),
            Asked::Later(place) => {
                self.state.await_place();
                self.place = Some(ctx.spawn(place.into_actor(self).map(|slot, actor, ctx| {
                    actor.place = None;
                    match slot {
                        Ok(slot) => actor.begin(slot, ctx),
                        Err(_shares_are_gone) => actor.state.place_lost(),
                    }
                    actor.pump(ctx);
                })));
            }
        }
    }

    fn begin(&mut self, slot: Slot<WebhookId>, ctx: &mut Context<Self>) {
        let Some(begun) = self.state.begin(self.doors.clock.now()) else { return };
        let position = begun.position;
        let attempt = tokio::time::timeout(self.doors.deadline + COURIER_GRACE, self.doors.courier.deliver(begun.request));
        let flight = ctx.spawn(attempt.into_actor(self).map(move |outcome, actor, ctx| {
            drop(slot);
            actor.flights.remove(&position);
            let outcome = outcome.unwrap_or_else(|_elapsed| unanswered(actor.doors.deadline));
            let now = actor.doors.clock.now();
            let fraction = actor.doors.clock.fraction();
            actor.state.finish(position, outcome, now, fraction);
            actor.pump(ctx);
        }));
        self.flights.insert(position, flight);
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
        let under_way = self.flights.drain().map(|(_, flight)| flight).chain(self.page.take()).chain(self.place.take());
        for handle in under_way {
            ctx.cancel_future(handle);
        }
        if self.registration.leave() {
            ctx.stop();
            return true;
        }
        self.state = self.doors.state(self.state.lease().webhook_id);
        false
    }
}

impl Actor for SubscriptionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        self.pump(ctx);
    }
}

impl Handler<Tell> for SubscriptionActor {
    type Result = ();

    fn handle(&mut self, tell: Tell, ctx: &mut Self::Context) {
        match tell {
            Tell::Stir => {
                self.registration.heard();
                self.state.stir();
            }
            Tell::Drain => {
                self.state.drain();
                if let Some(place) = self.place.take() {
                    ctx.cancel_future(place);
                }
            }
            Tell::Abandon => {
                self.state.abandon();
                for (_, flight) in self.flights.drain() {
                    ctx.cancel_future(flight);
                }
            }
        }
        self.pump(ctx);
    }
}

/// What is recorded of a courier that broke its promise to answer.
fn unanswered(deadline: Duration) -> AttemptOutcome {
    AttemptOutcome {
        verdict: Verdict::Failed,
        http_status: None,
        response_headers: Vec::new(),
        response_body: None,
        error: Some(AttemptError { class: ErrorClass::Timeout, detail: "the attempt did not end by its deadline".to_owned() }),
        retry_after: None,
        timings: Timings { total: u32::try_from(deadline.as_millis()).unwrap_or(u32::MAX), ..Timings::default() },
        address: None,
    }
}
