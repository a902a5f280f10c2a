//! For operators: counters, and a look at the actors. No message text, no names, no addresses of people.
//!
//! Who may look: programs on this machine that came here directly, or whoever shows the operator's token
//! (`Authorization: Bearer <--operator-token>`). Members of a workspace may not, whatever their role: what is shown is of all workspaces.

mod actors;
mod metrics;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use std::future::{Ready, ready};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    access::app,
    middleware::context,
    problem::{Answer, Code, Problem},
};
use crate::crypto;

/// Routes for operators.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(metrics::counters).service(actors::awake);
}

/// An operator.
pub struct Operator(());

impl FromRequest for Operator {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(recognise(request))
    }
}

fn recognise(request: &HttpRequest) -> Answer<Operator> {
    let app = app(request)?;
    if let Some(token) = &app.options.server.operator_token {
        let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        // Hashed first, so that the comparison takes the same time whatever was sent.
        let right = sent.is_some_and(|sent| crypto::equal(&crypto::sha256(sent.as_bytes()), &crypto::sha256(token.expose().as_bytes())));
        return if right { Ok(Operator(())) } else { Err(Problem::new(Code::Unauthenticated).detail("this needs the operator's token")) };
    }
    // A proxy on this machine would make everybody look local, so a request that came through one does not count.
    let direct = !request.headers().contains_key("x-forwarded-for") && !request.headers().contains_key("forwarded");
    if direct && context::current().address.is_loopback() {
        return Ok(Operator(()));
    }
    Err(Problem::new(Code::Forbidden).detail("from other machines this needs the operator's token (--operator-token)"))
}
