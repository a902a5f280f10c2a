//! The list of webhooks.

use actix_web::{get, web};

use super::wire::Webhook;
use crate::{
    http::{
        App,
        access::{Allowed, ReadWebhooks},
        answer,
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read,
};

/// Lists the webhooks of the workspace, the oldest first.
#[utoipa::path(
    tag = "webhooks",
    params(PageQuery),
    responses((status = 200, description = "A page of webhooks", body = Page<Webhook>)),
)]
#[get("/webhooks")]
pub async fn list_webhooks(
    app: web::Data<App>,
    allowed: Allowed<ReadWebhooks>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<Webhook>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("webhooks {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::webhook::list(&app.db, allowed.tenant_id, after, limit).await?;
    let page = answer::page(&app.keys, &list, listed, |webhook| super::wire(&app, allowed.tenant_id, webhook))?;
    let data = page.data.into_iter().collect::<Answer<_>>()?;
    Ok(web::Json(Page { data, next_cursor: page.next_cursor }))
}
