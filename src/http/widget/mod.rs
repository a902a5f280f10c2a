//! The widget's API (contract part 2): what a visitor's browser calls.
//!
//! Guarantees: a widget's allowed origins are enforced where a visitor arrives (`init`, the contact form, sockets); nobody but the holder
//! of a session token reads or writes a visitor's conversation; an idle visitor leaves no row behind.
//!
//! Does not: know agents. Their API is under `/api/v1`.
//!
//! Start reading at [`init`], then [`post`](post()); [`identify`] is where visitors turn out to be somebody.

pub mod contact_change;
mod contact_form;
mod cors;
mod events;
pub mod fields;
mod history;
pub mod identify;
mod init;
pub mod newcomers;
pub mod origin;
pub mod post;
pub mod session;
pub mod wire;

use actix_web::{HttpRequest, HttpResponse, web};
use entities::TenantId;
use serde::Serialize;

pub use cors::{admit, allow};
pub use init::find as find_widget;
pub use newcomers::Newcomers;
pub use post::{PostInput, post};
pub use session::VisitorSession;

use crate::http::{
    App,
    idempotency::{self, Begun},
    problem::{Answer, Problem},
};

/// Mounts the widget's endpoints.
pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(init::init)
        .service(init::config)
        .service(post::post_message)
        .service(history::list_messages)
        .service(contact_form::post_contact)
        .service(events::stream_events);
}

/// Does the work once for an `Idempotency-Key`, if the request has one, on paths outside of `/api/v1`. `init` does not use it: its answer is a session, which belongs to
/// whoever asked and not to whoever guesses the key.
pub(crate) async fn keyed(
    app: web::Data<App>,
    tenant_id: TenantId,
    owner: String,
    request: &HttpRequest,
    body: &impl Serialize,
    work: impl Future<Output = Answer>,
) -> Answer {
    let Some(key) = idempotency::key(request)? else { return work.await };
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    match idempotency::begin(app, tenant_id, owner, key, request, &body).await? {
        Begun::Before(response) => Ok(response),
        Begun::Ours(claimed) => claimed.finish(work.await.unwrap_or_else(HttpResponse::from_error)).await,
    }
}
