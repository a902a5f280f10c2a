//! What we want a provider to do, in one vocabulary for all of them.
//!
//! An adapter turns an [`Outbound`] into calls (`plan`) and each answer into a [`SendOutcome`] (`classify`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Address, AttachmentId, ChannelKind, Document, MessageId, ProviderError, Timestamp};

/// Something to be done at a provider, for one contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Outbound {
    /// The kind of channel.
    pub channel: ChannelKind,
    /// Our account there: the channel's `address`.
    pub account: String,
    /// Whom it is for.
    pub to: Address,
    /// The provider's thread that it goes to.
    pub thread: Option<String>,
    /// The contact's last message, by the provider's clock; what reply windows count from.
    pub last_inbound_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// What to do.
    pub what: Action,
}

/// What to do at a provider.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Send a message.
    Send(Box<OutboundMessage>),
    /// React to a message; `None` takes the reaction back.
    React {
        /// The provider's id of the message.
        target: String,
        /// The emoji.
        emoji: Option<String>,
        /// The emoji that was there before, for providers that take back by name.
        previous: Option<String>,
    },
    /// Change what was sent.
    Edit {
        /// The provider's id of the message.
        target: String,
        /// What it shall say.
        text: String,
    },
    /// Take back what was sent.
    Delete {
        /// The provider's id of the message.
        target: String,
    },
    /// Say that we have read up to this message of the contact.
    MarkRead {
        /// The provider's id of the message.
        target: String,
    },
    /// Show that somebody is typing.
    Typing {
        /// The provider's id of the contact's last message, for providers that want it.
        target: Option<String>,
        /// Begins or stops.
        on: bool,
    },
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundMessage {
    /// Our own id, given along so that receipts and echoes name it.
    pub id: MessageId,
    /// What it says, as a document.
    pub content: Document,
    /// Its plain form; may be empty if there are files or a template.
    pub text: String,
    /// Files that go with it.
    pub media: Vec<OutboundMedia>,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// Who of ours says it.
    pub author: OutboundAuthor,
    /// Buttons or a list, or an approved template, where the channel knows such.
    pub extra: Option<MessageExtra>,
}

/// Who of ours says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundAuthor {
    /// The name to show.
    pub name: Option<String>,
    /// A picture's public address.
    pub avatar_url: Option<String>,
    /// A person typed it (no automation).
    pub human: bool,
}

/// A file to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundMedia {
    /// Ours.
    pub id: AttachmentId,
    /// Its name.
    pub filename: String,
    /// Its type.
    pub mime: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where the provider can fetch it, signed and good for an hour.
    pub url: String,
}

/// What a message may have besides text and files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MessageExtra {
    /// Up to a few buttons below the text.
    Buttons {
        /// The buttons.
        buttons: Vec<Choice>,
    },
    /// A list that opens.
    List {
        /// What opens it.
        button: String,
        /// Its rows.
        rows: Vec<Choice>,
    },
    /// A template that the provider has approved.
    Template {
        /// Its name (or the provider's id of it).
        name: String,
        /// Its language, as the provider spells it.
        language: String,
        /// What stands for its variables: by name, or by place (`1`, `2`, …).
        #[serde(default)]
        #[schema(value_type = Object)]
        variables: std::collections::BTreeMap<String, String>,
        /// Header and button parts in the provider's own shape, where the template has such.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        components: Option<Value>,
    },
}

/// A button or a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it stands for; comes back when it is pressed.
    pub id: String,
    /// What it says.
    pub title: String,
    /// Smaller words below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What came of one call to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider has it.
    Accepted {
        /// Its id of the message, if the call made one.
        id: Option<String>,
        /// Providers without receipts: it is delivered, too.
        delivered: bool,
        /// Addresses of the contact that the answer told us of.
        also: Vec<Address>,
    },
    /// Not now. Nothing was sent.
    Retry {
        /// Not before so many milliseconds; `None`: by our own back-off.
        after_ms: Option<u64>,
        /// Whom it holds up.
        holds: Holds,
        /// Why.
        error: ProviderError,
        /// At most so many tries of this kind; `None`: as many as our own schedule has.
        tries_max: Option<u32>,
    },
    /// Never like this. Nothing was sent.
    Refused {
        /// Why.
        error: ProviderError,
        /// What follows besides.
        consequence: Consequence,
    },
    /// The channel cannot send until somebody does something: the queue stays as it is.
    Halted {
        /// Why.
        error: ProviderError,
        /// What to do, in words for the channel's `status_detail`.
        remedy: String,
    },
    /// It may have been sent or not: never tried again blindly.
    Unknown {
        /// Why.
        error: ProviderError,
    },
}

/// Whom a pause holds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// This message (and with it its conversation).
    Message,
    /// Everything for this contact.
    Contact,
    /// Everything on the channel.
    Channel,
}

/// What a refusal means besides itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// Nothing.
    #[default]
    None,
    /// The contact wants no messages from us.
    OptedOut,
    /// The contact wants no marketing from us.
    OptedOutOfMarketing,
    /// The reply window is closed.
    WindowClosed,
    /// The address cannot be reached at all.
    AddressUnusable,
    /// The provider's template is not as it is known here.
    TemplateChanged,
}

impl Consequence {
    /// Whether nothing follows.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}
