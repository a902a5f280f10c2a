//! Changing a workspace.

use actix_web::{HttpRequest, patch, web};
use entities::text::{self, NAME_CHARS_MAX};

use super::wire::{UpdateWorkspace, Workspace};
use crate::{
    http::{
        App,
        access::{Allowed, WriteWorkspace},
        answer, audit_log,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::settings,
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// Changes the workspace. Only what is in the body changes; the answer is the workspace after it.
#[utoipa::path(
    tag = "workspaces",
    params(("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted")),
    request_body = UpdateWorkspace,
    responses((status = 200, description = "The workspace", body = Workspace, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("")]
pub async fn update_workspace(
    app: web::Data<App>,
    allowed: Allowed<WriteWorkspace>,
    request: HttpRequest,
    body: Json<UpdateWorkspace>,
) -> Answer {
    let expected_version = if_match(&request)?;
    let mut fields = Fields::new();
    let name = body.into_inner().name.and_then(|name| fields.text("/name", text::line(&name, NAME_CHARS_MAX)));
    fields.finish()?;
    for _attempt in 0..ATTEMPTS_MAX {
        let before = super::find(&app, allowed.tenant_id).await?;
        answer::require_version(expected_version, before.version)?;
        if let Some(name) = name.as_ref().filter(|name| **name != before.name) {
            let doer = audit_log::doer(&app, &allowed.caller);
            match settings::workspace::rename(&app.db, allowed.tenant_id, &doer, before.version, name).await {
                Ok(()) => {}
                Err(error) if settings::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let workspace = super::wire(super::find(&app, allowed.tenant_id).await?, &app.options.server.rates);
        return Ok(answer::ok(workspace.version, &workspace));
    }
    Err(Problem::new(Code::Busy).detail("the workspace is being changed by others"))
}
