//! Providers: whose servers carry messages to people who are not in our widget, and what their channels can do.
//!
//! Guarantees: what a channel allows is data, one table here; the rules in `actors` and the words in the console read the same table.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChannelKind, message::words};

words! {
    /// Whose servers carry messages.
    Provider {
        /// WhatsApp Cloud API.
        Whatsapp = "whatsapp",
        /// Messenger, and Instagram messages on the same wire.
        Messenger = "messenger",
        /// Text messages: Twilio, Vonage, Telnyx, MessageBird, Plivo.
        Sms = "sms",
        /// Slack.
        Slack = "slack",
        /// Dialpad.
        Dialpad = "dialpad",
    }
}

words! {
    /// What is known of a credential.
    CredentialStatus {
        /// Nobody has asked the provider yet.
        Unchecked = "unchecked",
        /// The provider took it when it was last asked.
        Working = "working",
        /// The provider refused it when it was last asked; `status_detail` says why.
        Failing = "failing",
    }
}

impl Provider {
    /// Who carries a channel of this kind; `None` for those that need no provider of messages.
    #[must_use]
    pub const fn of(kind: ChannelKind) -> Option<Self> {
        match kind {
            ChannelKind::Whatsapp => Some(Self::Whatsapp),
            ChannelKind::Messenger | ChannelKind::Instagram => Some(Self::Messenger),
            ChannelKind::Sms => Some(Self::Sms),
            ChannelKind::Slack => Some(Self::Slack),
            ChannelKind::Dialpad => Some(Self::Dialpad),
            ChannelKind::Widget | ChannelKind::Email => None,
        }
    }

    /// The kinds of channels it carries.
    #[must_use]
    pub const fn kinds(self) -> &'static [ChannelKind] {
        match self {
            Self::Whatsapp => &[ChannelKind::Whatsapp],
            Self::Messenger => &[ChannelKind::Messenger, ChannelKind::Instagram],
            Self::Sms => &[ChannelKind::Sms],
            Self::Slack => &[ChannelKind::Slack],
            Self::Dialpad => &[ChannelKind::Dialpad],
        }
    }
}

/// What a provider says is wrong, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderError {
    /// The provider's code.
    pub code: String,
    /// Its short text.
    pub title: String,
    /// Its long text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ProviderError {
    /// An error from its parts.
    #[must_use]
    pub fn new(code: impl Into<String>, title: impl Into<String>) -> Self {
        Self { code: code.into(), title: title.into(), detail: None }
    }

    /// With the long text.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl std::fmt::Display for ProviderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        // Some providers say the code in the text, and the text twice.
        if !self.title.contains(&self.code) {
            write!(f, " ({})", self.code)?;
        }
        match self.detail.as_deref().filter(|detail| !self.title.contains(detail)) {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

/// What a channel allows. Sources: each provider's page in `docs/channels.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Capabilities {
    /// How long after the contact's last message anything may be said, in hours; `None`: always.
    pub reply_window_hours: Option<u32>,
    /// How long after it a human may still answer (Meta's `HUMAN_AGENT` tag), in hours.
    pub human_window_hours: Option<u32>,
    /// Outside the window an approved template may be sent.
    pub templates: bool,
    /// Agents may react to messages.
    pub reactions: bool,
    /// What was sent can be changed or taken back.
    pub edits: bool,
    /// Files can be sent.
    pub files: bool,
    /// Tells when a message reached the device.
    pub delivery_receipts: bool,
    /// Tells when a message was read.
    pub read_receipts: bool,
    /// Shows the other side that we have read.
    pub read_marks: bool,
    /// Shows the other side that somebody is typing.
    pub typing: bool,
    /// How long that shows unless it is said again, in seconds.
    pub typing_secs: u32,
    /// That can be taken back before it ends.
    pub typing_stops: bool,
    /// Longest text sent as one message, in the provider's own units; a longer one is split.
    pub text_max: u32,
    /// Most messages a second from one number or page.
    pub messages_per_second: u32,
    /// A receipt or an echo names our own id of a message, so that an unknown outcome is settled by waiting for it.
    pub settles_unknown: bool,
}

impl Capabilities {
    /// What channels of this kind allow; `None` for those that need no provider of messages.
    #[must_use]
    pub const fn of(kind: ChannelKind) -> Option<Self> {
        const NONE: Capabilities = Capabilities {
            reply_window_hours: None,
            human_window_hours: None,
            templates: false,
            reactions: false,
            edits: false,
            files: true,
            delivery_receipts: false,
            read_receipts: false,
            read_marks: false,
            typing: false,
            typing_secs: 0,
            typing_stops: false,
            text_max: 1_600,
            messages_per_second: 1,
            settles_unknown: false,
        };
        match kind {
            ChannelKind::Whatsapp => Some(Capabilities {
                reply_window_hours: Some(24),
                templates: true,
                reactions: true,
                delivery_receipts: true,
                read_receipts: true,
                read_marks: true,
                typing: true,
                typing_secs: 25,
                text_max: 4_096,
                messages_per_second: 80,
                settles_unknown: true,
                ..NONE
            }),
            ChannelKind::Messenger => Some(Capabilities {
                reply_window_hours: Some(24),
                human_window_hours: Some(24 * 7),
                reactions: true,
                delivery_receipts: true,
                read_receipts: true,
                read_marks: true,
                typing: true,
                typing_secs: 20,
                typing_stops: true,
                text_max: 2_000,
                messages_per_second: 40,
                settles_unknown: true,
                ..NONE
            }),
            ChannelKind::Instagram => Some(Capabilities {
                reply_window_hours: Some(24),
                human_window_hours: Some(24 * 7),
                reactions: true,
                read_receipts: true,
                read_marks: true,
                typing: true,
                typing_secs: 20,
                typing_stops: true,
                text_max: 1_000,
                messages_per_second: 40,
                settles_unknown: true,
                ..NONE
            }),
            ChannelKind::Sms => Some(Capabilities { delivery_receipts: true, settles_unknown: true, ..NONE }),
            ChannelKind::Slack => Some(Capabilities { reactions: true, edits: true, text_max: 3_900, settles_unknown: true, ..NONE }),
            ChannelKind::Dialpad => Some(Capabilities { delivery_receipts: true, ..NONE }),
            ChannelKind::Widget | ChannelKind::Email => None,
        }
    }
}
