//! What happened, told to whoever is awake. A hint: it may be lost, the table may not.

use std::sync::Arc;

use entities::{AgentId, AgentSummary, Author, ChannelId, ConversationId, LoginSessionId, Presence, StoredEvent, TenantId, WebhookId};

/// Events of one tenant that were just committed, in the order of their positions and without a gap among them.
#[derive(Debug, Clone)]
pub struct Published {
    /// Whose events.
    pub tenant_id: TenantId,
    /// The events; never empty.
    pub events: Arc<[StoredEvent]>,
}

/// Something of the moment that is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// Somebody began or stopped writing.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// Began (true) or stopped.
        on: bool,
        /// Who; sessions of the same author are not told.
        author: Author,
        /// Hidden from the visitor: the agent is writing a note.
        internal: bool,
    },
    /// Agents came, went or stepped aside: only those that changed.
    Presence {
        /// Who, and what they are now.
        agents: Vec<(AgentId, Presence)>,
    },
    /// Who has a conversation open: the whole, short list.
    Viewers {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Who looks at it.
        agents: Vec<AgentSummary>,
    },
    /// Sessions that lost their right to be here: of an agent whose sign-ins were ended.
    Revoked {
        /// Which agent.
        agent_id: AgentId,
        /// The sign-in that was ended; `None` for all of them.
        login_session_id: Option<LoginSessionId>,
    },
}

/// Fan-out to the hubs. Implementations: within one process, and over Redis.
pub trait Bus: Send + Sync + 'static {
    /// Tells of committed events. Never waits, never fails: what is lost here is found again by position.
    fn publish(&self, published: Published);

    /// Tells of the moment. Never waits; may be dropped.
    fn signal(&self, tenant_id: TenantId, signal: Signal);

    /// Tells of webhooks that have something to deliver. Never waits, never fails: the sweep finds what is lost here.
    fn wake(&self, webhooks: &[WebhookId]);

    /// Tells of channels that have something to send. Never waits, never fails: the sweep finds what is lost here; an
    /// implementation that tells nobody leaves it all to the sweep.
    fn wake_channels(&self, _channels: &[ChannelId]) {}
}
