//! Signing in and out.

mod lockout;
mod login;
mod logout;
mod me;
pub mod wire;

pub use lockout::Lockout;
pub use login::begin;
use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/auth`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(login::login).service(logout::logout).service(me::me);
}
