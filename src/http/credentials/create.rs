//! Making a credential.

use actix_web::{post, web};
use entities::CredentialId;

use super::{
    entered,
    wire::{CreateCredential, MadeCredential},
};
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        answer, audit_log,
        extract::Json,
        fields::Fields,
        problem::Answer,
    },
    store::settings::credential::{self, Checked, NewCredential},
};

/// Makes a credential. The provider is asked first: if it refuses, or cannot be reached, nothing is made. What can be connected with the
/// credential is in the answer.
#[utoipa::path(
    tag = "credentials",
    request_body = CreateCredential,
    responses((
        status = 201, description = "The credential", body = MadeCredential, headers(("ETag" = String, description = "The version, quoted"))
    )),
)]
#[post("/credentials")]
pub async fn create_credential(app: web::Data<App>, allowed: Allowed<WriteChannels>, body: Json<CreateCredential>) -> Answer {
    let tenant_id = allowed.tenant_id;
    let body = body.into_inner();
    let adapter = super::adapter(body.provider)?;
    let mut fields = Fields::new();
    let name = entered::name(&mut fields, &body.name);
    let account = entered::account(&mut fields, body.account.as_deref());
    entered::vendor(&mut fields, adapter, body.vendor.as_deref());
    let known = adapter.fields(body.vendor.as_deref());
    if !known.is_empty() {
        entered::secrets(&mut fields, known, &body.secrets);
    }
    fields.finish()?;
    let (accounts, checked) = if body.check {
        let credential = entered::opened(&app, body.vendor.clone(), account.clone(), &body.secrets);
        let accounts = super::require_working(&app, adapter, &credential).await?;
        (accounts, Some(Checked { error: None, at: app.clock.now() }))
    } else {
        (Vec::new(), None)
    };
    let sealed = body.secrets.iter().map(|(name, value)| entered::sealed(&app, tenant_id, known, name, value));
    let id = CredentialId::new(app.clock.new_id());
    let secrets = sealed.collect::<Answer<_>>()?;
    let new = NewCredential { id, provider: body.provider, vendor: body.vendor, name, account, secrets, checked };
    let doer = audit_log::doer(&app, &allowed.caller);
    credential::create(&app.db, tenant_id, &doer, new).await?.map_err(super::refused)?;
    let credential = super::wire(&app, super::find(&app, tenant_id, id).await?);
    let version = credential.version;
    Ok(answer::created(version, &MadeCredential { credential, accounts: super::wire_accounts(accounts) }))
}
