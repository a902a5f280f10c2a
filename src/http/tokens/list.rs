//! The list of tokens.

use actix_web::{get, web};

use super::wire::Token;
use crate::{
    http::{
        App,
        access::{Allowed, ReadTokens},
        answer,
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read,
};

/// Lists tokens, the newest first, revoked ones included; never their text.
#[utoipa::path(
    tag = "tokens",
    params(PageQuery),
    responses((status = 200, description = "A page of tokens", body = Page<Token>)),
)]
#[get("/tokens")]
pub async fn list_tokens(app: web::Data<App>, allowed: Allowed<ReadTokens>, query: Query<PageQuery>) -> Answer<web::Json<Page<Token>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("tokens {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::service_token::list(&app.db, allowed.tenant_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, super::wire).map(web::Json)
}
