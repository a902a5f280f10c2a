//! Signing out: here, or everywhere.

use actix_web::{HttpRequest, HttpResponse, cookie::time::Duration as CookieDuration, post, web};
use actors::port::Signal;

use super::{login::session_cookie, wire::LogoutRequest};
use crate::{
    http::{
        App,
        access::{Caller, SignedIn},
        extract,
        openapi::ProblemDocument,
        problem::{Answer, Code, Problem},
    },
    store::settings,
};

/// Longest body of this endpoint, in bytes.
const BODY_BYTES_MAX: usize = 4096;

/// Ends this session, or every session of this agent. The body may be left out.
#[utoipa::path(
    tag = "auth",
    request_body(content = Option<LogoutRequest>),
    responses(
        (status = 204, description = "Signed out; the cookie is cleared. Sockets of ended sessions are closed."),
        (status = 403, description = "A service token has no session.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
#[post("/api/auth/logout")]
pub async fn logout(app: web::Data<App>, request: HttpRequest, signed_in: SignedIn, payload: web::Payload) -> Answer {
    let body = extract::read(&request, &mut payload.into_inner(), BODY_BYTES_MAX).await?;
    let body: LogoutRequest = if body.is_empty() { LogoutRequest::default() } else { extract::parse(&body)? };
    let Caller::Agent { id, session_id, .. } = signed_in.caller else {
        return Err(Problem::new(Code::Forbidden).detail("a service token has no session to end; revoke it instead"));
    };
    if body.everywhere {
        settings::session::end_all(&app.db, signed_in.tenant_id, id).await?;
    } else {
        settings::session::end(&app.db, signed_in.tenant_id, session_id).await?;
    }
    let ended = (!body.everywhere).then_some(session_id);
    app.bus.signal(signed_in.tenant_id, Signal::Revoked { agent_id: id, login_session_id: ended });
    tracing::info!(tenant.id = %signed_in.tenant_id, agent.id = %id, everywhere = body.everywhere, "an agent signed out");
    Ok(HttpResponse::NoContent().cookie(session_cookie(String::new(), CookieDuration::ZERO)).finish())
}
