//! Whether this server works: for people, load balancers and monitors.

mod check;
mod ready;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/health`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(check::get).service(check::head).service(ready::ready);
}
