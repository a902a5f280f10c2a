//! The list of teams.

use actix_web::{get, web};

use super::wire::Team;
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

/// Lists the teams of the workspace, the oldest first.
#[utoipa::path(
    tag = "teams",
    params(PageQuery),
    responses((status = 200, description = "A page of teams", body = Page<Team>)),
)]
#[get("/teams")]
pub async fn list_teams(app: web::Data<App>, allowed: Allowed<ReadAgents>, query: Query<PageQuery>) -> Answer<web::Json<Page<Team>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("teams {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::team::list(&app.db, allowed.tenant_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, super::wire).map(web::Json)
}
