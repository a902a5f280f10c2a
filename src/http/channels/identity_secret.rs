//! The secrets by which a site's server vouches for its visitors. Several may be alive, so that a site can change over without a gap.

use actix_web::{HttpResponse, delete, http::StatusCode, post, web};
use entities::ChannelId;
use serde::Deserialize;

use super::{ChannelPath, wire::IdentitySecret};
use crate::{
    crypto::token,
    http::{
        App,
        access::{Allowed, WriteChannels},
        audit_log,
        problem::{Answer, Code, Problem},
        widget::identify::SEALED_COLUMN,
    },
    store::settings::channel::{self, SECRETS_MAX},
};

/// What every identity secret begins with, so that people and scanners know one when they see it.
const SECRET_PREFIX: &str = "is_";
/// What every identity secret's name begins with.
const KEY_ID_PREFIX: &str = "ik_";

/// Which secret a path names.
#[derive(Debug, Clone, Deserialize)]
pub struct SecretPath {
    channel_id: ChannelId,
    key_id: String,
}

/// Makes a further identity secret of a widget. It is shown here and never again; older ones live until they are deleted.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel")),
    responses((status = 201, description = "The secret", body = IdentitySecret)),
)]
#[post("/channels/{channel_id}/identity-secret")]
pub async fn create_identity_secret(
    app: web::Data<App>,
    allowed: Allowed<WriteChannels>,
    path: web::Path<ChannelPath>,
) -> Answer<(web::Json<IdentitySecret>, StatusCode)> {
    let secret = IdentitySecret { key_id: token::make_public(KEY_ID_PREFIX), secret: token::make(SECRET_PREFIX) };
    let sealed = app.keys.seal(allowed.tenant_id, SEALED_COLUMN, secret.secret.as_bytes()).map_err(Problem::internal)?;
    let doer = audit_log::doer(&app, &allowed.caller);
    let made = app.changer(Some(&doer)).add_identity_secret(allowed.tenant_id, path.channel_id, &secret.key_id, &sealed).await;
    match made {
        Ok(Ok(())) => Ok((web::Json(secret), StatusCode::CREATED)),
        Ok(Err(channel::TooMany)) => {
            let detail = format!("a widget may have {SECRETS_MAX} identity secrets: delete one first");
            Err(Problem::new(Code::QuotaExceeded).detail(detail).with("limit", SECRETS_MAX))
        }
        Err(actors::port::StoreError::NotFound) => Err(super::not_found()),
        Err(error) => Err(error.into()),
    }
}

/// Ends an identity secret: what it signed is refused from now on.
#[utoipa::path(
    tag = "channels",
    params(
        ("channel_id" = String, Path, format = "uuid", description = "The channel"),
        ("key_id" = String, Path, description = "The secret's name"),
    ),
    responses((status = 204, description = "It has ended")),
)]
#[delete("/channels/{channel_id}/identity-secret/{key_id}")]
pub async fn delete_identity_secret(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<SecretPath>) -> Answer {
    let doer = audit_log::doer(&app, &allowed.caller);
    // PostgreSQL keeps no NUL; a name that holds one names nothing.
    if path.key_id.contains('\0') {
        return Err(Problem::new(Code::NotFound).detail("no such identity secret"));
    }
    match app.changer(Some(&doer)).delete_identity_secret(allowed.tenant_id, path.channel_id, &path.key_id).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(actors::port::StoreError::NotFound) => Err(Problem::new(Code::NotFound).detail("no such identity secret")),
        Err(error) => Err(error.into()),
    }
}
