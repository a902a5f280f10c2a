//! The channels of a node: who sends what waits on them, and what wakes them.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use actors::{
    channel::{Channels, Limits, World},
    port::{Clock, Dispatches, Gateway, Journal},
    runtime::{Directory, shard::Shards},
    sweep::Chore,
};
use entities::{EventId, NodeId};
use tokio::task::JoinHandle;

use super::Ground;
use crate::{
    bus::LocalBus,
    http::{
        App,
        channels::templates::Keeper,
        ingress::{Asker, Fetcher, Joiner, Latecomers},
        installs::Renewer,
    },
    observe,
    store::dispatches::SqlDispatches,
};

/// How often the channels are looked for that have something to send and that nobody works.
pub const SWEEP_EVERY: Duration = Duration::from_secs(2);
/// How long a stop waits for sends under way. Of what takes longer it is not known whether the provider has it.
pub const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Starts them; none is awake yet. Leases are held in the name of `node_id`, which webhooks share.
pub fn start(
    ground: &Ground,
    journal: &Arc<dyn Journal>,
    gateway: Arc<dyn Gateway>,
    directory: &Directory,
    node_id: NodeId,
    shards: Arc<Shards>,
) -> Channels {
    let clock: Arc<dyn Clock> = ground.clock.clone();
    let ids = clock.clone();
    let new_event_id = Arc::new(move || EventId::new(ids.new_id()));
    let dispatches: Arc<dyn Dispatches> = Arc::new(SqlDispatches::new(ground.db.clone(), journal.clone(), new_event_id));
    let (told, typing_told) = (Arc::new(observe::sent), Arc::new(observe::typing));
    let world = World { dispatches, gateway, conversations: Arc::new(directory.clone()), clock, told, typing_told };
    Channels::start(world, node_id, shards, Limits::default())
}

/// Lets the journal's hints reach them.
pub fn connect(bus: &LocalBus, channels: &Channels) {
    let channels = channels.clone();
    bus.connect_channels(Box::new(move |ids| {
        for id in ids {
            channels.wake(*id);
        }
    }));
}

/// What is looked after every [`SWEEP_EVERY`].
pub fn chores(app: &web::Data<App>) -> Vec<Box<dyn Chore>> {
    vec![Box::new(app.channels.clone()), Box::new(Latecomers(app.clone())), Box::new(Joiner(app.clone()))]
}

/// Begins to fetch the files that came with messages, and templates, and to ask what providers do not tell by themselves; ends when it is aborted. Must be called inside an actix system.
pub fn fetch(app: &web::Data<App>) -> JoinHandle<()> {
    let (files, templates, asker) = (Fetcher::new(app.clone()), Keeper::new(app.clone()), Asker::new(app.clone()));
    actix_web::rt::spawn(async move {
        tokio::join!(files.run(), templates.run(), asker.run());
    })
}

/// Begins to renew the tokens that end; ends by itself when the server drains. Must be called inside an actix system.
pub fn renew(app: &web::Data<App>) -> JoinHandle<()> {
    actix_web::rt::spawn(Renewer(app.clone()).run())
}
