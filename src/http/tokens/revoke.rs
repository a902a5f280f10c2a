//! Ending a token.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;

use super::TokenPath;
use crate::{
    http::{
        App,
        access::{Allowed, WriteTokens},
        audit_log,
        problem::Answer,
    },
    store::settings::service_token,
};

/// Ends a token at once, whatever text it goes by. Ending it again changes nothing.
#[utoipa::path(
    tag = "tokens",
    params(("token_id" = String, Path, format = "uuid", description = "The token")),
    responses((status = 204, description = "It has ended")),
)]
#[delete("/tokens/{token_id}")]
pub async fn revoke_token(app: web::Data<App>, allowed: Allowed<WriteTokens>, path: web::Path<TokenPath>) -> Answer {
    let doer = audit_log::doer(&app, &allowed.caller);
    match service_token::revoke(&app.db, allowed.tenant_id, &doer, path.token_id).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(StoreError::NotFound) => Err(super::not_found()),
        Err(error) => Err(error.into()),
    }
}
