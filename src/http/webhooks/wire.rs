//! What webhooks look like on the REST API, and what may be changed about them.

use std::collections::BTreeMap;

use entities::{EventPattern, SubscriptionFilter, Timestamp, WebhookId, WebhookStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::nullable::{Nullable, nullable};

/// Who wants which events where.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// The webhook's id.
    pub id: WebhookId,
    /// Where its events go.
    #[schema(example = "https://shop.example.com/hooks/switchboard")]
    pub url: String,
    /// What you call it.
    #[schema(example = "Order system")]
    pub description: String,
    /// Which events: names, `ticket.*` for all of a resource, `*` for all.
    #[schema(value_type = Vec<String>, example = json!(["ticket.created", "contact.*"]))]
    pub events: Vec<EventPattern>,
    /// Headers that are sent with them. Their values are write-only.
    pub headers: BTreeMap<String, IsSet>,
    /// What the events must be about.
    pub filter: SubscriptionFilter,
    /// One event after the other, by position; one that fails holds up those behind it.
    pub ordered: bool,
    /// Most attempts begun in a second; null for no limit of its own.
    pub rate_limit_per_second: Option<u32>,
    /// Whether it is at work. What happens while it is not is kept as skipped and can be replayed.
    pub status: WebhookStatus,
    /// Why it is disabled: `disabled by hand`, or what the server disabled it for.
    pub disabled_reason: Option<String>,
    /// When the first of the attempts was that failed since the last success.
    pub failing_since: Option<Timestamp>,
    /// When `webhook.failing` was said of these failures; null if it was not.
    pub warned_at: Option<Timestamp>,
    /// Rises with every change of its settings; for `If-Match`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// A value that can be set, and not read.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(example = json!({"set": true}))]
pub struct IsSet {
    /// It has a value.
    pub set: bool,
}

/// A webhook with its secret: the only time that it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    /// What can be read of it later, too.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What signs its deliveries.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    pub secret: String,
    /// Until when the secret before this one signs, too; null if there is none.
    pub previous_secret_until: Option<Timestamp>,
}

/// A webhook to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://shop.example.com/hooks/switchboard", "events": ["ticket.created", "contact.*"],
    "description": "Order system", "headers": {"X-Api-Key": "abc"}}))]
pub struct CreateWebhook {
    /// An `https` address that leads to no private or otherwise special address.
    #[schema(max_length = 2048)]
    pub url: String,
    /// Which events: names, `ticket.*` for all of a resource, `*` for all.
    #[schema(min_items = 1, max_items = 100)]
    pub events: Vec<String>,
    /// What you call it.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// Headers to send with them: at most 20.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What the events must be about; at most 100 values in each list.
    #[serde(default)]
    pub filter: SubscriptionFilter,
    /// One event after the other; false unless said.
    #[serde(default)]
    pub ordered: bool,
    /// Most attempts begun in a second.
    #[schema(minimum = 1, maximum = 1000)]
    pub rate_limit_per_second: Option<u32>,
}

/// Changes to a webhook; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"events": ["*"], "headers": {"X-Api-Key": "def", "X-Old": null}}))]
pub struct UpdateWebhook {
    /// As when it is made.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// All its patterns; they replace those it has.
    #[schema(min_items = 1, max_items = 100)]
    pub events: Option<Vec<String>>,
    /// What you call it; null for nothing.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub description: Nullable<String>,
    /// Names and their values; a null removes the name, names that are not here stay.
    pub headers: Option<BTreeMap<String, Option<String>>>,
    /// The whole filter; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<SubscriptionFilter>)]
    pub filter: Nullable<SubscriptionFilter>,
    /// One event after the other.
    pub ordered: Option<bool>,
    /// Most attempts begun in a second; null for no limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    pub rate_limit_per_second: Nullable<u32>,
}

/// How to replace a secret.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct RotateSecret {
    /// How long the old secret signs too, in hours; 24 unless said, 0 ends it at once.
    #[schema(minimum = 0, maximum = 168)]
    pub overlap_hours: Option<u32>,
}

/// What to try a webhook out with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"event": "ticket.created"}))]
pub struct TestWebhook {
    /// The event whose example is sent; `webhook.test` unless said.
    pub event: Option<entities::EventKind>,
}

/// How a webhook does. What was only tried out does not count.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"success_rate": 0.998, "attempts": 1000, "latency_ms": {"p50": 41, "p95": 180}, "delivered": 81234, "failed": 12,
    "backlog": 3, "oldest_due_at": "2026-03-26T14:30:00Z", "failing_since": null}))]
pub struct Stats {
    /// The part of the latest attempts that succeeded, 0 to 1; null if there were none.
    pub success_rate: Option<f64>,
    /// How many attempts that is: those of the last 24 hours, at most the latest 1,000.
    pub attempts: u64,
    /// How long the latest attempts took that were answered.
    pub latency_ms: Latency,
    /// Deliveries that arrived, ever.
    pub delivered: u64,
    /// Deliveries that failed for good, ever.
    pub failed: u64,
    /// Deliveries that wait, counted up to 100,000.
    pub backlog: u64,
    /// When the first of those is or was due.
    pub oldest_due_at: Option<Timestamp>,
    /// When the first of the attempts was that failed since the last success.
    pub failing_since: Option<Timestamp>,
}

/// Milliseconds; null if no attempt was answered.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Latency {
    /// Half of them took at most this long.
    pub p50: Option<u32>,
    /// 95 of 100 took at most this long.
    pub p95: Option<u32>,
}
