//! Frames: what clients say, parsed; what the server says, written. Documented in `docs/sockets.md`, examples in `tests/wire/`.
//!
//! Guarantees: parsing never panics and never keeps more than the frame; unknown fields are ignored, so that a newer client can talk
//! to an older server. Does not: decide anything.

use actors::hub::LiveEvent;
use entities::{
    AgentId, AgentSummary, AttachmentId, Author, AuthorKind, ConversationId, Cursor, Document, Message, MessageId, MessageKind, Presence,
    SessionId, attachment::ATTACHMENTS_MAX, text::MESSAGE_CHARS_MAX,
};
use serde::{Deserialize, Serialize};

use crate::http::problem::Problem;

/// Largest frame either way, in bytes.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// The server pings this often.
pub const HEARTBEAT_SECS: u64 = 25;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame.
    Hello(Hello),
    /// Follow topics (agents).
    Subscribe {
        /// `inbox`, `presence`, `conversation:{id}`.
        topics: Vec<String>,
    },
    /// Stop following topics (agents).
    Unsubscribe {
        /// As for subscribe.
        topics: Vec<String>,
    },
    /// Say something.
    Send(Box<SendFrame>),
    /// Began or stopped writing.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// Began.
        on: bool,
    },
    /// Has read up to here.
    Read {
        /// Where.
        conversation_id: ConversationId,
        /// How far.
        seq: u64,
    },
    /// Shows this conversation, or none (agents).
    Viewing {
        /// Which.
        conversation_id: Option<ConversationId>,
    },
    /// Is there, or is not (agents).
    Presence {
        /// What.
        status: Presence,
    },
    /// Are you there?
    Ping {},
}

/// The first frame.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Hello {
    /// The session's token; an agent's browser leaves it out and is known by its cookie.
    #[serde(default)]
    pub token: Option<String>,
    /// Where to resume.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// Something to be said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SendFrame {
    /// Comes back in the answer.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// Where; a visitor has only one.
    #[serde(default)]
    pub conversation_id: Option<ConversationId>,
    /// The key that makes a repeat harmless.
    pub client_id: String,
    /// Plain text.
    #[serde(default)]
    pub text: Option<String>,
    /// Or a document.
    #[serde(default)]
    pub content: Option<Document>,
    /// Uploaded before.
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
    /// A note is for agents only.
    #[serde(default)]
    pub kind: Option<MessageKind>,
    /// The last event that the author had seen.
    #[serde(default)]
    pub last_seen_seq: Option<u64>,
}

/// What a client chose to recognise an answer by: a number or a short text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reference {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl ClientFrame {
    /// Reads a frame.
    ///
    /// # Errors
    /// What is wrong with it, for the closing sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// What the server says, but for `event` (see [`event`]).
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame<'a> {
    /// The session stands.
    Welcome {
        /// This socket.
        session_id: SessionId,
        /// Where the stream goes on from.
        cursor: Cursor,
        /// How often the server pings.
        heartbeat_secs: u64,
        /// What the server takes.
        limits: FrameLimits,
    },
    /// Stored for good.
    Ack {
        /// Of the `send`.
        #[serde(rename = "ref")]
        reference: &'a Reference,
        /// The message.
        message_id: MessageId,
        /// Its place.
        seq: u64,
        /// Where.
        conversation_id: ConversationId,
    },
    /// Not done.
    Refused(Refused<'a>),
    /// Somebody writes, or stopped.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// Writes.
        on: bool,
        /// Who.
        author: TypingAuthor<'a>,
    },
    /// Who came, went or stepped aside.
    Presence {
        /// Only those that changed.
        agents: Vec<PresenceOf>,
    },
    /// Who has a conversation open.
    Viewers {
        /// Which.
        conversation_id: ConversationId,
        /// Who.
        agents: &'a [AgentSummary],
    },
    /// Load the screen over HTTP and go on from `welcome.cursor`.
    ResyncRequired {
        /// Why.
        reason: &'static str,
    },
    /// Here I am.
    Pong {},
    /// A close follows.
    Goodbye {
        /// Why.
        reason: &'static str,
        /// When to come back.
        reconnect_after_ms: u64,
    },
}

/// Why something was not done.
#[derive(Debug, Clone, Serialize)]
pub struct Refused<'a> {
    /// Of the `send`, if it was one.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<&'a Reference>,
    /// The problem's code, as over HTTP.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
    /// Whether sending it again may help.
    pub retry: Retry,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// For `stale_reply`: what the author had not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Vec<Message>>,
}

/// Whether sending the same again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It will be refused again.
    Never,
    /// After having looked at what the refusal says.
    Now,
    /// After `retry_after_ms`.
    Later,
}

/// What the server takes.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct FrameLimits {
    frame_bytes_max: usize,
    text_chars_max: usize,
    attachments_max: usize,
    topics_max: usize,
}

impl FrameLimits {
    /// The limits that `welcome` tells.
    pub const TOLD: Self = Self {
        frame_bytes_max: FRAME_BYTES_MAX,
        text_chars_max: MESSAGE_CHARS_MAX,
        attachments_max: ATTACHMENTS_MAX,
        topics_max: actors::hub::message::TOPICS_MAX,
    };
}

/// Who writes.
#[derive(Debug, Clone, Serialize)]
pub struct TypingAuthor<'a> {
    #[serde(rename = "type")]
    kind: AuthorKind,
    id: Option<uuid::Uuid>,
    name: Option<&'a str>,
}

impl<'a> From<&'a Author> for TypingAuthor<'a> {
    fn from(author: &'a Author) -> Self {
        Self { kind: author.kind, id: author.id, name: author.name.as_deref() }
    }
}

/// What one agent is now.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PresenceOf {
    /// Who.
    pub id: AgentId,
    /// What.
    pub status: Presence,
}

impl ServerFrame<'_> {
    /// The frame's text.
    ///
    /// # Errors
    /// What `serde_json` says, which for these types is never.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Writes an `event` frame. What all sessions share is encoded once; `position` (agents only) and `prev` differ.
///
/// # Errors
/// What `serde_json` says, which for these types is never.
pub fn event(live: &LiveEvent, position: Option<u64>, prev: u64) -> Result<String, serde_json::Error> {
    let shared = if let Some(shared) = live.encoded.get() {
        shared
    } else {
        let encoded = encode_shared(live)?;
        live.encoded.get_or_init(|| encoded)
    };
    let mut text = String::with_capacity(shared.len() + 80);
    text.push_str(r#"{"type":"event","#);
    if let Some(position) = position {
        text.push_str(&format!(r#""position":{position},"#));
    }
    text.push_str(&format!(r#""prev":{prev},"#));
    text.push_str(shared);
    Ok(text)
}

fn encode_shared(live: &LiveEvent) -> Result<Box<str>, serde_json::Error> {
    #[derive(Serialize)]
    struct Shared<'a> {
        conversation_id: Option<ConversationId>,
        seq: Option<u64>,
        event: &'static str,
        data: &'a serde_json::value::RawValue,
        at: entities::Timestamp,
    }
    let event = &live.event;
    let shared =
        Shared { conversation_id: event.conversation_id, seq: event.seq, event: event.kind.as_str(), data: &event.data, at: event.at };
    let mut text = serde_json::to_string(&shared)?;
    // The opening brace is written with what differs.
    text.remove(0);
    Ok(text.into_boxed_str())
}

impl<'a> Refused<'a> {
    /// Refused for now.
    #[must_use]
    pub fn later(reference: Option<&'a Reference>, code: &'static str, detail: String, retry_after_ms: u64) -> Self {
        Self { reference, code, detail, retry: Retry::Later, retry_after_ms: Some(retry_after_ms), unseen: None }
    }

    /// The refusal that a problem is over a socket.
    #[must_use]
    pub fn from_problem(reference: Option<&'a Reference>, problem: &Problem) -> Self {
        let code = problem.code();
        let retry = match code.status() {
            429 | 503 => Retry::Later,
            409 => Retry::Now,
            _ => Retry::Never,
        };
        let retry_after_ms = (retry == Retry::Later).then(|| problem.retry_after().unwrap_or(1_000));
        Self { reference, code: code.as_str(), detail: problem.sentence().to_owned(), retry, retry_after_ms, unseen: None }
    }
}
