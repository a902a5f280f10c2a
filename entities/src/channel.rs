//! Channels, and what the widget's settings hold.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::message::words;

words! {
    /// What a channel is connected to.
    ChannelKind {
        /// Our own chat window.
        Widget = "widget",
        /// WhatsApp Cloud API.
        Whatsapp = "whatsapp",
        /// Facebook Messenger.
        Messenger = "messenger",
        /// Instagram messages.
        Instagram = "instagram",
        /// Text messages.
        Sms = "sms",
        /// A Slack workspace.
        Slack = "slack",
        /// Dialpad calls and texts.
        Dialpad = "dialpad",
        /// A mailbox.
        Email = "email",
    }
}

words! {
    /// Whether a channel works.
    ChannelStatus {
        /// It does.
        Connected = "connected",
        /// In part; `status_detail` says what is wrong.
        Degraded = "degraded",
        /// It does not.
        Disconnected = "disconnected",
    }
}

/// The settings of a widget channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WidgetSettings {
    /// The public key that names this widget.
    pub api_key: String,
    /// Origins (scheme, host, port; `https://*.example.com` allowed) whose pages may use it; empty means any.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// `primaryColor`, `position` and whatever else the widget understands.
    #[serde(default)]
    pub theme: Map<String, Value>,
    /// What stands at the top of the open widget.
    #[serde(default)]
    pub header_text: String,
    /// Asked before the first message.
    #[serde(default)]
    pub pre_chat_form: Vec<FormField>,
    /// Visitors may send files.
    #[serde(default)]
    pub allow_file_uploads: bool,
    /// How visitors prove who they are.
    #[serde(default)]
    pub identity: IdentitySettings,
}

/// One question of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// The name under which the answer is kept.
    pub name: String,
    /// What the visitor reads.
    pub label: String,
    /// What may be entered.
    #[serde(rename = "type")]
    pub kind: FormFieldKind,
    /// An answer is needed.
    #[serde(default)]
    pub required: bool,
}

words! {
    /// What may be entered in a form's field.
    FormFieldKind {
        /// One line.
        Text = "text",
        /// An e-mail address.
        Email = "email",
        /// A telephone number.
        Phone = "phone",
        /// Several lines.
        Textarea = "textarea",
    }
}

/// How visitors prove who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitySettings {
    /// Only identified visitors may chat.
    #[serde(default)]
    pub required: bool,
    /// The identity secrets that are alive; read only.
    #[serde(default)]
    pub key_ids: Vec<String>,
}
