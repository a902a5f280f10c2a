//! What deliveries, attempts and replays look like on the REST API, and which may be asked for.

use std::collections::BTreeMap;

use entities::{
    AttemptError, DeliveryId, DeliveryStatus, EventId, EventKind, ReplayId, ReplayOnly, ReplayStatus, Timestamp, Timings, Trigger,
    WebhookId,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::store::read;

/// Which of a webhook's deliveries to list: the latest event's first, and what was tried out last.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those of which this became.
    pub status: Option<DeliveryStatus>,
    /// Only those of this kind of event.
    pub event: Option<EventKind>,
    /// Only that of this event.
    pub event_id: Option<EventId>,
    /// Only those of events from this instant on.
    pub from: Option<Timestamp>,
    /// Only those of events before this instant.
    pub to: Option<Timestamp>,
    /// How many at most. With filters a page may be shorter, even empty, and still lead on.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// An event for a webhook, with its attempts: in lists the latest twelve without what was answered, alone the latest 200 with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery<A> {
    /// The delivery's id.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The event: the same in every attempt, replay and in the feed.
    pub event_id: EventId,
    /// Its kind.
    #[schema(value_type = String, example = "ticket.created")]
    pub event: EventKind,
    /// What became of it.
    pub status: DeliveryStatus,
    /// How many attempts there were.
    pub attempt_count: u32,
    /// If pending: when the next attempt may be made.
    pub next_due_at: Option<Timestamp>,
    /// When the event happened.
    pub created_at: Timestamp,
    /// The attempts, the oldest first.
    pub attempts: Vec<A>,
}

/// A delivery with what is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeDelivery {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery<Attempt>,
    /// What is sent, byte for byte, but for white space; null if it is no longer kept.
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Box<RawValue>>,
}

/// One attempt, without what was answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptSummary {
    /// Its number among the delivery's attempts, from 1.
    pub number: u32,
    /// Why it was made.
    pub trigger: Trigger,
    /// When.
    pub started_at: Timestamp,
    /// How long its parts took.
    pub timings_ms: Timings,
    /// The address and port it went to.
    #[schema(example = "203.0.113.7:443")]
    pub address: Option<String>,
    /// The answer's status.
    pub http_status: Option<u16>,
    /// Why it failed; null if it was delivered.
    pub error: Option<AttemptError>,
    /// When the next one was due then; null if it was the last.
    pub next_due_at: Option<Timestamp>,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// What lists show, too.
    #[serde(flatten)]
    pub summary: AttemptSummary,
    /// The answer's headers; values of one name are joined by commas.
    pub response_headers: BTreeMap<String, String>,
    /// The answer's body, at most 16 KiB of it; null if no answer came.
    pub response_body: Option<String>,
}

/// What came of trying a webhook out: the attempt, and the delivery that keeps it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestResult {
    /// The delivery that keeps the attempt.
    pub delivery_id: DeliveryId,
    /// The event that was sent, made for this.
    pub event_id: EventId,
    /// Its kind.
    #[schema(value_type = String, example = "webhook.test")]
    pub event: EventKind,
    /// The receiver has it.
    pub delivered: bool,
    /// The attempt.
    #[serde(flatten)]
    pub attempt: Attempt,
}

/// Which events to send again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "2026-03-26T14:00:00Z", "only": "failed"}))]
pub struct StartReplay {
    /// Events from this instant on; from the oldest that is kept, if left out.
    pub from: Option<Timestamp>,
    /// Events before this instant; up to now, if left out.
    pub to: Option<Timestamp>,
    /// `failed` (unless said) those whose every attempt failed; `missing` those never attempted, skipped ones included; `all` all of them.
    pub only: Option<ReplayOnly>,
}

/// A replay: events of the past that are sent again, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replay {
    /// The replay's id.
    pub id: ReplayId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// Which deliveries.
    pub only: ReplayOnly,
    /// Events from this instant on.
    pub from: Option<Timestamp>,
    /// Events before this instant.
    pub to: Option<Timestamp>,
    /// `running` while it goes through the events, `done` when all that it found is waiting to be sent, or was.
    pub status: ReplayStatus,
    /// How far through the events it is, 0 to 1.
    #[schema(example = 0.5)]
    pub progress: f64,
    /// Deliveries that it made due so far.
    pub queued: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it had gone through all events.
    pub finished_at: Option<Timestamp>,
}

impl<A> Delivery<A> {
    /// The delivery as the wire has it.
    pub fn of(webhook_id: WebhookId, delivery: read::delivery::Delivery, attempt: impl FnMut(read::delivery::Attempt) -> A) -> Self {
        Self {
            id: delivery.id,
            webhook_id,
            event_id: delivery.event_id,
            event: delivery.kind,
            status: delivery.status,
            attempt_count: delivery.attempt_count,
            next_due_at: delivery.next_due_at,
            created_at: delivery.at,
            attempts: delivery.attempts.into_iter().map(attempt).collect(),
        }
    }
}

impl From<read::delivery::Attempt> for AttemptSummary {
    fn from(attempt: read::delivery::Attempt) -> Self {
        Self {
            number: attempt.number,
            trigger: attempt.trigger,
            started_at: attempt.started_at,
            timings_ms: attempt.timings,
            address: attempt.address,
            http_status: attempt.http_status,
            error: attempt.error,
            next_due_at: attempt.next_due_at,
        }
    }
}

impl From<read::delivery::Attempt> for Attempt {
    fn from(mut attempt: read::delivery::Attempt) -> Self {
        let mut response_headers = BTreeMap::<String, String>::new();
        for (name, value) in std::mem::take(&mut attempt.response_headers) {
            let all = response_headers.entry(name).or_default();
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(&value);
        }
        let response_body = attempt.response_body.take();
        Self { summary: attempt.into(), response_headers, response_body }
    }
}

impl From<read::replay::Replay> for Replay {
    fn from(replay: read::replay::Replay) -> Self {
        let all = replay.last_position.saturating_sub(replay.first_position).saturating_add(1).max(0);
        let done = replay.next_position.saturating_sub(replay.first_position).clamp(0, all);
        let progress = if replay.status == ReplayStatus::Done {
            1.0
        } else if all == 0 {
            0.0
        } else {
            done as f64 / all as f64
        };
        Self {
            id: replay.id,
            webhook_id: replay.webhook_id,
            only: replay.only,
            from: replay.from,
            to: replay.to,
            status: replay.status,
            progress,
            queued: replay.queued,
            created_at: replay.created_at,
            finished_at: replay.finished_at,
        }
    }
}
