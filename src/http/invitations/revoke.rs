//! Taking an invitation back.

use actix_web::{HttpResponse, delete, web};

use super::InvitationPath;
use crate::{
    http::{
        App,
        access::{Allowed, WriteAgents},
        audit_log,
        problem::{Answer, Code, Problem},
    },
    store::settings::invitation,
};

/// Takes an invitation back: its link works no more. It stays in the list as `revoked`. One that was accepted or has ended answers 409.
#[utoipa::path(
    tag = "invitations",
    params(("invitation_id" = String, Path, format = "uuid", description = "The invitation")),
    responses((status = 204, description = "Its link works no more")),
)]
#[delete("/invitations/{invitation_id}")]
pub async fn revoke_invitation(app: web::Data<App>, allowed: Allowed<WriteAgents>, path: web::Path<InvitationPath>) -> Answer {
    super::find(&app, allowed.tenant_id, path.invitation_id).await?;
    let doer = audit_log::doer(&app, &allowed.caller);
    match invitation::revoke(&app.db, allowed.tenant_id, &doer, path.invitation_id).await? {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(_over) => Err(Problem::new(Code::Conflict).detail("the invitation was accepted or revoked, or has ended")),
    }
}
