//! Webhooks: who wants which events where, what became of each, and sending again.
//!
//! Guarantees: a webhook leads to no address that the operator's rules refuse, as far as that can be told when it is made; its secret is
//! shown when it is made or rotated and never again; values of its headers are never shown.
//!
//! Does not: deliver events (the webhook's actor does) or walk the events of a replay. Trying one out is the one attempt that is made here.

mod create;
mod delete;
mod deliveries;
mod disable;
mod enable;
mod fields;
mod get;
mod get_delivery;
mod list;
mod replay;
mod retry;
mod rotate_secret;
mod stats;
mod test;
mod update;
pub mod wire;
pub mod wire_delivery;

use entities::{DeliveryId, ReplayId, TenantId, WebhookId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::{
    crypto::webhook::open_headers,
    store::{
        read::{self, webhook::Webhook},
        settings::delivery::{REPLAYS_MAX, Refused},
    },
};

/// Webhooks that the default plan allows.
pub const WEBHOOKS_MAX: u64 = 50;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_webhooks)
        .service(create::create_webhook)
        .service(get::get_webhook)
        .service(update::update_webhook)
        .service(delete::delete_webhook)
        .service(enable::enable_webhook)
        .service(disable::disable_webhook)
        .service(rotate_secret::rotate_webhook_secret)
        .service(test::test_webhook)
        .service(stats::get_webhook_stats)
        .service(deliveries::list_deliveries)
        .service(get_delivery::get_delivery)
        .service(retry::retry_delivery)
        .service(replay::start_replay)
        .service(replay::list_replays)
        .service(replay::get_replay);
}

/// Which webhook a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct WebhookPath {
    webhook_id: WebhookId,
}

/// Which delivery a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct DeliveryPath {
    webhook_id: WebhookId,
    delivery_id: DeliveryId,
}

/// Which replay a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ReplayPath {
    webhook_id: WebhookId,
    replay_id: ReplayId,
}

/// Tells whoever delivers for a webhook that there may be something to do. A hint, and the only place that gives it: what is due lies in the
/// table, and the sweep finds it there.
fn wake(app: &App, id: WebhookId) {
    app.subscriptions.wake(id);
}

async fn find(app: &App, tenant_id: TenantId, id: WebhookId) -> Answer<Webhook> {
    let found = read::webhook::find(&app.db, tenant_id, id).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such webhook")
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Disabled => Problem::new(Code::WebhookDisabled).detail("the webhook is disabled: enable it first"),
        Refused::Pending => Problem::new(Code::DeliveryPending).detail("the delivery is waiting for its next attempt"),
        Refused::TooMany => {
            Problem::new(Code::Conflict).detail(format!("{REPLAYS_MAX} replays of this webhook are under way: wait for one to end"))
        }
    }
}

/// The webhook as the wire has it: of its headers, the names.
fn wire(app: &App, tenant_id: TenantId, webhook: Webhook) -> Answer<wire::Webhook> {
    let headers = open_headers(&app.keys, tenant_id, webhook.sealed_headers.as_deref()).map_err(Problem::internal)?;
    Ok(wire::Webhook {
        id: webhook.id,
        url: webhook.url,
        description: webhook.description,
        events: webhook.events,
        headers: headers.into_keys().map(|name| (name, wire::IsSet { set: true })).collect(),
        filter: webhook.filter,
        ordered: webhook.ordered,
        rate_limit_per_second: webhook.rate_limit_per_second,
        status: webhook.status,
        disabled_reason: webhook.disabled_reason,
        failing_since: webhook.failing_since,
        warned_at: webhook.warned_at,
        version: webhook.version,
        created_at: webhook.created_at,
        updated_at: webhook.updated_at,
    })
}
