//! Providers: what can be connected, what a credential of each consists of, and what its channels can do.

mod list;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::list_providers);
}
