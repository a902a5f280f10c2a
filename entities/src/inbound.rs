//! What a provider tells us, in one vocabulary for all of them.
//!
//! Guarantees: everything here can be taken in twice, and in any order, with the same end: a message is known by its provider's id; an
//! edit carries the whole message and its revision, a reaction, a receipt and a watermark their instant, and the newest wins.
//!
//! Does not: hold the provider's payload. What no kind fits becomes [`MessageType::Unsupported`], never an error for its neighbours.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Address, ChannelKind, Consequence, Direction, ProviderError, Timestamp, message::words, parts::MessagePart};

/// One thing that happened at a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// The kind of channel it concerns: one provider may carry several.
    pub channel: ChannelKind,
    /// Our account there, as a channel's `address` has it: what leads to the channel.
    pub account: String,
    /// When it happened, as the provider says; `None`: it does not say, and the time of receipt counts.
    pub at: Option<Timestamp>,
    /// What happened.
    pub what: Happening,
}

/// What happened at a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// Somebody wrote, or an answer of ours was sent from elsewhere (direction `out`).
    Message(Box<InboundMessage>),
    /// A piece of a message that comes piece by piece: nothing is shown before all of them are here, or have been waited for.
    Part(Box<MessagePart>),
    /// A message was changed: the message as it is now, with the id it always had. One that is not known is taken in as it is now.
    Edit {
        /// The whole message.
        message: Box<InboundMessage>,
        /// Which change: the higher wins. The provider's own count, or microseconds of its instant.
        revision: i64,
    },
    /// A message was taken back.
    Deletion {
        /// The provider's id of the message.
        target: String,
    },
    /// Somebody reacted, or took the reaction back.
    Reaction {
        /// The provider's id of the message.
        target: String,
        /// Who.
        from: Party,
        /// The emoji; `None` takes it back.
        emoji: Option<String>,
    },
    /// What became of a message of ours.
    Receipt(Receipt),
    /// Everything that we sent to a contact up to an instant has come so far.
    Watermark {
        /// The contact.
        contact: Address,
        /// The provider's thread, where the contact has several.
        thread: Option<String>,
        /// Delivered or read.
        status: ReceiptStatus,
        /// Up to when.
        up_to: Timestamp,
    },
    /// A contact has other or further addresses. No message, nothing unread.
    ContactChanged {
        /// An address by which we may know the contact.
        known_by: Address,
        /// Addresses that are the same person's.
        also: Vec<Address>,
        /// The name, if told.
        name: Option<String>,
    },
    /// A contact does not want to be written to, or wants to again.
    Preference {
        /// The contact.
        contact: Address,
        /// Wants to.
        wants: bool,
        /// About all, or marketing alone.
        scope: PreferenceScope,
        /// What was said, where something was.
        keyword: Option<String>,
    },
    /// Something about a telephone call.
    Call(Box<Call>),
    /// A previous handler's summary: a note on the conversation.
    Note {
        /// The contact whose conversation it is.
        contact: Party,
        /// Makes a repeat harmless.
        key: String,
        /// The note.
        text: String,
    },
    /// Something about the connection itself.
    Channel(ChannelNews),
    /// Authentic, and nothing to do.
    Ignored {
        /// Why.
        reason: String,
    },
}

/// The person on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// By what we know the person first of all, and where answers go.
    pub address: Address,
    /// Further addresses of the same person.
    pub also: Vec<Address>,
    /// The name that the provider shows.
    pub name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
}

impl Party {
    /// Somebody of whom only the address is known.
    #[must_use]
    pub fn of(address: Address) -> Self {
        Self { address, also: Vec::new(), name: None, avatar_url: None }
    }
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The provider's id; unique on the channel. Where the provider gives none, the adapter derives one from what a repeat repeats.
    pub id: String,
    /// From the contact, or (an echo) to it.
    pub direction: Direction,
    /// The contact, also for an echo.
    pub party: Party,
    /// Who of ours wrote an echo, if told.
    pub author_name: Option<String>,
    /// The provider's thread; `None` where a contact has one thread alone.
    pub thread: Option<String>,
    /// What kind of message.
    pub kind: MessageType,
    /// What it says; for what has no text, a line that says what it is. May be empty if there are files.
    pub text: String,
    /// Files that come with it.
    pub media: Vec<InboundMedia>,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// What a pressed button stands for.
    pub payload: Option<String>,
    /// What it holds besides: a place, cards, an order, where the contact came from.
    pub details: Option<Value>,
    /// An echo of a message that we sent: our own id of it, as we gave it along.
    pub own_id: Option<String>,
}

impl InboundMessage {
    /// A text from the contact; the rest may be filled in.
    #[must_use]
    pub fn text(id: impl Into<String>, party: Party, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            direction: Direction::In,
            party,
            author_name: None,
            thread: None,
            kind: MessageType::Text,
            text: text.into(),
            media: Vec::new(),
            reply_to: None,
            payload: None,
            details: None,
            own_id: None,
        }
    }
}

words! {
    /// What kind of message.
    MessageType {
        /// Letters.
        Text = "text",
        /// A picture.
        Image = "image",
        /// A film.
        Video = "video",
        /// Sound.
        Audio = "audio",
        /// Sound that was spoken for us.
        Voice = "voice",
        /// Any other file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A place.
        Location = "location",
        /// Cards of people.
        Contacts = "contacts",
        /// A button that was pressed.
        InteractiveReply = "interactive_reply",
        /// Goods that were ordered.
        Order = "order",
        /// A form that was filled in.
        FormReply = "form_reply",
        /// A post or story that was passed on.
        Share = "share",
        /// A telephone call.
        Call = "call",
        /// Something that this version cannot show.
        Unsupported = "unsupported",
        /// Something the provider itself says.
        System = "system",
    }
}

/// A file at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundMedia {
    /// What kind of message it would be alone.
    pub kind: MessageType,
    /// The provider's id, if it is fetched in two steps.
    pub id: Option<String>,
    /// Where it lies, if told.
    pub url: Option<String>,
    /// Its type, as claimed.
    pub mime: Option<String>,
    /// Its name, as claimed; not yet safe for a disk.
    pub filename: Option<String>,
    /// Its size, as claimed.
    pub size: Option<u64>,
    /// Its SHA-256 as lower-case hexadecimal digits, as claimed.
    pub sha256: Option<String>,
    /// What fetching it needs.
    pub auth: MediaAuth,
    /// Until when it can be fetched, if told.
    pub expires_at: Option<Timestamp>,
}

words! {
    /// What fetching a file needs.
    MediaAuth {
        /// Nothing.
        None = "none",
        /// The channel's token.
        Bearer = "bearer",
        /// The account's name and password.
        Basic = "basic",
    }
}

/// What became of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider's id of it.
    pub target: String,
    /// Our own id of it, where the provider gives back what we gave along.
    pub own_id: Option<String>,
    /// How far it came.
    pub status: ReceiptStatus,
    /// Why it failed.
    pub error: Option<ProviderError>,
    /// What its failure means besides itself.
    #[serde(default, skip_serializing_if = "Consequence::is_none")]
    pub consequence: Consequence,
}

words! {
    /// How far a message came.
    ReceiptStatus {
        /// The provider has it.
        Accepted = "accepted",
        /// On its way.
        Sent = "sent",
        /// On the other side's device.
        Delivered = "delivered",
        /// Seen.
        Read = "read",
        /// Heard; as good as read.
        Played = "played",
        /// Given up.
        Failed = "failed",
    }
}

words! {
    /// What somebody does or does not want to be written to about.
    PreferenceScope {
        /// Anything.
        All = "all",
        /// Marketing alone.
        Marketing = "marketing",
    }
}

/// News of a telephone call. Several tell of one call; each field that is there replaces what was known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The provider's ids of the legs that this tells of, all of one call.
    pub legs: Vec<String>,
    /// How far the call has come, if this says so.
    pub phase: Option<CallPhase>,
    /// From the contact, or to it.
    pub direction: Direction,
    /// The contact.
    pub party: Party,
    /// Who of ours speaks.
    pub agent_name: Option<String>,
    /// When it began to ring.
    pub started_at: Option<Timestamp>,
    /// When somebody answered.
    pub connected_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long was spoken, in milliseconds.
    pub talk_ms: Option<u64>,
    /// What was recorded.
    pub recordings: Vec<InboundMedia>,
    /// What was left on the answering machine.
    pub voicemail: Option<InboundMedia>,
    /// What was said, written down.
    pub transcript: Option<String>,
    /// What it was about, in short.
    pub summary: Option<String>,
    /// Which conversation or contact of ours whoever placed the call gave along. A hint of somebody else's: it may be nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Uuid>,
}

words! {
    /// How far a call has come; a later one wins.
    CallPhase {
        /// It rings.
        Ringing = "ringing",
        /// Somebody speaks.
        Answered = "answered",
        /// Somebody waits.
        OnHold = "on_hold",
        /// Nobody took it.
        Missed = "missed",
        /// The other side did not take it.
        NoAnswer = "no_answer",
        /// It is over.
        Ended = "ended",
        /// The answering machine took it.
        Voicemail = "voicemail",
    }
}

/// Something about the connection itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelNews {
    /// What happened.
    pub kind: ChannelNewsKind,
    /// In words, for the channel's `status_detail`.
    pub detail: String,
    /// What belongs to it: a template's name and status, who has the thread now.
    pub data: Option<Value>,
}

words! {
    /// What happened to a connection.
    ChannelNewsKind {
        /// The token is no longer good: to be connected again.
        TokenRevoked = "token_revoked",
        /// Our app was taken off: disconnected.
        Uninstalled = "uninstalled",
        /// Works in part, or not for now.
        Restricted = "restricted",
        /// Works again.
        Restored = "restored",
        /// A template was changed.
        TemplateChanged = "template_changed",
        /// Another app or person has taken a thread, or given it back.
        ThreadControl = "thread_control",
        /// Nothing to do but to know.
        Notice = "notice",
    }
}
