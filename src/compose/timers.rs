//! What happens by the clock: snoozes end, scheduled messages are sent.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use actors::{
    port::{Timer, Timers},
    sweep::{Chore, DueTimers},
};

use crate::{http::App, store::timers::SqlTimers};

/// How often what is due is looked for: how late, at most, it is found.
pub const SWEEP_EVERY: Duration = Duration::from_millis(250);

/// What is looked after every [`SWEEP_EVERY`].
pub fn chores(app: &web::Data<App>) -> Vec<Box<dyn Chore>> {
    let timers: Arc<dyn Timers> = Arc::new(SqlTimers::new(app.db.clone()));
    [Timer::Snooze, Timer::Message]
        .map(|timer| -> Box<dyn Chore> { Box::new(DueTimers { timer, timers: timers.clone(), conversations: app.directory.clone() }) })
        .into()
}
