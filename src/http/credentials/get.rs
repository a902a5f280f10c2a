//! One credential.

use actix_web::{get, web};

use super::{CredentialPath, wire::Credential};
use crate::http::{
    App,
    access::{Allowed, ReadChannels},
    answer,
    problem::Answer,
};

/// Reads one credential: what it is and which of its fields are set.
#[utoipa::path(
    tag = "credentials",
    params(("credential_id" = String, Path, format = "uuid", description = "The credential")),
    responses((
        status = 200, description = "The credential", body = Credential, headers(("ETag" = String, description = "The version, quoted"))
    )),
)]
#[get("/credentials/{credential_id}")]
pub async fn get_credential(app: web::Data<App>, allowed: Allowed<ReadChannels>, path: web::Path<CredentialPath>) -> Answer {
    let credential = super::wire(&app, super::find(&app, allowed.tenant_id, path.credential_id).await?);
    Ok(answer::ok(credential.version, &credential))
}
