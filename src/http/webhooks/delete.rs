//! Removing a webhook.

use actix_web::{HttpResponse, delete, web};
use actors::port::StoreError;

use super::WebhookPath;
use crate::{
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        audit_log,
        problem::{Answer, Problem},
    },
    store::settings::webhook,
};

/// Removes a webhook with its deliveries and their attempts. Answers when all of it is gone; where there are very many that takes a while, and
/// goes on if the caller does not wait. Nothing is delivered meanwhile.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/webhooks/{webhook_id}")]
pub async fn delete_webhook(app: web::Data<App>, allowed: Allowed<WriteWebhooks>, path: web::Path<WebhookPath>) -> Answer {
    let doer = audit_log::doer(&app, &allowed.caller);
    let (tenant_id, id) = (allowed.tenant_id, path.webhook_id);
    // In a task of its own, so that a client that hangs up does not leave it half done.
    let work = actix_web::rt::spawn(async move { webhook::delete(&app.db, tenant_id, &doer, id).await });
    match work.await {
        Ok(Ok(())) => Ok(HttpResponse::NoContent().finish()),
        Ok(Err(StoreError::NotFound)) => Err(super::not_found()),
        Ok(Err(error)) => Err(error.into()),
        Err(panicked) => Err(Problem::internal(panicked)),
    }
}
