//! What came of an install.

use actix_web::{get, web};
use entities::InstallId;
use serde::Deserialize;

use super::wire::Install;
use crate::{
    http::{
        App,
        access::{Allowed, ReadChannels},
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Which install a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct InstallPath {
    install_id: InstallId,
}

/// Reads what came of connecting an account by consent. It is kept for a day.
#[utoipa::path(
    tag = "installs",
    params(("install_id" = String, Path, format = "uuid", description = "The install")),
    responses((status = 200, description = "The install", body = Install)),
)]
#[get("/installs/{install_id}")]
pub async fn get_install(app: web::Data<App>, allowed: Allowed<ReadChannels>, path: web::Path<InstallPath>) -> Answer<web::Json<Install>> {
    let found = read::install::find(&app.db, allowed.tenant_id, path.install_id).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound).detail("no such install, or it is older than a day"))?;
    Ok(web::Json(Install {
        id: found.id,
        provider: found.provider,
        status: found.status.as_str(),
        detail: found.detail,
        channel_ids: found.channels,
        created_at: found.created_at,
    }))
}
