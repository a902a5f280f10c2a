//! One conversation.

use actix_web::{get, web};

use super::{ConversationPath, wire::ConversationView};
use crate::http::{
    App,
    access::{Allowed, ReadConversations},
    answer,
    problem::Answer,
};

/// Reads one conversation, with what the caller has not read of it and its newest message.
#[utoipa::path(
    tag = "conversations",
    params(("conversation_id" = String, Path, format = "uuid", description = "The conversation")),
    responses((status = 200, description = "The conversation", body = ConversationView, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/conversations/{conversation_id}")]
pub async fn get_conversation(app: web::Data<App>, allowed: Allowed<ReadConversations>, path: web::Path<ConversationPath>) -> Answer {
    let view = super::find(&app, allowed.tenant_id, &allowed.caller, path.conversation_id).await?;
    Ok(answer::ok(view.conversation.version, &view))
}
