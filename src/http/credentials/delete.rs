//! Removing a credential.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;

use super::CredentialPath;
use crate::{
    channels::{call::ProviderReply, registry},
    delivery::provider_dialogue,
    http::{
        App,
        access::{Allowed, WriteChannels},
        audit_log,
        problem::Answer,
    },
    store::{
        read::{self, credential::Opened},
        settings::credential,
    },
};

/// Removes a credential with its secrets; tokens that came by consent are given back to a provider that takes them. One that channels use stays: 409.
#[utoipa::path(
    tag = "credentials",
    params(("credential_id" = String, Path, format = "uuid", description = "The credential")),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/credentials/{credential_id}")]
pub async fn delete_credential(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<CredentialPath>) -> Answer {
    let before = read::credential::open(&app.db, &app.keys, allowed.tenant_id, path.credential_id).await;
    let doer = audit_log::doer(&app, &allowed.caller);
    match credential::delete(&app.db, allowed.tenant_id, &doer, path.credential_id).await {
        Ok(Ok(())) => {
            match before {
                Ok(Some(opened)) => revoke(&app, &opened).await,
                Ok(None) => {}
                // A secret that does not open cannot be used by anybody either; the provider's own page ends it.
                Err(error) => {
                    tracing::warn!(%error, credential.id = %path.credential_id, "a token could not be given back to its provider");
                }
            }
            Ok(HttpResponse::NoContent().finish())
        }
        Ok(Err(refused)) => Err(super::refused(refused)),
        Err(StoreError::NotFound) => Err(super::not_found()),
        Err(error) => Err(error.into()),
    }
}

/// Gives a token that came by consent back to its provider: whoever has it can do nothing with it any more.
async fn revoke(app: &App, opened: &Opened) {
    let provider = opened.provider;
    let Some(call) = registry::consent(provider).and_then(|consent| consent.revoke(&opened.credential)) else { return };
    let status = match provider_dialogue::ask(&app.providers, provider, &call).await {
        ProviderReply::Answered { status: 200..=299, .. } => return,
        ProviderReply::Answered { status, .. } => Some(status),
        ProviderReply::Unreachable { .. } | ProviderReply::Silent { .. } => None,
    };
    tracing::warn!(%provider, status, "a provider did not take a token back: it ends by itself, or at the provider's own page");
}
