//! Removing a channel.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;
use entities::{CredentialId, Provider};

use super::{ChannelPath, set_up::Wanted};
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        audit_log,
        problem::Answer,
    },
    store::settings::channel,
};

/// Removes a channel that has no conversation. One that has is disconnected instead: 409.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel")),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/channels/{channel_id}")]
pub async fn delete_channel(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<ChannelPath>) -> Answer {
    let doer = audit_log::doer(&app, &allowed.caller);
    let tenant_id = allowed.tenant_id;
    let before = super::find(&app, tenant_id, path.channel_id).await?;
    match channel::delete(&app.db, tenant_id, &doer, path.channel_id).await {
        Ok(Ok(())) => {
            if let (Some(provider), Some(id)) = (Provider::of(before.kind), before.credential_id) {
                Wanted { app: &app, tenant_id, provider, credential_id: CredentialId::new(id) }.clear().await;
            }
            Ok(HttpResponse::NoContent().finish())
        }
        Ok(Err(refused)) => Err(super::refused(refused)),
        Err(StoreError::NotFound) => Err(super::not_found()),
        Err(error) => Err(error.into()),
    }
}
