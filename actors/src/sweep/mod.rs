//! The sweep: what nobody is woken for is done here, every so often.
//!
//! Guarantees: each chore runs again and again while the node lives, never twice at once on this node; one that fails is logged, counted
//! and tried again at the next round; one that panics takes the round with it, not the sweep.
//!
//! Does not: decide between nodes. Chores are safe to run on several at once.

#[cfg(test)]
mod tests;
mod timers;

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, WrapFuture};
use entities::Timestamp;

use crate::port::{Clock, Promise, StoreError};

pub use timers::DueTimers;

/// Something to be done every so often.
pub trait Chore: Send + Sync + 'static {
    /// What it is, for logs and metrics.
    fn name(&self) -> &'static str;

    /// Does what is due, a bounded piece at a time; how many rows that were.
    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>>;
}

/// Told of each chore's end, for metrics: its name, and the rows done if it did not fail.
pub type Report = Arc<dyn Fn(&'static str, Option<u64>) + Send + Sync>;

/// The node's sweep.
pub struct Sweep {
    chores: Arc<[Box<dyn Chore>]>,
    clock: Arc<dyn Clock>,
    every: Duration,
    report: Report,
    sweeping: bool,
}

impl Sweep {
    /// Starts sweeping: the first round after `every`. Must be called inside an actix system.
    #[must_use]
    pub fn start(chores: Vec<Box<dyn Chore>>, clock: Arc<dyn Clock>, every: Duration, report: Report) -> Addr<Self> {
        Actor::start(Self { chores: chores.into(), clock, every, report, sweeping: false })
    }

    fn round(&mut self, ctx: &mut Context<Self>) {
        if self.sweeping {
            return;
        }
        self.sweeping = true;
        let (chores, clock, report) = (self.chores.clone(), self.clock.clone(), self.report.clone());
        // A task of its own: a chore that panics ends the round, and the join error says so.
        let round = actix::spawn(async move {
            for chore in chores.iter() {
                let done = chore.run(clock.now()).await;
                match &done {
                    Ok(0) => {}
                    Ok(rows) => tracing::debug!(chore = chore.name(), rows, "swept"),
                    Err(error) => tracing::warn!(chore = chore.name(), %error, "a chore failed and will be tried again"),
                }
                report(chore.name(), done.ok());
            }
        });
        ctx.spawn(round.into_actor(self).map(|ended, sweep, _ctx| {
            sweep.sweeping = false;
            if let Err(error) = ended {
                tracing::error!(%error, "a round of the sweep died and will be tried again");
            }
        }));
    }
}

impl Actor for Sweep {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(self.every, Self::round);
    }
}
