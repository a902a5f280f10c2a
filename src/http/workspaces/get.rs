//! One workspace.

use actix_web::{get, web};

use super::wire::Workspace;
use crate::http::{
    App,
    access::{Allowed, ReadWorkspace},
    answer,
    problem::Answer,
};

/// Reads the workspace, with its plan and what that allows.
#[utoipa::path(
    tag = "workspaces",
    responses((status = 200, description = "The workspace", body = Workspace, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("")]
pub async fn get_workspace(app: web::Data<App>, allowed: Allowed<ReadWorkspace>) -> Answer {
    let workspace = super::wire(super::find(&app, allowed.tenant_id).await?, &app.options.server.rates);
    Ok(answer::ok(workspace.version, &workspace))
}
