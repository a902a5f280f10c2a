//! Trying a webhook out.

use std::sync::Arc;

use actix_web::{post, web};
use actors::port::{StoreError, WebhookRequest};
use entities::{AttemptOutcome, EventId, EventKind, TenantId, Timestamp, Verdict, WebhookSecret, event, thread};
use serde_json::value::to_raw_value;

use super::{
    WebhookPath,
    wire::TestWebhook,
    wire_delivery::{Attempt, TestResult},
};
use crate::{
    crypto::webhook::{open_headers, open_secret},
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        audit_log, event_types,
        extract::JsonOrNothing,
        problem::{Answer, Problem},
    },
    store::{
        read::{self, delivery::Attempt as Stored, webhook::Webhook},
        settings::{audit::Doer, delivery, delivery::TriedOut},
    },
};

/// Sends a signed example of an event to the webhook at once, enabled or not, and answers with what came of it: at the latest when the time of
/// an attempt (15 s) is over. It is kept among the deliveries, behind all others, and never sent again by itself. A receiver knows the example
/// by its `position`, which is below zero.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    request_body = TestWebhook,
    responses((status = 200, description = "The attempt", body = TestResult)),
)]
#[post("/webhooks/{webhook_id}/test")]
pub async fn test_webhook(
    app: web::Data<App>,
    allowed: Allowed<WriteWebhooks>,
    path: web::Path<WebhookPath>,
    body: JsonOrNothing<TestWebhook>,
) -> Answer<web::Json<TestResult>> {
    let kind = body.0.event.unwrap_or(EventKind::WebhookTest);
    let webhook = super::find(&app, allowed.tenant_id, path.webhook_id).await?;
    let doer = audit_log::doer(&app, &allowed.caller);
    // In a task of its own, so that what was sent is kept also if the client hangs up.
    let work = actix_web::rt::spawn(async move { attempt(&app, allowed.tenant_id, &doer, &webhook, kind).await });
    work.await.map_err(Problem::internal)?.map(web::Json)
}

async fn attempt(app: &App, tenant_id: TenantId, doer: &Doer, webhook: &Webhook, kind: EventKind) -> Answer<TestResult> {
    let (secret, previous_secret) = secrets(app, tenant_id, webhook).await?;
    let headers = open_headers(&app.keys, tenant_id, webhook.sealed_headers.as_deref()).map_err(Problem::internal)?;
    let event_id = EventId::new(app.clock.new_id());
    let delivery_id = thread::delivery_id(event_id, webhook.id);
    let at = app.clock.now();
    let position = -at.micros();
    let data = to_raw_value(&event_types::example(kind)).map_err(Problem::internal)?;
    let body = event::envelope(event_id, kind, at, tenant_id, position, &data).map_err(Problem::internal)?;
    let request = WebhookRequest {
        url: webhook.url.as_str().into(),
        event_id,
        event: kind.as_str().into(),
        delivery_id,
        attempt: 1,
        body: Arc::from(body.as_bytes()),
        secret,
        previous_secret,
        headers: headers.into_iter().collect::<Vec<_>>().into(),
        at,
    };
    let outcome = app.courier.deliver(request).await;
    let tried = TriedOut { delivery_id, event_id, kind, body, position, at, outcome };
    delivery::record_test(&app.db, tenant_id, doer, webhook.id, &tried).await.map_err(|error| match error {
        StoreError::NotFound => super::not_found(),
        error => Problem::from(error),
    })?;
    let delivered = tried.outcome.verdict == Verdict::Delivered;
    Ok(TestResult { delivery_id, event_id, event: kind, delivered, attempt: wire(at, tried.outcome) })
}

async fn secrets(app: &App, tenant_id: TenantId, webhook: &Webhook) -> Answer<(WebhookSecret, Option<WebhookSecret>)> {
    let sealed = read::webhook::secrets(&app.db, tenant_id, webhook.id, app.clock.now()).await?.ok_or_else(super::not_found)?;
    let open = |sealed: &[u8]| open_secret(&app.keys, tenant_id, sealed).map_err(Problem::internal);
    Ok((open(&sealed.secret)?, sealed.previous.as_deref().map(open).transpose()?))
}

fn wire(at: Timestamp, outcome: AttemptOutcome) -> Attempt {
    let stored = Stored {
        number: 1,
        trigger: entities::Trigger::Test,
        started_at: at,
        timings: outcome.timings,
        address: outcome.address.map(|address| address.to_string()),
        http_status: outcome.http_status,
        response_headers: outcome.response_headers,
        response_body: outcome.response_body,
        error: outcome.error,
        next_due_at: None,
    };
    Attempt::from(stored)
}
