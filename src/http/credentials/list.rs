//! The list of credentials.

use actix_web::{get, web};

use super::wire::Credential;
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

/// Lists the credentials of the workspace, the oldest first.
#[utoipa::path(
    tag = "credentials",
    params(PageQuery),
    responses((status = 200, description = "A page of credentials", body = Page<Credential>)),
)]
#[get("/credentials")]
pub async fn list_credentials(
    app: web::Data<App>,
    allowed: Allowed<ReadChannels>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<Credential>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("credentials {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::credential::list(&app.db, allowed.tenant_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, |credential| super::wire(&app, credential)).map(web::Json)
}
