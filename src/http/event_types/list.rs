//! The catalogue.

use actix_web::{get, web};
use entities::EventKind;

use super::wire::EventType;
use crate::http::{access::SignedIn, page::Page};

/// Lists every kind of event with its JSON Schema and an example. One page holds them all.
#[utoipa::path(
    tag = "event types",
    responses((status = 200, description = "All kinds of events", body = Page<EventType>)),
)]
#[get("/event-types")]
pub async fn list_event_types(_caller: SignedIn) -> web::Json<Page<EventType>> {
    web::Json(Page { data: EventKind::ALL.iter().map(|kind| super::entry(*kind)).collect(), next_cursor: None })
}
