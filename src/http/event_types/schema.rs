//! JSON Schemas of events, from the types that are written.
//!
//! OpenAPI 3.1 describes types in JSON Schema 2020-12; only the places that a description keeps its schemas at have another name here.

use std::collections::BTreeMap;

use entities::{Contact, Conversation, EventKind, Message, Ticket, WebhookReport, content::ListItem};
use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

pub use entities::event::ENVELOPE_VERSION;

use super::data::{
    ChannelChanged, ContactChanged, ConversationChanged, ConversationDeleted, ConversationReadTo, MessageChanged, TicketChanged,
    TicketDeleted, Tried,
};

/// The schema of what is sent for an event.
#[must_use]
pub fn envelope_schema(kind: EventKind) -> Value {
    let (data, definitions) = match kind {
        EventKind::TicketCreated => of::<Ticket>(),
        EventKind::TicketUpdated => of::<TicketChanged>(),
        EventKind::TicketDeleted => of::<TicketDeleted>(),
        EventKind::ConversationDeleted => of::<ConversationDeleted>(),
        EventKind::TicketMessageCreated | EventKind::ConversationMessageCreated | EventKind::CallStarted | EventKind::CallEnded => {
            of::<Message>()
        }
        EventKind::MessageStatusChanged | EventKind::MessageUpdated | EventKind::MessageDeleted => of::<MessageChanged>(),
        EventKind::ConversationCreated => of::<Conversation>(),
        EventKind::ConversationUpdated | EventKind::ConversationAssigned => of::<ConversationChanged>(),
        EventKind::ConversationRead => of::<ConversationReadTo>(),
        EventKind::ContactCreated => of::<Contact>(),
        EventKind::ContactUpdated => of::<ContactChanged>(),
        EventKind::ChannelUpdated | EventKind::ChannelFailed => of::<ChannelChanged>(),
        EventKind::WebhookFailing | EventKind::WebhookDisabled => of::<WebhookReport>(),
        EventKind::WebhookTest => of::<Tried>(),
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        "description": super::description(kind),
        "type": "object",
        "required": ["id", "event", "version", "timestamp", "workspace_id", "position", "data"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "description": "The event's id; the same in every attempt, replay and in the feed."},
            "event": {"const": kind},
            "version": {"const": ENVELOPE_VERSION},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "workspace_id": {"type": "string", "format": "uuid"},
            "position": {
                "type": "integer",
                "description": "Its place among all events of the workspace, without gaps; below zero for an example that was only tried out.",
            },
            "data": data,
        },
        "$defs": definitions,
    })
}

/// A type's schema, and those that it refers to.
fn of<T: ToSchema>() -> (Value, Map<String, Value>) {
    let mut referred: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut referred);
    // It contains itself, so the types around it do not list it.
    referred.push((ListItem::name().into_owned(), ListItem::schema()));
    let known: BTreeMap<String, Value> = referred.into_iter().map(|(name, schema)| (name, json_schema(&schema))).collect();
    let data = json_schema(&T::schema());
    // Only what is really referred to, from one to the next.
    let mut wanted = references(&data);
    let mut definitions = Map::new();
    while let Some(name) = wanted.pop() {
        if let Some(schema) = known.get(&name).filter(|_| !definitions.contains_key(&name)) {
            wanted.extend(references(schema));
            definitions.insert(name, schema.clone());
        }
    }
    (data, definitions)
}

const OPENAPI_PLACE: &str = "#/components/schemas/";
const PLACE: &str = "#/$defs/";

fn json_schema(schema: &RefOr<Schema>) -> Value {
    let mut value = serde_json::to_value(schema).unwrap_or_default();
    moved(&mut value);
    value
}

/// Points references to where the schemas are here.
fn moved(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace(OPENAPI_PLACE, PLACE);
            }
            map.values_mut().for_each(moved);
        }
        Value::Array(items) => items.iter_mut().for_each(moved),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The names of the schemas that this one refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix(PLACE)).map(str::to_owned);
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
