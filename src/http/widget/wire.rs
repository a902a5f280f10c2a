//! What the widget's endpoints are sent and answer. camelCase; the history's messages are snake_case, as the sockets have them.

use entities::{AttachmentRef, Cursor, Message, MessageStatus, Timestamp, channel::FormField};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What `POST /api/widget/init` is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"apiKey": "wk_demo", "metadata": {"page_url": "https://northwind.example/bikes/fjord"}}))]
pub struct InitRequest {
    /// The widget's public key.
    pub api_key: String,
    /// The visitor, as an earlier `init` named it. Without one the visitor is new.
    #[serde(default)]
    pub visitor_id: Option<String>,
    /// Where the visitor is: `page_url`, `referrer`, `title`, `language` and the like.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Who the visitor is: `jwt`, or `identifier` and `identifier_hash`, for a proof; `name`, `email` and other answers for no more than
    /// what the visitor says.
    #[serde(default)]
    pub identity: Option<Map<String, Value>>,
}

/// What `POST /api/widget/init` answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InitResponse {
    /// Always true.
    pub success: bool,
    /// Proves the session to the other endpoints and to the socket, for 30 days.
    pub session_token: String,
    /// To be kept by the browser and sent with the next `init`.
    pub visitor_id: Uuid,
    /// How the widget looks and works.
    pub config: FrameConfig,
    /// The visitor's conversation, if it has begun.
    pub conversation_id: Option<Uuid>,
    /// Where the conversation's events stand.
    pub cursor: Cursor,
}

/// How the widget looks and works.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FrameConfig {
    /// `primaryColor`, `position`, `headerText` and whatever else was set.
    pub theme: Map<String, Value>,
    /// Asked before the first message.
    pub pre_chat_form: Vec<FormField>,
    /// Visitors may send files.
    pub allow_file_uploads: bool,
}

/// The query of `GET /api/widget/config`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ConfigQuery {
    /// The widget's public key.
    pub api_key: String,
}

/// What `GET /api/widget/config` answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConfigResponse {
    /// Always true.
    pub success: bool,
    /// What a contact form needs to know.
    pub config: FormConfig,
}

/// What a contact form needs to know.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormConfig {
    /// `primaryColor`, `headerText`, `position` and whatever else was set.
    pub theme: Map<String, Value>,
    /// The questions.
    pub form_fields: Vec<FormField>,
}

/// What `POST /api/widget/message` is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"sessionToken": "sbv_…", "message": "Hello", "attachments": [], "clientId": "5f0c7c1e-8f4b-4a57-9d0e-2b9f1d3a6c70"}))]
pub struct PostRequest {
    /// The session; may be sent as bearer token instead.
    #[serde(default)]
    pub session_token: Option<String>,
    /// The text. May be empty if there are attachments.
    #[serde(default)]
    pub message: String,
    /// Ids of uploaded files, at most 10.
    #[serde(default)]
    pub attachments: Vec<Uuid>,
    /// The sender's own key: a repeat of it is the same message for ever.
    #[serde(default)]
    pub client_id: Option<String>,
}

/// What `POST /api/widget/message` answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostResponse {
    /// Always true.
    pub success: bool,
    /// The ticket it was added to.
    pub ticket_id: Uuid,
    /// The conversation.
    pub conversation_id: Uuid,
    /// The message.
    pub message_id: Uuid,
    /// Its place.
    pub seq: u64,
}

/// The query of `GET /api/widget/message`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// The session; may be sent as bearer token instead.
    pub session_token: Option<String>,
    /// Messages behind this `seq`, the oldest of them first.
    pub after: Option<u64>,
    /// Messages before this `seq`: the page of those nearest to it. Not together with `after`.
    pub before: Option<u64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<u32>,
}

/// What `GET /api/widget/message` answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryResponse {
    /// Messages by rising `seq`, never notes. Without `after` or `before` the newest.
    pub messages: Vec<HistoryMessage>,
    /// Where the conversation's events stood when this was read; in a full page behind `after`, the last message's place.
    pub cursor: Cursor,
}

/// A message, as its visitor sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryMessage {
    /// The message.
    pub id: Uuid,
    /// Its place.
    pub seq: u64,
    /// The document.
    pub content: entities::Document,
    /// Its plain form.
    pub content_text: String,
    /// When it was taken in.
    pub created_at: Timestamp,
    /// Who said it.
    pub author: HistoryAuthor,
    /// Files that came with it.
    pub attachments: Vec<AttachmentRef>,
    /// What became of it.
    pub status: MessageStatus,
    /// The key its sender gave it.
    pub client_id: Option<String>,
}

/// Who said a message, as the visitor sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryAuthor {
    /// The name to show.
    pub name: Option<String>,
    /// A picture's address.
    pub avatar_url: Option<String>,
    /// `visitor`, `agent`, `system` or `service`.
    pub role: entities::AuthorKind,
}

impl From<Message> for HistoryMessage {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.uuid(),
            seq: message.seq,
            content: message.content,
            content_text: message.content_text,
            created_at: message.created_at,
            author: HistoryAuthor { name: message.author.name, avatar_url: message.author.avatar_url, role: message.author.kind },
            attachments: message.attachments,
            status: message.status,
            client_id: message.client_id.map(String::from),
        }
    }
}

/// What `POST /api/widget/contact` is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"apiKey": "wk_demo", "name": "Jane Doe", "email": "jane@example.com", "message": "Do you ship to Norway?"}))]
pub struct ContactRequest {
    /// The widget's public key.
    pub api_key: String,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// What is asked.
    pub message: String,
    /// The ticket's subject; else the message's first words.
    #[serde(default)]
    pub subject: Option<String>,
    /// Further answers.
    #[serde(default)]
    pub custom_fields: Map<String, Value>,
}

/// What `POST /api/widget/contact` answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactResponse {
    /// Always true.
    pub success: bool,
    /// The ticket.
    pub ticket_id: Uuid,
    /// Its number.
    pub ticket_number: u64,
    /// A sentence to show.
    pub message: &'static str,
}

/// The query of `GET /api/widget/events`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Everything behind this cursor. Without one, and without `Last-Event-ID`, the stream begins at the present.
    pub after: Option<String>,
}
