//! The channel's actor: does what the state says, one channel at a time.
//!
//! Guarantees: one claim, release or halt and one read of the store are under way at a time; each dispatch in hand has one thing done with it at a
//! time. A send that is under way when the actor dies is not known to have been made, and its row says so.
//!
//! Does not: decide anything. [`State::next`] does.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use entities::{Address, ChannelId, ConversationId, NodeId, ProviderError, SendOutcome, Timestamp};

use super::{
    Conversations,
    message::{Came, Told},
    state::{Answer, GATEWAY_GRACE_MS, State, Step, ToSend, Work},
    typing::{self, Indicators},
};
use crate::{
    conversation::{AskError, message::Settled},
    port::{ChannelLease, Clock, DispatchPage, Dispatches, Gateway, Line, Postponed, Report, StoreError, gateway::SEND_MS_MAX},
    runtime::{
        roster::{Registration, Tell, Worker},
        shares::{Asked, Shares, Slot},
    },
};

/// Mailbox slots; hints are told once until they are heard.
const MAILBOX_MAX: usize = 16;
/// A gateway that breaks its promise to answer is not waited for any longer.
const SEND_LIMIT: Duration = Duration::from_millis(SEND_MS_MAX + GATEWAY_GRACE_MS as u64);

/// The world as channels see it.
pub struct Doors {
    pub dispatches: Arc<dyn Dispatches>,
    pub gateway: Arc<dyn Gateway>,
    pub conversations: Arc<dyn Conversations>,
    pub clock: Arc<dyn Clock>,
    pub shares: Arc<Shares<ChannelId>>,
    pub node_id: NodeId,
    pub told: Told,
    pub typing_told: Told,
    /// Who is shown to type where.
    pub indicators: Mutex<Indicators>,
}

impl Doors {
    fn state(&self, channel_id: ChannelId) -> State {
        State::new(ChannelLease { channel_id, owner: self.node_id }, self.clock.now())
    }
}

/// One channel, awake.
pub struct ChannelActor {
    doors: Arc<Doors>,
    state: State,
    /// What is under way with dispatches in hand, by their positions,
    flights: HashMap<i64, SpawnHandle>,
    /// and the places of those that are being sent.
    slots: HashMap<i64, Slot<ChannelId>>,
    page: Option<SpawnHandle>,
    place: Option<SpawnHandle>,
    timer: Option<SpawnHandle>,
    registration: Registration<Self>,
}

impl Worker for ChannelActor {
    type Key = ChannelId;
    type Doors = Doors;
    const OF: &'static str = "channel";

    fn new(channel_id: ChannelId, doors: Arc<Doors>, registration: Registration<Self>) -> Self {
        let state = doors.state(channel_id);
        let (flights, slots) = (HashMap::new(), HashMap::new());
        Self { doors, state, flights, slots, page: None, place: None, timer: None, registration }
    }
}

impl ChannelActor {
    /// Does what there is to do, until there is nothing but to wait. Each step puts something under way, of which there is a bounded number.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        loop {
            let now = self.doors.clock.now();
            match self.state.next(now) {
                Step::Claim { until } => self.claim(now, until, ctx),
                Step::Page { line, busy, limit } => self.read(line, busy, limit, now, ctx),
                Step::TakeUp => self.find_place(ctx),
                Step::Work { position, work } => self.work(position, work, now, ctx),
                Step::Halt { reason } => self.halt(reason, now, ctx),
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
        let claim = async move { doors.dispatches.claim(lease, now, until).await };
        self.ask("claim", claim, ctx, move |state, now, line| state.claimed(now, until, line));
    }

    fn halt(&mut self, reason: String, now: Timestamp, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        tracing::warn!(channel.id = %lease.channel_id, reason, "a channel cannot send");
        let halt = async move { doors.dispatches.halt(lease, reason, now).await };
        self.ask("halt", halt, ctx, |state, _now, ()| state.halted());
    }

    fn release(&mut self, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        let release = async move { doors.dispatches.release(lease).await };
        self.ask("release", release, ctx, |state, _now, ()| state.released());
    }

    /// Has the store do something with the channel and tells the state how it went.
    fn ask<T: 'static>(
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
                    actor.warn(what, &error);
                    actor.state.asking_failed(now);
                }
            }
            actor.pump(ctx);
        }));
    }

    fn read(&mut self, line: Line, busy: Vec<ConversationId>, limit: usize, now: Timestamp, ctx: &mut Context<Self>) {
        let doors = self.doors.clone();
        let read = async move { doors.dispatches.page(&line, now, &busy, limit).await };
        self.page = Some(ctx.spawn(read.into_actor(self).map(|page: Result<DispatchPage, StoreError>, actor, ctx| {
            actor.page = None;
            let now = actor.doors.clock.now();
            match page {
                Ok(page) => actor.state.read(now, page),
                Err(error) => {
                    actor.warn("page", &error);
                    actor.state.read_failed(now);
                }
            }
            actor.pump(ctx);
        })));
    }

    /// Takes up a dispatch, now or when there is a place for it.
    fn find_place(&mut self, ctx: &mut Context<Self>) {
        let Some(tenant_id) = self.state.line().map(|line| line.tenant_id) else { return };
        match self.doors.shares.ask(tenant_id, self.state.lease().channel_id) {
            Asked::Now(slot) => self.take_up(slot),
            Asked::Later(place) => {
                self.state.await_place();
                self.place = Some(ctx.spawn(place.into_actor(self).map(|slot, actor, ctx| {
                    actor.place = None;
                    match slot {
                        Ok(slot) => actor.take_up(slot),
                        Err(_gone) => actor.state.place_lost(),
                    }
                    actor.pump(ctx);
                })));
            }
        }
    }

    fn take_up(&mut self, slot: Slot<ChannelId>) {
        if let Some(position) = self.state.take_up(self.doors.clock.now()) {
            self.slots.insert(position, slot);
        }
    }

    fn work(&mut self, position: i64, work: Work, now: Timestamp, ctx: &mut Context<Self>) {
        match work {
            Work::Begin => self.begin(position, now, ctx),
            Work::Send(to_send) => self.send(position, *to_send, ctx),
            Work::Postpone(postponed) => self.postpone(postponed, ctx),
            Work::Settle { conversation_id, settled, also } => self.settle(conversation_id, *settled, also, ctx),
        }
    }

    fn begin(&mut self, position: i64, now: Timestamp, ctx: &mut Context<Self>) {
        let (doors, lease) = (self.doors.clone(), self.state.lease());
        let begin = async move { doors.dispatches.begin(lease, position, now).await };
        self.fly(position, begin, ctx, move |actor, now, begun| match begun {
            Ok(begun) => actor.state.begun(position, now, begun),
            Err(error) => {
                actor.warn("begin", &error);
                actor.state.work_failed(position, now, None);
            }
        });
    }

    fn send(&mut self, position: i64, to_send: ToSend, ctx: &mut Context<Self>) {
        let ToSend { line, outbound, done, doubt } = to_send;
        let (kind, channel_id, before) = (line.kind, line.id, done.clone());
        let speaks_in = self.state.speaks_in(position);
        let send = tokio::time::timeout(SEND_LIMIT, self.doors.gateway.send(line, outbound, done, doubt));
        self.fly(position, send, ctx, move |actor, now, report| {
            let report = report.unwrap_or_else(|_elapsed| unanswered(before));
            (actor.doors.told)(kind, Came::from(&report.outcome));
            let is_said = matches!(report.outcome, SendOutcome::Accepted { .. });
            let fraction = actor.doors.clock.fraction();
            actor.state.sent(position, report, now, fraction);
            let mut indicators = typing::lock(&actor.doors.indicators);
            if let Some(conversation_id) = speaks_in.filter(|_| is_said) {
                indicators.said(conversation_id);
            }
            if let Some(until) = actor.state.paused_until().filter(|until| *until > now) {
                indicators.rest(channel_id, until, now);
            }
        });
    }

    fn postpone(&mut self, postponed: Postponed, ctx: &mut Context<Self>) {
        let (doors, lease, position) = (self.doors.clone(), self.state.lease(), postponed.position);
        let postpone = async move { doors.dispatches.postpone(lease, postponed).await };
        self.fly(position, postpone, ctx, move |actor, now, done| match done {
            Ok(()) => actor.state.postponed(position, now),
            Err(error) => {
                actor.warn("postpone", &error);
                actor.state.work_failed(position, now, None);
            }
        });
    }

    fn settle(&mut self, conversation_id: ConversationId, settled: Settled, also: Vec<Address>, ctx: &mut Context<Self>) {
        let position = settled.position;
        let Some(tenant_id) = self.state.line().map(|line| line.tenant_id) else {
            return self.state.work_failed(position, self.doors.clock.now(), None);
        };
        let doors = self.doors.clone();
        let settle = async move { doors.conversations.settle(tenant_id, conversation_id, settled, also).await };
        self.fly(position, settle, ctx, move |actor, now, answer| {
            let answer = match answer {
                Ok(()) => Answer::Written,
                Err(AskError::Busy { retry_after_ms }) => Answer::NotNow { after_ms: Some(retry_after_ms) },
                Err(AskError::Unavailable(error)) => {
                    tracing::warn!(conversation.id = %conversation_id, position, %error, "a dispatch's end is told again");
                    Answer::NotNow { after_ms: None }
                }
                Err(AskError::Rejected(rejection)) => {
                    tracing::error!(conversation.id = %conversation_id, position, %rejection, "a conversation refused a dispatch's end");
                    Answer::Never
                }
            };
            actor.state.settled(position, now, answer);
        });
    }

    /// Does something with a dispatch in hand and tells the state how it went.
    fn fly<T: 'static>(
        &mut self,
        position: i64,
        work: impl Future<Output = T> + 'static,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, Timestamp, T) + 'static,
    ) {
        let flight = ctx.spawn(work.into_actor(self).map(move |done, actor, ctx| {
            actor.flights.remove(&position);
            let now = actor.doors.clock.now();
            then(actor, now, done);
            if !actor.state.needs_place(position) {
                actor.slots.remove(&position);
            }
            actor.pump(ctx);
        }));
        self.flights.insert(position, flight);
    }

    fn warn(&self, what: &'static str, error: &StoreError) {
        let lease = self.state.lease();
        tracing::warn!(channel.id = %lease.channel_id, what, %error, "the store failed a channel and is asked again");
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
        self.cancel_flights(ctx);
        for handle in self.page.take().into_iter().chain(self.place.take()) {
            ctx.cancel_future(handle);
        }
        if self.registration.leave() {
            ctx.stop();
            return true;
        }
        self.state = self.doors.state(self.state.lease().channel_id);
        false
    }

    fn cancel_flights(&mut self, ctx: &mut Context<Self>) {
        for (_, flight) in self.flights.drain() {
            ctx.cancel_future(flight);
        }
        self.slots.clear();
    }
}

impl Actor for ChannelActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        self.pump(ctx);
    }
}

impl Handler<Tell> for ChannelActor {
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
                self.slots.retain(|position, _| self.state.needs_place(*position));
            }
            Tell::Abandon => {
                self.state.abandon();
                self.cancel_flights(ctx);
            }
        }
        self.pump(ctx);
    }
}

/// What is made of a gateway that broke its promise to answer.
fn unanswered(done: Vec<crate::port::PartDone>) -> Report {
    let error = ProviderError::new("timeout", "the provider did not answer in time");
    Report { done, outcome: SendOutcome::Unknown { error } }
}
