//! A conversation and its ticket, in the shape that REST, sockets and the feed share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{AgentId, ChannelId, ContactSummary, ConversationId, Label, RemoteView, TeamId, TicketId, Timestamp, message::words};

/// The lasting thread of one contact on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// The channel it runs over.
    pub channel_id: ChannelId,
    /// Who we talk with.
    pub contact: ContactSummary,
    /// Where it stands.
    pub status: ConversationStatus,
    /// While snoozed: when it opens by itself; null: when the contact writes.
    pub snoozed_until: Option<Timestamp>,
    /// How urgent it is.
    pub priority: Priority,
    /// The agent who answers.
    pub assignee_id: Option<AgentId>,
    /// The team that answers.
    pub team_id: Option<TeamId>,
    /// The agent whose personal inbox it is in; null for a shared one.
    pub owner_id: Option<AgentId>,
    /// Its labels, sorted.
    pub labels: Vec<Label>,
    /// The open ticket, or the last one.
    pub ticket: Option<TicketSummary>,
    /// Where the other side is, if it is at a provider; absent on the widget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<Box<RemoteView>>,
    /// How many messages wait to be sent later.
    pub scheduled_count: u64,
    /// The number of its last event.
    pub seq: u64,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was put in the trash; null: it is not there.
    pub trashed_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When anything last happened in it.
    pub updated_at: Timestamp,
}

/// What a conversation shows of its ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketSummary {
    /// The ticket's id.
    pub id: TicketId,
    /// Counted per workspace from 1.
    pub number: u64,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: ConversationStatus,
}

/// A numbered unit of work on a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// The ticket's id.
    pub id: TicketId,
    /// Counted per workspace from 1.
    pub number: u64,
    /// The conversation it belongs to.
    pub conversation_id: ConversationId,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: ConversationStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// Who asked.
    pub contact: ContactSummary,
    /// The agent who answers.
    pub assignee_id: Option<AgentId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// One field's change: `{"from": …, "to": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// The value before.
    pub from: Value,
    /// The value after.
    pub to: Value,
}

/// What changed, by field name.
pub type Changes = BTreeMap<&'static str, Change>;

words! {
    /// Where a conversation or a ticket stands.
    ConversationStatus {
        /// Somebody has to answer.
        Open = "open",
        /// Waits for the contact or for something outside.
        Pending = "pending",
        /// Comes back by itself, when its time has come or the contact writes.
        Snoozed = "snoozed",
        /// Done; the contact's next message opens it again.
        Resolved = "resolved",
    }
}

words! {
    /// How urgent a conversation is.
    Priority {
        /// Not said.
        None = "none",
        /// Can wait.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// Soon.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
}
