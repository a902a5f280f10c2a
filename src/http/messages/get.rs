//! One message.

use actix_web::{get, web};
use entities::{ConversationId, Message, MessageId};
use serde::Deserialize;

use crate::{
    http::{
        App,
        access::{Allowed, ReadConversations},
        conversations::require_visible,
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Which message a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct MessagePath {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message.
    pub message_id: MessageId,
}

/// Reads one message or note.
#[utoipa::path(
    tag = "messages",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("message_id" = String, Path, format = "uuid", description = "The message"),
    ),
    responses((status = 200, description = "The message", body = Message)),
)]
#[get("/conversations/{conversation_id}/messages/{message_id}")]
pub async fn get_message(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    path: web::Path<MessagePath>,
) -> Answer<web::Json<Message>> {
    require_visible(&app, allowed.tenant_id, &allowed.caller, path.conversation_id).await?;
    let found = read::message::find(&app.db, allowed.tenant_id, path.conversation_id, path.message_id).await?;
    found.map(web::Json).ok_or_else(|| Problem::new(Code::NotFound).detail("no such message"))
}
