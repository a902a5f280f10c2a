//! Asking the provider whether a credential works.

use actix_web::{post, web};

use super::{CredentialPath, wire::Check};
use crate::{
    delivery::provider_check::CheckOutcome,
    http::{
        App,
        access::{Allowed, WriteChannels},
        problem::Answer,
    },
};

/// Asks the provider, by a real call, and keeps what it says: channels of the credential that work only in part because it was refused work
/// again if it is taken now, and the other way round. If the provider cannot be asked, all stays as it was.
#[utoipa::path(
    tag = "credentials",
    params(("credential_id" = String, Path, format = "uuid", description = "The credential")),
    responses((status = 200, description = "What the provider says", body = Check)),
)]
#[post("/credentials/{credential_id}/check")]
pub async fn check_credential(
    app: web::Data<App>,
    allowed: Allowed<WriteChannels>,
    path: web::Path<CredentialPath>,
) -> Answer<web::Json<Check>> {
    let (tenant_id, id) = (allowed.tenant_id, path.credential_id);
    let outcome = super::ask(&app, tenant_id, id).await?;
    super::keep(&app, tenant_id, id, &outcome).await?;
    let detail = outcome.sentence();
    let (ok, accounts, error) = match outcome {
        CheckOutcome::Working(accounts) => (true, accounts, None),
        CheckOutcome::Refused(error) | CheckOutcome::Unanswered(error) => (false, Vec::new(), Some(error)),
    };
    Ok(web::Json(Check { ok, accounts: super::wire_accounts(accounts), error, detail, checked_at: app.clock.now() }))
}
