//! The list of channels.

use actix_web::{get, web};

use super::wire::Channel;
use crate::{
    http::{
        App,
        access::{Allowed, ReadChannels},
        answer,
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read,
};

/// Lists channels, the oldest first.
#[utoipa::path(
    tag = "channels",
    params(PageQuery),
    responses((status = 200, description = "A page of channels", body = Page<Channel>)),
)]
#[get("/channels")]
pub async fn list_channels(
    app: web::Data<App>,
    allowed: Allowed<ReadChannels>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<Channel>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("channels {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::channel::list(&app.db, allowed.tenant_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, super::wire).map(web::Json)
}
