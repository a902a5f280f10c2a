//! What the event feed looks like on the REST API.

use entities::{Cursor, EventId, EventKind, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use utoipa::{IntoParams, ToSchema};

/// The query of the feed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// `next_cursor` of the page before, or the `id` of the last event of a stream. Without it the feed begins at the oldest event that is
    /// kept; `latest` begins behind the newest.
    #[param(example = "9f3c01ab-118")]
    pub after: Option<String>,
    /// Which events, separated by commas: `ticket.created`, `ticket.*` or `*`.
    #[param(example = "ticket.*,conversation.message_created")]
    pub types: Option<String>,
    /// How many at most. A stream has no end and ignores it.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// Where there is no event yet: how many seconds to wait for one. A stream always waits and ignores it.
    #[param(minimum = 0, maximum = 60, default = 0)]
    pub wait: Option<u32>,
}

/// A page of the feed as it is described.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPage {
    /// The events, the oldest first.
    pub data: Vec<EventEnvelope>,
    /// Hand it back as `after`. It moves on also where no event fits the filter, and is never null.
    #[schema(example = "9f3c01ab-118")]
    pub next_cursor: Cursor,
    /// Nothing was behind `next_cursor` when this was read.
    pub caught_up: bool,
}

/// A page of the feed as it is written: each envelope's own bytes.
#[derive(Debug, Serialize)]
pub struct RawEventPage {
    /// The envelopes.
    pub data: Vec<Box<RawValue>>,
    /// As in [`EventPage`].
    pub next_cursor: Cursor,
    /// As in [`EventPage`].
    pub caught_up: bool,
}

/// An event, byte for byte as webhooks send it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventEnvelope {
    /// The event's id: the same wherever and however often it is seen. Webhooks send it as `webhook-id`.
    pub id: EventId,
    /// What happened.
    pub event: EventKind,
    /// The version of the envelope and its data.
    #[schema(example = 1)]
    pub version: u32,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Whose event.
    pub workspace_id: TenantId,
    /// Its place among all events of the workspace, without gaps.
    #[schema(example = 8123)]
    pub position: i64,
    /// The resource, as `GET` shows it; with `changes` where something changed.
    #[schema(value_type = Object)]
    pub data: Value,
}
