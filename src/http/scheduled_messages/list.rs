//! What is to be said in a conversation later.

use actix_web::{get, web};

use super::wire::ScheduledMessageView;
use crate::{
    http::{
        App,
        access::{Allowed, ReadConversations},
        conversations::{ConversationPath, require_visible},
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read,
};

/// Lists a conversation's scheduled messages, the next to be sent first; those that could not be sent are among them.
#[utoipa::path(
    tag = "scheduled-messages",
    params(("conversation_id" = String, Path, format = "uuid", description = "The conversation"), PageQuery),
    responses((status = 200, description = "A page of scheduled messages", body = Page<ScheduledMessageView>)),
)]
#[get("/conversations/{conversation_id}/scheduled-messages")]
pub async fn list_scheduled_messages(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    path: web::Path<ConversationPath>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<ScheduledMessageView>>> {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let list = format!("scheduled messages {tenant_id} {id}");
    let after: Option<(i64, entities::ScheduledMessageId)> = page::after(&app.keys, &list, query.cursor.as_deref())?;
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    // There are few in one conversation: they are read whole, and put in order here.
    let mut rows = read::scheduled::list(&app.db, tenant_id, id).await?;
    let place = |message: &entities::ScheduledMessage| (message.send_at.micros(), message.id);
    rows.sort_unstable_by_key(place);
    rows.retain(|message| after.is_none_or(|after| place(message) > after));
    rows.truncate(limit as usize + 1);
    let page = Page::cut(&app.keys, &list, rows, limit, place)?;
    Ok(web::Json(page.map(ScheduledMessageView::from)))
}
