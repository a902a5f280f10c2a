//! Sending a message again that failed.

use actix_web::{post, web};
use actors::conversation::Command;
use entities::Message;

use super::get::MessagePath;
use crate::{
    http::{
        App,
        access::{Allowed, WriteMessages},
        conversations::require_visible,
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Sends a message again that its provider did not take. Its status is `queued` from here on; of one that has not failed the answer is 409.
#[utoipa::path(
    tag = "messages",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("message_id" = String, Path, format = "uuid", description = "The message"),
    ),
    responses((status = 200, description = "The message, queued", body = Message)),
)]
#[post("/conversations/{conversation_id}/messages/{message_id}/retry")]
pub async fn retry_message(
    app: web::Data<App>,
    allowed: Allowed<WriteMessages>,
    path: web::Path<MessagePath>,
) -> Answer<web::Json<Message>> {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let missing = || Problem::new(Code::NotFound).detail("no such message");
    let found = read::message::find(&app.db, tenant_id, id, path.message_id).await?.ok_or_else(missing)?;
    app.directory.ask(tenant_id, id, Command::Resend { seq: found.seq }).await?;
    let after = read::message::find(&app.db, tenant_id, id, path.message_id).await?;
    after.map(web::Json).ok_or_else(missing)
}
