//! What an invitation is to, for who holds its link.

use actix_web::{HttpResponse, post, web};

use super::wire::{InvitationLook, LookRequest};
use crate::{
    http::{
        App,
        extract::Json,
        openapi::ProblemDocument,
        problem::{Answer, Problem},
    },
    store::read,
};

/// Says what an invitation is to, before it is accepted.
#[utoipa::path(
    tag = "auth",
    security(()),
    request_body = LookRequest,
    responses(
        (status = 200, description = "What it is to", body = InvitationLook),
        (status = 404, description = "It never was, was used or revoked, or has ended.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 429, description = "`locked_out`: ten tokens that are none, in 15 minutes, from one network.", body = ProblemDocument,
            content_type = "application/problem+json"),
    )
)]
#[post("/api/auth/invitation")]
pub async fn look_at_invitation(app: web::Data<App>, Json(body): Json<LookRequest>) -> Answer {
    let invitation = super::open(&app, &body.token).await?;
    let workspace_name = read::tenant::find_name(&app.db, invitation.tenant_id).await?;
    let workspace_name = workspace_name.ok_or_else(|| Problem::internal("an invitation without a workspace"))?;
    let (email, name, role, expires_at) = (invitation.email, invitation.name, invitation.role, invitation.expires_at);
    Ok(HttpResponse::Ok().json(InvitationLook { workspace_name, email, name, role, expires_at }))
}
