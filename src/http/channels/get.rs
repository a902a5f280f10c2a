//! One channel.

use actix_web::{get, web};

use super::{ChannelPath, wire::Channel};
use crate::http::{
    App,
    access::{Allowed, ReadChannels},
    answer,
    problem::Answer,
};

/// Reads one channel, with its settings.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel")),
    responses((status = 200, description = "The channel", body = Channel, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/channels/{channel_id}")]
pub async fn get_channel(app: web::Data<App>, allowed: Allowed<ReadChannels>, path: web::Path<ChannelPath>) -> Answer {
    let channel = super::wire(super::find(&app, allowed.tenant_id, path.channel_id).await?);
    Ok(answer::ok(channel.version, &channel))
}
