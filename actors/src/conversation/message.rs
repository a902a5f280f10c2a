//! What can be asked of a conversation, and what it answers.

use std::sync::{Arc, atomic::AtomicBool};

use entities::{
    AgentId, AttachmentRef, Author, BulkJobId, ChannelId, ClientId, ContactId, ContactSummary, Conversation, ConversationId,
    ConversationStatus, Direction, Document, Label, MessageId, MessageKind, Priority, Refusal, Remote, ScheduledMessage,
    ScheduledMessageId, TeamId, TicketId, Timestamp, Via,
};
use thiserror::Error;

use crate::runtime::admission::Permit;

/// A wish toward a conversation.
#[derive(Debug, Clone)]
pub enum Command {
    /// Say something.
    Post(Box<Post>),
    /// Change what the conversation is, not what was said in it.
    Update(Box<Update>),
    /// Give the conversation to somebody, or take it from everybody, if it still is as the asker saw it.
    Assign(Assign),
    /// Put it in the trash; nothing changes if it is there.
    Trash {
        /// Refused as stale if the conversation's version is another.
        expected_version: Option<u64>,
    },
    /// Take it out of the trash; nothing changes if it is not there.
    Restore {
        /// Refused as stale if the conversation's version is another.
        expected_version: Option<u64>,
    },
    /// Delete for good what lies in the trash.
    Erase {
        /// Refused as stale if the conversation's version is another.
        expected_version: Option<u64>,
        /// Only if it has lain there since before this: nothing changes otherwise. For the sweep.
        trashed_before: Option<Timestamp>,
    },
    /// Any of the wishes above, as part of a job over many conversations: where it changes something, the job's item goes with the change.
    ForJob {
        /// The job.
        job: BulkJobId,
        /// The wish.
        command: Box<Command>,
    },
    /// Say how far somebody has read.
    MarkRead {
        /// Who has read.
        reader: Reader,
        /// The last event seen; beyond the end counts as the end.
        seq: u64,
    },
    /// Take in what happened at the provider.
    Receive(Box<Received>),
    /// A dispatch came to its end.
    Settle(Box<Settled>),
    /// Try again to send a message that failed.
    Resend {
        /// Where the message stands.
        seq: u64,
    },
    /// React to a message as one of ours, or take that back.
    React {
        /// Where the message stands.
        seq: u64,
        /// The emoji; `None` takes it back.
        emoji: Option<String>,
        /// Who of ours.
        by: Author,
    },
    /// A file that came with a message lies here now.
    FileFetched {
        /// Where the message stands.
        seq: u64,
        /// The file as it is; its id is the one that the message shows.
        file: AttachmentRef,
    },
    /// The contact turned out to be somebody else, or shows another name.
    ChangeContact {
        /// Who it is now.
        contact: ContactSummary,
    },
    /// The time until which it is snoozed may have come. Nothing changes if it was moved meanwhile, or is over.
    Wake,
    /// Say something at a time to come.
    Schedule(Box<Schedule>),
    /// Change what is to be said, or when.
    Reschedule(Box<Reschedule>),
    /// Do not say it after all.
    Unschedule {
        /// The scheduled message.
        id: ScheduledMessageId,
        /// Refused as stale if its version is another.
        expected_version: Option<u64>,
    },
    /// A scheduled message's time may have come. Nothing changes if it was moved meanwhile, or is gone.
    Fire {
        /// The scheduled message.
        id: ScheduledMessageId,
        /// It cannot be sent over the channel, for this reason.
        refusal: Option<Refusal>,
    },
}

/// Something to be said at a time to come.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its id, if it is new: one with the same `client_id` that waits already is answered instead.
    pub id: ScheduledMessageId,
    /// What is to be said.
    pub post: Post,
    /// When; checked by the caller to be ahead, and not too far.
    pub send_at: Timestamp,
}

/// Changes to a scheduled message; a field that is `None` stays.
#[derive(Debug, Clone)]
pub struct Reschedule {
    /// Which.
    pub id: ScheduledMessageId,
    /// Other words: the document, its plain form, and who chose them.
    pub said: Option<(Document, String, Author)>,
    /// Another time, checked by the caller; one that could not be sent waits again.
    pub send_at: Option<Timestamp>,
    /// Refused as stale if its version is another.
    pub expected_version: Option<u64>,
}

/// Something that happened at the provider of the conversation's channel, and that is the conversation's own.
#[derive(Debug, Clone)]
pub struct Received {
    /// What happened. Of kinds that concern no conversation nothing comes of it.
    pub inbound: entities::Inbound,
    /// Where the message that it is about stands: for edits, deletions, reactions and receipts.
    pub target_seq: Option<u64>,
    /// The message's files, as they will be shown: one for each of the message's media.
    pub attachments: Vec<AttachmentRef>,
    /// Where the message stands that the message answers.
    pub reply_to_seq: Option<u64>,
    /// Where the conversation is to begin, if it has not begun.
    pub opening: Option<Opening>,
}

/// What became of a dispatch: it is over.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The dispatch's place.
    pub position: i64,
    /// Where the message stands that it is about.
    pub seq: u64,
    /// It was to send that message, rather than to do something with it.
    pub of_message: bool,
    /// The parts that the provider has.
    pub done: Vec<crate::port::PartDone>,
    /// Why it failed; `None`: all of it is done.
    pub failure: Option<(entities::ProviderError, entities::Consequence)>,
}

/// A message or a note to be added.
#[derive(Debug, Clone)]
pub struct Post {
    /// Who says it.
    pub author: Author,
    /// Said to the other side, or among agents.
    pub kind: MessageKind,
    /// From the contact or to it.
    pub direction: Direction,
    /// The document.
    pub content: Document,
    /// Its plain form, as [`Document::check`] returned it. May be empty if there are attachments.
    pub text: String,
    /// Files that come with it; checked by the caller to be the author's own.
    pub attachments: Vec<AttachmentRef>,
    /// The sender's key. A repeat is answered with the first result.
    pub client_id: Option<ClientId>,
    /// The same text from the same session within 30 s is one message; set by `POST /api/widget/message` alone.
    pub repeat_guard: Option<u64>,
    /// The last event that the author had seen. Older than another agent's reply: refused as stale.
    pub last_seen_seq: Option<u64>,
    /// Where the conversation is to begin, if it has not begun. Without it a conversation that is not there is not found.
    pub opening: Option<Opening>,
    /// The subject for the ticket that this message may open; else its first words.
    pub subject: Option<String>,
    /// What it has because it goes, or came, over a provider.
    pub via: Option<Box<Via>>,
    /// The provider's id of it: it came from there, and is not sent there.
    pub provider_id: Option<String>,
}

/// What a conversation needs to begin.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The channel.
    pub channel_id: ChannelId,
    /// The key that leads the channel's visitor back here; see [`entities::thread`].
    pub thread_key: String,
    /// Who writes.
    pub contact_id: ContactId,
    /// What is known of the contact, used only if it does not exist yet.
    pub contact: ContactDraft,
    /// Where the other side is at its provider; `None` on the widget.
    pub remote: Option<Box<Remote>>,
}

/// What is known of a contact that may not exist yet.
#[derive(Debug, Clone, Default)]
pub struct ContactDraft {
    /// The name.
    pub name: Option<String>,
    /// The e-mail address, not proven.
    pub email: Option<String>,
    /// By what we shall recognise them.
    pub addresses: Vec<entities::Address>,
    /// Whatever else is known.
    pub custom_attributes: std::collections::BTreeMap<String, serde_json::Value>,
    /// Two letters, where known.
    pub country: Option<String>,
}

/// Changes to a conversation; a field that is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Where it stands.
    pub status: Option<ConversationStatus>,
    /// While snoozed: when it opens by itself; `Some(None)`, or a status without it: when the contact writes. Without a snooze it is nothing.
    pub snoozed_until: Option<Option<Timestamp>>,
    /// Who answers; `Some(None)` takes it from everybody. Checked by the caller to be an agent of the tenant.
    pub assignee_id: Option<Option<AgentId>>,
    /// The team; checked likewise.
    pub team_id: Option<Option<TeamId>>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// All labels, at most [`entities::text::LABELS_MAX`].
    pub labels: Option<Vec<Label>>,
    /// Refused as stale if the conversation's version is another.
    pub expected_version: Option<u64>,
}

/// Who is to answer from now on. If the conversation is no longer as it was seen (not open any more, taken by somebody, another team's, in a
/// personal inbox), nothing changes, and the answer shows what it is: a race that somebody else has won does no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assign {
    /// Whose it was seen to be.
    pub from: Option<AgentId>,
    /// The team that it was seen to be of.
    pub team_id: Option<TeamId>,
    /// Whose it is to be; `None` takes it from everybody. Checked by the caller to be an agent who may see it.
    pub to: Option<AgentId>,
}

/// Who has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The contact.
    Contact,
    /// An agent.
    Agent(AgentId),
}

/// What a conversation answers when a command went through.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The message is stored.
    Posted(Posted),
    /// The conversation after the change (also where nothing changed).
    Updated(Box<Conversation>),
    /// Noted.
    Read,
    /// News of the provider was taken in; where the message stands, if it brought one.
    Received(Option<Posted>),
    /// The scheduled message after the change.
    Scheduled {
        /// As it is now.
        message: Box<ScheduledMessage>,
        /// It waited before; nothing has changed.
        repeated: bool,
    },
}

/// Where a message was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message.
    pub message_id: MessageId,
    /// Its place.
    pub seq: u64,
    /// The ticket it was added to.
    pub ticket_id: TicketId,
    /// That ticket's number; 0 for a late repeat whose ticket is no longer the conversation's own.
    pub ticket_number: u64,
    /// It was stored before; this is the first result.
    pub repeated: bool,
}

/// The rules said no. Data, no text: the edge has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Rejection {
    /// There is no such conversation in this tenant.
    #[error("no such conversation")]
    NotFound,
    /// Another agent replied behind `last_seen_seq`; the edge adds the unseen messages.
    #[error("another agent has replied since {last_seen_seq}")]
    StaleReply {
        /// What the author had seen.
        last_seen_seq: u64,
    },
    /// The version is not the expected one.
    #[error("the version is {current}")]
    StaleVersion {
        /// What it is.
        current: u64,
    },
    /// The contact may not write to us.
    #[error("the contact is blocked")]
    Blocked,
    /// Neither text nor files.
    #[error("nothing was said")]
    Empty,
    /// The provider's reply window is closed.
    #[error("the reply window closed at {until}")]
    WindowClosed {
        /// When it closed.
        until: Timestamp,
        /// An approved template may be sent all the same.
        templates: bool,
    },
    /// The contact wants no messages.
    #[error("the contact has opted out")]
    OptedOut,
    /// Another sender at the provider has the conversation, and the author is no person.
    #[error("another sender handles the conversation")]
    HandledElsewhere,
    /// Only a message that failed can be sent again.
    #[error("the message has not failed")]
    NotFailed,
    /// The channel knows no such thing.
    #[error("the channel does not support it")]
    Unsupported,
    /// It is in the trash: nothing is said there.
    #[error("the conversation is in the trash")]
    Trashed,
    /// Only what is in the trash can be deleted for good.
    #[error("the conversation is not in the trash")]
    NotTrashed,
    /// As many messages are scheduled as may be.
    #[error("too many scheduled messages")]
    TooManyScheduled,
}

/// Why a command did not go through.
#[derive(Debug, Clone, Error)]
pub enum AskError {
    /// The rules said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too much at once, or the conversation was put aside after repeated deaths; nothing was written, come back.
    #[error("busy")]
    Busy {
        /// After how long to come back.
        retry_after_ms: u64,
    },
    /// The database is away; nothing was written.
    #[error("unavailable: {0}")]
    Unavailable(std::sync::Arc<str>),
}

/// One command on its way to a conversation's actor.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub struct Ask {
    /// The wish.
    pub command: Arc<Command>,
    /// Where the answer goes. Dropped unanswered only if the actor dies.
    pub answer: tokio::sync::oneshot::Sender<Result<Reply, AskError>>,
    /// Set when the command has entered a commit: from then on its outcome is unknown if the actor dies.
    pub taken: Arc<AtomicBool>,
    /// Its place in the bounds of the node and of the conversation, given back when it is answered.
    pub permit: Permit,
}
