//! Messages that are to be said at a time of their own, and how far ahead a time may be set.

use serde::{Deserialize, Serialize};

use crate::{AttachmentRef, Author, ClientId, ConversationId, Document, MessageKind, ScheduledMessageId, Timestamp, Via, message::words};

/// Most scheduled messages in one conversation, those included that could not be sent.
pub const SCHEDULED_MAX: usize = 100;
/// How far ahead a conversation may be snoozed or a message scheduled: a year, and a leap day.
pub const AHEAD_MS_MAX: i64 = 366 * 24 * 60 * 60 * 1000;

/// A message or a note that waits for its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledMessage {
    /// Its own id; the message that it becomes has another.
    pub id: ScheduledMessageId,
    /// Where it is to be said.
    pub conversation_id: ConversationId,
    /// Who says it: whoever last chose the words.
    pub author: Author,
    /// Said to the other side or among agents.
    pub kind: MessageKind,
    /// The document.
    pub content: Document,
    /// Its plain form.
    pub content_text: String,
    /// Files that come with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentRef>,
    /// The key that whoever scheduled it gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// What it answers, and what it is sent with, over a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Box<Via>>,
    /// When it is to be said.
    pub send_at: Timestamp,
    /// Why it was not said when its time had come; it waits no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// Rises with every change.
    pub version: u64,
    /// When it was scheduled.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ScheduledMessage {
    /// Whether it waits, or could not be sent.
    #[must_use]
    pub fn status(&self) -> ScheduledStatus {
        if self.refusal.is_none() { ScheduledStatus::Scheduled } else { ScheduledStatus::Failed }
    }
}

words! {
    /// Where a scheduled message stands. One that was sent is a message, and no longer scheduled.
    ScheduledStatus {
        /// Waits for its time.
        Scheduled = "scheduled",
        /// Its time has come and it could not be sent; it may be given another time.
        Failed = "failed",
    }
}

/// Why a scheduled message was not sent when its time had come. Data, no text: the edge has the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// The provider's reply window is closed.
    WindowClosed {
        /// When it closed.
        until: Timestamp,
        /// An approved template may be sent all the same.
        templates: bool,
    },
    /// The contact wants no messages.
    OptedOut,
    /// Another sender at the provider has the conversation, and the author is no person.
    HandledElsewhere,
    /// The channel is connected to nothing.
    Disconnected {
        /// What the channel says of that.
        detail: Option<String>,
    },
    /// The conversation takes it no more, for a reason that passes by no waiting.
    Unsendable,
}
