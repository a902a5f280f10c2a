//! Settings as the journal writes them.
//!
//! Most settings are written by themselves; what is told of in an event is written by the journal, in the event's transaction.

use entities::{AuditEntryId, ChannelId, ChannelStatus, CredentialId, Timestamp, WebhookId};
use uuid::Uuid;

/// Settings whose changes are told of in an event: of the same transaction, as everything that is told of.
#[derive(Debug, Clone)]
pub enum SettingsWrite {
    /// A webhook's state.
    Webhook(WebhookWrite),
    /// A channel.
    Channel(Box<ChannelWrite>),
}

/// A channel as it will be. The write stands alone: it changes no conversation and no contact.
#[derive(Debug, Clone)]
pub struct ChannelWrite {
    /// Which.
    pub id: ChannelId,
    /// The version that it was read with; another is [`CommitError::Conflict`]. The row then has the next.
    pub expected_version: u64,
    /// The name that agents see.
    pub name: String,
    /// What it sends and verifies with; another one that the tenant does not have is [`CommitError::Conflict`].
    pub credential_id: Option<CredentialId>,
    /// Whether it works.
    pub status: ChannelStatus,
    /// What is wrong, in words.
    pub status_detail: Option<String>,
    /// The settings, as JSON.
    pub settings: String,
    /// The secret by which a site vouches for its visitors that is made or ended with it.
    pub secret: Option<IdentitySecretWrite>,
    /// The line in the log, if somebody did it.
    pub line: Option<AuditLine>,
    /// When.
    pub at: Timestamp,
}

/// A widget's identity secret that is made or ended.
#[derive(Debug, Clone)]
pub struct IdentitySecretWrite {
    /// Its name.
    pub key_id: String,
    /// The secret itself, sealed; `None` ends it.
    pub sealed: Option<String>,
}

/// A line of the audit log.
#[derive(Debug, Clone)]
pub struct AuditLine {
    /// Its id.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// `agent`, `service`, or `system` for the command line.
    pub actor_kind: &'static str,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// What they were called.
    pub actor_name: Option<String>,
    /// What was done, as `resource.verb`.
    pub action: &'static str,
    /// To what kind of thing.
    pub target_kind: &'static str,
    /// To which.
    pub target_id: Uuid,
    /// What more is to be said, as a JSON object.
    pub detail: String,
    /// The request, if it came by one.
    pub request_id: Option<String>,
}

impl SettingsWrite {
    /// The webhook whose state changes.
    #[must_use]
    pub fn webhook(&self) -> Option<&WebhookWrite> {
        match self {
            Self::Webhook(webhook) => Some(webhook),
            Self::Channel(_) => None,
        }
    }

    /// The channel that changes.
    #[must_use]
    pub fn channel(&self) -> Option<&ChannelWrite> {
        match self {
            Self::Channel(channel) => Some(channel),
            Self::Webhook(_) => None,
        }
    }
}

/// What the server itself changes of a webhook. The webhook gets no delivery of the event that says so; all others may.
#[derive(Debug, Clone)]
pub struct WebhookWrite {
    /// Which.
    pub id: WebhookId,
    /// What becomes of it.
    pub change: WebhookChange,
    /// When.
    pub at: Timestamp,
}

/// What becomes of a webhook that keeps failing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookChange {
    /// It is noted that its owner was warned.
    Warned,
    /// It is disabled, for this reason.
    Disabled(String),
}
