//! Scheduling a message.

use actix_web::{post, web};
use actors::conversation::{Command, Schedule};
use entities::ScheduledMessageId;

use super::wire::{CreateScheduledMessage, ScheduledMessageView};
use crate::http::{
    App,
    access::{Allowed, WriteMessages},
    answer,
    conversations::{ConversationPath, require_visible},
    extract::Json,
    fields::Fields,
    messages::{draft::Draft, template},
    problem::Answer,
};

/// Schedules a message or a note of the caller's. A repeat of a `client_id` that waits is answered with the first, and 200 instead of 201. At
/// most 100 wait in one conversation; one more is refused with 409. Whether it may be sent is judged when its time has come.
#[utoipa::path(
    tag = "scheduled-messages",
    params(("conversation_id" = String, Path, format = "uuid", description = "The conversation")),
    request_body = CreateScheduledMessage,
    responses(
        (status = 201, description = "The scheduled message", body = ScheduledMessageView, headers(("ETag" = String, description = "The version, quoted"))),
        (status = 200, description = "The one that waits with this client_id", body = ScheduledMessageView, headers(("ETag" = String, description = "The version, quoted"))),
    ),
)]
#[post("/conversations/{conversation_id}/scheduled-messages")]
pub async fn create_scheduled_message(
    app: web::Data<App>,
    allowed: Allowed<WriteMessages>,
    path: web::Path<ConversationPath>,
    body: Json<CreateScheduledMessage>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    require_visible(&app, tenant_id, &allowed.caller, id).await?;
    let (said, send_at) = body.into_inner().split();
    let mut fields = Fields::new();
    fields.ahead("/send_at", send_at, app.clock.now());
    fields.finish()?;
    let said = template::filled(&app, tenant_id, id, said).await?;
    let post = Draft::from(said).post(&app, tenant_id, &allowed.caller, id).await?;
    let schedule = Schedule { id: ScheduledMessageId::new(app.clock.new_id()), post, send_at };
    let asked = app.directory.ask(tenant_id, id, Command::Schedule(Box::new(schedule))).await;
    let (message, repeated) = super::answered(asked)?;
    let view = ScheduledMessageView::from(message);
    Ok(if repeated { answer::ok(view.version, &view) } else { answer::created(view.version, &view) })
}
