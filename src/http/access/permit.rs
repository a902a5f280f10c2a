//! Permissions as types, so that what a handler needs stands in its signature: `Allowed<WriteMessages>`.

use entities::Permission;

/// A permission as a type.
pub trait Permit: 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($(#[$doc:meta])* $name:ident = $permission:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Permit for $name {
            const PERMISSION: Permission = Permission::$permission;
        }
    )+};
}

permits! {
    /// See conversations, messages and tickets.
    ReadConversations = ConversationsRead;
    /// Change status, assignee, priority and labels.
    WriteConversations = ConversationsWrite;
    /// Answer and leave notes.
    WriteMessages = MessagesWrite;
    /// See contacts.
    ReadContacts = ContactsRead;
    /// Change contacts.
    WriteContacts = ContactsWrite;
    /// See channels.
    ReadChannels = ChannelsRead;
    /// Make and change channels.
    WriteChannels = ChannelsWrite;
    /// See members.
    ReadAgents = AgentsRead;
    /// Add, change and remove members.
    WriteAgents = AgentsWrite;
    /// See tokens.
    ReadTokens = TokensRead;
    /// Make, rotate and revoke tokens.
    WriteTokens = TokensWrite;
    /// See the workspace.
    ReadWorkspace = WorkspaceRead;
    /// Change the workspace.
    WriteWorkspace = WorkspaceWrite;
    /// See webhooks, their deliveries and the event feed.
    ReadWebhooks = WebhooksRead;
    /// Make and change webhooks, and send their deliveries again.
    WriteWebhooks = WebhooksWrite;
}
