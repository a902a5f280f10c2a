//! Deleting a conversation for good, and the sweep that does so with what has lain in the trash long enough.
//!
//! Guarantees: nothing but what lies in the trash is deleted; the conversation decides, so that of a restore and a sweep at once one wins.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use actors::{
    conversation::{AskError, Command, Rejection},
    port::StoreError,
};
use entities::Timestamp;

use super::{ConversationPath, require_visible};
use crate::{
    http::{
        App,
        access::{Allowed, WriteConversations},
        extract::if_match,
        problem::Answer,
    },
    store::read::trash,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Conversations that are read at once.
const PAGE: u64 = 100;
/// Pages of one round; what is more is left to the next.
const PAGES_MAX: usize = 100;

/// Deletes a conversation for good, which must be in the trash: its messages, notes and tickets, what waits to be sent, how far anybody has read, and
/// the files. It answers 404 from then on. The contact's next message begins it again, empty, under the same id.
#[utoipa::path(
    tag = "conversations",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, quoted"),
    ),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/conversations/{conversation_id}")]
pub async fn delete_conversation(
    app: web::Data<App>,
    allowed: Allowed<WriteConversations>,
    path: web::Path<ConversationPath>,
    request: HttpRequest,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    let expected_version = if_match(&request)?;
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    app.directory.ask(tenant_id, id, Command::Erase { expected_version, trashed_before: None }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes for good what has lain in the trash long enough, of every tenant; how many were come to.
///
/// # Errors
/// [`StoreError`]: the rest is left to the next round. One that is busy, or whose actor would not, holds up none behind it.
pub async fn empty_trash(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let before = now.plus_ms(-DAY_MS * i64::from(app.options.server.trash_days));
    let (mut after, mut deleted) = (None, 0);
    for _page in 0..PAGES_MAX {
        let found = trash::lain_since(&app.db, before, after, PAGE).await?;
        let Some(last) = found.last() else { break };
        after = Some((last.trashed_at, last.id));
        for lain in found {
            let command = Command::Erase { expected_version: None, trashed_before: Some(before) };
            match app.directory.ask(lain.tenant_id, lain.id, command).await {
                Ok(_deleted) => deleted += 1,
                Err(AskError::Busy { .. } | AskError::Rejected(Rejection::NotFound)) => {}
                Err(AskError::Rejected(rejection)) => {
                    tracing::warn!(%rejection, conversation.id = %lain.id, "a conversation in the trash would not be deleted");
                }
                Err(AskError::Unavailable(why)) => return Err(StoreError::Unavailable(why)),
            }
        }
    }
    Ok(deleted)
}
