//! Reacting to a message, on channels that know reactions.

use actix_web::{put, web};
use actors::conversation::Command;
use entities::{Message, text};
use serde::Deserialize;
use utoipa::ToSchema;

use super::get::MessagePath;
use crate::{
    http::{
        App,
        access::{Allowed, WriteMessages},
        conversations::require_visible,
        extract::Json,
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Longest emoji, in characters: families and flags are several joined.
const EMOJI_CHARS_MAX: usize = 16;

/// A reaction, or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"emoji": "👍"}))]
pub struct React {
    /// The emoji; null takes the reaction back.
    #[schema(max_length = 16)]
    pub emoji: Option<String>,
}

/// Reacts to a message as the business, or takes that back. On channels without reactions the answer is 409.
#[utoipa::path(
    tag = "messages",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("message_id" = String, Path, format = "uuid", description = "The message"),
    ),
    request_body = React,
    responses((status = 200, description = "The message", body = Message)),
)]
#[put("/conversations/{conversation_id}/messages/{message_id}/reaction")]
pub async fn react_to_message(
    app: web::Data<App>,
    allowed: Allowed<WriteMessages>,
    path: web::Path<MessagePath>,
    body: Json<React>,
) -> Answer<web::Json<Message>> {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let emoji = body.into_inner().emoji.map(|emoji| text::line(&emoji, EMOJI_CHARS_MAX)).transpose();
    let emoji = emoji.map_err(|error| Problem::invalid("/emoji", "invalid_value", error.to_string()))?;
    let missing = || Problem::new(Code::NotFound).detail("no such message");
    let found = read::message::find(&app.db, tenant_id, id, path.message_id).await?.ok_or_else(missing)?;
    let command = Command::React { seq: found.seq, emoji, by: allowed.caller.author() };
    app.directory.ask(tenant_id, id, command).await?;
    let after = read::message::find(&app.db, tenant_id, id, path.message_id).await?;
    after.map(web::Json).ok_or_else(missing)
}
