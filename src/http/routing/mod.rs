//! Routing: by which rules the workspace's waiting conversations find an agent. One resource a workspace, there from the beginning.
//!
//! Guarantees: a new workspace's rules are manual: nothing is given to anybody. A change counts at once for what waits.
//!
//! Does not: give out conversations (`actors::routing` does), or say how much a single agent takes on ([`super::agents`] does).

mod get;
mod update;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::store::read::routing::Routing;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get::get_routing).service(update::update_routing);
}

fn wire(routing: &Routing) -> wire::Routing {
    wire::Routing {
        mode: routing.rules.mode,
        when_away: routing.rules.when_away,
        away_after_ms: routing.rules.away_after_ms,
        capacity: routing.capacity,
        version: routing.version,
    }
}
