//! Making a token.

use actix_web::{http::StatusCode, post, web};
use entities::{
    Permission, ServiceAccountId, Timestamp, TokenId,
    text::{self, NAME_CHARS_MAX},
};

use super::wire::{CreateToken, FreshToken};
use crate::{
    crypto::token,
    http::{
        App,
        access::{Allowed, WriteTokens},
        audit_log,
        extract::Json,
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read,
        settings::{
            service_token::{self, TOKENS_MAX},
            token::NewToken,
        },
    },
};

/// Longest life of a token, in days.
const DAYS_MAX: u32 = 3_650;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Makes a service account and its token. The token is shown here and never again.
#[utoipa::path(
    tag = "tokens",
    request_body = CreateToken,
    responses((status = 201, description = "The token", body = FreshToken)),
)]
#[post("/tokens")]
pub async fn create_token(
    app: web::Data<App>,
    allowed: Allowed<WriteTokens>,
    body: Json<CreateToken>,
) -> Answer<(web::Json<FreshToken>, StatusCode)> {
    let body = body.into_inner();
    let mut fields = Fields::new();
    let name = fields.text("/name", text::line(&body.name, NAME_CHARS_MAX)).unwrap_or_default();
    let mut scopes: Vec<Permission> = body.scopes;
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() {
        fields.refuse("/scopes", "empty", "must name at least one permission");
    }
    if body.expires_in_days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        fields.refuse("/expires_in_days", "out_of_range", format!("must be between 1 and {DAYS_MAX}"));
    }
    fields.finish()?;
    super::require_own(&allowed.caller, &scopes)?;
    let text = token::make(token::SERVICE_PREFIX);
    let now: Timestamp = app.clock.now();
    let new = NewToken {
        id: TokenId::new(app.clock.new_id()),
        service_account_id: ServiceAccountId::new(app.clock.new_id()),
        name,
        hash: token::hash(&text),
        hint: super::hint(&text),
        scopes,
        created_at: now,
        expires_at: body.expires_in_days.map(|days| now.plus_ms(i64::from(days) * DAY_MS)),
    };
    let doer = audit_log::doer(&app, &allowed.caller);
    let made = service_token::create(&app.db, allowed.tenant_id, &doer, &new).await?;
    if made.is_err() {
        return Err(Problem::new(Code::QuotaExceeded)
            .detail(format!("a workspace may have {TOKENS_MAX} tokens"))
            .with("limit", TOKENS_MAX));
    }
    let stored = read::service_token::find(&app.db, allowed.tenant_id, new.id).await?;
    let about = stored.ok_or_else(|| Problem::internal("a token that was made is not there"))?;
    Ok((web::Json(FreshToken { about: super::wire(about), token: text }), StatusCode::CREATED))
}
