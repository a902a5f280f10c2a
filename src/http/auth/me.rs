//! Who is signed in.

use actix_web::{HttpResponse, get, web};

use super::wire::{MeResponse, SignedInAgent};
use crate::{
    http::{
        App,
        access::SignedIn,
        openapi::ProblemDocument,
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Says who is signed in.
#[utoipa::path(
    tag = "auth",
    responses(
        (status = 200, description = "The agent whose session this is.", body = MeResponse),
        (status = 403, description = "A service token is no agent.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
#[get("/api/auth/me")]
pub async fn me(app: web::Data<App>, signed_in: SignedIn) -> Answer {
    let Some(id) = signed_in.caller.agent_id() else {
        return Err(Problem::new(Code::Forbidden).detail("a service token is no agent"));
    };
    let member = read::member::find_active(&app.db, signed_in.tenant_id, id).await?;
    let member = member.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let agent = SignedInAgent { id: member.id, name: member.name, email: member.email, role: member.role };
    Ok(HttpResponse::Ok().json(MeResponse { workspace_id: signed_in.tenant_id, agent }))
}
