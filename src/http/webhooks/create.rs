//! Making a webhook.

use actix_web::{post, web};
use entities::{WebhookId, WebhookSecret};

use super::{
    WEBHOOKS_MAX, fields,
    wire::{CreateWebhook, WebhookWithSecret},
};
use crate::{
    crypto::{
        random_bytes,
        webhook::{seal_headers, seal_secret},
    },
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        answer, audit_log,
        extract::Json,
        fields::Fields,
        problem::{Answer, Code, Problem},
        workspaces,
    },
    store::{
        read,
        settings::webhook::{self, NewWebhook, Settings},
    },
};

/// Makes a webhook. Its secret is shown here and never again. What happens from now on is delivered.
#[utoipa::path(
    tag = "webhooks",
    request_body = CreateWebhook,
    responses((
        status = 201, description = "The webhook", body = WebhookWithSecret, headers(("ETag" = String, description = "The version, quoted"))
    )),
)]
#[post("/webhooks")]
pub async fn create_webhook(app: web::Data<App>, allowed: Allowed<WriteWebhooks>, body: Json<CreateWebhook>) -> Answer {
    let tenant_id = allowed.tenant_id;
    let settings = settings(&app, tenant_id, body.into_inner()).await?;
    let secret = WebhookSecret::from_random(random_bytes());
    let sealed_secret = seal_secret(&app.keys, tenant_id, &secret).map_err(Problem::internal)?;
    let id = WebhookId::new(app.clock.new_id());
    let workspace = read::workspace::find(&app.db, tenant_id).await?;
    let webhooks_max = workspace.map_or(WEBHOOKS_MAX, |workspace| workspaces::webhooks_max(&workspace));
    let doer = audit_log::doer(&app, &allowed.caller);
    let made = webhook::create(&app.db, tenant_id, &doer, NewWebhook { id, settings, sealed_secret }, webhooks_max).await?;
    if made.is_err() {
        let detail = format!("the plan allows {webhooks_max} webhooks");
        return Err(Problem::new(Code::QuotaExceeded).detail(detail).with("limit", webhooks_max));
    }
    let webhook = super::wire(&app, tenant_id, super::find(&app, tenant_id, id).await?)?;
    let version = webhook.version;
    Ok(answer::created(version, &WebhookWithSecret { webhook, secret: secret.text().to_owned(), previous_secret_until: None }))
}

async fn settings(app: &App, tenant_id: entities::TenantId, body: CreateWebhook) -> Answer<Settings> {
    let mut refused = Fields::new();
    fields::url(&mut refused, &app.address_guard, &body.url).await;
    fields::headers(&mut refused, &body.headers, &app.options.server.webhooks.signature_header);
    let settings = Settings {
        events: fields::events(&mut refused, &body.events),
        description: fields::description(&mut refused, &body.description.unwrap_or_default()),
        filter: fields::filter(&mut refused, body.filter),
        rate_limit_per_second: fields::rate(&mut refused, body.rate_limit_per_second),
        sealed_headers: seal_headers(&app.keys, tenant_id, &body.headers).map_err(Problem::internal)?,
        ordered: body.ordered,
        url: body.url,
    };
    refused.finish()?;
    Ok(settings)
}
