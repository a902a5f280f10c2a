//! Replacing a token's text without a gap.

use actix_web::{post, web};

use super::{
    TokenPath,
    wire::{FreshToken, RotateToken},
};
use crate::{
    crypto::token,
    http::{
        App,
        access::{Allowed, WriteTokens},
        audit_log,
        extract::Json,
        problem::{Answer, Problem},
    },
    store::{read, settings::service_token},
};

/// Longest overlap, in hours.
const OVERLAP_HOURS_MAX: u32 = 168;
/// Overlap unless asked otherwise, in hours.
const OVERLAP_HOURS: u32 = 24;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Gives a token a new text, which is shown here and never again. The old text goes on working for `overlap_hours`.
#[utoipa::path(
    tag = "tokens",
    params(("token_id" = String, Path, format = "uuid", description = "The token")),
    request_body = RotateToken,
    responses((status = 200, description = "The token", body = FreshToken)),
)]
#[post("/tokens/{token_id}/rotate")]
pub async fn rotate_token(
    app: web::Data<App>,
    allowed: Allowed<WriteTokens>,
    path: web::Path<TokenPath>,
    body: Json<RotateToken>,
) -> Answer<web::Json<FreshToken>> {
    let hours = body.into_inner().overlap_hours.unwrap_or(OVERLAP_HOURS);
    if hours > OVERLAP_HOURS_MAX {
        return Err(Problem::invalid("/overlap_hours", "out_of_range", format!("must be between 0 and {OVERLAP_HOURS_MAX}")));
    }
    let before = read::service_token::find(&app.db, allowed.tenant_id, path.token_id).await?.ok_or_else(super::not_found)?;
    // Whoever gets the new text may do what the token may.
    super::require_own(&allowed.caller, &before.scopes)?;
    let text = token::make(token::SERVICE_PREFIX);
    let doer = audit_log::doer(&app, &allowed.caller);
    let until = doer.at.plus_ms(i64::from(hours) * HOUR_MS);
    let (hash, hint) = (token::hash(&text), super::hint(&text));
    let about = service_token::rotate(&app.db, allowed.tenant_id, &doer, path.token_id, &hash, &hint, until).await?;
    Ok(web::Json(FreshToken { about: super::wire(about), token: text }))
}
