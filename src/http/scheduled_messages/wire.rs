//! What scheduled messages look like on the REST API, and what may be scheduled.

use actors::conversation::Rejection;
use entities::{
    AttachmentId, AttachmentRef, Author, ClientId, ConversationId, Document, MessageKind, Refusal, ScheduledMessageId, ScheduledStatus,
    Timestamp, Via, outbound::MessageExtra,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    messages::wire::{PostMessage, TemplateChoice},
    problem::Problem,
};

/// A message that is sent later.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduledMessage)]
pub struct ScheduledMessageView {
    /// Its id. The message that it becomes has another, and `scheduled:` and this one as its `client_id`.
    pub id: ScheduledMessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Whose message it becomes: whoever last chose the words.
    pub author: Author,
    /// Said to the other side or among agents.
    pub kind: MessageKind,
    /// The document tree.
    pub content: Document,
    /// Its plain form.
    pub content_text: String,
    /// Files that come with it.
    pub attachments: Vec<AttachmentRef>,
    /// When it is sent.
    pub send_at: Timestamp,
    /// Whether it waits, or could not be sent when its time had come.
    pub status: ScheduledStatus,
    /// Why it could not be sent, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why it could not be sent: the code with which an ordinary message is refused, `channel_disconnected`, or `unsendable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'static str>,
    /// The key that it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// What it answers, and what it is sent with, over a provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Box<Via>>,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was scheduled.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl From<entities::ScheduledMessage> for ScheduledMessageView {
    fn from(message: entities::ScheduledMessage) -> Self {
        let status = message.status();
        let (error_code, error) = message.refusal.as_ref().map(words).unzip();
        Self {
            id: message.id,
            conversation_id: message.conversation_id,
            author: message.author,
            kind: message.kind,
            content: message.content,
            content_text: message.content_text,
            attachments: message.attachments,
            send_at: message.send_at,
            status,
            error,
            error_code,
            client_id: message.client_id,
            via: message.via,
            version: message.version,
            created_at: message.created_at,
            updated_at: message.updated_at,
        }
    }
}

/// The code and the words of an ordinary message that is refused for the same reason.
fn words(refusal: &Refusal) -> (&'static str, String) {
    let rejection = match refusal {
        Refusal::WindowClosed { until, templates } => Rejection::WindowClosed { until: *until, templates: *templates },
        Refusal::OptedOut => Rejection::OptedOut,
        Refusal::HandledElsewhere => Rejection::HandledElsewhere,
        Refusal::Disconnected { detail } => {
            let why = detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
            return ("channel_disconnected", format!("the channel was disconnected{why}"));
        }
        Refusal::Unsendable => return ("unsendable", "the conversation takes it no more".to_owned()),
    };
    let problem = Problem::from(rejection);
    (problem.code().as_str(), problem.sentence().to_owned())
}

/// Something to send later: either `text` or `content`, or files alone, or a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Good morning! Did the new cable help?", "send_at": "2026-03-27T08:00:00Z", "client_id": "later-1"}))]
pub struct CreateScheduledMessage {
    /// When, at most a year ahead.
    pub send_at: Timestamp,
    /// Plain text; a blank line begins a paragraph.
    #[schema(max_length = 10_000)]
    pub text: Option<String>,
    /// A document tree, instead of `text`.
    pub content: Option<Document>,
    /// `message` (to the contact) unless said.
    pub kind: Option<MessageKind>,
    /// Your own key: sent again while the first waits it makes no second one.
    #[schema(max_length = 64)]
    pub client_id: Option<ClientId>,
    /// Ids of files uploaded for this conversation. They are kept from now on.
    #[schema(max_items = 10)]
    pub attachments: Option<Vec<AttachmentId>>,
    /// The `seq` of the message of this conversation that it answers, for channels that show such.
    #[schema(minimum = 1)]
    pub reply_to_seq: Option<u64>,
    /// An approved template of the channel's account, instead of text; it may be sent also when the reply window is closed by then.
    pub template: Option<TemplateChoice>,
    /// Buttons or a list below the text, for channels that know such.
    pub extra: Option<MessageExtra>,
}

impl CreateScheduledMessage {
    /// What is to be said, and when.
    pub fn split(self) -> (PostMessage, Timestamp) {
        let said = PostMessage {
            text: self.text,
            content: self.content,
            kind: self.kind,
            client_id: self.client_id,
            attachments: self.attachments,
            last_seen_seq: None,
            reply_to_seq: self.reply_to_seq,
            template: self.template,
            extra: self.extra,
        };
        (said, self.send_at)
    }
}

/// Changes to a scheduled message; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"send_at": "2026-03-27T10:00:00Z"}))]
pub struct UpdateScheduledMessage {
    /// Another time, at most a year ahead. One that could not be sent waits again.
    pub send_at: Option<Timestamp>,
    /// Other words, as plain text. Whoever changes them becomes the author.
    #[schema(max_length = 10_000)]
    pub text: Option<String>,
    /// Other words, as a document tree, instead of `text`.
    pub content: Option<Document>,
}
