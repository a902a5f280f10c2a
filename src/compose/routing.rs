//! The routers of a node: who gives out what waits, and what wakes them.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use actors::{
    port::{Clock, Journal},
    routing::{Routers, Tools},
    runtime::{Directory, shard::Shards},
    sweep::Chore,
    tenant::Tenants,
};
use entities::NodeId;

use super::Ground;
use crate::{bus::LocalBus, http::App, store::routing::SqlRouting};

/// How often tenants are looked for that have somebody here and no router anywhere: twice in the second in which a lost hint is to be repaired.
pub const SWEEP_EVERY: Duration = Duration::from_millis(450);
/// How long a stop waits for what is being given out, and for the leases to be given back.
pub const DRAIN_MAX: Duration = Duration::from_secs(2);
/// Tenants whose conversations are given out at once by one node: a kilobyte each, and two small reads a second.
const AWAKE_MAX: usize = 10_000;

/// Starts them; none is awake yet. Leases are held in the name of `node_id`, which webhooks share.
pub fn start(
    ground: &Ground,
    journal: &Arc<dyn Journal>,
    directory: &Directory,
    tenants: &Tenants,
    node_id: NodeId,
    shards: Arc<Shards>,
) -> Routers {
    let clock: Arc<dyn Clock> = ground.clock.clone();
    let tools = Tools {
        routing: Arc::new(SqlRouting::new(ground.db.clone())),
        attendance: Arc::new(tenants.clone()),
        conversations: Arc::new(directory.clone()),
        journal: journal.clone(),
        clock,
        node_id,
    };
    Routers::start(tools, shards, AWAKE_MAX)
}

/// Lets the hints of what happened, and of who came and went, reach them.
pub fn connect(bus: &LocalBus, routers: &Routers) {
    bus.connect_routers(routers.clone());
}

/// What is looked after every [`SWEEP_EVERY`].
pub fn chores(app: &web::Data<App>) -> Vec<Box<dyn Chore>> {
    vec![Box::new(app.routers.clone())]
}
