//! `GET /api/attachments/{id}/download`: an address for a file that is good for an hour.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use entities::{AttachmentId, AuthorKind, Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{address, fetch::require_here};
use crate::{
    crypto::visitor_token,
    http::{
        App, access,
        extract::Query,
        problem::{Answer, Code, Problem},
        widget::{self, session},
    },
    store::read::attachment::{self, Attachment, Uploader},
};

/// The query of a download.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// A visitor's session, if not sent as bearer token.
    pub session_token: Option<String>,
}

/// Where a file can be fetched.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadResponse {
    /// The address, good for one hour without any further proof.
    pub url: String,
    /// The file's name.
    pub filename: String,
    /// Its media type.
    pub mime_type: String,
}

/// Answers where a file can be fetched, for an hour.
#[utoipa::path(
    tag = "files", params(("id" = String, Path, format = "uuid", description = "The file"), DownloadQuery),
    responses(
        (status = 200, description = "The address", body = DownloadResponse),
    )
)]
#[get("/api/attachments/{id}/download")]
pub async fn download(app: web::Data<App>, request: HttpRequest, path: web::Path<String>, query: Query<DownloadQuery>) -> Answer {
    let unknown = || Problem::new(Code::NotFound).detail("there is no such file");
    let sent = query.0.session_token.as_deref();
    let visitor = sent.or_else(|| session::bearer(&request).filter(|token| token.starts_with(visitor_token::PREFIX)));
    let id = path.into_inner().parse::<AttachmentId>();
    let (tenant_id, file) = if let Some(token) = visitor {
        let session = session::open(&app, token).await?;
        widget::allow(&app, &request, &session.settings);
        let file = attachment::find(&app.db, session.tenant_id, id.map_err(|_no_id| unknown())?).await?.ok_or_else(unknown)?;
        let own = file.is_by(Uploader { kind: AuthorKind::Visitor, id: session.visitor_id.uuid() });
        let shown = file.shown && file.conversation_id == Some(session.conversation_id);
        (session.tenant_id, Some(file).filter(|_| own || shown).ok_or_else(unknown)?)
    } else {
        let identity = access::identify(&app, &request).await?;
        if !identity.caller.may(Permission::ConversationsRead) {
            return Err(Problem::new(Code::Forbidden).detail(format!("this needs the permission {}", Permission::ConversationsRead)));
        }
        let file = attachment::find(&app.db, identity.tenant_id, id.map_err(|_no_id| unknown())?).await?.ok_or_else(unknown)?;
        if !agent_sees(&app, identity.tenant_id, &identity.caller, &file).await? {
            return Err(unknown());
        }
        (identity.tenant_id, file)
    };
    require_here(&app, tenant_id, &file).await?;
    let url = address::write(&app.keys, tenant_id, file.shown_as.id, app.clock.now());
    let answer = DownloadResponse { url, filename: file.shown_as.filename, mime_type: file.shown_as.media_type };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

/// Everything in shared conversations, what lies in one's own personal inbox, and what one uploaded oneself.
pub(super) async fn agent_sees(app: &App, tenant_id: entities::TenantId, caller: &access::Caller, file: &Attachment) -> Answer<bool> {
    let author = caller.author();
    if author.id.is_some_and(|id| file.is_by(Uploader { kind: author.kind, id })) {
        return Ok(true);
    }
    // A file that nobody has used yet is its uploader's alone.
    let Some(conversation_id) = file.conversation_id else { return Ok(false) };
    let owner = attachment::find_conversation_owner(&app.db, tenant_id, conversation_id).await?;
    Ok(owner.is_some_and(|owner| owner.is_none() || owner == caller.agent_id()))
}
