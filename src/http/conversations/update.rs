//! Changing a conversation: where it stands, who answers, how urgent it is, its labels.

use actix_web::{HttpRequest, patch, web};
use actors::conversation::{Command, Update};
use entities::{BulkJobId, ConversationId, ConversationStatus, TenantId, text::LABELS_MAX};

use super::{ConversationPath, wire::ConversationView, wire::UpdateConversation};
use crate::{
    http::{
        App,
        access::{Allowed, Caller, WriteConversations},
        answer,
        extract::{Json, if_match},
        fields::Fields,
        problem::Answer,
    },
    store::read,
};

/// Changes a conversation and its ticket. Only what is in the body changes; the answer is the conversation after it.
#[utoipa::path(
    tag = "conversations",
    params(
        ("conversation_id" = String, Path, format = "uuid", description = "The conversation"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateConversation,
    responses((status = 200, description = "The conversation", body = ConversationView, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/conversations/{conversation_id}")]
pub async fn update_conversation(
    app: web::Data<App>,
    allowed: Allowed<WriteConversations>,
    path: web::Path<ConversationPath>,
    request: HttpRequest,
    body: Json<UpdateConversation>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.conversation_id);
    let expected_version = if_match(&request)?;
    let view = apply(&app, tenant_id, &allowed.caller, id, body.into_inner(), expected_version, None).await?;
    Ok(answer::ok(view.conversation.version, &view))
}

/// Changes a conversation that the caller may see, as part of a job if it is of one; what it is then.
///
/// # Errors
/// 404, 412, 422 with the fields that cannot be so, 503.
pub async fn apply(
    app: &App,
    tenant_id: TenantId,
    caller: &Caller,
    id: ConversationId,
    body: UpdateConversation,
    expected_version: Option<u64>,
    job: Option<BulkJobId>,
) -> Answer<ConversationView> {
    super::require_visible(app, tenant_id, caller, id).await?;
    check(app, tenant_id, &body).await?;
    let update = Update {
        status: body.status,
        snoozed_until: body.snoozed_until,
        assignee_id: body.assignee_id,
        team_id: body.team_id,
        priority: body.priority,
        labels: body.labels,
        expected_version,
    };
    app.directory.ask(tenant_id, id, super::for_job(Command::Update(Box::new(update)), job)).await?;
    super::find(app, tenant_id, caller, id).await
}

async fn check(app: &App, tenant_id: TenantId, body: &UpdateConversation) -> Answer<()> {
    let mut fields = Fields::new();
    if let Some(Some(until)) = body.snoozed_until {
        if body.status == Some(ConversationStatus::Snoozed) {
            fields.ahead("/snoozed_until", until, app.clock.now());
        } else {
            fields.refuse("/snoozed_until", "invalid_value", "is for a conversation that becomes snoozed: send the status snoozed with it");
        }
    }
    if let Some(Some(id)) = body.assignee_id
        && !read::agent::is_enabled(&app.db, tenant_id, id).await?
    {
        fields.refuse("/assignee_id", "not_found", "is no member of this workspace who may sign in");
    }
    if let Some(Some(id)) = body.team_id
        && !read::team::exists(&app.db, tenant_id, id).await?
    {
        fields.refuse("/team_id", "not_found", "is no team of this workspace");
    }
    if body.labels.as_ref().is_some_and(|labels| labels.len() > LABELS_MAX) {
        fields.refuse("/labels", "too_many", format!("holds more than {LABELS_MAX} labels"));
    }
    fields.finish()
}
