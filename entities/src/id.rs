//! Ids: one newtype a noun, so that a contact's id cannot be handed in where a conversation's is wanted.
//!
//! Guarantees: shown and read as plain hyphenated UUIDs. Does not: make new ids; the `Clock` port does.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to be the id of this noun.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare UUID, for a column or a hash.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Reads a UUID in any of its usual spellings.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::schema::formatted("uuid")
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// A customer organisation; the wire calls it workspace.
    TenantId,
    /// A human member who answers.
    AgentId,
    /// A program with tokens of its own.
    ServiceAccountId,
    /// A token of a service account.
    TokenId,
    /// A person who writes to us.
    ContactId,
    /// A connected widget, number, page or mailbox.
    ChannelId,
    /// An app or account at a provider.
    CredentialId,
    /// One secret of a credential.
    CredentialSecretId,
    /// One try to let our app in at a provider.
    InstallId,
    /// The lasting thread of one contact on one channel.
    ConversationId,
    /// A numbered unit of work on a conversation.
    TicketId,
    /// Something said, to the other side or among agents.
    MessageId,
    /// Something that is to be said at a time to come.
    ScheduledMessageId,
    /// A stored fact.
    EventId,
    /// An uploaded file.
    AttachmentId,
    /// A live socket.
    SessionId,
    /// One sign-in of an agent.
    LoginSessionId,
    /// A visitor's browser, as the widget remembers it.
    VisitorId,
    /// A line of the audit log.
    AuditEntryId,
    /// A team of agents.
    TeamId,
    /// A subscription to events: who wants which, and where.
    WebhookId,
    /// One event for one webhook.
    DeliveryId,
    /// The sending again of a webhook's past events.
    ReplayId,
    /// A running server, from its start to its end.
    NodeId,
    /// Something prepared for the inbox: a canned response, a label, a view, a macro.
    PresetId,
    /// Something to be done with many conversations.
    BulkJobId,
    /// An invitation to become a member.
    InvitationId,
}
