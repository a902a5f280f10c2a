//! Files that lie at a provider: what is answered while they are not here, and having them fetched again.

use actix_web::{HttpResponse, post, web};
use entities::{AttachmentId, TenantId};
use serde::Deserialize;

use super::download::agent_sees;
use crate::{
    http::{
        App,
        access::{Allowed, WriteMessages},
        problem::{Answer, Code, Problem},
    },
    store::{
        read::attachment::{self, Attachment},
        settings::media_fetch,
    },
};

/// How soon asking again makes sense for a file that is being fetched right now.
const SOON_MS: i64 = 2_000;

/// The path of a file.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct FilePath {
    /// The file.
    pub id: AttachmentId,
}

/// Refuses a file that is not here yet, and says when to come back or why it is not coming.
///
/// # Errors
/// 409 `not_fetched`; 503.
pub async fn require_here(app: &App, tenant_id: TenantId, file: &Attachment) -> Answer<()> {
    if !file.storage_key.is_empty() {
        return Ok(());
    }
    let fetching = attachment::find_fetching(&app.db, tenant_id, file.shown_as.id).await?;
    let problem = Problem::new(Code::NotFetched);
    let last = fetching.as_ref().and_then(|fetching| fetching.error.clone());
    let Some(due_at) = fetching.and_then(|fetching| fetching.due_at) else {
        let why = last.unwrap_or_else(|| "it is not known why".to_owned());
        let id = file.shown_as.id;
        let words = format!("the file could not be fetched: {why}; POST /api/v1/attachments/{id}/fetch tries again");
        return Err(problem.detail(words).with("given_up", true).with("reason", why));
    };
    let wait_ms = due_at.ms_since(app.clock.now());
    let (words, wait_ms) = match last {
        Some(why) => (format!("the file is not here yet and is tried again: {why}"), wait_ms.max(SOON_MS)),
        // Nothing has failed: it waits for its turn or is under way, and the instant is only that of its lease.
        None => ("the file is being fetched from the provider".to_owned(), SOON_MS),
    };
    Err(problem.detail(words).with("given_up", false).retry_after_ms(wait_ms.cast_unsigned()))
}

/// Has a file fetched again that its provider did not give: at once, and with all tries. Of one that is here nothing comes.
#[utoipa::path(
    tag = "files",
    params(("id" = String, Path, format = "uuid", description = "The file")),
    responses((status = 202, description = "It is being fetched, or is here")),
)]
#[post("/attachments/{id}/fetch")]
pub async fn fetch_again(app: web::Data<App>, allowed: Allowed<WriteMessages>, path: web::Path<FilePath>) -> Answer {
    let missing = || Problem::new(Code::NotFound).detail("there is no such file");
    let file = attachment::find(&app.db, allowed.tenant_id, path.id).await?.ok_or_else(missing)?;
    if !agent_sees(&app, allowed.tenant_id, &allowed.caller, &file).await? {
        return Err(missing());
    }
    if file.storage_key.is_empty() {
        let noted = media_fetch::again(&app.db, allowed.tenant_id, path.id, app.clock.now()).await?;
        if !noted {
            return Err(Problem::new(Code::Conflict).detail("it is not known where the file lies"));
        }
        app.files_wished.notify_one();
    }
    Ok(HttpResponse::Accepted().finish())
}
