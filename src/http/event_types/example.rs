//! One example of each event: Jane Doe cannot open the dashboard.

use std::collections::BTreeMap;

use entities::{
    Address, AddressKind, AgentId, Author, AuthorKind, Change, ChannelId, ChannelKind, ChannelStatus, Contact, ContactId, Conversation,
    ConversationId, ConversationStatus, Direction, Document, EventId, EventKind, Label, Message, MessageId, MessageKind, MessageStatus,
    MessageType, Priority, TenantId, Ticket, TicketId, TicketSummary, Timestamp, Via, WebhookId, WebhookReport, WebhookStatus,
    WidgetSettings, channel::IdentitySettings,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::data::{
    Changed, ChannelChanged, ContactChanged, ConversationChanged, ConversationDeleted, ConversationReadTo, MessageChanged, Reader,
    TicketChanged, TicketDeleted, Tried,
};
use crate::http::channels::wire::{Channel, Settings};

/// The event.
pub const EVENT_ID: EventId = EventId::new(id(1));
/// The workspace.
pub const WORKSPACE_ID: TenantId = TenantId::new(id(2));
const CONVERSATION_ID: ConversationId = ConversationId::new(id(3));
const CONTACT_ID: ContactId = ContactId::new(id(4));
const CHANNEL_ID: ChannelId = ChannelId::new(id(5));
const TICKET_ID: TicketId = TicketId::new(id(6));
const MESSAGE_ID: MessageId = MessageId::new(id(7));
const AGENT_ID: AgentId = AgentId::new(id(8));
const WEBHOOK_ID: WebhookId = WebhookId::new(id(9));
/// 26 March 2026, 14:30 UTC.
const AT_MICROS: i64 = 1_774_535_400_000_000;
const SAID: &str = "Cannot open the dashboard";

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0198_a1fd_fc00_7000_8000_0000_0000_0000 + number)
}

/// When.
pub fn at() -> Timestamp {
    Timestamp::from_micros(AT_MICROS)
}

/// The `data` of an example of the event.
#[must_use]
pub fn example(kind: EventKind) -> Value {
    match kind {
        EventKind::TicketCreated => value(ticket(ConversationStatus::Open)),
        EventKind::TicketUpdated => {
            value(TicketChanged { ticket: ticket(ConversationStatus::Resolved), changes: change("status", "open", "resolved") })
        }
        EventKind::TicketDeleted => value(TicketDeleted { ticket: ticket(ConversationStatus::Open), permanent: false }),
        EventKind::ConversationDeleted => {
            let trashed = Conversation { trashed_at: Some(at()), ..conversation(None, Priority::None) };
            value(ConversationDeleted { conversation: trashed, permanent: false })
        }
        EventKind::TicketMessageCreated | EventKind::ConversationMessageCreated => value(message(MessageStatus::Sent)),
        EventKind::MessageStatusChanged => {
            value(MessageChanged { message: message(MessageStatus::Delivered), changes: change("status", "sent", "delivered") })
        }
        EventKind::MessageUpdated => {
            value(MessageChanged { message: message(MessageStatus::Sent), changes: change("content_text", "Cannot open", SAID) })
        }
        EventKind::MessageDeleted => value(MessageChanged { message: taken_back(), changes: Changed::new() }),
        EventKind::CallStarted => value(call("ringing", "Incoming call, ringing")),
        EventKind::CallEnded => value(call("ended", "Incoming call, 2:05 min")),
        EventKind::ChannelFailed => {
            value(ChannelChanged { channel: failed_channel(), changes: change("status", "connected", "disconnected") })
        }
        EventKind::ConversationCreated => value(conversation(None, Priority::None)),
        EventKind::ConversationUpdated => {
            value(ConversationChanged { conversation: conversation(None, Priority::High), changes: change("priority", "none", "high") })
        }
        EventKind::ConversationAssigned => value(ConversationChanged {
            conversation: conversation(Some(AGENT_ID), Priority::High),
            changes: change("assignee_id", Value::Null, AGENT_ID.to_string()),
        }),
        EventKind::ConversationRead => {
            value(ConversationReadTo { conversation_id: CONVERSATION_ID, by: Reader::contact(CONTACT_ID), seq: 7 })
        }
        EventKind::ContactCreated => value(contact()),
        EventKind::ContactUpdated => {
            value(ContactChanged { contact: contact(), changes: change("email", Value::Null, "jane@example.com") })
        }
        EventKind::ChannelUpdated => value(ChannelChanged { channel: channel(), changes: change("name", "Site", "Website") }),
        EventKind::WebhookFailing => value(report(WebhookStatus::Enabled, None)),
        EventKind::WebhookDisabled => {
            value(report(WebhookStatus::Disabled, Some("no delivery succeeded for 3 days, and 10 failed for good")))
        }
        EventKind::WebhookTest => value(Tried { webhook_id: WEBHOOK_ID, message: "Hello from Switchboard: this webhook works".to_owned() }),
    }
}

/// Types that can always be written.
fn value(data: impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or_default()
}

fn change(field: &str, from: impl Into<Value>, to: impl Into<Value>) -> Changed {
    Changed::from([(field.to_owned(), Change { from: from.into(), to: to.into() })])
}

fn taken_back() -> Message {
    Message { content: Document::plain(""), content_text: String::new(), deleted_at: Some(at()), ..message(MessageStatus::Sent) }
}

fn call(phase: &str, text: &str) -> Message {
    let via = Via {
        kind: Some(MessageType::Call),
        said_at: Some(at()),
        details: Some(json!({"direction": "in", "seen": [phase], "phase": phase, "started_at": at()})),
        ..Via::default()
    };
    Message { content: Document::plain(text), content_text: text.to_owned(), via: Some(Box::new(via)), ..message(MessageStatus::Sent) }
}

fn failed_channel() -> Channel {
    Channel {
        status: ChannelStatus::Disconnected,
        status_detail: Some("the access token has expired: connect the channel again".to_owned()),
        ..channel()
    }
}

fn contact() -> Contact {
    Contact {
        id: CONTACT_ID,
        name: Some("Jane Doe".to_owned()),
        email: Some("jane@example.com".to_owned()),
        phone: None,
        avatar_url: None,
        verified: true,
        addresses: vec![Address { kind: AddressKind::Email, value: "jane@example.com".to_owned() }],
        custom_attributes: BTreeMap::from([("plan".to_owned(), json!("gold"))]),
        country: Some("DE".to_owned()),
        blocked: false,
        version: 2,
        created_at: at(),
        updated_at: at(),
    }
}

fn ticket(status: ConversationStatus) -> Ticket {
    Ticket {
        id: TICKET_ID,
        number: 42,
        conversation_id: CONVERSATION_ID,
        subject: SAID.to_owned(),
        status,
        priority: Priority::None,
        contact: contact().summary(),
        assignee_id: None,
        created_at: at(),
        updated_at: at(),
        resolved_at: (status == ConversationStatus::Resolved).then(at),
    }
}

fn conversation(assignee_id: Option<AgentId>, priority: Priority) -> Conversation {
    Conversation {
        id: CONVERSATION_ID,
        channel_id: CHANNEL_ID,
        contact: contact().summary(),
        status: ConversationStatus::Open,
        snoozed_until: None,
        priority,
        assignee_id,
        team_id: None,
        owner_id: None,
        labels: Label::parse("billing").into_iter().collect(),
        ticket: Some(TicketSummary { id: TICKET_ID, number: 42, subject: SAID.to_owned(), status: ConversationStatus::Open }),
        remote: None,
        scheduled_count: 0,
        trashed_at: None,
        seq: 8,
        version: 8,
        created_at: at(),
        updated_at: at(),
    }
}

fn message(status: MessageStatus) -> Message {
    Message {
        id: MESSAGE_ID,
        conversation_id: CONVERSATION_ID,
        ticket_id: TICKET_ID,
        seq: 7,
        kind: MessageKind::Message,
        direction: Direction::In,
        author: Author { kind: AuthorKind::Visitor, id: Some(CONTACT_ID.uuid()), name: Some("Jane Doe".to_owned()), avatar_url: None },
        content: Document::plain(SAID),
        content_text: SAID.to_owned(),
        attachments: Vec::new(),
        reactions: Vec::new(),
        status,
        error: None,
        client_id: None,
        created_at: at(),
        edited_at: None,
        deleted_at: None,
        via: None,
    }
}

fn channel() -> Channel {
    Channel {
        id: CHANNEL_ID,
        kind: ChannelKind::Widget,
        name: "Website".to_owned(),
        address: None,
        credential_id: None,
        owner_id: None,
        status: ChannelStatus::Connected,
        status_detail: None,
        settings: Settings::Widget(Box::new(WidgetSettings {
            api_key: "wk_ZXhhbXBsZQ".to_owned(),
            allowed_origins: vec!["https://www.example.com".to_owned()],
            theme: Map::new(),
            header_text: "Northwind Cycles".to_owned(),
            pre_chat_form: Vec::new(),
            allow_file_uploads: true,
            identity: IdentitySettings::default(),
        })),
        version: 3,
        created_at: at(),
    }
}

fn report(status: WebhookStatus, reason: Option<&str>) -> WebhookReport {
    WebhookReport {
        id: WEBHOOK_ID,
        url: "https://shop.example.com/hooks/switchboard".to_owned(),
        description: "Order system".to_owned(),
        status,
        disabled_reason: reason.map(str::to_owned),
        failing_since: Some(at()),
    }
}
