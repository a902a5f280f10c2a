//! Jobs over many conversations: how often they are looked for.

use std::time::Duration;

use actix_web::web;
use actors::sweep::Chore;
use entities::NodeId;

use crate::http::{App, bulk_jobs::work::Jobs};

/// How often what waits is looked for.
pub const SWEEP_EVERY: Duration = Duration::from_millis(250);

/// What is looked after every [`SWEEP_EVERY`], in the name of `node`.
pub fn chores(app: &web::Data<App>, node: NodeId) -> Vec<Box<dyn Chore>> {
    vec![Box::new(Jobs { app: app.clone(), node })]
}
