//! Replacing a webhook's secret without a gap.

use actix_web::{post, web};
use actors::port::StoreError;
use entities::WebhookSecret;

use super::{
    WebhookPath,
    wire::{RotateSecret, WebhookWithSecret},
};
use crate::{
    crypto::{random_bytes, webhook::seal_secret},
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        answer, audit_log,
        extract::JsonOrNothing,
        problem::{Answer, Problem},
    },
    store::settings::webhook,
};

/// Longest overlap, in hours.
const OVERLAP_HOURS_MAX: u32 = 168;
/// Overlap unless asked otherwise, in hours.
const OVERLAP_HOURS: u32 = 24;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Gives a webhook another secret, which is shown here and never again. The old one signs too for `overlap_hours`; one before that ends now.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    request_body = RotateSecret,
    responses((
        status = 200, description = "The webhook", body = WebhookWithSecret, headers(("ETag" = String, description = "The version, quoted"))
    )),
)]
#[post("/webhooks/{webhook_id}/rotate-secret")]
pub async fn rotate_webhook_secret(
    app: web::Data<App>,
    allowed: Allowed<WriteWebhooks>,
    path: web::Path<WebhookPath>,
    body: JsonOrNothing<RotateSecret>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.webhook_id);
    let hours = body.0.overlap_hours.unwrap_or(OVERLAP_HOURS);
    if hours > OVERLAP_HOURS_MAX {
        return Err(Problem::invalid("/overlap_hours", "out_of_range", format!("must be between 0 and {OVERLAP_HOURS_MAX}")));
    }
    let secret = WebhookSecret::from_random(random_bytes());
    let sealed = seal_secret(&app.keys, tenant_id, &secret).map_err(Problem::internal)?;
    let doer = audit_log::doer(&app, &allowed.caller);
    let until = (hours > 0).then(|| doer.at.plus_ms(i64::from(hours) * HOUR_MS));
    webhook::rotate_secret(&app.db, tenant_id, &doer, id, sealed, until).await.map_err(|error| match error {
        StoreError::NotFound => super::not_found(),
        error => Problem::from(error),
    })?;
    super::wake(&app, id);
    let webhook = super::wire(&app, tenant_id, super::find(&app, tenant_id, id).await?)?;
    Ok(answer::ok(webhook.version, &WebhookWithSecret { webhook, secret: secret.text().to_owned(), previous_secret_until: until }))
}
