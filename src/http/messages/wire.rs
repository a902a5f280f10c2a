//! What messages look like on the REST API, and what may be said.
//!
//! The message itself is [`entities::Message`], the shape that sockets and events share.

use std::collections::BTreeMap;

use entities::{AttachmentId, ClientId, Document, MessageKind, outbound::MessageExtra};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which of a conversation's messages to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `desc` (newest first) unless said.
    #[param(inline)]
    pub order: Option<Order>,
    /// Only those behind this place.
    #[param(minimum = 0)]
    pub after_seq: Option<u64>,
    /// Only those before this place.
    #[param(minimum = 0)]
    pub before_seq: Option<u64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which end of a conversation comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The oldest first.
    Asc,
    /// The newest first.
    #[default]
    Desc,
}

/// Something to say: either `text` or `content`, or files alone.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(
    json!({"text": "We have found it: your dashboard is back.", "client_id": "reply-1", "last_seen_seq": 12}),
    json!({"template": {"name": "order_update", "language": "en_US", "variables": {"first_name": "Dana", "order": "#42"}}}),
))]
pub struct PostMessage {
    /// Plain text; a blank line begins a paragraph.
    #[schema(max_length = 10_000)]
    pub text: Option<String>,
    /// A document tree, instead of `text`.
    pub content: Option<Document>,
    /// `message` (to the contact) unless said.
    pub kind: Option<MessageKind>,
    /// Your own key of this message: sent again it makes no second one, ever.
    #[schema(max_length = 64)]
    pub client_id: Option<ClientId>,
    /// Ids of files uploaded for this conversation.
    #[schema(max_items = 10)]
    pub attachments: Option<Vec<AttachmentId>>,
    /// The `seq` of the last event you had seen. If somebody else has replied behind it, the message is refused with `stale_reply`.
    pub last_seen_seq: Option<u64>,
    /// The `seq` of the message of this conversation that it answers, for channels that show such.
    #[schema(minimum = 1)]
    pub reply_to_seq: Option<u64>,
    /// An approved template of the channel's account, instead of text; for channels that have such. It may be sent at any time.
    pub template: Option<TemplateChoice>,
    /// Buttons or a list below the text, for channels that know such; or a template whose header and buttons are given in the provider's own shape.
    pub extra: Option<MessageExtra>,
}

/// A template and the words for its places, as `GET …/channels/{id}/templates` lists them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "order_update", "language": "en_US", "variables": {"first_name": "Dana", "order": "#42"}}))]
pub struct TemplateChoice {
    /// Its name.
    #[schema(max_length = 512)]
    pub name: String,
    /// Its language, as the provider spells it.
    #[schema(max_length = 20)]
    pub language: String,
    /// The words, by the `key` of each of its variables. Of one line each, with at most four spaces in a row.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}
