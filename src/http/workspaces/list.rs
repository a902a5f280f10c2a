//! The list of workspaces: the caller's own.

use actix_web::{get, web};

use super::wire::Workspace;
use crate::http::{
    App,
    access::{Allowed, ReadWorkspace},
    extract::Query,
    page::{self, Page, PageQuery},
    problem::Answer,
};

/// Lists the workspaces that this token or sign-in belongs to, which is one.
#[utoipa::path(
    tag = "workspaces",
    params(PageQuery),
    responses((status = 200, description = "A page of workspaces", body = Page<Workspace>)),
)]
#[get("/workspaces")]
pub async fn list_workspaces(
    app: web::Data<App>,
    allowed: Allowed<ReadWorkspace>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<Workspace>>> {
    let _fits_always = page::limit(query.0.limit)?;
    // One page holds it, so that no cursor was ever given out.
    page::after::<()>(&app.keys, &format!("workspaces {}", allowed.tenant_id), query.0.cursor.as_deref())?;
    let workspace = super::find(&app, allowed.tenant_id).await?;
    Ok(web::Json(Page { data: vec![super::wire(workspace, &app.options.server.rates)], next_cursor: None }))
}
