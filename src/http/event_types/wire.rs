//! What the catalogue of events looks like.

use entities::EventKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A kind of event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventType {
    /// Its name.
    #[schema(value_type = String, example = "ticket.created")]
    pub event: EventKind,
    /// When it happens.
    pub description: &'static str,
    /// The version of what it looks like. A field may be added without a new one; none is taken away or changed.
    #[schema(example = 1)]
    pub version: u32,
    /// What is sent, as JSON Schema (2020-12).
    #[schema(value_type = Object)]
    pub schema: Value,
    /// What is sent, by example.
    #[schema(value_type = Object)]
    pub example: Value,
}
