//! The webhooks of a node: who works them, and what wakes them.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use actix_web::web;
use actors::{
    port::{Clock, Courier, Deliveries, Journal},
    runtime::shard::Shards,
    subscription::{Limits, Subscriptions},
    sweep::Chore,
};
use entities::{EventId, NodeId};

use super::{Ground, chores::named};
use crate::{
    bus::LocalBus,
    delivery::webhook_courier,
    http::App,
    options::Options,
    store::deliveries::{SqlDeliveries, replay},
};

/// How often the webhooks are looked for that have something due and that nobody works.
pub const SWEEP_EVERY: Duration = Duration::from_secs(2);
/// How long a stop waits for attempts under way.
pub const DRAIN_MAX: Duration = Duration::from_secs(5);
/// The file in the data folder that holds the node's id.
const NODE_FILE: &str = "node_id";

/// Starts them; none is awake yet.
///
/// # Errors
/// The node's id cannot be kept in the data folder.
pub fn start(
    options: &Options,
    ground: &Ground,
    journal: &Arc<dyn Journal>,
    courier: Arc<dyn Courier>,
    shards: Arc<Shards>,
) -> io::Result<Subscriptions> {
    let clock: Arc<dyn Clock> = ground.clock.clone();
    let node_id = node_id(&options.data_dir, &*clock)?;
    let ids = clock.clone();
    let new_event_id = Arc::new(move || EventId::new(ids.new_id()));
    let deliveries: Arc<dyn Deliveries> =
        Arc::new(SqlDeliveries::new(ground.db.clone(), ground.keys.clone(), journal.clone(), new_event_id));
    let schedule = options.server.webhooks.retry_schedule.clone();
    let limits = Limits { deadline: webhook_courier::DEADLINE, schedule, ..Limits::default() };
    Ok(Subscriptions::start(deliveries, courier, clock, node_id, shards, limits))
}

/// Lets the journal's hints reach them.
pub fn connect(bus: &LocalBus, subscriptions: &Subscriptions) {
    let subscriptions = subscriptions.clone();
    bus.connect_webhooks(Box::new(move |ids| {
        for id in ids {
            subscriptions.wake(*id);
        }
    }));
}

/// What is looked after every [`SWEEP_EVERY`].
pub fn chores(app: &web::Data<App>) -> Vec<Box<dyn Chore>> {
    let replays = named("replays", app, |app, now| {
        Box::pin(async move {
            let (queued, woken) = replay::go_on(&app.db, now).await?;
            for id in woken {
                app.subscriptions.wake(id);
            }
            Ok(queued)
        })
    });
    vec![replays, Box::new(app.subscriptions.clone())]
}

/// The node's id. It is kept, so that a node that comes back goes on at once with what it had begun, and does not wait for its own leases.
pub fn node_id(data_dir: &Path, clock: &dyn Clock) -> io::Result<NodeId> {
    let path = data_dir.join(NODE_FILE);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let told = |_not_an_id| io::Error::other(format!("{} holds no id: remove it, and a new one is made", path.display()));
            text.trim().parse().map(NodeId::new).map_err(told)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let id = clock.new_id();
            fs::write(&path, format!("{id}\n"))?;
            Ok(NodeId::new(id))
        }
        Err(error) => Err(error),
    }
}
