//! What may follow from a command, and how many `seq` each of it takes. Data, and nothing else.

use std::sync::Arc;

use entities::{BulkJobId, Changes, Contact, EventKind, Message, MessageKind, Remote, ScheduledMessage, ScheduledMessageId, Ticket};

use crate::{
    conversation::message::{Posted, Reader},
    port::{ConversationRow, DispatchAction, HeldMessage},
};

/// What happened. Each fact is one or two events and takes as many `seq`.
#[derive(Debug, Clone)]
pub enum Fact {
    /// Somebody wrote to us for the first time.
    ContactCreated(Box<Contact>),
    /// The conversation began.
    Began {
        /// Its first state.
        row: Box<ConversationRow>,
        /// The key that leads back to it.
        thread_key: String,
    },
    /// A ticket was opened; its number is 0 until the journal counts it.
    TicketOpened(Box<Ticket>),
    /// Something was said.
    Said {
        /// The message or note.
        message: Arc<Message>,
        /// For the repeat guard.
        session: Option<u64>,
        /// The provider's id of it, if it came from there.
        provider_id: Option<String>,
    },
    /// A message is no longer what it was.
    MessageChanged {
        /// The message as it is now.
        held: Arc<HeldMessage>,
        /// What happened to it.
        kind: EventKind,
        /// What differs.
        changes: Changes,
    },
    /// A telephone call began or ended; the entry of it stands in the hand.
    CallTold {
        /// Which of the two.
        kind: EventKind,
        /// Where the entry stands.
        seq: u64,
    },
    /// What the provider calls messages.
    ProviderIds(Vec<(String, u64)>),
    /// Something is to be done at the provider; wished for by the fact before.
    Dispatched {
        /// Where the message stands that it is about.
        seq: u64,
        /// What, if it is not to send that message.
        action: Option<DispatchAction>,
    },
    /// A dispatch is over.
    Settled {
        /// Its place.
        position: i64,
    },
    /// What is known of the other side; beside another fact that takes a `seq`.
    RemoteMoved(Box<Remote>),
    /// A scheduled message is new, changed or gone; beside another fact that takes a `seq`.
    Scheduled {
        /// Which.
        id: ScheduledMessageId,
        /// As it is now; `None`: it is gone.
        message: Option<Arc<ScheduledMessage>>,
    },
    /// Fields changed, on the conversation and, where it has them too, on the ticket.
    Changed {
        /// The state after.
        row: Box<ConversationRow>,
        /// The ticket after.
        ticket: Option<Box<Ticket>>,
        /// What differs on the conversation.
        changes: Changes,
        /// What differs on the ticket.
        ticket_changes: Changes,
    },
    /// It was put in the trash, or deleted for good.
    Deleted {
        /// The state after.
        row: Box<ConversationRow>,
        /// The ticket that goes with it.
        ticket: Option<Box<Ticket>>,
        /// For good: all that was said goes.
        permanent: bool,
    },
    /// The contact writes in a conversation that was deleted for good: it begins again, where its `seq` has come to.
    BeganAgain {
        /// The state after.
        row: Box<ConversationRow>,
    },
    /// The item of a job over many conversations is done; beside a fact that takes a `seq`.
    JobDone(BulkJobId),
    /// Somebody has read.
    Read {
        /// Who.
        reader: Reader,
        /// How far.
        seq: u64,
        /// Messages of the contact up to there.
        inbound_seen: u64,
    },
}

/// What a command leads to.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What happened, in order; none if the command was a repeat or changes nothing.
    pub facts: Vec<Fact>,
    /// The answer, once the facts are durable.
    pub outcome: Outcome,
}

/// The answer to a command, except for what only the commit knows.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// Where the message stands; a new ticket's number is 0 here.
    Posted(Posted),
    /// The state after.
    Updated,
    /// Noted.
    Read,
    /// News of the provider was taken in; where the message stands, if it brought one.
    Received(Option<Posted>),
    /// The scheduled message after.
    Scheduled {
        /// Which.
        id: ScheduledMessageId,
        /// It waited before.
        repeated: bool,
    },
}

impl Fact {
    /// How many `seq` the fact takes.
    #[must_use]
    pub fn events(&self) -> u64 {
        match self {
            Self::ContactCreated(_)
            | Self::ProviderIds(_)
            | Self::Dispatched { .. }
            | Self::Settled { .. }
            | Self::JobDone(_)
            | Self::RemoteMoved(_)
            | Self::Scheduled { .. } => 0,
            Self::Deleted { ticket, .. } => 1 + u64::from(ticket.is_some()),
            Self::Began { .. }
            | Self::BeganAgain { .. }
            | Self::TicketOpened(_)
            | Self::Read { .. }
            | Self::MessageChanged { .. }
            | Self::CallTold { .. } => 1,
            Self::Said { message, .. } => 1 + u64::from(message.kind == MessageKind::Message),
            Self::Changed { changes, ticket_changes, .. } => {
                u64::from(!changes.is_empty()) + u64::from(changes.contains_key("assignee_id")) + u64::from(!ticket_changes.is_empty())
            }
        }
    }
}
