//! Changing a webhook.

use actix_web::{HttpRequest, patch, web};
use entities::TenantId;

use super::{
    WebhookPath, fields,
    wire::{UpdateWebhook, Webhook},
};
use crate::{
    crypto::webhook::{open_headers, seal_headers},
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        answer, audit_log,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::webhook::Webhook as Stored,
        settings::{
            self,
            webhook::{self, Settings},
        },
    },
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// Changes a webhook. Other events or another filter count for what happens from now on; deliveries that wait go to the new address.
#[utoipa::path(
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, format = "uuid", description = "The webhook"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateWebhook,
    responses((status = 200, description = "The webhook", body = Webhook, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/webhooks/{webhook_id}")]
pub async fn update_webhook(
    app: web::Data<App>,
    allowed: Allowed<WriteWebhooks>,
    path: web::Path<WebhookPath>,
    request: HttpRequest,
    body: Json<UpdateWebhook>,
) -> Answer {
    let (tenant_id, id) = (allowed.tenant_id, path.webhook_id);
    let expected_version = if_match(&request)?;
    let body = body.into_inner();
    for _attempt in 0..ATTEMPTS_MAX {
        let before = super::find(&app, tenant_id, id).await?;
        answer::require_version(expected_version, before.version)?;
        let version = before.version;
        let (after, changed) = changed(&app, tenant_id, &before, &body).await?;
        if !changed.is_empty() {
            let doer = audit_log::doer(&app, &allowed.caller);
            match webhook::update(&app.db, tenant_id, &doer, (id, version), after, &changed).await {
                Ok(()) => super::wake(&app, id),
                Err(error) if settings::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let webhook = super::find(&app, tenant_id, id).await?;
        return Ok(answer::ok(webhook.version, &super::wire(&app, tenant_id, webhook)?));
    }
    Err(Problem::new(Code::Busy).detail("the webhook is being changed by others"))
}

/// The settings after the change, and the names of the fields that differ.
async fn changed(app: &App, tenant_id: TenantId, before: &Stored, body: &UpdateWebhook) -> Answer<(Settings, Vec<&'static str>)> {
    let mut refused = Fields::new();
    let mut after = Settings {
        url: before.url.clone(),
        description: before.description.clone(),
        events: before.events.clone(),
        filter: before.filter.clone(),
        sealed_headers: before.sealed_headers.clone(),
        ordered: body.ordered.unwrap_or(before.ordered),
        rate_limit_per_second: before.rate_limit_per_second,
    };
    if let Some(url) = &body.url {
        fields::url(&mut refused, &app.address_guard, url).await;
        after.url.clone_from(url);
    }
    if let Some(events) = &body.events {
        after.events = fields::events(&mut refused, events);
    }
    if let Some(description) = &body.description {
        after.description = fields::description(&mut refused, description.as_deref().unwrap_or_default());
    }
    if let Some(filter) = &body.filter {
        after.filter = fields::filter(&mut refused, filter.clone().unwrap_or_default());
    }
    if let Some(limit) = body.rate_limit_per_second {
        after.rate_limit_per_second = fields::rate(&mut refused, limit);
    }
    let mut headers_differ = false;
    if let Some(changes) = &body.headers {
        let known = open_headers(&app.keys, tenant_id, before.sealed_headers.as_deref()).map_err(Problem::internal)?;
        let headers = fields::changed_headers(&known, changes);
        fields::headers(&mut refused, &headers, &app.options.server.webhooks.signature_header);
        headers_differ = headers != known;
        after.sealed_headers = seal_headers(&app.keys, tenant_id, &headers).map_err(Problem::internal)?;
    }
    refused.finish()?;
    let differs = [
        ("url", before.url != after.url),
        ("description", before.description != after.description),
        ("events", before.events != after.events),
        ("filter", before.filter != after.filter),
        ("headers", headers_differ),
        ("ordered", before.ordered != after.ordered),
        ("rate_limit_per_second", before.rate_limit_per_second != after.rate_limit_per_second),
    ];
    Ok((after, differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()))
}
