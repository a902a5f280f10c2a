//! A message or a note, in the shape that REST, sockets and the feed share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{AttachmentRef, ClientId, ConversationId, Document, MessageId, TicketId, Timestamp, Via};

/// Something said to the other side (`message`) or among agents (`note`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The conversation it stands in.
    pub conversation_id: ConversationId,
    /// The ticket that was open when it was said.
    pub ticket_id: TicketId,
    /// Its place among the conversation's events; rising, not consecutive.
    pub seq: u64,
    /// Said to the other side or among agents.
    pub kind: MessageKind,
    /// From the contact (`in`) or to the contact (`out`).
    pub direction: Direction,
    /// Who said it.
    pub author: Author,
    /// The document tree.
    pub content: Document,
    /// Its plain form.
    pub content_text: String,
    /// Files that came with it.
    pub attachments: Vec<AttachmentRef>,
    /// Reactions of the other side.
    pub reactions: Vec<Reaction>,
    /// What became of it.
    pub status: MessageStatus,
    /// Why it failed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The key the sender gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// When it was taken in.
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// What it has because it went over a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Box<Via>>,
}

/// Who said a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    /// What kind of author.
    #[serde(rename = "type")]
    pub kind: AuthorKind,
    /// The contact's, agent's or service account's id.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<Uuid>,
    /// The name to show.
    pub name: Option<String>,
    /// A picture's address.
    pub avatar_url: Option<String>,
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who reacted.
    pub author: Author,
}

/// Declares an enum whose wire text, column text and parser are one table.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the table.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads the word; `None` if it is no such word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        // By hand: utoipa's derive does not see a rename that comes out of a macro, and would describe other words than are written.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::schema::words(&[$($text),+])
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What kind of author a message has.
    AuthorKind {
        /// The contact, on whatever channel.
        Visitor = "visitor",
        /// A human member.
        Agent = "agent",
        /// Switchboard itself.
        System = "system",
        /// A program with a token.
        Service = "service",
    }
}

words! {
    /// Said to the other side, or among agents.
    MessageKind {
        /// Said to the other side.
        Message = "message",
        /// Said among agents.
        Note = "note",
    }
}

words! {
    /// Which way a message goes.
    Direction {
        /// From the contact.
        In = "in",
        /// To the contact (or, for a note, to nobody).
        Out = "out",
    }
}

words! {
    /// What became of a message.
    MessageStatus {
        /// Waits for its provider.
        Queued = "queued",
        /// Handed over; on the widget: stored.
        Sent = "sent",
        /// On the other side's device.
        Delivered = "delivered",
        /// Seen.
        Read = "read",
        /// Given up.
        Failed = "failed",
    }
}
