//! One job.

use actix_web::{get, web};

use super::{BulkJobPath, seen, wire::BulkJob, work};
use crate::{
    http::{
        App,
        access::{Allowed, ReadConversations},
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Reads one job over many conversations: how far it is, and what failed. Agents see their own.
#[utoipa::path(
    tag = "bulk jobs",
    params(("bulk_job_id" = String, Path, format = "uuid", description = "The job")),
    responses((status = 200, description = "The job", body = BulkJob)),
)]
#[get("/bulk-jobs/{bulk_job_id}")]
pub async fn get_bulk_job(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    path: web::Path<BulkJobPath>,
) -> Answer<web::Json<BulkJob>> {
    let found = read::bulk::find(&app.db, allowed.tenant_id, seen(&allowed.caller), path.bulk_job_id).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound).detail("no such job"))?;
    work::shown(found).map(web::Json)
}
