//! Putting a conversation in the trash.

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

/// Puts a conversation in the trash, with its ticket: it is in no list but that of the trash, is given to nobody, and nothing is said in it. The
/// contact's next message takes it out. What lies there for as long as the server is told to keep it (30 days) is deleted for good.
#[utoipa::path(
    tag = "conversations",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, quoted"),
    ),
    responses((status = 200, description = "The conversation", body = ConversationView, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/conversations/{conversation_id}/trash")]
pub async fn trash_conversation(
    app: web::Data<App>,
    allowed: Allowed<WriteConversations>,
    path: web::Path<ConversationPath>,
    request: HttpRequest,
) -> Answer {
    let command = Command::Trash { expected_version: if_match(&request)? };
    let view = super::told(&app, allowed.tenant_id, &allowed.caller, path.conversation_id, command).await?;
    Ok(answer::ok(view.conversation.version, &view))
}
