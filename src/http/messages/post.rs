//! Answering a contact, or leaving a note.

use actix_web::{HttpResponse, post, web};
use actors::conversation::{AskError, Rejection, Reply};
use entities::{ConversationId, Message, TenantId};
use serde_json::json;

use super::{
    draft::{Draft, unseen},
    template,
    wire::PostMessage,
};
use crate::{
    http::{
        App,
        access::{Allowed, Caller, WriteMessages},
        conversations::{ConversationPath, require_visible},
        extract::Json,
        problem::{Answer, Code, Problem},
    },
    store::read::message,
};

/// Says something in a conversation. A repeat of a `client_id` is answered with the first message, and 200 instead of 201. Where somebody
/// else has replied behind `last_seen_seq` the answer is 409 `stale_reply`, with the messages in `unseen`. Outside of the provider's reply window
/// only a `template` goes out; it is checked against what the provider has approved, and each variable that it would refuse is named.
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
    let (message, repeated) = say(&app, allowed.tenant_id, &allowed.caller, path.conversation_id, body.into_inner()).await?;
    Ok(if repeated { HttpResponse::Ok().json(message) } else { HttpResponse::Created().json(message) })
}

/// Says something in a conversation that the caller may see; the message, and whether it had been said before under its `client_id`.
///
/// # Errors
/// 404, 409 where the channel or somebody else's reply stands against it, 422 with the fields that cannot be said, 503.
pub async fn say(app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId, body: PostMessage) -> Answer<(Message, bool)> {
    require_visible(app, tenant_id, caller, id).await?;
    // What was sent once was right then; what has become of its template since does not make its repeat wrong.
    if let Some(client_id) = body.client_id.as_ref().filter(|_| body.template.is_some() || body.extra.is_some())
        && let Some(first) = message::find_repeat(&app.db, tenant_id, id, client_id).await?
    {
        return Ok((first, true));
    }
    let body = template::filled(app, tenant_id, id, body).await?;
    let command = Draft::from(body).command(app, tenant_id, caller, id).await?;
    match app.directory.ask(tenant_id, id, command).await {
        Ok(Reply::Posted(posted)) => {
            let message = message::list_at(&app.db, tenant_id, &[(id, posted.seq)]).await?.pop();
            let message = message.ok_or_else(|| Problem::internal("a message that was acknowledged is not there"))?;
            Ok((message, posted.repeated))
        }
        Ok(Reply::Updated(_) | Reply::Read | Reply::Received(_) | Reply::Scheduled { .. }) => {
            Err(Problem::internal("a post was answered with something else"))
        }
        Err(AskError::Rejected(Rejection::StaleReply { last_seen_seq })) => Err(stale(app, tenant_id, id, last_seen_seq).await?),
        Err(error) => Err(error.into()),
    }
}

async fn stale(app: &App, tenant_id: TenantId, id: ConversationId, last_seen_seq: u64) -> Answer<Problem> {
    let unseen = unseen(app, tenant_id, id, last_seen_seq).await?;
    Ok(Problem::new(Code::StaleReply).detail(format!("somebody else has replied since {last_seen_seq}")).with("unseen", json!(unseen)))
}
