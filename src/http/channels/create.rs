//! Making a channel.

use actix_web::{post, web};
use entities::{
    ChannelId, ChannelKind, ChannelStatus, CredentialId, CredentialStatus, Provider, TenantId, WidgetSettings,
    channel::IdentitySettings,
    text::{self, NAME_CHARS_MAX},
};

use super::{
    set_up::Wanted,
    settings, templates,
    wire::{Channel, CreateChannel},
};
use crate::{
    crypto::token,
    http::{
        App,
        access::{Allowed, WriteChannels},
        answer, audit_log,
        extract::Json,
        fields::Fields,
        problem::{Answer, Problem},
    },
    store::{
        read,
        settings::{
            audit::Doer,
            channel::{self, NewChannel, Refused},
            template::Holder,
            tenant::NewWidget,
        },
    },
};

/// Makes a channel: a widget, with a public key of its own, or one to a provider, which needs a credential. A kind and an address make one
/// channel of a workspace: 409 if there is one already.
#[utoipa::path(
    tag = "channels",
    request_body = CreateChannel,
    responses((status = 201, description = "The channel", body = Channel, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/channels")]
pub async fn create_channel(app: web::Data<App>, allowed: Allowed<WriteChannels>, body: Json<CreateChannel>) -> Answer {
    let body = body.into_inner();
    let doer = audit_log::doer(&app, &allowed.caller);
    let id = match Provider::of(body.kind) {
        Some(provider) => connected(&app, allowed.tenant_id, &doer, provider, body).await?,
        None => widget(&app, allowed.tenant_id, &doer, body).await?,
    };
    let channel = super::wire(super::find(&app, allowed.tenant_id, id).await?);
    Ok(answer::created(channel.version, &channel))
}

async fn widget(app: &App, tenant_id: TenantId, doer: &Doer, body: CreateChannel) -> Answer<ChannelId> {
    let mut fields = Fields::new();
    if body.kind != ChannelKind::Widget {
        fields.refuse("/kind", "unsupported", format!("this server cannot connect {} yet", body.kind));
    }
    if body.address.is_some() {
        fields.refuse("/address", "unsupported", "a widget has no address");
    }
    if body.credential_id.is_some() {
        fields.refuse("/credential_id", "unsupported", "a widget needs no credential");
    }
    let name = fields.text("/name", text::line(&body.name, NAME_CHARS_MAX)).unwrap_or_default();
    let mut settings = WidgetSettings {
        api_key: token::make_public(token::WIDGET_PREFIX),
        allowed_origins: Vec::new(),
        theme: serde_json::Map::new(),
        header_text: String::new(),
        pre_chat_form: Vec::new(),
        allow_file_uploads: false,
        identity: IdentitySettings::default(),
    };
    if let Some(changes) = body.settings {
        settings::apply(&mut settings, changes, &mut fields);
    }
    fields.finish()?;
    let widget = NewWidget { id: ChannelId::new(app.clock.new_id()), name, settings };
    let made = channel::create_widget(&app.db, tenant_id, doer, &widget).await?;
    made.map_err(|_too_many| super::refused(Refused::TooMany))?;
    Ok(widget.id)
}

async fn connected(app: &App, tenant_id: TenantId, doer: &Doer, provider: Provider, body: CreateChannel) -> Answer<ChannelId> {
    let mut fields = Fields::new();
    let name = fields.text("/name", text::line(&body.name, NAME_CHARS_MAX)).unwrap_or_default();
    let address = if let Some(address) = &body.address {
        fields.text("/address", text::line(address, NAME_CHARS_MAX)).unwrap_or_default()
    } else {
        fields.refuse("/address", "missing_field", "a channel of this kind needs the account at the provider");
        String::new()
    };
    if body.settings.is_some() {
        fields.refuse("/settings", "unsupported", "a channel of this kind has no settings");
    }
    let Some(credential_id) = body.credential_id else {
        fields.refuse("/credential_id", "missing_field", "a channel of this kind needs a credential");
        fields.finish()?;
        return Err(Problem::internal("a refused field was not refused"));
    };
    let status = fitting(app, tenant_id, provider, credential_id, &mut fields).await?;
    fields.finish()?;
    let works =
        read::credential::find(&app.db, tenant_id, credential_id).await?.is_some_and(|found| found.status == CredentialStatus::Working);
    let id = ChannelId::new(app.clock.new_id());
    let new = NewChannel { id, kind: body.kind, name, address, credential_id, status };
    channel::create(&app.db, tenant_id, doer, new).await?.map_err(super::refused)?;
    // A credential that the provider is not to be asked about is not used by itself: connecting the channel does.
    if works {
        Wanted { app, tenant_id, provider, credential_id }.arrange_or_say(id).await?;
    }
    templates::wish(app, body.kind, Holder { tenant_id, credential_id }, app.clock.now()).await;
    Ok(id)
}

/// Notes whether the credential is one of the provider's, and answers how a channel stands that uses it.
pub(super) async fn fitting(
    app: &App,
    tenant_id: TenantId,
    provider: Provider,
    credential_id: CredentialId,
    fields: &mut Fields,
) -> Answer<(ChannelStatus, Option<String>)> {
    let found = read::credential::find(&app.db, tenant_id, credential_id).await?;
    match found {
        None => fields.refuse("/credential_id", "unknown", "the workspace has no such credential"),
        Some(found) if found.provider != provider => {
            fields.refuse(
                "/credential_id",
                "unfit",
                format!("the credential is one of {}, and the channel needs one of {provider}", found.provider),
            );
        }
        Some(found) if found.status == CredentialStatus::Failing => return Ok((ChannelStatus::Degraded, found.status_detail)),
        Some(_) => {}
    }
    Ok((ChannelStatus::Connected, None))
}
