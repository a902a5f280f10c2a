//! What is said to a hub, and what it says to sessions.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use entities::{AgentId, ConversationId, LoginSessionId, Role, SessionId, StoredEvent, TenantId};
use tokio::sync::{mpsc, oneshot};

use crate::port::{Published, Signal, StoreError};

/// Deliveries that may wait for a session.
pub const DELIVERIES_MAX: usize = 64;
/// Events that may wait for a session.
pub const EVENTS_WAITING_MAX: usize = 256;
/// Bytes of event data that may wait for a session.
pub const BYTES_WAITING_MAX: usize = 256 * 1024;
/// Most conversations one session may follow at once.
pub const TOPICS_MAX: usize = 100;

/// An event on its way to sessions, with the text that all of them share.
#[derive(Debug)]
pub struct LiveEvent {
    /// The event.
    pub event: StoredEvent,
    /// What the first session that sends it has encoded, for the others.
    pub encoded: OnceLock<Box<str>>,
}

impl LiveEvent {
    /// An event that nobody has encoded yet.
    #[must_use]
    pub fn new(event: StoredEvent) -> Arc<Self> {
        Arc::new(Self { event, encoded: OnceLock::new() })
    }
}

/// What a session is sent.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Events, in the order of their positions.
    Events(Vec<Arc<LiveEvent>>),
    /// Something of the moment.
    Signal(Arc<Signal>),
    /// The visitor may not be here any more: end the session for good.
    Barred,
    /// The node is about to end: tell the client to reconnect.
    Drain,
}

/// A session's way in, shared by the hub (which fills it) and the session (which empties it).
#[derive(Debug)]
pub struct Outlet {
    sender: mpsc::Sender<Delivery>,
    events_waiting: AtomicUsize,
    bytes_waiting: AtomicUsize,
    cut: AtomicBool,
}

impl Outlet {
    /// An outlet and the end that the session reads.
    #[must_use]
    pub fn new() -> (Arc<Self>, mpsc::Receiver<Delivery>) {
        let (sender, receiver) = mpsc::channel(DELIVERIES_MAX);
        let outlet = Self { sender, events_waiting: AtomicUsize::new(0), bytes_waiting: AtomicUsize::new(0), cut: AtomicBool::new(false) };
        (Arc::new(outlet), receiver)
    }

    /// The session reads too slowly and was cut from the live set: it has missed something and must close with 4001.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// The session has taken these events out.
    pub fn took(&self, events: &[Arc<LiveEvent>]) {
        self.events_waiting.fetch_sub(events.len(), Ordering::AcqRel);
        self.bytes_waiting.fetch_sub(weight(events), Ordering::AcqRel);
    }

    /// Hands events in; false if the session is gone or too slow, and is now cut.
    pub(super) fn push_events(&self, events: Vec<Arc<LiveEvent>>) -> bool {
        let (count, bytes) = (events.len(), weight(&events));
        let waiting = self.events_waiting.fetch_add(count, Ordering::AcqRel);
        let waiting_bytes = self.bytes_waiting.fetch_add(bytes, Ordering::AcqRel);
        // One delivery is always let in, however large: an idle session is not slow.
        let fits = waiting == 0 || (waiting + count <= EVENTS_WAITING_MAX && waiting_bytes + bytes <= BYTES_WAITING_MAX);
        let taken = fits && self.sender.try_send(Delivery::Events(events)).is_ok();
        if !taken {
            self.cut.store(true, Ordering::Release);
        }
        taken
    }

    /// Hands in something of the moment; dropped if the session is busy with events.
    pub(super) fn push_signal(&self, signal: &Arc<Signal>) {
        if self.sender.capacity() > DELIVERIES_MAX / 2 {
            // Dropped when the session is gone or full: a signal is of the moment.
            drop(self.sender.try_send(Delivery::Signal(signal.clone())));
        }
    }

    /// Ends the session for good. One that is too busy to hear it is cut: it is refused when it comes back.
    pub(super) fn push_barred(&self) {
        if self.sender.try_send(Delivery::Barred).is_err() {
            self.cut.store(true, Ordering::Release);
        }
    }

    /// Tells the session of the drain; whether it will hear.
    pub(super) fn push_drain(&self) -> bool {
        self.sender.try_send(Delivery::Drain).is_ok()
    }
}

fn weight(events: &[Arc<LiveEvent>]) -> usize {
    events.iter().map(|live| live.event.data.get().len()).sum()
}

/// What a session sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// A visitor: what it may see of its own conversation.
    Visitor {
        /// The conversation, begun or not.
        conversation_id: ConversationId,
    },
    /// An agent: the topics it was given.
    Agent {
        /// Who.
        agent_id: AgentId,
        /// By which sign-in, if by one.
        login_session_id: Option<LoginSessionId>,
        /// What it may do, as it was when the session began.
        role: Role,
        /// Which.
        topics: Topics,
    },
}

/// An agent's topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topics {
    /// List changes of every conversation the agent may see.
    pub inbox: bool,
    /// Who is there.
    pub presence: bool,
    /// Everything in these conversations, at most [`TOPICS_MAX`].
    pub conversations: Vec<ConversationId>,
}

impl View {
    /// Whether an event is to be shown to this session.
    #[must_use]
    pub fn covers(&self, event: &StoredEvent) -> bool {
        if event.kind.off_sockets() || event.is_erased() {
            return false;
        }
        match self {
            Self::Visitor { conversation_id } => event.visitor_visible && event.conversation_id == Some(*conversation_id),
            Self::Agent { topics, role, .. } => {
                let followed = event.conversation_id.is_some_and(|id| topics.conversations.contains(&id));
                let allowed = event.kind.needs().is_none_or(|permission| role.allows(permission));
                allowed && (followed || (topics.inbox && event.kind.in_inbox()))
            }
        }
    }

    /// Whether something of the moment is to be shown to this session.
    #[must_use]
    pub fn hears(&self, signal: &Signal) -> bool {
        match (self, signal) {
            (Self::Visitor { conversation_id }, Signal::Typing { conversation_id: at, internal, author, .. }) => {
                at == conversation_id && !internal && author.kind != entities::AuthorKind::Visitor
            }
            (Self::Visitor { .. }, _) => false,
            (Self::Agent { topics, agent_id, .. }, Signal::Typing { conversation_id, author, .. }) => {
                topics.conversations.contains(conversation_id) && author.id != Some(agent_id.uuid())
            }
            (Self::Agent { topics, .. }, Signal::Viewers { conversation_id, .. }) => topics.conversations.contains(conversation_id),
            (Self::Agent { topics, .. }, Signal::Presence { .. }) => topics.presence,
            (Self::Agent { agent_id, login_session_id, .. }, Signal::Revoked { agent_id: revoked, login_session_id: one }) => {
                agent_id == revoked && (one.is_none() || one == login_session_id)
            }
        }
    }
}

#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Join {
    pub tenant_id: TenantId,
    pub session_id: SessionId,
    pub outlet: Arc<Outlet>,
    pub view: View,
    pub answer: oneshot::Sender<Result<u64, StoreError>>,
}

#[derive(actix::Message)]
#[rtype(result = "Result<u64, StoreError>")]
pub(super) struct Watch {
    pub tenant_id: TenantId,
    pub session_id: SessionId,
    pub topics: Topics,
}

#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Leave {
    pub tenant_id: TenantId,
    pub session_id: SessionId,
}

#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Publish(pub Published);

#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Signalled {
    pub tenant_id: TenantId,
    pub signal: Arc<Signal>,
}

#[derive(actix::Message)]
#[rtype(result = "usize")]
pub(super) struct Drain;
