//! Taking in again what providers told and could not be read.

use actix_web::{post, web};

use super::wire::Replayed;
use crate::http::{
    App,
    access::{Allowed, WriteChannels},
    ingress::replay,
    problem::Answer,
};

/// Tries again to read what providers have told the workspace and could not be read when it came: after an update that can. The oldest
/// comes first; what is read is taken in as if it came now, and what is still not readable is kept.
#[utoipa::path(tag = "channels", responses((status = 200, description = "What came of it", body = Replayed)))]
#[post("/channels/replay")]
pub async fn replay_channels(app: web::Data<App>, allowed: Allowed<WriteChannels>) -> Answer<web::Json<Replayed>> {
    let replay::Replayed { taken, left } = replay::replay(&app, allowed.tenant_id).await?;
    Ok(web::Json(Replayed { taken, left }))
}
