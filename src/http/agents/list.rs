//! The list of members.

use std::collections::HashMap;

use actix_web::{get, web};
use entities::Presence;

use super::wire::Agent;
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

/// Lists the members of the workspace, the first to join first, with whether they are there.
#[utoipa::path(
    tag = "agents",
    params(PageQuery),
    responses((status = 200, description = "A page of members", body = Page<Agent>)),
)]
#[get("/agents")]
pub async fn list_agents(app: web::Data<App>, allowed: Allowed<ReadAgents>, query: Query<PageQuery>) -> Answer<web::Json<Page<Agent>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("agents {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::agent::list(&app.db, allowed.tenant_id, after, limit).await?;
    let there: HashMap<_, _> = app.tenants.presence(allowed.tenant_id).await.into_iter().collect();
    answer::page(&app.keys, &list, listed, |agent| {
        let presence = there.get(&agent.id).copied().unwrap_or(Presence::Offline);
        super::wire(agent, presence)
    })
    .map(web::Json)
}
