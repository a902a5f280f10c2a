//! The rules of a conversation: which facts follow from a command, and what a fact does to the state.
//!
//! Guarantees: pure. Nothing here waits, logs, reads a clock or makes an id; the same state and command give the same facts.
//!
//! Does not: know how facts are stored (`plan`) or in which order things are done (`actor`). How a conversation begins, and what a message
//! or a ticket looks like at first, stands in `draft`.

mod assign;
mod call;
mod draft;
mod fact;
mod file;
mod owner;
mod remote;
mod scheduled;
mod sent;
mod trash;
mod update;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use entities::{
    AgentId, AuthorKind, ClientId, ConversationStatus, Direction, Message, MessageId, MessageKind, MessageType, ScheduledMessage,
    ScheduledMessageId, Ticket, TicketId, TicketSummary, Timestamp,
};

use self::draft::{message, note, open_ticket};
pub use self::{
    call::key as call_key,
    draft::{begin, reader_author},
    fact::{Decision, Fact, Outcome},
    remote::new_addresses,
};
use super::message::{Command, Post, Posted, Reader, Rejection};
use crate::port::{ConversationRow, HeldMessage, LoadedConversation, journal::LastReply};

/// How many of the newest messages a conversation remembers: beyond them a repeated client id is looked up.
pub const RECENT_MAX: usize = 64;
/// Within this the same text from the same session is the same message (contract, part 2).
pub const REPEAT_WITHIN_MS: i64 = 30_000;
/// How many agents' read marks are remembered; beyond them a mark may be written twice, which does nothing.
const READERS_MAX: usize = 256;
/// How many messages are held as they are now; others are read again when news of them comes.
const HAND_MAX: usize = 256;

/// A conversation that has begun.
#[derive(Debug, Clone)]
pub struct State {
    /// The row as the table has it, or will have it when the facts since are committed.
    pub row: ConversationRow,
    /// The current ticket in full.
    pub ticket: Option<Ticket>,
    /// The newest messages, oldest first, at most [`RECENT_MAX`].
    recent: VecDeque<Recent>,
    /// `recent` holds every message there is.
    recent_is_all: bool,
    /// Repeats that the journal told us of.
    known_repeats: HashMap<ClientId, Posted>,
    /// How far agents have read, as far as this actor has seen it.
    readers: HashMap<AgentId, u64>,
    /// Messages as they are now, of those that news may come of; the oldest are forgotten beyond [`HAND_MAX`].
    hand: BTreeMap<u64, Arc<HeldMessage>>,
    /// The scheduled messages, read for each run that concerns them and forgotten behind it; at most [`entities::scheduled::SCHEDULED_MAX`].
    scheduled: BTreeMap<ScheduledMessageId, Arc<ScheduledMessage>>,
}

/// What is remembered of a message to recognise its repeat.
#[derive(Debug, Clone)]
struct Recent {
    posted: Posted,
    client_id: Option<ClientId>,
    inbound: bool,
    /// The entry of a call, of which a provider of messages knows nothing.
    call: bool,
    /// Hash of what was said.
    said: u64,
    /// The session that said it; `None` if it was read from the table, which does not know.
    session: Option<u64>,
    at: Timestamp,
}

/// Ids for what a command may make.
#[derive(Debug, Clone, Copy)]
pub struct Fresh {
    /// For a message.
    pub message_id: MessageId,
    /// For a ticket.
    pub ticket_id: TicketId,
}

impl State {
    /// The state as the table gives it.
    #[must_use]
    pub fn loaded(loaded: LoadedConversation) -> Self {
        let number = loaded.row.ticket.as_ref().map_or(0, |ticket| ticket.number);
        let recent = loaded.recent.iter().map(|message| Recent::of(message, number, None)).collect();
        Self {
            row: loaded.row,
            ticket: loaded.ticket,
            recent,
            recent_is_all: loaded.recent_is_all,
            known_repeats: HashMap::new(),
            readers: HashMap::new(),
            hand: BTreeMap::new(),
            scheduled: BTreeMap::new(),
        }
    }

    /// The state of a conversation that begins.
    fn begun(row: ConversationRow) -> Self {
        Self {
            row,
            ticket: None,
            recent: VecDeque::new(),
            recent_is_all: true,
            known_repeats: HashMap::new(),
            readers: HashMap::new(),
            hand: BTreeMap::new(),
            scheduled: BTreeMap::new(),
        }
    }

    /// Whether a client id that is not remembered may nevertheless have been used.
    #[must_use]
    pub fn may_have_forgotten(&self) -> bool {
        !self.recent_is_all
    }

    /// Remembers a repeat that the journal found, so that deciding again answers it.
    pub fn remember_repeat(&mut self, client_id: ClientId, posted: Posted) {
        let ticket = self.ticket.as_ref().filter(|ticket| ticket.id == posted.ticket_id);
        let ticket_number = ticket.map_or(posted.ticket_number, |ticket| ticket.number);
        self.known_repeats.insert(client_id, Posted { ticket_number, ..posted });
    }

    /// Decides a command on a conversation that has begun.
    ///
    /// # Errors
    /// [`Rejection`], by the rules.
    pub fn decide(&self, command: &Command, fresh: Fresh, now: Timestamp) -> Result<Decision, Rejection> {
        if let Some(decided) = self.decide_away(command) {
            return decided;
        }
        match command {
            Command::Post(post) => self.decide_post(post, fresh, now),
            Command::Update(update) => self.decide_update(update, now),
            Command::Assign(assign) => self.decide_assign(assign, now),
            Command::Trash { expected_version } => self.decide_trash(*expected_version, now),
            Command::Restore { expected_version } => self.decide_restore(*expected_version, now),
            Command::Erase { expected_version, trashed_before } => self.decide_erase(*expected_version, *trashed_before, now),
            Command::ForJob { job, command } => {
                let mut decision = self.decide(command, fresh, now)?;
                if !decision.facts.is_empty() {
                    decision.facts.push(Fact::JobDone(*job));
                }
                Ok(decision)
            }
            Command::MarkRead { reader, seq } => Ok(self.decide_read(*reader, *seq)),
            Command::ChangeContact { contact } => Ok(self.decide_contact(contact, now)),
            Command::Receive(received) => self.decide_receive(received, fresh, now),
            Command::Settle(settled) => Ok(self.decide_settle(settled, now)),
            Command::Resend { seq } => self.decide_resend(*seq),
            Command::FileFetched { seq, file } => self.decide_file(*seq, file),
            Command::React { seq, emoji, by } => self.decide_react(*seq, emoji.as_deref(), by, now),
            Command::Wake => self.decide_wake(now),
            Command::Schedule(schedule) => self.decide_schedule(schedule, now),
            Command::Reschedule(change) => self.decide_reschedule(change, now),
            Command::Unschedule { id, expected_version } => self.decide_unschedule(*id, *expected_version, now),
            Command::Fire { id, refusal } => Ok(self.decide_fire(*id, refusal.as_ref(), fresh, now)),
        }
    }

    fn decide_post(&self, post: &Post, fresh: Fresh, now: Timestamp) -> Result<Decision, Rejection> {
        if let Some(posted) = self.repeat_of(post, now) {
            return Ok(Decision { facts: Vec::new(), outcome: Outcome::Posted(Posted { repeated: true, ..posted }) });
        }
        if self.row.contact.blocked && post.author.kind == AuthorKind::Visitor {
            return Err(Rejection::Blocked);
        }
        if post.text.is_empty() && post.attachments.is_empty() {
            return Err(Rejection::Empty);
        }
        self.takes(post)?;
        if let Some(last_seen_seq) = post.last_seen_seq.filter(|seen| self.is_stale(post, *seen)) {
            return Err(Rejection::StaleReply { last_seen_seq });
        }
        self.may_send(post, now)?;
        let mut facts = Vec::with_capacity(2);
        let mut seq = self.row.seq;
        let from_contact = post.direction == Direction::In;
        let done = self.row.status == ConversationStatus::Resolved;
        if self.row.erased_at.is_some() {
            let fact = self.begun_again(now);
            seq += fact.events();
            facts.push(fact);
        } else if from_contact && (self.row.status != ConversationStatus::Open || self.row.trashed_at.is_some()) {
            let mut row = self.row.clone();
            row.status = ConversationStatus::Open;
            row.trashed_at = None;
            // A resolved ticket stays resolved: what comes now is a new one. Out of the trash it comes all the same.
            let told = self.ticket.as_ref().filter(|_| !done || self.row.trashed_at.is_some());
            let status = |ticket: &Ticket| if done { ticket.status } else { ConversationStatus::Open };
            let reopened = told.map(|ticket| Ticket { status: status(ticket), ..ticket.clone() });
            if let (Some(summary), Some(ticket)) = (row.ticket.as_mut(), reopened.as_ref()) {
                summary.status = ticket.status;
            }
            let fact = self.changed(row, reopened, now);
            seq += fact.events();
            facts.push(fact);
        }
        let current = self.ticket.as_ref().filter(|_| !(done && from_contact));
        let (ticket_id, ticket_number) = if let Some(ticket) = current {
            (ticket.id, ticket.number)
        } else {
            let ticket = open_ticket(post, &self.row, fresh.ticket_id, now);
            facts.push(Fact::TicketOpened(Box::new(ticket)));
            seq += 1;
            (fresh.ticket_id, 0)
        };
        seq += 1;
        let message = message(post, &self.row, ticket_id, fresh.message_id, seq, now);
        let posted = Posted { conversation_id: self.row.id, message_id: message.id, seq, ticket_id, ticket_number, repeated: false };
        facts.push(Fact::Said { message: Arc::new(message), session: post.repeat_guard, provider_id: post.provider_id.clone() });
        if self.outgoing_remote(post).is_some() {
            facts.push(Fact::Dispatched { seq, action: None });
        }
        Ok(Decision { facts, outcome: Outcome::Posted(posted) })
    }

    /// The first result of a post that was made before.
    fn repeat_of(&self, post: &Post, now: Timestamp) -> Option<Posted> {
        if let Some(client_id) = &post.client_id {
            let remembered = self.recent.iter().rev().find(|recent| recent.client_id.as_ref() == Some(client_id));
            if let Some(posted) = remembered.map(|recent| recent.posted).or_else(|| self.known_repeats.get(client_id).copied()) {
                return Some(posted);
            }
        }
        let session = post.repeat_guard?;
        let said = said_hash(&post.text, post.attachments.iter().map(|file| file.id));
        self.recent
            .iter()
            .rev()
            .take_while(|recent| now.ms_since(recent.at) < REPEAT_WITHIN_MS)
            .find(|recent| recent.inbound && recent.said == said && recent.session.is_none_or(|known| known == session))
            .map(|recent| recent.posted)
    }

    /// Whether another agent's reply stands behind what the author had seen. Notes are never stale: they do not answer anybody.
    fn is_stale(&self, post: &Post, seen: u64) -> bool {
        if post.kind != MessageKind::Message || post.direction != Direction::Out {
            return false;
        }
        let by_another = |reply: &LastReply| Some(reply.author_id) != post.author.id;
        [self.row.last_reply, self.row.other_reply].iter().flatten().any(|reply| by_another(reply) && reply.seq > seen)
    }

    fn decide_read(&self, reader: Reader, seq: u64) -> Decision {
        let seq = seq.min(self.row.seq);
        let known = match reader {
            Reader::Contact => self.row.contact_read_seq,
            Reader::Agent(id) => self.readers.get(&id).copied().unwrap_or(0),
        };
        let mut facts = Vec::new();
        if seq > known {
            let unseen = self.recent.iter().filter(|recent| recent.inbound && recent.posted.seq > seq).count() as u64;
            facts.push(Fact::Read { reader, seq, inbound_seen: self.row.inbound_count.saturating_sub(unseen) });
            facts.extend(self.mark_read(reader, seq));
        }
        Decision { facts, outcome: Outcome::Read }
    }

    /// Takes a fact into the state; `seq` rises by the fact's events.
    pub fn apply(&mut self, fact: &Fact) {
        let seq = self.row.seq + fact.events();
        match fact {
            Fact::ContactCreated(_)
            | Fact::Began { .. }
            | Fact::CallTold { .. }
            | Fact::ProviderIds(_)
            | Fact::Settled { .. }
            | Fact::JobDone(_) => {}
            Fact::Dispatched { seq, action } => self.apply_dispatched(*seq, action.as_ref()),
            Fact::Scheduled { id, message } => self.apply_scheduled(*id, message.as_ref()),
            Fact::RemoteMoved(remote) => self.row.remote = Some(remote.clone()),
            Fact::MessageChanged { held, .. } => {
                self.row.updated_at = self.row.updated_at.max(held.message.created_at);
                self.hold(held.clone());
            }
            Fact::TicketOpened(ticket) => {
                self.row.ticket =
                    Some(TicketSummary { id: ticket.id, number: ticket.number, subject: ticket.subject.clone(), status: ticket.status });
                self.ticket = Some((**ticket).clone());
            }
            Fact::Said { message, session, provider_id } => {
                self.apply_said(message, *session);
                self.apply_remote(message, provider_id.as_deref());
            }
            Fact::Deleted { row, permanent, .. } => self.apply_deleted(row, *permanent),
            Fact::BeganAgain { row } => self.row = (**row).clone(),
            Fact::Changed { row, ticket, .. } => {
                self.row = (**row).clone();
                if let Some(ticket) = ticket {
                    self.ticket = Some((**ticket).clone());
                }
            }
            Fact::Read { reader, seq, inbound_seen } => self.apply_read(*reader, *seq, *inbound_seen),
        }
        if !matches!(fact, Fact::Began { .. }) {
            self.row.seq = seq;
        }
    }

    fn apply_said(&mut self, message: &Message, session: Option<u64>) {
        let number = self.ticket.as_ref().map_or(0, |ticket| ticket.number);
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
            self.recent_is_all = false;
        }
        self.recent.push_back(Recent::of(message, number, session));
        self.row.updated_at = message.created_at;
        if message.kind == MessageKind::Note {
            return;
        }
        self.row.last_message_seq = message.seq;
        match (message.direction, message.author.id) {
            (Direction::In, _) => self.row.inbound_count += 1,
            (Direction::Out, Some(author_id)) => {
                let reply = LastReply { seq: message.seq, author_id, author_kind: message.author.kind };
                if let Some(last) = self.row.last_reply.replace(reply).filter(|last| last.author_id != author_id) {
                    self.row.other_reply = Some(last);
                }
            }
            (Direction::Out, None) => {}
        }
    }

    /// Keeps messages as they are now at hand.
    pub fn hold(&mut self, held: Arc<HeldMessage>) {
        self.hand.insert(held.message.seq, held);
        while self.hand.len() > HAND_MAX {
            self.hand.pop_first();
        }
    }

    /// Whether a message is at hand.
    #[must_use]
    pub fn holds(&self, seq: u64) -> bool {
        self.hand.contains_key(&seq)
    }

    /// A message at hand.
    #[must_use]
    pub fn held(&self, seq: u64) -> Option<&Arc<HeldMessage>> {
        self.hand.get(&seq)
    }

    fn apply_read(&mut self, reader: Reader, seq: u64, inbound_seen: u64) {
        match reader {
            Reader::Contact => self.row.contact_read_seq = self.row.contact_read_seq.max(seq),
            Reader::Agent(id) => {
                self.row.agent_read_seq = self.row.agent_read_seq.max(seq);
                self.row.inbound_seen = self.row.inbound_seen.max(inbound_seen);
                if self.readers.len() >= READERS_MAX && !self.readers.contains_key(&id) {
                    self.readers.clear();
                }
                self.readers.insert(id, seq);
            }
        }
    }

    /// Puts the number that the journal counted into the ticket that was just opened.
    pub fn number_ticket(&mut self, number: u64) {
        let Some(ticket) = self.ticket.as_mut() else { return };
        ticket.number = number;
        let id = ticket.id;
        if let Some(summary) = self.row.ticket.as_mut() {
            summary.number = number;
        }
        for recent in self.recent.iter_mut().filter(|recent| recent.posted.ticket_id == id) {
            recent.posted.ticket_number = number;
        }
    }
}

impl Recent {
    fn of(message: &Message, ticket_number: u64, session: Option<u64>) -> Self {
        Self {
            posted: Posted {
                conversation_id: message.conversation_id,
                message_id: message.id,
                seq: message.seq,
                ticket_id: message.ticket_id,
                ticket_number,
                repeated: false,
            },
            client_id: message.client_id.clone(),
            inbound: message.direction == Direction::In,
            call: message.via.as_ref().and_then(|via| via.kind) == Some(MessageType::Call),
            said: said_hash(&message.content_text, message.attachments.iter().map(|file| file.id)),
            session,
            at: message.created_at,
        }
    }
}

fn said_hash(text: &str, files: impl Iterator<Item = entities::AttachmentId>) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    files.for_each(|id| id.hash(&mut hasher));
    hasher.finish()
}
