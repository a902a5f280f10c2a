//! The list of jobs.

use actix_web::{get, web};

use super::{seen, wire::BulkJob, work};
use crate::{
    http::{
        App,
        access::{Allowed, ReadConversations},
        answer,
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read::{bulk, page::Listed},
};

/// Lists jobs over many conversations, the newest first; they are kept for 30 days. Agents see their own.
#[utoipa::path(
    tag = "bulk jobs",
    params(PageQuery),
    responses((status = 200, description = "A page of jobs", body = Page<BulkJob>)),
)]
#[get("/bulk-jobs")]
pub async fn list_bulk_jobs(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<BulkJob>>> {
    let limit = page::limit(query.0.limit)?;
    let by = seen(&allowed.caller);
    let list = format!("bulk-jobs {} {by:?}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = bulk::list(&app.db, allowed.tenant_id, by, after, limit).await?;
    let data = listed.data.into_iter().map(work::shown).collect::<Answer<Vec<_>>>()?;
    answer::page(&app.keys, &list, Listed { data, next: listed.next }, |job| job).map(web::Json)
}
