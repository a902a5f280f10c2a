//! Changing a channel's name, credential and settings.

use actix_web::{HttpRequest, patch, web};
use entities::{
    CredentialId, Provider, TenantId,
    text::{self, NAME_CHARS_MAX},
};
use serde_json::json;

use super::{
    ChannelPath, create,
    set_up::Wanted,
    settings,
    wire::{Channel, UpdateChannel},
};
use crate::{
    http::{
        App,
        access::{Allowed, WriteChannels},
        answer, audit_log,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::channel::{Channel as Stored, Settings},
        settings::{
            self as stored,
            channel_change::{self, ATTEMPTS_MAX, Act},
        },
    },
};

/// Changes a channel. Only what is in the body changes; the answer is the channel after it.
#[utoipa::path(
    tag = "channels",
    params(
        ("channel_id" = String, Path, format = "uuid", description = "The channel"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateChannel,
    responses((status = 200, description = "The channel", body = Channel, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/channels/{channel_id}")]
pub async fn update_channel(
    app: web::Data<App>,
    allowed: Allowed<WriteChannels>,
    path: web::Path<ChannelPath>,
    request: HttpRequest,
    body: Json<UpdateChannel>,
) -> Answer {
    let expected_version = if_match(&request)?;
    let body = body.into_inner();
    for _attempt in 0..ATTEMPTS_MAX {
        let before = super::find(&app, allowed.tenant_id, path.channel_id).await?;
        answer::require_version(expected_version, before.version)?;
        let after = changed(&app, allowed.tenant_id, &before, &body).await?;
        let changes = channel_change::changes(&before, &after);
        if !changes.is_empty() {
            let doer = audit_log::doer(&app, &allowed.caller);
            let changed: Vec<_> = changes.keys().collect();
            let act = Act { action: "channel.updated", detail: json!({"changed": changed}), secret: None };
            match app.changer(Some(&doer)).commit(allowed.tenant_id, &before, &after, act).await {
                // The credential that it had has one channel less.
                Ok(()) => left(&app, allowed.tenant_id, &before, &after).await,
                Err(error) if stored::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let channel = super::wire(super::find(&app, allowed.tenant_id, path.channel_id).await?);
        return Ok(answer::ok(channel.version, &channel));
    }
    Err(Problem::new(Code::Busy).detail("the channel is being changed by others"))
}

/// Has a provider no longer tell of a channel by a credential that it has left. The new one tells of it when it is connected.
async fn left(app: &App, tenant_id: TenantId, before: &Stored, after: &Stored) {
    if let (Some(provider), Some(id)) = (Provider::of(before.kind), before.credential_id.filter(|id| after.credential_id != Some(*id))) {
        Wanted { app, tenant_id, provider, credential_id: CredentialId::new(id) }.clear().await;
    }
}

async fn changed(app: &App, tenant_id: TenantId, before: &Stored, body: &UpdateChannel) -> Answer<Stored> {
    let mut after = before.clone();
    let mut fields = Fields::new();
    if let Some(name) = &body.name {
        after.name = fields.text("/name", text::line(name, NAME_CHARS_MAX)).unwrap_or_default();
    }
    match (Provider::of(before.kind), body.credential_id) {
        (Some(provider), Some(id)) => {
            // How the channel stands is not judged here: connecting it does.
            create::fitting(app, tenant_id, provider, id, &mut fields).await?;
            after.credential_id = Some(id.uuid());
        }
        (None, Some(_)) => fields.refuse("/credential_id", "unsupported", "a channel of this kind has no credential"),
        (_, None) => {}
    }
    match (&mut after.settings, &body.settings) {
        (Settings::Widget(settings), Some(changes)) => settings::apply(settings, changes.clone(), &mut fields),
        (Settings::Other(_), Some(_)) => {
            fields.refuse("/settings", "unsupported", "a channel of this kind has no settings that can be changed");
        }
        (_, None) => {}
    }
    fields.finish()?;
    Ok(after)
}
