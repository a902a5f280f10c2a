//! One invitation.

use actix_web::{get, web};

use super::{InvitationPath, wire::Invitation};
use crate::http::{
    App,
    access::{Allowed, ReadAgents},
    problem::Answer,
};

/// Reads one invitation, without its link.
#[utoipa::path(
    tag = "invitations",
    params(("invitation_id" = String, Path, format = "uuid", description = "The invitation")),
    responses((status = 200, description = "The invitation", body = Invitation)),
)]
#[get("/invitations/{invitation_id}")]
pub async fn get_invitation(
    app: web::Data<App>,
    allowed: Allowed<ReadAgents>,
    path: web::Path<InvitationPath>,
) -> Answer<web::Json<Invitation>> {
    let found = super::find(&app, allowed.tenant_id, path.invitation_id).await?;
    Ok(web::Json(super::wire(found, app.clock.now())))
}
