//! The list of service accounts.

use actix_web::{get, web};

use super::wire::ServiceAccount;
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

/// Lists service accounts, the newest first. They are made with their tokens.
#[utoipa::path(
    tag = "tokens",
    params(PageQuery),
    responses((status = 200, description = "A page of service accounts", body = Page<ServiceAccount>)),
)]
#[get("/service-accounts")]
pub async fn list_service_accounts(
    app: web::Data<App>,
    allowed: Allowed<ReadTokens>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<ServiceAccount>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("service-accounts {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::service_token::list_accounts(&app.db, allowed.tenant_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, |account| ServiceAccount {
        id: account.id,
        name: account.name,
        disabled: account.disabled,
        created_at: account.created_at,
    })
    .map(web::Json)
}
