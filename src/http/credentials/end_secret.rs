//! Ending a secret: the second step of changing one without a gap.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;
use entities::{CredentialId, CredentialSecretId};

use super::{NamePath, SecretPath};
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        audit_log,
        channels::set_up::Wanted,
        problem::{Answer, Code, Problem},
    },
    store::{read::credential::Credential, settings::credential},
};

/// Ends a secret: what it signed is refused from now on. The last of a name that the credential needs stays: 409. Where this server has set up
/// what signs, the provider is told first to use another one: if it cannot be, nothing changes, and 502 says why.
#[utoipa::path(
    tag = "credentials",
    params(
        ("credential_id" = String, Path, format = "uuid", description = "The credential"),
        ("name" = String, Path, description = "The field"),
        ("secret_id" = String, Path, format = "uuid", description = "The secret"),
    ),
    responses((status = 204, description = "It has ended")),
)]
#[delete("/credentials/{credential_id}/secrets/{name}/{secret_id}")]
pub async fn end_credential_secret(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<SecretPath>) -> Answer {
    end(&app, &allowed, path.credential_id, &path.name, Some(path.secret_id)).await
}

/// Ends the one secret of a name. Where several are alive it must be said which: 409.
#[utoipa::path(
    tag = "credentials",
    params(
        ("credential_id" = String, Path, format = "uuid", description = "The credential"),
        ("name" = String, Path, description = "The field"),
    ),
    responses((status = 204, description = "It has ended")),
)]
#[delete("/credentials/{credential_id}/secrets/{name}")]
pub async fn end_only_credential_secret(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<NamePath>) -> Answer {
    end(&app, &allowed, path.credential_id, &path.name, None).await
}

async fn end(app: &App, allowed: &Allowed<WriteChannels>, id: CredentialId, name: &str, secret_id: Option<CredentialSecretId>) -> Answer {
    let before = super::find(app, allowed.tenant_id, id).await?;
    let fields = super::adapter(before.provider)?.fields(before.vendor.as_deref());
    // A name that is no field's may be left of an older version; one that the table cannot hold is nobody's.
    if name.contains('\0') {
        return Err(no_secret());
    }
    if let Some(secret) = alive(&before, name, secret_id).filter(|_| fields.iter().any(|field| field.name == name && field.verifies)) {
        // Whoever signs with it is to sign with another one first: what would be signed with this one is refused for ever.
        let (provider, open) = super::open(app, allowed.tenant_id, id).await?;
        let wanted = Wanted { app, tenant_id: allowed.tenant_id, provider, credential_id: id };
        wanted.arrange_for(&open.without(name, secret)).await.map_err(|error| {
            let detail =
                format!("{provider} may still sign with it, and could not be told to use another one: {error}; nothing was changed");
            Problem::new(Code::ProviderUnreachable).detail(detail)
        })?;
    }
    let needed = fields.iter().any(|field| field.name == name && field.required);
    let doer = audit_log::doer(app, &allowed.caller);
    match credential::end_secret(&app.db, allowed.tenant_id, &doer, id, name, secret_id, needed).await {
        Ok(Ok(())) => Ok(HttpResponse::NoContent().finish()),
        Ok(Err(refused)) => Err(super::refused(refused)),
        Err(StoreError::NotFound) => Err(no_secret()),
        Err(error) => Err(error.into()),
    }
}

/// The place of a secret among those of its name, the newest first, if another one of the name stays.
fn alive(credential: &Credential, name: &str, secret_id: Option<CredentialSecretId>) -> Option<usize> {
    let mut living = credential.secrets.iter().filter(|secret| secret.name == name);
    let at = living.clone().position(|secret| Some(secret.id) == secret_id)?;
    living.nth(1).map(|_another| at)
}

fn no_secret() -> Problem {
    Problem::new(Code::NotFound).detail("the credential has no such secret")
}
