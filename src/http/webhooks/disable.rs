//! Putting a webhook to rest.

use actix_web::{post, web};
use actors::port::StoreError;

use super::{WebhookPath, wire::Webhook};
use crate::{
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        answer, audit_log,
        problem::{Answer, Problem},
    },
    store::settings::webhook,
};

/// Why it is at rest then.
const REASON: &str = "disabled by hand";

/// Puts a webhook to rest: what happens from now on is kept as skipped, and what waits goes on waiting.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    responses((status = 200, description = "The webhook", body = Webhook, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/webhooks/{webhook_id}/disable")]
pub async fn disable_webhook(app: web::Data<App>, allowed: Allowed<WriteWebhooks>, path: web::Path<WebhookPath>) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.webhook_id);
    let doer = audit_log::doer(&app, &allowed.caller);
    webhook::disable(&app.db, tenant_id, &doer, id, REASON).await.map_err(|error| match error {
        StoreError::NotFound => super::not_found(),
        error => Problem::from(error),
    })?;
    let webhook = super::find(&app, tenant_id, id).await?;
    Ok(answer::ok(webhook.version, &super::wire(&app, tenant_id, webhook)?))
}
