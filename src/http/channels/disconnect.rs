//! Disconnecting a channel.

use actix_web::{post, web};
use entities::{ChannelStatus, CredentialId, Provider};

use super::{ChannelPath, set_up::Wanted, wire::Channel};
use crate::http::{
    App,
    access::{Allowed, WriteChannels},
    answer, audit_log,
    problem::{Answer, Code, Problem},
};

/// What a channel says that somebody disconnected, first of all.
pub(in crate::http) const BY_HAND: &str = "disconnected by hand; connect it to go on";

/// Disconnects a channel to a provider: nothing is sent until it is connected again; what waits goes on waiting. What customers write meanwhile
/// is taken in all the same, as long as the provider delivers it; what this server has set up there to be told of it is removed.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel")),
    responses((status = 200, description = "The channel", body = Channel, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/channels/{channel_id}/disconnect")]
pub async fn disconnect_channel(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<ChannelPath>) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.channel_id);
    let channel = super::find(&app, tenant_id, id).await?;
    let Some(provider) = Provider::of(channel.kind) else {
        return Err(Problem::new(Code::Conflict).detail("a channel of this kind cannot be disconnected"));
    };
    let doer = audit_log::doer(&app, &allowed.caller);
    app.changer(Some(&doer)).set_status(tenant_id, id, ChannelStatus::Disconnected, Some(BY_HAND)).await?;
    if let Some(credential_id) = channel.credential_id.map(CredentialId::new)
        && let Err(error) = (Wanted { app: &app, tenant_id, provider, credential_id }).arrange().await
    {
        let detail = format!("{BY_HAND} ({provider} still tells us of it: {error})");
        app.changer(None).set_status(tenant_id, id, ChannelStatus::Disconnected, Some(&detail)).await?;
    }
    let channel = super::wire(super::find(&app, tenant_id, id).await?);
    Ok(answer::ok(channel.version, &channel))
}
