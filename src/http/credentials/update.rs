//! Changing a credential's name and account.

use actix_web::{HttpRequest, patch, web};

use super::{
    CredentialPath, entered,
    wire::{Credential, UpdateCredential},
};
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        answer, audit_log,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::settings::{self, credential},
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// Changes a credential's name and account. Its secrets have operations of their own; its provider stays.
#[utoipa::path(
    tag = "credentials",
    params(
        ("credential_id" = String, Path, format = "uuid", description = "The credential"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateCredential,
    responses((
        status = 200, description = "The credential", body = Credential, headers(("ETag" = String, description = "The version, quoted"))
    )),
)]
#[patch("/credentials/{credential_id}")]
pub async fn update_credential(
    app: web::Data<App>,
    allowed: Allowed<WriteChannels>,
    path: web::Path<CredentialPath>,
    request: HttpRequest,
    body: Json<UpdateCredential>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.credential_id);
    let expected_version = if_match(&request)?;
    let body = body.into_inner();
    for _attempt in 0..ATTEMPTS_MAX {
        let before = super::find(&app, tenant_id, id).await?;
        answer::require_version(expected_version, before.version)?;
        let mut fields = Fields::new();
        let name = body.name.as_deref().map_or_else(|| before.name.clone(), |name| entered::name(&mut fields, name));
        let account = match &body.account {
            None => before.account.clone(),
            Some(account) => entered::account(&mut fields, account.as_deref()),
        };
        fields.finish()?;
        let changed = [("name", before.name != name), ("account", before.account != account)];
        let changed: Vec<&str> = changed.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        if !changed.is_empty() {
            let doer = audit_log::doer(&app, &allowed.caller);
            match credential::update(&app.db, tenant_id, &doer, (id, before.version), &name, account.as_deref(), &changed).await {
                Ok(()) => {}
                Err(error) if settings::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let credential = super::wire(&app, super::find(&app, tenant_id, id).await?);
        return Ok(answer::ok(credential.version, &credential));
    }
    Err(Problem::new(Code::Busy).detail("the credential is being changed by others"))
}
