//! Events: facts, past tense, stored once, read by sockets, the feed and webhooks.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{ConversationId, EventId, Permission, TenantId, Timestamp, message::words};

/// The version of what the envelope and its data look like. A field may be added without a new one; none is taken away or changed.
pub const ENVELOPE_VERSION: u32 = 1;

words! {
    /// The name of an event on the wire.
    EventKind {
        /// A ticket was opened.
        TicketCreated = "ticket.created",
        /// A ticket changed.
        TicketUpdated = "ticket.updated",
        /// A ticket was put in the trash, or deleted for good.
        TicketDeleted = "ticket.deleted",
        /// A message was added to a ticket; the same message as the `conversation.message_created` before it.
        TicketMessageCreated = "ticket.message_created",
        /// A conversation began.
        ConversationCreated = "conversation.created",
        /// A conversation changed.
        ConversationUpdated = "conversation.updated",
        /// A conversation was put in the trash, or deleted for good.
        ConversationDeleted = "conversation.deleted",
        /// A conversation was given to an agent or taken from one.
        ConversationAssigned = "conversation.assigned",
        /// Somebody has read up to a message.
        ConversationRead = "conversation.read",
        /// Something was said.
        ConversationMessageCreated = "conversation.message_created",
        /// A message was changed.
        MessageUpdated = "message.updated",
        /// A message was taken back.
        MessageDeleted = "message.deleted",
        /// What became of a message changed.
        MessageStatusChanged = "message.status_changed",
        /// We heard of somebody for the first time.
        ContactCreated = "contact.created",
        /// Something about a contact changed.
        ContactUpdated = "contact.updated",
        /// A telephone call began.
        CallStarted = "call.started",
        /// A telephone call ended.
        CallEnded = "call.ended",
        /// A channel cannot send or receive any more.
        ChannelFailed = "channel.failed",
        /// A channel's settings changed.
        ChannelUpdated = "channel.updated",
        /// A webhook has had no success for half of the time after which it is disabled.
        WebhookFailing = "webhook.failing",
        /// A webhook was disabled because it kept failing, or its receiver asked for it.
        WebhookDisabled = "webhook.disabled",
        /// Somebody tries a webhook out; never stored, never in the feed.
        WebhookTest = "webhook.test",
    }
}

impl EventKind {
    /// Sockets do not carry it (see `docs/sockets.md`); the feed and webhooks do.
    #[must_use]
    pub const fn off_sockets(self) -> bool {
        matches!(
            self,
            Self::TicketMessageCreated
                | Self::CallStarted
                | Self::CallEnded
                | Self::ChannelFailed
                | Self::ChannelUpdated
                | Self::WebhookTest
        )
    }

    /// What an agent must be allowed to see it on a socket, beyond what the topic asks for.
    #[must_use]
    pub const fn needs(self) -> Option<Permission> {
        match self {
            Self::WebhookFailing | Self::WebhookDisabled => Some(Permission::WebhooksRead),
            _ => None,
        }
    }

    /// What it is about: the part of its name before the point.
    #[must_use]
    pub fn resource(self) -> &'static str {
        self.as_str().split_once('.').map_or(self.as_str(), |(resource, _)| resource)
    }

    /// Agents see it under the topic `inbox`.
    #[must_use]
    pub const fn in_inbox(self) -> bool {
        !self.off_sockets()
    }
}

/// An event as it lies in the table.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// The event's id: the same in webhooks, in the feed, and for every repeat.
    pub id: EventId,
    /// Whose event.
    pub tenant_id: TenantId,
    /// Its place among all events of the workspace, without gaps.
    pub position: u64,
    /// The conversation it happened in, if it did in one.
    pub conversation_id: Option<ConversationId>,
    /// Its place among the conversation's events, without gaps.
    pub seq: Option<u64>,
    /// What happened.
    pub kind: EventKind,
    /// The conversation's visitor may see it.
    pub visitor_visible: bool,
    /// The resource, as JSON; shared because a thousand sessions may be sent it.
    pub data: Arc<RawValue>,
    /// When it happened.
    pub at: Timestamp,
}

/// What an event says whose message was deleted for good since.
pub const ERASED: &str = r#"{"erased":true}"#;

impl StoredEvent {
    /// Nothing is left of what it told: the feed keeps its place, and sockets pass over it.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.data.get() == ERASED
    }

    /// The event as integrators get it: these very bytes are signed and sent by webhooks, and stand in the feed.
    ///
    /// # Errors
    /// What `serde_json` says, which for these types is never.
    pub fn envelope(&self) -> Result<String, serde_json::Error> {
        envelope(self.id, self.kind, self.at, self.tenant_id, self.position.cast_signed(), &self.data)
    }
}

/// An event's envelope from its parts; what never was in the feed has a position below zero.
///
/// # Errors
/// As [`StoredEvent::envelope`].
pub fn envelope(
    id: EventId,
    kind: EventKind,
    at: Timestamp,
    tenant_id: TenantId,
    position: i64,
    data: &RawValue,
) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        id: EventId,
        event: EventKind,
        version: u32,
        timestamp: Timestamp,
        workspace_id: TenantId,
        position: i64,
        data: &'a RawValue,
    }
    serde_json::to_string(&Envelope { id, event: kind, version: ENVELOPE_VERSION, timestamp: at, workspace_id: tenant_id, position, data })
}
