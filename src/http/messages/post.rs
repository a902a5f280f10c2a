//! Answering a contact, or leaving a note.

use actix_web::{HttpResponse, post, web};
use actors::conversation::{AskError, Command, Post, Rejection, Reply};
use entities::{
    AttachmentRef, ConversationId, Direction, Document, Message, MessageKind, TenantId,
    attachment::ATTACHMENTS_MAX,
    text::{self, MESSAGE_CHARS_MAX},
};
use serde_json::json;

use super::wire::PostMessage;
use crate::{
    http::{
        App,
        access::{Allowed, Caller, WriteMessages},
        conversations::{ConversationPath, require_visible},
        extract::Json,
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{
            self,
            attachment::Uploader,
            message::{self, Range},
        },
        settings,
    },
};

use actors::port::StoreError;

/// Most unseen messages in a refusal; the newest are left out, and a list from the last one shown goes on.
const UNSEEN_MAX: u64 = 100;

/// Says something in a conversation. A repeat of a `client_id` is answered with the first message, and 200 instead of 201. Where somebody
/// else has replied behind `last_seen_seq` the answer is 409 `stale_reply`, with the messages in `unseen`.
#[utoipa::path(
    tag = "messages",
    params(("conversation_id" = String, Path, format = "uuid", description = "The conversation")),
    request_body = PostMessage,
    responses(
        (status = 201, description = "The message", body = Message),
        (status = 200, description = "The message that was made with this client_id before", body = Message),
    ),
)]
#[post("/conversations/{conversation_id}/messages")]
pub async fn post_message(
    app: web::Data<App>,
    allowed: Allowed<WriteMessages>,
    path: web::Path<ConversationPath>,
    body: Json<PostMessage>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let body = body.into_inner();
    let (content, text) = said(&body)?;
    let kind = body.kind.unwrap_or(MessageKind::Message);
    let attachments = attachments(&app, tenant_id, &allowed.caller, id, kind, &body).await?;
    let post = Post {
        author: allowed.caller.author(),
        kind,
        direction: Direction::Out,
        content,
        text,
        attachments,
        client_id: body.client_id,
        repeat_guard: None,
        last_seen_seq: body.last_seen_seq,
        opening: None,
        subject: None,
    };
    match app.directory.ask(tenant_id, id, Command::Post(Box::new(post))).await {
        Ok(Reply::Posted(posted)) => {
            let message = message::list_at(&app.db, tenant_id, &[(id, posted.seq)]).await?.pop();
            let message = message.ok_or_else(|| Problem::internal("a message that was acknowledged is not there"))?;
            Ok(if posted.repeated { HttpResponse::Ok().json(message) } else { HttpResponse::Created().json(message) })
        }
        Ok(Reply::Updated(_) | Reply::Read) => Err(Problem::internal("a post was answered with something else")),
        Err(AskError::Rejected(Rejection::StaleReply { last_seen_seq })) => Err(stale(&app, tenant_id, id, last_seen_seq).await?),
        Err(error) => Err(error.into()),
    }
}

/// What is said, as a document and plain. Empty with attachments is allowed: then the files are the message.
fn said(body: &PostMessage) -> Answer<(Document, String)> {
    let mut fields = Fields::new();
    let files = body.attachments.as_ref().map_or(0, Vec::len);
    if files > ATTACHMENTS_MAX {
        fields.refuse("/attachments", "too_many", format!("holds more than {ATTACHMENTS_MAX} files"));
    }
    let said = match (&body.text, &body.content) {
        (Some(_), Some(_)) => {
            fields.refuse("/content", "ambiguous", "must not be sent together with text");
            None
        }
        (None, Some(content)) => fields.text("/content", content.clone().check()),
        (text, None) if files > 0 && text.as_deref().unwrap_or_default().trim().is_empty() => Some((Document::plain(""), String::new())),
        (Some(text), None) => fields.text("/text", text::lines(text, MESSAGE_CHARS_MAX)).map(|text| (Document::plain(&text), text)),
        (None, None) => {
            fields.refuse("/text", "missing_field", "a message needs text, content or attachments");
            None
        }
    };
    fields.finish()?;
    said.ok_or_else(|| Problem::internal("a message was neither taken nor refused"))
}

async fn attachments(
    app: &App,
    tenant_id: TenantId,
    caller: &Caller,
    id: ConversationId,
    kind: MessageKind,
    body: &PostMessage,
) -> Answer<Vec<AttachmentRef>> {
    let mut ids = body.attachments.clone().unwrap_or_default();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    let author = caller.author();
    let uploader_id = author.id.ok_or_else(|| Problem::internal("a caller without an id"))?;
    let uploader = Uploader { kind: author.kind, id: uploader_id };
    let shown = kind == MessageKind::Message;
    let marked = settings::attachment::mark_used(&app.db, tenant_id, id, uploader, &ids, shown, app.clock.now()).await;
    marked.map_err(|error| match error {
        StoreError::NotFound => {
            Problem::invalid("/attachments", "not_found", "holds a file that is not there, is not yours, or is in another conversation")
        }
        other => other.into(),
    })
}

async fn stale(app: &App, tenant_id: TenantId, id: ConversationId, last_seen_seq: u64) -> Answer<Problem> {
    let range = Range { after_seq: Some(last_seen_seq), before_seq: None, descending: false };
    let unseen: Vec<Message> = read::message::list(&app.db, tenant_id, id, range, UNSEEN_MAX).await?;
    Ok(Problem::new(Code::StaleReply).detail(format!("somebody else has replied since {last_seen_seq}")).with("unseen", json!(unseen)))
}
