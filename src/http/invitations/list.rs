//! The list of invitations.

use actix_web::{get, web};

use super::wire::Invitation;
use crate::{
    http::{
        App,
        access::{Allowed, ReadAgents},
        answer,
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read,
};

/// Lists the workspace's invitations, the latest first. Those that ended more than 90 days ago are forgotten.
#[utoipa::path(
    tag = "invitations",
    params(PageQuery),
    responses((status = 200, description = "A page of invitations", body = Page<Invitation>)),
)]
#[get("/invitations")]
pub async fn list_invitations(
    app: web::Data<App>,
    allowed: Allowed<ReadAgents>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<Invitation>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("invitations {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::invitation::list(&app.db, allowed.tenant_id, after, limit).await?;
    let now = app.clock.now();
    answer::page(&app.keys, &list, listed, |invitation| super::wire(invitation, now)).map(web::Json)
}
