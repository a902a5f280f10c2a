//! Taking a scheduled message back.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use actors::conversation::{AskError, Command, Rejection};

use super::ScheduledMessagePath;
use crate::http::{
    App,
    access::{Allowed, WriteMessages},
    conversations::require_visible,
    extract::if_match,
    problem::Answer,
};

/// Takes a scheduled message back: it is not sent. One that was sent meanwhile answers 404.
#[utoipa::path(
    tag = "scheduled-messages",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("scheduled_message_id" = String, Path, format = "uuid", description = "The scheduled message"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, quoted"),
    ),
    responses((status = 204, description = "It is not sent")),
)]
#[delete("/conversations/{conversation_id}/scheduled-messages/{scheduled_message_id}")]
pub async fn delete_scheduled_message(
    app: web::Data<App>,
    allowed: Allowed<WriteMessages>,
    path: web::Path<ScheduledMessagePath>,
    request: HttpRequest,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    let expected_version = if_match(&request)?;
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let command = Command::Unschedule { id: path.scheduled_message_id, expected_version };
    match app.directory.ask(tenant_id, id, command).await {
        Ok(_taken_back) => Ok(HttpResponse::NoContent().finish()),
        Err(AskError::Rejected(Rejection::NotFound)) => Err(super::not_found()),
        Err(error) => Err(error.into()),
    }
}
