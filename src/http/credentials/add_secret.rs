//! Adding a secret to a credential: the first step of changing one without a gap.

use actix_web::{post, web};
use actors::port::StoreError;

use super::{
    NamePath, entered,
    wire::{AddSecret, Credential},
};
use crate::{
    channels::entry,
    http::{
        App,
        access::{Allowed, WriteChannels},
        answer, audit_log,
        channels::set_up::Wanted,
        extract::Json,
        fields::Fields,
        problem::Answer,
    },
    store::settings::credential::{self, Checked},
};

/// Adds a secret. Of those that verify what comes in, several live side by side until they are ended; any other takes the place of the one
/// before. If the provider can be asked about it, it is asked first: if it refuses, or cannot be reached, nothing changes. Where this server
/// has set up what signs, it signs with the new one from then on.
#[utoipa::path(
    tag = "credentials",
    params(
        ("credential_id" = String, Path, format = "uuid", description = "The credential"),
        ("name" = String, Path, description = "The field"),
    ),
    request_body = AddSecret,
    responses((
        status = 201, description = "The credential", body = Credential, headers(("ETag" = String, description = "The version, quoted"))
    )),
)]
#[post("/credentials/{credential_id}/secrets/{name}")]
pub async fn add_credential_secret(
    app: web::Data<App>,
    allowed: Allowed<WriteChannels>,
    path: web::Path<NamePath>,
    body: Json<AddSecret>,
) -> Answer {
    let (tenant_id, id, name) = (allowed.tenant_id, path.credential_id, path.name.as_str());
    let body = body.into_inner();
    let before = super::find(&app, tenant_id, id).await?;
    let adapter = super::adapter(before.provider)?;
    let known = adapter.fields(before.vendor.as_deref());
    let mut fields = Fields::new();
    if let Some(flaw) = entry::flaw(known, name, &body.value) {
        fields.refuse("/value", flaw.code, flaw.detail);
    }
    fields.finish()?;
    let verifies = known.iter().any(|field| field.name == name && field.verifies);
    let mut checked = None;
    if body.check {
        let (_provider, open) = super::open(&app, tenant_id, id).await?;
        let with = open.with_newer(name, body.value.trim());
        // Where the question is the same, the secret takes no part in it: there is nothing to learn.
        if adapter.check(&with) != adapter.check(&open) {
            super::require_working(&app, adapter, &with).await?;
            checked = Some(Checked { error: None, at: app.clock.now() });
        }
    }
    let secret = entered::sealed(&app, tenant_id, known, name, &body.value)?;
    let doer = audit_log::doer(&app, &allowed.caller);
    let works = checked.is_some();
    match credential::add_secret(&app.db, tenant_id, &doer, id, secret, !verifies, checked).await {
        Ok(done) => done.map_err(super::refused)?,
        Err(StoreError::NotFound) => return Err(super::not_found()),
        Err(error) => return Err(error.into()),
    }
    if works {
        super::tell_channels(&app, tenant_id, id, None).await?;
    }
    if verifies {
        // The provider signs with the newest from now on. Until it does, the one before is alive as well, so that nothing is refused.
        let (_provider, open) = super::open(&app, tenant_id, id).await?;
        let wanted = Wanted { app: &app, tenant_id, provider: before.provider, credential_id: id };
        // What went wrong has been logged, and is tried again before the secret that is in use can be ended.
        let _told = wanted.arrange_for(&open).await;
    }
    let credential = super::wire(&app, super::find(&app, tenant_id, id).await?);
    Ok(answer::created(credential.version, &credential))
}
