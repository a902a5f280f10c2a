//! The journal: the only way a conversation or a contact changes.
//!
//! Guarantees of every implementation (held by `testing::conformance`):
//! * [`Journal::commit`] answers after the write is durable, or not at all; a write is whole or absent.
//! * A tenant's events take consecutive positions from 1, a conversation's consecutive `seq` from 1; neither ever has a gap or a double.
//! * Committed events are handed to the bus in the order of their positions, before or while the writer is answered.
//! * One write's failure is its own: others in the same batch are not touched.
//!
//! Does not: decide anything. What a write may contain was decided by `conversation::state` on the row version it names.

use std::{collections::BTreeMap, sync::Arc};

use entities::{
    AgentId, AuthorKind, BulkJobId, Changes, ChannelId, ClientId, Contact, ContactId, ContactSummary, Conversation, ConversationId,
    ConversationStatus, Epoch, EventId, EventKind, Label, Message, MessageId, Priority, Remote, ScheduledMessage, ScheduledMessageId,
    StoredEvent, TeamId, TenantId, Ticket, TicketId, TicketSummary, Timestamp,
};
use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use uuid::Uuid;

use super::{HeldMessage, Promise, RemoteWrite, SettingsWrite, Wanted};

/// Why a read or a settings write failed.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// There is no such row in this tenant.
    #[error("not found")]
    NotFound,
    /// The row is not what the writer thought it was, or a unique value is taken.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The database did not answer, or answered with an error of its own. The text is for the log, not for clients.
    #[error("database unavailable: {0}")]
    Unavailable(Arc<str>),
}

/// Why a commit was not made.
#[derive(Debug, Clone, Error)]
pub enum CommitError {
    /// The version of the conversation, the contact or the channel is not the expected one: load again and decide again.
    #[error("the row has changed since it was read")]
    Conflict,
    /// A message with this client id is in the conversation already.
    #[error("client id was used before")]
    Duplicate {
        /// The key that is taken.
        client_id: ClientId,
        /// The message that has it.
        message_id: MessageId,
        /// Where that message stands.
        seq: u64,
        /// The ticket that message was added to.
        ticket_id: TicketId,
    },
    /// The journal's queue is full: nothing was written; come back.
    #[error("the journal is busy")]
    Busy,
    /// The database did not answer. The write may or may not have been made; [`Journal`] implementations settle an unknown outcome by
    /// reading back before they answer this, so that it means: not made.
    #[error("database unavailable: {0}")]
    Unavailable(Arc<str>),
}

/// One atomic change. At least one of `conversation`, `contact` and `settings` is there.
#[derive(Debug, Clone)]
pub struct Write {
    /// Whose data.
    pub tenant_id: TenantId,
    /// The contact as it will be, if it changes or is new.
    pub contact: Option<ContactWrite>,
    /// The conversation as it will be, if it changes or is new.
    pub conversation: Option<ConversationWrite>,
    /// Settings, if they change.
    pub settings: Option<SettingsWrite>,
    /// What happened, in order. They take the tenant's next positions.
    pub events: Vec<NewEvent>,
}

/// A contact's new state.
#[derive(Debug, Clone)]
pub struct ContactWrite {
    /// The row as it will be; its `version` is the one after this change (1 for a new contact). Its addresses replace the stored ones.
    pub contact: Contact,
}

/// A conversation's new state, with what was added to it.
#[derive(Debug, Clone)]
pub struct ConversationWrite {
    /// The row's `seq` (which is its version) when this was decided; 0 makes the row.
    pub expected_seq: u64,
    /// The row as it will be.
    pub row: ConversationRow,
    /// For a new row: the key that leads the channel's visitor back to it.
    pub thread_key: Option<String>,
    /// The ticket as it will be, if it changes or is new. A new one has number 0: the journal numbers it.
    pub ticket: Option<TicketRow>,
    /// Messages and notes to add, in order; their `seq` is final.
    pub messages: Vec<Arc<Message>>,
    /// The `client_id`s among `messages` that the writer does not know to be unused: the journal looks them up.
    pub unsure_client_ids: bool,
    /// How far agents have read.
    pub reads: Vec<ReadMark>,
    /// What providers have to do with it.
    pub remote: RemoteWrite,
    /// Scheduled messages that are new or changed; `None`: it is no longer scheduled.
    pub scheduled: BTreeMap<ScheduledMessageId, Option<Arc<ScheduledMessage>>>,
    /// Everything that was said up to this `seq` goes, with what hangs on it: receipts, what waits for providers or for its time, read marks, tickets
    /// and the use of files. Such a write adds nothing but events.
    pub erased: Option<u64>,
    /// Jobs over many conversations whose item this was: it is done with this write.
    pub jobs: Vec<BulkJobId>,
}

/// Everything the table keeps of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// The conversation's id.
    pub id: ConversationId,
    /// The channel it runs over.
    pub channel_id: ChannelId,
    /// Who we talk with.
    pub contact: ContactSummary,
    /// Where it stands.
    pub status: ConversationStatus,
    /// While snoozed: when it opens by itself.
    pub snoozed_until: Option<Timestamp>,
    /// How urgent it is.
    pub priority: Priority,
    /// The agent who answers.
    pub assignee_id: Option<AgentId>,
    /// The team that answers.
    pub team_id: Option<TeamId>,
    /// The agent whose personal inbox it is in.
    pub owner_id: Option<AgentId>,
    /// Sorted, without doubles.
    pub labels: Vec<Label>,
    /// The open ticket, or the last one; its number is 0 until the journal has numbered it.
    pub ticket: Option<TicketSummary>,
    /// The number of its last event, which is also its version.
    pub seq: u64,
    /// How many messages the contact has written: unread counts are differences of it.
    pub inbound_count: u64,
    /// `inbound_count` when an agent last read; what is unread by anybody.
    pub inbound_seen: u64,
    /// How far the contact has read.
    pub contact_read_seq: u64,
    /// How far the agents have read.
    pub agent_read_seq: u64,
    /// The last message (no note), for the list.
    pub last_message_seq: u64,
    /// The last reply of an agent or a service, for the stale-reply guard.
    pub last_reply: Option<LastReply>,
    /// The last reply of anybody else than the author of `last_reply`.
    pub other_reply: Option<LastReply>,
    /// Where the other side is at its provider; `None` on the widget.
    pub remote: Option<Box<Remote>>,
    /// How many messages wait for their time; those that could not be sent wait no longer.
    pub scheduled_count: u64,
    /// When it was put in the trash.
    pub trashed_at: Option<Timestamp>,
    /// When it was deleted for good; the contact's next message begins it again.
    pub erased_at: Option<Timestamp>,
    /// When it was last opened: began, or came back from another status. What waits for an agent is served in this order.
    pub opened_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// When anything last happened.
    pub updated_at: Timestamp,
}

impl ConversationRow {
    /// The conversation as the outside sees it.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        Conversation {
            id: self.id,
            channel_id: self.channel_id,
            contact: self.contact.clone(),
            status: self.status,
            snoozed_until: self.snoozed_until,
            priority: self.priority,
            assignee_id: self.assignee_id,
            team_id: self.team_id,
            owner_id: self.owner_id,
            labels: self.labels.clone(),
            ticket: self.ticket.clone(),
            remote: self.remote.as_ref().map(|remote| Box::new(remote.view())),
            scheduled_count: self.scheduled_count,
            trashed_at: self.trashed_at,
            seq: self.seq,
            version: self.seq,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// Who replied last, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastReply {
    /// The reply's place.
    pub seq: u64,
    /// The agent or service account.
    pub author_id: Uuid,
    /// Which of the two.
    pub author_kind: AuthorKind,
}

/// Everything the table keeps of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// The ticket as the outside sees it.
    pub ticket: Ticket,
    /// True if this write opens it.
    pub is_new: bool,
}

/// How far one agent has read one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMark {
    /// Who.
    pub agent_id: AgentId,
    /// The last `seq` seen.
    pub seq: u64,
    /// The conversation's `inbound_count` at that time.
    pub inbound_seen: u64,
}

/// An event about to be stored.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The event's id.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// The conversation it happened in and its place there.
    pub place: Option<(ConversationId, u64)>,
    /// The conversation's visitor may see it.
    pub visitor_visible: bool,
    /// The resource, written as JSON when the ticket's number is known.
    pub body: Body,
    /// When it happened.
    pub at: Timestamp,
}

/// What an event is about.
#[derive(Debug, Clone)]
pub enum Body {
    /// A message or note.
    Message(Arc<Message>),
    /// A message after a change, with what changed.
    MessageChanged(Box<Message>, Changes),
    /// A conversation, with what changed.
    Conversation(Box<Conversation>, Changes),
    /// A ticket, with what changed.
    Ticket(Box<Ticket>, Changes),
    /// A conversation that was put in the trash, or (true) deleted for good, as it was.
    ConversationDeleted(Box<Conversation>, bool),
    /// A ticket that went with its conversation, likewise.
    TicketDeleted(Box<Ticket>, bool),
    /// A contact, with what changed.
    Contact(Box<Contact>, Changes),
    /// The state of something that is set up, as JSON of whoever changes it.
    Settings(Arc<RawValue>),
    /// Somebody has read.
    Read {
        /// Where.
        conversation_id: ConversationId,
        /// Who: the contact or an agent.
        by: (AuthorKind, Uuid),
        /// How far.
        seq: u64,
    },
}

impl Body {
    /// Puts a freshly counted ticket number where the body shows the ticket.
    pub fn number_ticket(&mut self, ticket_id: TicketId, number: u64) {
        match self {
            Self::Conversation(conversation, _) | Self::ConversationDeleted(conversation, _) => {
                if let Some(ticket) = conversation.ticket.as_mut().filter(|ticket| ticket.id == ticket_id) {
                    ticket.number = number;
                }
            }
            Self::Ticket(ticket, _) | Self::TicketDeleted(ticket, _) if ticket.id == ticket_id => ticket.number = number,
            Self::Message(_)
            | Self::MessageChanged(..)
            | Self::Ticket(..)
            | Self::TicketDeleted(..)
            | Self::Contact(..)
            | Self::Settings(_)
            | Self::Read { .. } => {}
        }
    }

    /// The body as stored: one JSON object.
    ///
    /// # Errors
    /// What `serde_json` says, which for these types is never; the journal then fails the write rather than store a hole.
    pub fn json(&self) -> Result<Arc<RawValue>, serde_json::Error> {
        #[derive(Serialize)]
        struct Changed<'a, T> {
            #[serde(flatten)]
            resource: &'a T,
            #[serde(skip_serializing_if = "Option::is_none")]
            changes: Option<&'a Changes>,
        }
        #[derive(Serialize)]
        struct Deleted<'a, T> {
            #[serde(flatten)]
            resource: &'a T,
            permanent: bool,
        }
        fn changed<T: Serialize>(resource: &T, changes: &Changes) -> Result<Box<RawValue>, serde_json::Error> {
            serde_json::value::to_raw_value(&Changed { resource, changes: Some(changes).filter(|changes| !changes.is_empty()) })
        }
        let raw = match self {
            Self::Settings(json) => return Ok(json.clone()),
            Self::Message(message) => serde_json::value::to_raw_value(message)?,
            Self::MessageChanged(message, changes) => changed(message, changes)?,
            Self::Conversation(conversation, changes) => changed(conversation, changes)?,
            Self::Ticket(ticket, changes) => changed(ticket, changes)?,
            Self::Contact(contact, changes) => changed(contact, changes)?,
            Self::ConversationDeleted(conversation, permanent) => {
                serde_json::value::to_raw_value(&Deleted { resource: conversation, permanent: *permanent })?
            }
            Self::TicketDeleted(ticket, permanent) => {
                serde_json::value::to_raw_value(&Deleted { resource: ticket, permanent: *permanent })?
            }
            Self::Read { conversation_id, by, seq } => serde_json::value::to_raw_value(&serde_json::json!({
                "conversation_id": conversation_id, "by": {"type": by.0, "id": by.1}, "seq": seq,
            }))?,
        };
        Ok(raw.into())
    }
}

/// A write that is durable.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The first of the positions that its events took; they are consecutive.
    pub first_position: u64,
    /// The number of the ticket that it opened.
    pub ticket_number: Option<u64>,
}

/// A conversation read for its actor.
#[derive(Debug, Clone)]
pub struct LoadedConversation {
    /// The row.
    pub row: ConversationRow,
    /// The current ticket in full.
    pub ticket: Option<Ticket>,
    /// The newest messages, oldest first, at most as many as asked for: for the dedupe window and repeated client ids.
    pub recent: Vec<Arc<Message>>,
    /// `recent` is every message there is.
    pub recent_is_all: bool,
}

/// The journal. See the module's head for what every implementation guarantees.
pub trait Journal: Send + Sync + 'static {
    /// Reads what a conversation's actor needs; `None` if it has not begun (or is another tenant's).
    fn load(
        &self,
        tenant_id: TenantId,
        id: ConversationId,
        recent_max: usize,
    ) -> Promise<'_, Result<Option<LoadedConversation>, StoreError>>;

    /// Reads a contact; `None` if there is none (or it is another tenant's).
    fn find_contact(&self, tenant_id: TenantId, id: ContactId) -> Promise<'_, Result<Option<Contact>, StoreError>>;

    /// Finds messages of a conversation as they are now, in the order of their places.
    fn find_messages(&self, tenant_id: TenantId, id: ConversationId, wanted: Wanted) -> Promise<'_, Result<Vec<HeldMessage>, StoreError>>;

    /// The scheduled messages of a conversation, in the order of their ids; none if it is another tenant's.
    fn scheduled(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Vec<ScheduledMessage>, StoreError>>;

    /// Makes a write durable, and answers only then.
    fn commit(&self, write: Write) -> Promise<'_, Result<Committed, CommitError>>;

    /// The life of this database.
    fn epoch(&self) -> Epoch;

    /// The tenant's last position; 0 if nothing has happened yet.
    fn head(&self, tenant_id: TenantId) -> Promise<'_, Result<u64, StoreError>>;

    /// The oldest position still kept; head + 1 if none is.
    fn oldest(&self, tenant_id: TenantId) -> Promise<'_, Result<u64, StoreError>>;

    /// The tenant's events behind `after`, in order, at most `limit`.
    fn events_after(&self, tenant_id: TenantId, after: u64, limit: usize) -> Promise<'_, Result<Vec<StoredEvent>, StoreError>>;

    /// What a visitor may see of its conversation behind `after_seq`, in order, at most `limit`.
    fn visitor_events_after(
        &self,
        tenant_id: TenantId,
        id: ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Promise<'_, Result<Vec<StoredEvent>, StoreError>>;
}
