//! What the events say beside the resources themselves: the shapes of `data`.

use std::collections::BTreeMap;

use entities::{AuthorKind, Change, Contact, ContactId, Conversation, ConversationId, Message, Ticket, WebhookId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::channels::wire::Channel;

/// What changed, by field name.
pub type Changed = BTreeMap<String, Change>;

/// A ticket after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketChanged {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// What changed.
    pub changes: Changed,
}

/// A conversation after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationChanged {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// What changed.
    pub changes: Changed,
}

/// A conversation that was put in the trash, or deleted for good: as it was.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationDeleted {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// For good; false: it is in the trash.
    pub permanent: bool,
}

/// A ticket that went with its conversation: as it was.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketDeleted {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// For good; false: it is in the trash.
    pub permanent: bool,
}

/// A message after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageChanged {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// What changed; nothing where only a part of it came further.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub changes: Changed,
}

/// A contact after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactChanged {
    /// The contact.
    #[serde(flatten)]
    pub contact: Contact,
    /// What changed.
    pub changes: Changed,
}

/// A channel after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelChanged {
    /// The channel.
    #[serde(flatten)]
    pub channel: Channel,
    /// What changed.
    pub changes: Changed,
}

/// How far somebody has read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationReadTo {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Who has read.
    pub by: Reader,
    /// The `seq` of the last message they have read.
    pub seq: u64,
}

/// Who has read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reader {
    /// The contact or an agent.
    #[serde(rename = "type")]
    pub kind: AuthorKind,
    /// Their id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
}

impl Reader {
    /// The contact.
    pub const fn contact(id: ContactId) -> Self {
        Self { kind: AuthorKind::Visitor, id: id.uuid() }
    }
}

/// What a webhook is tried out with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tried {
    /// A webhook.
    pub webhook_id: WebhookId,
    /// A greeting.
    pub message: String,
}
