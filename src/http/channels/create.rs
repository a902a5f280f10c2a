//! Making a widget.

use actix_web::{post, web};
use entities::{
    ChannelId, ChannelKind, WidgetSettings,
    channel::IdentitySettings,
    text::{self, NAME_CHARS_MAX},
};

use super::{
    settings,
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
        problem::{Answer, Code, Problem},
    },
    store::{
        self,
        settings::{channel::CHANNELS_MAX, tenant::NewWidget},
    },
};

/// Makes a channel of kind `widget`, with a public key of its own.
#[utoipa::path(
    tag = "channels",
    request_body = CreateChannel,
    responses((status = 201, description = "The channel", body = Channel, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/channels")]
pub async fn create_channel(app: web::Data<App>, allowed: Allowed<WriteChannels>, body: Json<CreateChannel>) -> Answer {
    let body = body.into_inner();
    let mut fields = Fields::new();
    if body.kind != ChannelKind::Widget {
        fields.refuse("/kind", "unsupported", format!("this server cannot connect {} yet; it makes channels of kind widget", body.kind));
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
    let doer = audit_log::doer(&app, &allowed.caller);
    let made = store::settings::channel::create_widget(&app.db, allowed.tenant_id, &doer, &widget).await?;
    if made.is_err() {
        return Err(Problem::new(Code::QuotaExceeded)
            .detail(format!("a workspace may have {CHANNELS_MAX} channels"))
            .with("limit", CHANNELS_MAX));
    }
    let channel = super::wire(super::find(&app, allowed.tenant_id, widget.id).await?);
    Ok(answer::created(channel.version, &channel))
}
