//! What is asked of the search, and what it answers.

use entities::{ContactId, ConversationId, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words that are all wanted, the last of them as a beginning; `"words in quotes"` one behind the other; `#42` or `42` for the ticket with
    /// that number. Case and accents do not count.
    #[param(example = "parcel lost", min_length = 1, max_length = 256)]
    pub q: String,
    /// Only hits of this type.
    #[param(inline)]
    pub r#type: Option<Wanted>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What may be searched for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// What was said, notes included.
    Messages,
    /// People, by name, e-mail address or telephone number.
    Contacts,
    /// Conversations, by the number of a ticket.
    Conversations,
}

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HitType {
    /// A message or a note.
    Message,
    /// A contact.
    Contact,
    /// A conversation.
    Conversation,
}

/// Something that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hit {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: HitType,
    /// Where to look; of a contact the last conversation that the caller may see, if there is one.
    pub conversation_id: Option<ConversationId>,
    /// The message, if it is one.
    pub message_id: Option<MessageId>,
    /// The message's place in the conversation.
    pub seq: Option<u64>,
    /// Who it is, or is with.
    pub contact_id: ContactId,
    /// Their name, where it is known.
    pub contact_name: Option<String>,
    /// The ticket's number: the one that was asked for, or the one under which the message was said.
    pub number: Option<u64>,
    /// When it was said, or when the contact or the ticket came to be.
    pub created_at: Timestamp,
    /// What was found, in parts that make one text; `…` where it goes on.
    pub excerpt: Vec<Part>,
}

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    /// Plain text.
    #[schema(example = "parcel")]
    pub text: String,
    /// Whether it is what was searched for.
    pub hit: bool,
}
