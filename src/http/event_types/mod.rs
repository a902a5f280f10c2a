//! The catalogue of events: what each says, as JSON Schema and by example.
//!
//! Guarantees: every kind of event is here; the schemas come from the types that are really written, and tests hold both the examples and
//! what is really sent against them.

mod data;
mod example;
mod list;
mod schema;
pub mod wire;

use entities::EventKind;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

pub use example::example;
pub use schema::{ENVELOPE_VERSION, envelope_schema};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::list_event_types);
}

/// When an event happens, in a sentence.
#[must_use]
pub const fn description(kind: EventKind) -> &'static str {
    match kind {
        EventKind::TicketCreated => "A ticket was opened.",
        EventKind::TicketUpdated => "A ticket changed; `changes` says what.",
        EventKind::TicketDeleted => "A ticket went with its conversation: in the trash, or, where `permanent`, for good.",
        EventKind::TicketMessageCreated => {
            "A message (no note) was added to a ticket; the same as the `conversation.message_created` before it."
        }
        EventKind::ConversationCreated => "A conversation began.",
        EventKind::ConversationUpdated => "A conversation changed; `changes` says what.",
        EventKind::ConversationDeleted => "A conversation was put in the trash, or, where `permanent`, deleted for good.",
        EventKind::ConversationAssigned => "A conversation was given to an agent, or taken from one; `changes` says which.",
        EventKind::ConversationRead => "Somebody has read a conversation up to a message.",
        EventKind::ConversationMessageCreated => "Something was said: a message to or from the contact, or a note among agents.",
        EventKind::MessageStatusChanged => "What became of a message changed: sent, delivered, read or failed.",
        EventKind::MessageUpdated => {
            "A message was changed, somebody reacted to it, or an entry such as a call has news; `changes` says what."
        }
        EventKind::MessageDeleted => "A message was taken back; its text and files are gone.",
        EventKind::CallStarted => "A telephone call began: the message is its entry in the conversation.",
        EventKind::CallEnded => "A telephone call is over: the message is its entry in the conversation.",
        EventKind::ChannelFailed => "A channel cannot send or receive any more; `status_detail` says what to do.",
        EventKind::ContactCreated => "We heard of somebody for the first time.",
        EventKind::ContactUpdated => "Something about a contact changed; `changes` says what.",
        EventKind::ChannelUpdated => "A channel's settings changed; `changes` says what.",
        EventKind::WebhookFailing => "Another webhook has had no success for half of the time after which it is disabled.",
        EventKind::WebhookDisabled => "Another webhook was disabled: it kept failing, or its receiver answered 410.",
        EventKind::WebhookTest => "Somebody tries a webhook out. Never in the feed.",
    }
}

/// The catalogue's entry for an event.
fn entry(kind: EventKind) -> wire::EventType {
    wire::EventType {
        event: kind,
        description: description(kind),
        version: ENVELOPE_VERSION,
        schema: envelope_schema(kind),
        example: example_envelope(kind),
    }
}

/// The example as it would be sent.
fn example_envelope(kind: EventKind) -> Value {
    serde_json::json!({
        "id": example::EVENT_ID,
        "event": kind,
        "version": ENVELOPE_VERSION,
        "timestamp": example::at(),
        "workspace_id": example::WORKSPACE_ID,
        "position": 8123,
        "data": example(kind),
    })
}
