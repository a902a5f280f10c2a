//! Asking a provider for a channel's templates now.

use actix_web::{post, web};
use serde_json::json;

use super::{super::ChannelPath, holder, keeper, wire::Synchronised};
use crate::http::{
    App,
    access::{Allowed, WriteChannels},
    problem::{Answer, Code, Problem},
};

/// Asks the provider for the channel's message templates and keeps what it lists in place of what was listed before. If it refuses or cannot be
/// asked, the answer says why in its own words, and what was known stays. It is asked without this, too: on every change that it tells of, and
/// every six hours.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel")),
    responses((status = 200, description = "What came of it", body = Synchronised)),
)]
#[post("/channels/{channel_id}/templates/sync")]
pub async fn sync_templates(
    app: web::Data<App>,
    allowed: Allowed<WriteChannels>,
    path: web::Path<ChannelPath>,
) -> Answer<web::Json<Synchronised>> {
    let of = holder(&app, allowed.tenant_id, path.channel_id).await?;
    match keeper::list_now(&app, of).await? {
        Ok(count) => Ok(web::Json(Synchronised { templates: count as u64 })),
        Err(error) => Err(Problem::new(Code::ProviderUnreachable)
            .detail(format!("the provider did not list its templates: {error}; what was known stays"))
            .with("provider_error", json!(error))
            .because(error)),
    }
}
