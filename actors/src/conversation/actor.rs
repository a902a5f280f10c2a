//! The conversation's actor: takes commands in order, one run and one commit at a time.
//!
//! Guarantees: no command is decided while another's commit is in flight; what arrives meanwhile waits in a bounded queue and goes
//! with the next run. The actor leaves the directory before it stops, so that nobody asks a sleeping one.
//!
//! Does not: publish. The journal hands committed events to the bus in the order of their positions.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use entities::{ConversationId, TenantId};

use super::{
    message::{Ask, Command},
    run::{Ran, Scene, run},
    state::State,
};
use crate::{
    port::{Clock, Journal},
    runtime::directory::Registration,
};

/// Most commands that one commit takes from one conversation.
const RUN_MAX: usize = 128;
/// Mailbox slots. Admission bounds what is under way; senders wait for a slot.
const MAILBOX_MAX: usize = 64;

/// One conversation, awake.
pub struct ConversationActor {
    tenant_id: TenantId,
    id: ConversationId,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    /// `None` until read, while a run has it, and after a failure: then it is read again.
    state: Option<State>,
    waiting: VecDeque<Ask>,
    running: bool,
    /// How often it looks whether it may sleep.
    idle_check: Duration,
    /// Something was asked since the last look.
    stirred: bool,
    registration: Registration,
}

impl ConversationActor {
    /// An actor that has not read anything yet.
    pub fn new(
        tenant_id: TenantId,
        id: ConversationId,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        idle_check: Duration,
        registration: Registration,
    ) -> Self {
        Self {
            tenant_id,
            id,
            journal,
            clock,
            state: None,
            waiting: VecDeque::new(),
            running: false,
            idle_check,
            stirred: true,
            registration,
        }
    }

    fn pump(&mut self, ctx: &mut Context<Self>) {
        if self.running || self.waiting.is_empty() {
            return;
        }
        self.running = true;
        let asks: VecDeque<Ask> = self.waiting.drain(..self.waiting.len().min(RUN_MAX)).collect();
        let (journal, clock, state) = (self.journal.clone(), self.clock.clone(), self.state.take());
        let (tenant_id, id) = (self.tenant_id, self.id);
        let work = async move {
            for ask in &asks {
                ask.taken.store(true, Ordering::Release);
            }
            // Commands are moved out and back so that a run can borrow them as one slice.
            let (commands, mut answers): (Vec<Arc<Command>>, VecDeque<_>) =
                asks.into_iter().map(|ask| (ask.command, (ask.answer, ask.taken, ask.permit))).unzip();
            let ran = run(Scene { tenant_id, id, journal: &*journal, clock: &*clock }, state, &commands).await;
            let Ran { state, answers: results } = ran;
            let mut commands: VecDeque<Arc<Command>> = commands.into();
            for result in results {
                commands.pop_front();
                if let Some((answer, _taken, _permit)) = answers.pop_front() {
                    // Whoever asked may have gone; the answer is durable all the same.
                    drop(answer.send(result));
                }
            }
            let left = commands.into_iter().zip(answers).map(|(command, (answer, taken, permit))| Ask { command, answer, taken, permit });
            (state, left.collect::<Vec<_>>())
        };
        ctx.spawn(work.into_actor(self).map(|(state, left), actor, ctx| {
            actor.state = state;
            actor.running = false;
            for ask in left.into_iter().rev() {
                actor.waiting.push_front(ask);
            }
            actor.pump(ctx);
        }));
    }

    /// Sleeps if nothing was asked since the last look and nobody holds a way to ask.
    fn doze(&mut self, ctx: &mut Context<Self>) {
        let quiet = !self.stirred && !self.running && self.waiting.is_empty();
        self.stirred = false;
        if quiet && self.registration.leave() {
            ctx.stop();
        }
    }
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        ctx.run_interval(self.idle_check, Self::doze);
    }
}

impl Handler<Ask> for ConversationActor {
    type Result = ();

    fn handle(&mut self, ask: Ask, ctx: &mut Self::Context) {
        self.stirred = true;
        self.waiting.push_back(ask);
        self.pump(ctx);
    }
}
