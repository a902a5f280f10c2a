//! Connecting a channel again.

use actix_web::{post, web};
use entities::{ChannelStatus, CredentialId, Provider};

use super::{ChannelPath, set_up::Wanted, templates, wire::Channel};
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        answer, audit_log, credentials,
        problem::{Answer, Code, Problem},
    },
    store::settings::template::Holder,
};

/// Asks the provider whether the channel's credential works, and connects the channel if it does: what waits to be sent goes out. If the
/// provider refuses or cannot be reached, the answer says why, in its own words. Where a provider has to be set up before it tells of what comes in, that
/// is done, too; if it cannot be, the channel is `degraded` and says why.
#[utoipa::path(
    tag = "channels",
    params(("channel_id" = String, Path, format = "uuid", description = "The channel")),
    responses((status = 200, description = "The channel", body = Channel, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/channels/{channel_id}/connect")]
pub async fn connect_channel(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<ChannelPath>) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.channel_id);
    let channel = super::find(&app, tenant_id, id).await?;
    let Some(credential_id) = channel.credential_id.map(CredentialId::new) else {
        return Err(Problem::new(Code::Conflict).detail("the channel has no credential to connect with"));
    };
    let outcome = credentials::ask(&app, tenant_id, credential_id).await?;
    credentials::keep(&app, tenant_id, credential_id, &outcome).await?;
    credentials::require_taken(channel.kind.as_str(), outcome)?;
    let doer = audit_log::doer(&app, &allowed.caller);
    app.changer(Some(&doer)).set_status(tenant_id, id, ChannelStatus::Connected, None).await?;
    if let Some(provider) = Provider::of(channel.kind) {
        Wanted { app: &app, tenant_id, provider, credential_id }.arrange_or_say(id).await?;
    }
    app.channels.wake(id);
    templates::wish(&app, channel.kind, Holder { tenant_id, credential_id }, app.clock.now()).await;
    let channel = super::wire(super::find(&app, tenant_id, id).await?);
    Ok(answer::ok(channel.version, &channel))
}
