//! Taking a conversation out of the trash.

use actix_web::{HttpRequest, post, web};
use actors::conversation::Command;

use super::{ConversationPath, wire::ConversationView};
use crate::http::{
    App,
    access::{Allowed, WriteConversations},
    answer,
    extract::if_match,
    problem::Answer,
};

/// Takes a conversation out of the trash, as it was. A snooze that ended and a message that was to be sent meanwhile have their turn now.
#[utoipa::path(
    tag = "conversations",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, quoted"),
    ),
    responses((status = 200, description = "The conversation", body = ConversationView, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/conversations/{conversation_id}/restore")]
pub async fn restore_conversation(
    app: web::Data<App>,
    allowed: Allowed<WriteConversations>,
    path: web::Path<ConversationPath>,
    request: HttpRequest,
) -> Answer {
    let command = Command::Restore { expected_version: if_match(&request)? };
    let view = super::told(&app, allowed.tenant_id, &allowed.caller, path.conversation_id, command).await?;
    Ok(answer::ok(view.conversation.version, &view))
}
