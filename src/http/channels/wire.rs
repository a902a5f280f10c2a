//! What channels look like on the REST API, and what may be changed about them.

use entities::{AgentId, ChannelId, ChannelKind, ChannelStatus, CredentialId, Timestamp, WidgetSettings, channel::FormField};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A connected widget, number, page or mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    /// The channel's id.
    pub id: ChannelId,
    /// What it is connected to.
    pub kind: ChannelKind,
    /// The name that agents see.
    #[schema(example = "Website")]
    pub name: String,
    /// The provider's account: a number, a page's id; null for a widget.
    pub address: Option<String>,
    /// The credential it sends and verifies with; null for a widget.
    pub credential_id: Option<Uuid>,
    /// The agent whose personal channel it is; null for a shared one.
    pub owner_id: Option<AgentId>,
    /// Whether it works.
    pub status: ChannelStatus,
    /// What is wrong, in words.
    pub status_detail: Option<String>,
    /// What can be set.
    #[schema(value_type = ChannelSettings)]
    pub settings: Settings,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What can be set of a channel: of a widget a lot, of all other kinds nothing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ChannelSettings {
    /// Of a widget.
    Widget(WidgetSettings),
    /// Of every other kind.
    None(NoSettings),
}

/// Nothing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// A channel's settings, by kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Settings {
    /// Of a widget.
    Widget(Box<WidgetSettings>),
    /// Of a kind that has no settings of its own here.
    Other(Map<String, Value>),
}

/// A channel to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(
    json!({"kind": "widget", "name": "Website", "settings": {"allowed_origins": ["https://www.example.com"]}}),
    json!({"kind": "whatsapp", "name": "WhatsApp", "address": "106540352242922", "credential_id": "0198a1fd-fc00-7000-8000-000000000001"}),
))]
pub struct CreateChannel {
    /// What to connect.
    pub kind: ChannelKind,
    /// The name that agents see.
    #[schema(max_length = 200)]
    pub name: String,
    /// The provider's account; not for a widget. WhatsApp: the phone number id; Messenger and Instagram: the page's or account's id; SMS
    /// and Dialpad: the number, as in +15550100; Slack: the team's id.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// The credential to send and verify with; not for a widget.
    pub credential_id: Option<CredentialId>,
    /// What differs from the defaults; for a widget.
    pub settings: Option<WidgetChanges>,
}

/// Changes to a channel; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Website", "settings": {"header_text": "We answer within the hour", "identity": {"required": false}}}))]
pub struct UpdateChannel {
    /// The name that agents see.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Another credential of the same provider; not for a widget.
    pub credential_id: Option<CredentialId>,
    /// Changes to the settings; for a widget.
    pub settings: Option<WidgetChanges>,
}

/// Changes to a widget's settings; what is left out stays, what is here replaces the whole of that setting.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WidgetChanges {
    /// Origins (`https://www.example.com`, `https://*.example.com`, `http://localhost:3000`) whose pages may use it; none means any.
    #[schema(max_items = 100)]
    pub allowed_origins: Option<Vec<String>>,
    /// `primaryColor` (`#rgb` or `#rrggbb`), `position` (`bottom-right` or `bottom-left`) and whatever else the site's pages read.
    pub theme: Option<Map<String, Value>>,
    /// What stands at the top of the open widget.
    #[schema(max_length = 200)]
    pub header_text: Option<String>,
    /// Asked before the first message.
    #[schema(max_items = 20)]
    pub pre_chat_form: Option<Vec<FormField>>,
    /// Visitors may send files.
    pub allow_file_uploads: Option<bool>,
    /// How visitors prove who they are.
    pub identity: Option<IdentityChanges>,
}

/// How visitors prove who they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityChanges {
    /// Only identified visitors may chat.
    pub required: bool,
}

/// What came of reading again what could not be read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"taken": 3, "left": 0}))]
pub struct Replayed {
    /// Notifications that are read and taken in now.
    pub taken: u64,
    /// Notifications that still cannot be read; they are kept.
    pub left: u64,
}

/// A fresh identity secret: the only time that it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"key_id": "ik_4Zt0aQ", "secret": "is_dGhpcy1pcy1hbi1leGFtcGxl"}))]
pub struct IdentitySecret {
    /// Names the secret: the `kid` of the JWTs it signs.
    pub key_id: String,
    /// The secret, for the site's server alone.
    pub secret: String,
}
