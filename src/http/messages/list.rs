//! A conversation's timeline.

use actix_web::{get, web};
use entities::Message;

use super::wire::{ListQuery, Order};
use crate::{
    http::{
        App,
        access::{Allowed, ReadConversations},
        conversations::{ConversationPath, require_visible},
        extract::Query,
        page::{self, Page},
        problem::Answer,
    },
    store::read::message::{self, Range},
};

/// Lists a conversation's messages and notes, the newest first unless asked otherwise.
#[utoipa::path(
    tag = "messages",
    params(("conversation_id" = String, Path, format = "uuid", description = "The conversation"), ListQuery),
    responses((status = 200, description = "A page of messages", body = Page<Message>)),
)]
#[get("/conversations/{conversation_id}/messages")]
pub async fn list_messages(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    path: web::Path<ConversationPath>,
    query: Query<ListQuery>,
) -> Answer<web::Json<Page<Message>>> {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let descending = query.order.unwrap_or_default() == Order::Desc;
    let mut range = Range { after_seq: query.after_seq, before_seq: query.before_seq, descending };
    let list = format!("messages {tenant_id} {id} {range:?}");
    let place: Option<u64> = page::after(&app.keys, &list, query.cursor.as_deref())?;
    match (place, descending) {
        (Some(seq), true) => range.before_seq = Some(seq),
        (Some(seq), false) => range.after_seq = Some(seq),
        (None, _) => {}
    }
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let rows = message::list(&app.db, tenant_id, id, range, limit + 1).await?;
    Page::cut(&app.keys, &list, rows, limit, |message| message.seq).map(web::Json)
}
