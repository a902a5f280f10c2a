//! One scheduled message.

use actix_web::{get, web};

use super::{ScheduledMessagePath, wire::ScheduledMessageView};
use crate::http::{
    App,
    access::{Allowed, ReadConversations},
    answer,
    conversations::require_visible,
    problem::Answer,
};

/// Reads one scheduled message. One that was sent is a message, and no longer here.
#[utoipa::path(
    tag = "scheduled-messages",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("scheduled_message_id" = String, Path, format = "uuid", description = "The scheduled message"),
    ),
    responses((status = 200, description = "The scheduled message", body = ScheduledMessageView, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/conversations/{conversation_id}/scheduled-messages/{scheduled_message_id}")]
pub async fn get_scheduled_message(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    path: web::Path<ScheduledMessagePath>,
) -> Answer {
    require_visible(&app, allowed.tenant_id, &allowed.caller, path.conversation_id).await?;
    let view = ScheduledMessageView::from(super::find(&app, allowed.tenant_id, *path).await?);
    Ok(answer::ok(view.version, &view))
}
