//! Installs: accounts that are connected by consent at the provider instead of by copying secrets.
//!
//! Guarantees: what a provider brings back counts once, within ten minutes, and in the sign-in that began; of what it brings nothing is shown
//! or done before that holds. A credential is kept only if the provider takes it. What came of it is kept for a while, in words, for the page
//! that the browser is led to: no words of anybody's stand in an address.
//!
//! Does not: know how a provider is asked (its `consent` in `crate::channels` does), or call it (`crate::delivery` does).
//!
//! Start reading at [`begin`], then [`callback`], [`connect`] and [`renew`].

mod begin;
mod callback;
mod connect;
mod get;
mod renew;
pub mod wire;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::{AuditEntryId, LoginSessionId, Provider};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    access::Caller,
    problem::{Answer, Code, Problem},
};
use crate::{
    channels::{
        oauth::{ClientApp, Consent, Trip},
        registry,
    },
    crypto::keys::Purpose,
    store::settings::audit::Doer,
};

pub use renew::{Renewer, renew_due};

/// How long somebody may take to agree at the provider.
pub const STATE_MS: i64 = 10 * 60 * 1_000;
/// How long after that it can still be read what came of it.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// The routes of browsers.
pub fn routes(config: &mut ServiceConfig) {
    config.service(begin::begin).service(callback::callback);
}

/// The routes of this resource.
pub fn resources(config: &mut ServiceConfig) {
    config.service(get::get_install);
}

/// How the provider of a path lets an app in.
///
/// # Errors
/// 404 if it is none that does.
fn consent(provider: &str) -> Answer<&'static dyn Consent> {
    let found = Provider::parse(provider).and_then(registry::consent);
    found.ok_or_else(|| Problem::new(Code::NotFound).detail("nothing can be connected by consent at this provider"))
}

/// The operator's app at a provider.
///
/// # Errors
/// 409 `app_missing`, which names the options that the operator has to give.
fn client_app(app: &App, provider: Provider) -> Answer<ClientApp> {
    app.options.server.apps.find(provider).map_err(|missing| {
        let detail = format!("the server was started without {}: the operator sets up an app at {provider} first", missing.join(", "));
        Problem::new(Code::AppMissing).detail(detail).with("missing", serde_json::json!(missing))
    })
}

/// The sign-in of a caller.
///
/// # Errors
/// 403 for programs: consent is given by people, in a browser.
fn session(caller: &Caller) -> Answer<(entities::AgentId, LoginSessionId)> {
    match caller {
        Caller::Agent { id, session_id, .. } => Ok((*id, *session_id)),
        Caller::Service { .. } => {
            Err(Problem::new(Code::Forbidden).detail("only a member who is signed in can connect an account by consent"))
        }
    }
}

/// The way to a provider and back. It leads back to the address that the operator enters at the provider's app; its secret follows from the state
/// and from this server's key, so that who sees the state alone does not know it, and nothing has to be kept.
fn trip(app: &App, provider: Provider, state: &str) -> Trip {
    let verifier = BASE64_URL_SAFE_NO_PAD.encode(app.keys.mac(Purpose::Consent, &[provider.as_str().as_bytes(), state.as_bytes()]));
    Trip::new(&format!("{}/api/{provider}/callback", app.public_url), &verifier)
}

/// The same doer, for another line in the log.
fn again(app: &App, doer: &Doer) -> Doer {
    Doer { entry_id: AuditEntryId::new(app.clock.new_id()), at: app.clock.now(), ..doer.clone() }
}
