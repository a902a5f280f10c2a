//! One webhook.

use actix_web::{get, web};

use super::{WebhookPath, wire::Webhook};
use crate::http::{
    App,
    access::{Allowed, ReadWebhooks},
    answer,
    problem::Answer,
};

/// Reads one webhook.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    responses((status = 200, description = "The webhook", body = Webhook, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/webhooks/{webhook_id}")]
pub async fn get_webhook(app: web::Data<App>, allowed: Allowed<ReadWebhooks>, path: web::Path<WebhookPath>) -> Answer {
    let webhook = super::find(&app, allowed.tenant_id, path.webhook_id).await?;
    Ok(answer::ok(webhook.version, &super::wire(&app, allowed.tenant_id, webhook)?))
}
