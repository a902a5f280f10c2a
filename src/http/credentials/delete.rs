//! Removing a credential.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;

use super::CredentialPath;
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        audit_log,
        problem::Answer,
    },
    store::settings::credential,
};

/// Removes a credential with its secrets. One that channels use stays: 409.
#[utoipa::path(
    tag = "credentials",
    params(("credential_id" = String, Path, format = "uuid", description = "The credential")),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/credentials/{credential_id}")]
pub async fn delete_credential(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<CredentialPath>) -> Answer {
    let doer = audit_log::doer(&app, &allowed.caller);
    match credential::delete(&app.db, allowed.tenant_id, &doer, path.credential_id).await {
        Ok(Ok(())) => Ok(HttpResponse::NoContent().finish()),
        Ok(Err(refused)) => Err(super::refused(refused)),
        Err(StoreError::NotFound) => Err(super::not_found()),
        Err(error) => Err(error.into()),
    }
}
