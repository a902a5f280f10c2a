//! A visitor says something: by `POST /api/widget/message`, or through its socket, which calls [`post`] too.
//!
//! The first message begins the conversation and opens a ticket, later ones join it. The same `clientId` ever, or over HTTP the same text
//! from the same session within 30 s, is one message and gets the first answer.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, route, web};
use actors::conversation::{Command, ContactDraft, Opening, Post, Posted, Reply};
use entities::{
    AttachmentId, Author, AuthorKind, ClientId, Direction, Document, MessageKind,
    attachment::ATTACHMENTS_MAX,
    text::{self, MESSAGE_CHARS_MAX, TextError},
};

use super::{
    cors, identify, keyed,
    session::{self, VisitorSession},
    wire::{PostRequest, PostResponse},
};
use crate::{
    http::{
        App, attachments,
        extract::Json,
        middleware::context,
        problem::{Answer, Code, Problem},
    },
    store::read::attachment::Uploader,
};

/// What a visitor wants to say, as it came.
#[derive(Debug, Clone)]
pub struct PostInput {
    /// Plain text.
    pub text: Option<String>,
    /// Or a document.
    pub content: Option<Document>,
    /// Files that were uploaded before.
    pub attachments: Vec<AttachmentId>,
    /// The sender's own key.
    pub client_id: Option<String>,
    /// Where the visitor is, for its rate limits and its country.
    pub address: IpAddr,
    /// The same text from the same session within 30 s is one message: over HTTP, where a form may be sent twice.
    pub guard_repeats: bool,
}

/// Takes a visitor's message.
#[utoipa::path(
    tag = "widget", request_body = PostRequest, security(("visitor" = [])),
    responses(
        (status = 200, description = "Committed", body = PostResponse),
    )
)]
#[route("/api/widget/message", method = "POST")]
pub async fn post_message(app: web::Data<App>, request: HttpRequest, body: Json<PostRequest>) -> Answer {
    let mut body = body.into_inner();
    // Taken out, so that a repeat with a renewed session is the same request to its idempotency key.
    let session_token = body.session_token.take();
    let session = session::open(&app, session::token(&request, session_token.as_deref())?).await?;
    cors::allow(&app, &request, &session.settings);
    keyed(app.clone(), session.tenant_id, session.key_owner(), &request, &body, take(&app, &session, body.clone())).await
}

async fn take(app: &App, session: &VisitorSession, body: PostRequest) -> Answer {
    let input = PostInput {
        text: Some(body.message),
        content: None,
        attachments: body.attachments.into_iter().map(AttachmentId::new).collect(),
        client_id: body.client_id,
        address: context::current().address,
        guard_repeats: true,
    };
    let posted = post(app, session, input).await?;
    Ok(HttpResponse::Ok().json(PostResponse {
        success: true,
        ticket_id: posted.ticket_id.uuid(),
        conversation_id: posted.conversation_id.uuid(),
        message_id: posted.message_id.uuid(),
        seq: posted.seq,
    }))
}

/// Commits a visitor's message.
///
/// # Errors
/// As [`prepare`], and 503 when busy or the database is away.
pub async fn post(app: &App, session: &VisitorSession, input: PostInput) -> Answer<Posted> {
    let command = prepare(app, session, input).await?;
    match app.directory.ask(session.tenant_id, session.conversation_id, command).await? {
        Reply::Posted(posted) => Ok(posted),
        Reply::Updated(_) | Reply::Read | Reply::Received(_) | Reply::Scheduled { .. } => {
            Err(Problem::internal("a message was answered as something else"))
        }
    }
}

/// Checks a visitor's message and turns it into what its conversation is asked.
///
/// # Errors
/// 403 for a blocked contact, 422 for what cannot be said or attached, 429 over the rate limits, 503 if the database is away.
pub async fn prepare(app: &App, session: &VisitorSession, input: PostInput) -> Answer<Command> {
    if session.blocked {
        return Err(Problem::new(Code::Forbidden).detail("this contact may not write to us"));
    }
    app.limits.visitor_message(session.tenant_id, session.visitor_id, input.address)?;
    let client_id = input.client_id.as_deref().map(ClientId::parse).transpose();
    let client_id = client_id.map_err(|error| Problem::invalid("/clientId", "invalid_value", error.to_string()))?;
    let (content, text) = said(input.text, input.content, !input.attachments.is_empty())?;
    let attachments = attach(app, session, &input.attachments).await?;
    let key = session.thread_key();
    let opening = Opening {
        channel_id: session.channel_id,
        contact_id: session.contact_id,
        contact: ContactDraft {
            addresses: vec![identify::visitor_address(&key)],
            custom_attributes: app.newcomers.recall(session.channel_id, session.visitor_id),
            country: if session.begun { None } else { app.countries.find(input.address) },
            ..ContactDraft::default()
        },
        thread_key: key,
        remote: None,
    };
    Ok(Command::Post(Box::new(Post {
        // The conversation puts the contact's own id and name here.
        author: Author { kind: AuthorKind::Visitor, id: Some(session.contact_id.uuid()), name: None, avatar_url: None },
        kind: MessageKind::Message,
        direction: Direction::In,
        content,
        text,
        attachments,
        client_id,
        repeat_guard: input.guard_repeats.then_some(session.session_nonce),
        last_seen_seq: None,
        opening: Some(opening),
        subject: None,
        via: None,
        provider_id: None,
    })))
}

/// Checks what is said; nothing may be said if a file says it.
fn said(text: Option<String>, content: Option<Document>, has_files: bool) -> Answer<(Document, String)> {
    let invalid = |pointer: &str, error: TextError| {
        let code = match error {
            TextError::Empty => "empty",
            TextError::TooLong { .. } => "too_long",
            TextError::Control | TextError::Malformed(_) => "invalid_value",
        };
        Problem::invalid(pointer, code, error.to_string())
    };
    if let Some(document) = content {
        return document.check().map_err(|error| invalid("/content", error));
    }
    let text = text.unwrap_or_default();
    if has_files && text.trim().is_empty() {
        return Ok((Document::plain(""), String::new()));
    }
    let text = text::lines(&text, MESSAGE_CHARS_MAX).map_err(|error| invalid("/message", error))?;
    Ok((Document::plain(&text), text))
}

async fn attach(app: &App, session: &VisitorSession, ids: &[AttachmentId]) -> Answer<Vec<entities::AttachmentRef>> {
    if ids.len() > ATTACHMENTS_MAX {
        let detail = format!("at most {ATTACHMENTS_MAX} files are taken");
        return Err(Problem::invalid("/attachments", "too_many", detail));
    }
    let uploader = Uploader { kind: AuthorKind::Visitor, id: session.visitor_id.uuid() };
    attachments::find_for_message(app, session.tenant_id, session.conversation_id, uploader, ids, MessageKind::Message).await
}
