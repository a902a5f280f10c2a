//! What a caller may do: `resource:action`, in roles for agents and in scopes for tokens.

use crate::{Role, message::words};

words! {
    /// One thing a caller may do.
    Permission {
        /// See conversations, messages and tickets.
        ConversationsRead = "conversations:read",
        /// Change status, assignee, priority and labels.
        ConversationsWrite = "conversations:write",
        /// Answer and leave notes.
        MessagesWrite = "messages:write",
        /// See contacts.
        ContactsRead = "contacts:read",
        /// Change contacts.
        ContactsWrite = "contacts:write",
        /// See channels and their settings.
        ChannelsRead = "channels:read",
        /// Make and change channels, their secrets included.
        ChannelsWrite = "channels:write",
        /// See members.
        AgentsRead = "agents:read",
        /// Add, change and remove members.
        AgentsWrite = "agents:write",
        /// See tokens (never their text).
        TokensRead = "tokens:read",
        /// Make, rotate and revoke tokens.
        TokensWrite = "tokens:write",
        /// See the workspace.
        WorkspaceRead = "workspace:read",
        /// Change the workspace.
        WorkspaceWrite = "workspace:write",
        /// See webhooks, their deliveries (which hold what the events say) and the event feed.
        WebhooksRead = "webhooks:read",
        /// Make and change webhooks, and send their deliveries again.
        WebhooksWrite = "webhooks:write",
    }
}

impl Role {
    /// Whether the role includes the permission.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner | Self::Admin => true,
            Self::Agent => matches!(
                permission,
                P::ConversationsRead
                    | P::ConversationsWrite
                    | P::MessagesWrite
                    | P::ContactsRead
                    | P::ContactsWrite
                    | P::ChannelsRead
                    | P::AgentsRead
                    | P::WorkspaceRead
            ),
            Self::Viewer => {
                matches!(permission, P::ConversationsRead | P::ContactsRead | P::ChannelsRead | P::AgentsRead | P::WorkspaceRead)
            }
        }
    }
}
