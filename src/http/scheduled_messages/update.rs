//! Changing a scheduled message: its words, or its time.

use actix_web::{HttpRequest, patch, web};
use actors::conversation::{Command, Reschedule};
use entities::{ScheduledMessage, outbound::MessageExtra};

use super::{
    ScheduledMessagePath,
    wire::{ScheduledMessageView, UpdateScheduledMessage},
};
use crate::http::{
    App,
    access::{Allowed, WriteMessages},
    answer,
    conversations::require_visible,
    extract::{Json, if_match},
    fields::Fields,
    messages::draft,
    problem::Answer,
};

/// Changes a scheduled message. Another time lets one that could not be sent wait again; other words make the caller its author. Its files stay.
#[utoipa::path(
    tag = "scheduled-messages",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("scheduled_message_id" = String, Path, format = "uuid", description = "The scheduled message"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateScheduledMessage,
    responses((status = 200, description = "The scheduled message", body = ScheduledMessageView, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/conversations/{conversation_id}/scheduled-messages/{scheduled_message_id}")]
pub async fn update_scheduled_message(
    app: web::Data<App>,
    allowed: Allowed<WriteMessages>,
    path: web::Path<ScheduledMessagePath>,
    request: HttpRequest,
    body: Json<UpdateScheduledMessage>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    let expected_version = if_match(&request)?;
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let before = super::find(&app, tenant_id, *path).await?;
    let body = body.into_inner();
    check(&app, &body, &before)?;
    let words = (body.text.is_some() || body.content.is_some())
        .then(|| draft::said(body.text.as_deref(), body.content.as_ref(), before.attachments.len()))
        .transpose()?;
    let said = words.map(|(content, text)| (content, text, allowed.caller.author()));
    let change = Reschedule { id: before.id, said, send_at: body.send_at, expected_version };
    let asked = app.directory.ask(tenant_id, id, Command::Reschedule(Box::new(change))).await;
    let (message, _repeated) = super::answered(asked)?;
    let view = ScheduledMessageView::from(message);
    Ok(answer::ok(view.version, &view))
}

fn check(app: &App, body: &UpdateScheduledMessage, before: &ScheduledMessage) -> Answer<()> {
    let mut fields = Fields::new();
    if let Some(send_at) = body.send_at {
        fields.ahead("/send_at", send_at, app.clock.now());
    }
    let is_template = matches!(before.via.as_ref().and_then(|via| via.extra.as_ref()), Some(MessageExtra::Template { .. }));
    for (pointer, given) in [("/text", body.text.is_some()), ("/content", body.content.is_some())] {
        if is_template && given {
            fields.refuse(pointer, "ambiguous", "the words of a template are the provider's: take it back and schedule another");
        }
    }
    fields.finish()
}
