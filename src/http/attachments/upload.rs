//! `POST /api/upload`: one file, by a visitor with its session or by somebody who may answer.
//!
//! The body is read piece by piece to disk, counted on the way; an answer that refuses is given only after a bounded rest of the body has
//! been read, because a browser that is still sending does not listen.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use entities::{AttachmentId, AttachmentRef, AuthorKind, ConversationId, Permission, TenantId, TicketId, attachment::FILE_BYTES_MAX};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{filename, media, storage, storage::Draft};
use crate::{
    crypto::visitor_token,
    http::{
        App,
        access::{self, Caller},
        middleware::context,
        problem::{Answer, Code, Problem},
        widget::{self, VisitorSession, session},
    },
    store::{
        read::attachment::{self, Uploader},
        settings::attachment::{NewAttachment, create},
    },
};

/// Longest field that is not the file, in bytes.
const FIELD_BYTES_MAX: usize = 1_024;
/// Most parts of one upload.
const PARTS_MAX: usize = 8;
/// How much of a refused body is read to its end.
const DRAINED_BYTES_MAX: u64 = 2 * FILE_BYTES_MAX;

/// What an upload answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UploadResponse {
    /// The file.
    pub id: Uuid,
    /// Its name, made harmless.
    pub filename: String,
    /// Where to ask for its address.
    pub url: String,
    /// Bytes.
    pub size: u64,
    /// Its media type, by its content.
    #[serde(rename = "type")]
    pub media_type: String,
}

/// The parts of an upload.
#[derive(ToSchema)]
#[schema(as = Upload)]
#[expect(dead_code, reason = "describes a multipart body, which is read as a stream")]
#[serde(rename_all = "camelCase")]
struct UploadParts {
    /// The file, at most 10 MB.
    #[schema(format = Binary, content_media_type = "application/octet-stream", value_type = String)]
    file: Vec<u8>,
    /// The conversation it is for.
    conversation_id: Option<Uuid>,
    /// The ticket it is for.
    ticket_id: Option<Uuid>,
    /// A visitor's session, before the file, if not sent as bearer token.
    session_token: Option<String>,
}

/// Who uploads.
enum By {
    Visitor(Box<VisitorSession>),
    Member(TenantId, Caller),
}

/// What was read of the body.
#[derive(Default)]
struct Parts {
    file: Option<(Draft, String, &'static str)>,
    conversation_id: Option<String>,
    ticket_id: Option<String>,
}

/// Takes a file in.
#[utoipa::path(
    tag = "files", request_body(content = UploadParts, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Kept", body = UploadResponse),
    )
)]
#[post("/api/upload")]
pub async fn upload(app: web::Data<App>, request: HttpRequest, body: web::Payload) -> Answer {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut by = identify(&app, &request).await?;
    let mut multipart = Multipart::new(request.headers(), body);
    if announced.is_some_and(|length| length > DRAINED_BYTES_MAX) {
        return Err(too_large());
    }
    let mut begun = 0;
    let read = read_parts(&app, &request, &mut multipart, &mut by, &mut begun).await;
    let parts = match read {
        Ok(parts) => parts,
        Err(problem) => {
            // A body that is no multipart at all fails at the first poll, and the crate panics at a second one.
            if begun > 0 {
                drain(&mut multipart).await;
            }
            return Err(problem);
        }
    };
    let by = by.ok_or_else(unauthenticated)?;
    let said = parts.said();
    let work = finish(&app, &by, parts);
    // In a box of its own: kept inside this handler it would make every upload's future several times as large.
    Box::pin(widget::keyed(app.clone(), by.tenant_id(), by.key_owner(), &request, &said, work)).await
}

impl By {
    fn tenant_id(&self) -> TenantId {
        match self {
            Self::Visitor(session) => session.tenant_id,
            Self::Member(tenant_id, _) => *tenant_id,
        }
    }

    /// What its idempotency keys belong to.
    fn key_owner(&self) -> String {
        match self {
            Self::Visitor(session) => session.key_owner(),
            Self::Member(_, caller) => caller.key_owner(),
        }
    }
}

impl Parts {
    /// What makes two uploads the same one; the boundary between their parts does not.
    fn said(&self) -> impl Serialize + use<> {
        let file = self.file.as_ref().map(|(draft, filename, _)| (hex::encode(draft.sha256()), filename.clone()));
        (file, self.conversation_id.clone(), self.ticket_id.clone())
    }
}

/// Who uploads, as far as the headers say; a visitor may also say it in the body.
async fn identify(app: &web::Data<App>, request: &HttpRequest) -> Answer<Option<By>> {
    if let Some(token) = session::bearer(request).filter(|token| token.starts_with(visitor_token::PREFIX)) {
        return visitor(app, request, token).await.map(Some);
    }
    let shows_proof = request.headers().contains_key(header::AUTHORIZATION) || request.cookie(access::SESSION_COOKIE).is_some();
    if !shows_proof {
        return Ok(None);
    }
    let identity = access::identify(app, request).await?;
    if !identity.caller.may(Permission::MessagesWrite) {
        return Err(Problem::new(Code::Forbidden).detail(format!("this needs the permission {}", Permission::MessagesWrite)));
    }
    Ok(Some(By::Member(identity.tenant_id, identity.caller)))
}

async fn visitor(app: &App, request: &HttpRequest, token: &str) -> Answer<By> {
    let session = session::open(app, token).await?;
    widget::allow(app, request, &session.settings);
    if !session.settings.allow_file_uploads {
        return Err(Problem::new(Code::UploadsDisabled).detail("this widget takes no files"));
    }
    if session.blocked {
        return Err(Problem::new(Code::Forbidden).detail("this contact may not write to us"));
    }
    app.limits.visitor_message(session.tenant_id, session.visitor_id, context::current().address)?;
    Ok(By::Visitor(Box::new(session)))
}

/// Reads the parts; `begun` counts those of which something was read.
async fn read_parts(
    app: &web::Data<App>,
    request: &HttpRequest,
    body: &mut Multipart,
    by: &mut Option<By>,
    begun: &mut usize,
) -> Answer<Parts> {
    let mut parts = Parts::default();
    while let Some(field) = body.next().await {
        let mut field = field.map_err(|error| unreadable(&error))?;
        *begun += 1;
        if *begun > PARTS_MAX {
            return Err(Problem::new(Code::InvalidRequest).detail(format!("an upload has at most {PARTS_MAX} parts")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" if by.is_none() => return Err(unauthenticated()),
            "file" if parts.file.is_some() => return Err(Problem::new(Code::InvalidRequest).detail("one file is taken at a time")),
            "file" => parts.file = read_file(app, &mut field).await?,
            "sessionToken" => {
                let token = read_text(&mut field).await?;
                if by.is_none() {
                    *by = Some(visitor(app, request, &token).await?);
                }
            }
            "conversationId" => parts.conversation_id = Some(read_text(&mut field).await?),
            "ticketId" => parts.ticket_id = Some(read_text(&mut field).await?),
            other => {
                let pointer = format!("/{}", other.chars().filter(|c| !c.is_control()).take(64).collect::<String>());
                return Err(Problem::invalid(pointer, "unknown_field", "is no part of an upload"));
            }
        }
    }
    Ok(parts)
}

/// Reads the file to disk; `None` if the part is a form's empty file field.
async fn read_file(app: &App, field: &mut Field) -> Answer<Option<(Draft, String, &'static str)>> {
    let named = field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default().to_owned();
    let declared = field.content_type().map(|mime| mime.essence_str().to_owned());
    let mut draft = Draft::begin(storage::root(app)).await.map_err(Problem::internal)?;
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if draft.size() + chunk.len() as u64 > FILE_BYTES_MAX {
            return Err(too_large());
        }
        draft.write(&chunk).await.map_err(Problem::internal)?;
    }
    if draft.size() == 0 {
        return Ok(None);
    }
    let (head, whole) = draft.head();
    let media_type = media::sniff(head, whole, declared.as_deref());
    Ok(Some((draft, filename::clean(&named), media_type)))
}

async fn read_text(field: &mut Field) -> Answer<String> {
    let too_long = || Problem::new(Code::InvalidRequest).detail(format!("a part that is not the file has at most {FIELD_BYTES_MAX} bytes"));
    let mut text = Vec::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if text.len() + chunk.len() > FIELD_BYTES_MAX {
            return Err(too_long());
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_not_text| Problem::new(Code::InvalidRequest).detail("a part that is not the file must be UTF-8"))
}

async fn finish(app: &App, by: &By, parts: Parts) -> Answer {
    let conversation_id = place(app, by, &parts).await?;
    let (draft, filename, media_type) =
        parts.file.ok_or_else(|| Problem::new(Code::NoFile).detail("the part named file is missing or empty"))?;
    let size = draft.size();
    let written = draft.keep().await.map_err(Problem::internal)?;
    let (tenant_id, uploader) = match by {
        By::Visitor(session) => (session.tenant_id, Uploader { kind: AuthorKind::Visitor, id: session.visitor_id.uuid() }),
        By::Member(tenant_id, Caller::Agent { id, .. }) => (*tenant_id, Uploader { kind: AuthorKind::Agent, id: id.uuid() }),
        By::Member(tenant_id, Caller::Service { id, .. }) => (*tenant_id, Uploader { kind: AuthorKind::Service, id: id.uuid() }),
    };
    let shown_as = AttachmentRef { id: AttachmentId::new(app.clock.new_id()), filename, size, media_type: media_type.to_owned() };
    let ticket_id = parts.ticket_id.as_deref().and_then(|text| text.parse::<TicketId>().ok());
    let new = NewAttachment {
        shown_as: shown_as.clone(),
        conversation_id,
        ticket_id,
        uploader,
        sha256: written.sha256,
        storage_key: written.storage_key,
        created_at: app.clock.now(),
    };
    create(&app.db, tenant_id, new).await?;
    Ok(HttpResponse::Ok().json(UploadResponse {
        id: shown_as.id.uuid(),
        url: storage::download_url(&shown_as),
        filename: shown_as.filename,
        size,
        media_type: shown_as.media_type,
    }))
}

/// The conversation that the upload is for, if it names one or a ticket of one.
///
/// # Errors
/// 403 for any that is not the caller's, existing or not, written well or not: the answer tells nothing of what there is.
async fn place(app: &App, by: &By, parts: &Parts) -> Answer<Option<ConversationId>> {
    let forbidden = || Problem::new(Code::Forbidden).detail("this conversation or ticket is not yours");
    let tenant_id = by.tenant_id();
    let mut named = Vec::new();
    if let Some(text) = &parts.conversation_id {
        named.push(text.parse::<ConversationId>().map_err(|_no_id| forbidden())?);
    }
    if let Some(text) = &parts.ticket_id {
        let ticket_id = text.parse::<TicketId>().map_err(|_no_id| forbidden())?;
        named.push(attachment::find_ticket_conversation(&app.db, tenant_id, ticket_id).await?.ok_or_else(forbidden)?);
    }
    for id in &named {
        let own = match by {
            By::Visitor(session) => *id == session.conversation_id,
            By::Member(_, caller) => {
                let owner = attachment::find_conversation_owner(&app.db, tenant_id, *id).await?.ok_or_else(forbidden)?;
                owner.is_none() || owner == caller.agent_id()
            }
        };
        if !own || Some(id) != named.first() {
            return Err(forbidden());
        }
    }
    Ok(named.first().copied())
}

/// Reads what is left of a refused body, to a bound.
async fn drain(body: &mut Multipart) {
    let mut left = DRAINED_BYTES_MAX;
    while let Some(Ok(mut field)) = body.next().await {
        while let Some(Ok(chunk)) = field.next().await {
            left = left.saturating_sub(chunk.len() as u64);
            if left == 0 {
                return;
            }
        }
    }
}

fn too_large() -> Problem {
    Problem::new(Code::FileTooLarge).detail(format!("a file may have {FILE_BYTES_MAX} bytes at most"))
}

fn unauthenticated() -> Problem {
    Problem::new(Code::Unauthenticated).detail("send a session or a token in the Authorization header, or sessionToken before the file")
}

/// A body that is no multipart has no file in it; one that ends too early or is mangled cannot be read.
fn unreadable(error: &MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeParse | MultipartError::ContentTypeIncompatible => {
            Problem::new(Code::NoFile).detail("the body must be sent as multipart/form-data with a part named file")
        }
        other => Problem::new(Code::InvalidRequest).detail(format!("the body could not be read: {other}")),
    }
}
