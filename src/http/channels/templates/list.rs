//! The list of a channel's templates.

use actix_web::{get, web};

use super::{
    super::ChannelPath,
    holder,
    wire::{ListQuery, Templates},
};
use crate::{
    http::{
        App,
        access::{Allowed, ReadChannels},
        answer,
        extract::Query,
        page,
        problem::Answer,
    },
    store::read::template,
};

/// Lists a channel's message templates by name and language, as its provider listed them at `synced_at`. Those whose `status` is `approved` can be
/// sent with `POST …/conversations/{id}/messages` and `template`. A channel that knows none answers 409.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel"), ListQuery),
    responses((status = 200, description = "A page of templates", body = Templates)),
)]
#[get("/channels/{channel_id}/templates")]
pub async fn list_templates(
    app: web::Data<App>,
    allowed: Allowed<ReadChannels>,
    path: web::Path<ChannelPath>,
    query: Query<ListQuery>,
) -> Answer<web::Json<Templates>> {
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let of = holder(&app, allowed.tenant_id, path.channel_id).await?;
    let list = format!("templates {} {}", of.tenant_id, of.credential_id);
    let after = page::after(&app.keys, &list, query.cursor.as_deref())?;
    let synced = template::synced(&app.db, of.tenant_id, of.credential_id).await?;
    let status = query.status.map(|status| status.to_lowercase());
    let listed = template::list(&app.db, of.tenant_id, of.credential_id, status.as_deref(), after, limit).await?;
    let page = answer::page(&app.keys, &list, listed, |template| template)?;
    Ok(web::Json(Templates { data: page.data, next_cursor: page.next_cursor, synced_at: synced.at, sync_error: synced.error }))
}
