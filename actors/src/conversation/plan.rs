//! From facts to a write: the rows and events that the journal is asked to make durable.
//!
//! Guarantees: events number the conversation's `seq` in the order of the facts, each by one.

use std::{collections::BTreeMap, sync::Arc};

use entities::{BulkJobId, Contact, EventId, EventKind, MessageKind, ScheduledMessage, ScheduledMessageId, TenantId, Timestamp};

use super::{
    message::Reader,
    state::{Fact, State, reader_author},
};
use crate::port::{
    Body, Clock, ContactWrite, ConversationRow, ConversationWrite, NewDispatch, NewEvent, ReadMark, RemoteWrite, TicketRow, Write,
};

/// A write that grows fact by fact, with the state that it leads to.
pub struct Plan<'a> {
    clock: &'a dyn Clock,
    tenant_id: TenantId,
    expected_seq: u64,
    contact: Option<Contact>,
    thread_key: Option<String>,
    opens_ticket: bool,
    ticket_touched: bool,
    messages: Vec<Arc<entities::Message>>,
    has_client_ids: bool,
    reads: Vec<ReadMark>,
    events: Vec<NewEvent>,
    remote: RemoteWrite,
    scheduled: BTreeMap<ScheduledMessageId, Option<Arc<ScheduledMessage>>>,
    erased: Option<u64>,
    jobs: Vec<BulkJobId>,
}

impl<'a> Plan<'a> {
    /// An empty write on a row whose `seq` is `expected_seq` (0: there is no row).
    pub fn new(clock: &'a dyn Clock, tenant_id: TenantId, expected_seq: u64) -> Self {
        Self {
            clock,
            tenant_id,
            expected_seq,
            contact: None,
            thread_key: None,
            opens_ticket: false,
            ticket_touched: false,
            messages: Vec::new(),
            has_client_ids: false,
            reads: Vec::new(),
            events: Vec::new(),
            remote: RemoteWrite::default(),
            scheduled: BTreeMap::new(),
            erased: None,
            jobs: Vec::new(),
        }
    }

    /// Whether nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.remote.is_empty()
    }

    /// Whether the facts fit into this write: it carries one ticket row, so a new ticket cannot join one that touched another; and what deletes all
    /// that was said stands alone.
    pub fn has_room_for(&self, facts: &[Fact]) -> bool {
        let erases = facts.iter().any(|fact| matches!(fact, Fact::Deleted { permanent: true, .. }));
        if (erases && !self.is_empty()) || (self.erased.is_some() && !facts.is_empty()) {
            return false;
        }
        !self.ticket_touched || !facts.iter().any(|fact| matches!(fact, Fact::TicketOpened(_)))
    }

    /// Applies a fact to the state and adds what has to be written for it.
    pub fn add(&mut self, state: &mut State, fact: Fact, now: Timestamp) {
        let first_seq = state.row.seq + 1;
        state.apply(&fact);
        match fact {
            Fact::ContactCreated(contact) => {
                self.event_outside(EventKind::ContactCreated, Body::Contact(contact.clone(), entities::Changes::new()), now);
                self.contact = Some(*contact);
            }
            Fact::Began { thread_key, .. } => {
                self.thread_key = Some(thread_key);
                let body = Body::Conversation(Box::new(state.row.conversation()), entities::Changes::new());
                self.event(state, 1, EventKind::ConversationCreated, body, now);
            }
            Fact::TicketOpened(ticket) => {
                self.opens_ticket = true;
                self.ticket_touched = true;
                self.event(state, first_seq, EventKind::TicketCreated, Body::Ticket(ticket, entities::Changes::new()), now);
            }
            Fact::Said { message, provider_id, .. } => {
                self.remote.provider_ids.extend(provider_id.map(|id| (id, message.seq)));
                self.said(state, first_seq, message, now);
            }
            Fact::MessageChanged { held, kind, changes } => {
                let body = Body::MessageChanged(Box::new(held.message.clone()), changes);
                self.event(state, first_seq, kind, body, now);
                self.remote.changed.retain(|known| known.message.seq != held.message.seq);
                self.remote.changed.push(held);
            }
            Fact::CallTold { kind, seq } => {
                if let Some(held) = state.held(seq) {
                    self.event(state, first_seq, kind, Body::Message(Arc::new(held.message.clone())), now);
                }
            }
            Fact::ProviderIds(ids) => self.remote.provider_ids.extend(ids),
            Fact::Dispatched { seq, action } => self.dispatched(seq, action),
            Fact::Settled { position } => self.remote.settled.push(position),
            Fact::JobDone(job) => self.jobs.push(job),
            Fact::RemoteMoved(_) => {}
            Fact::Scheduled { id, message } => {
                self.scheduled.insert(id, message);
            }
            Fact::Changed { ticket, changes, ticket_changes, .. } => self.changed(state, first_seq, ticket, (changes, ticket_changes), now),
            Fact::Deleted { row, ticket, permanent } => self.deleted(state, first_seq, *row, ticket, permanent, now),
            Fact::BeganAgain { .. } => {
                let body = Body::Conversation(Box::new(state.row.conversation()), entities::Changes::new());
                self.event(state, first_seq, EventKind::ConversationCreated, body, now);
            }
            Fact::Read { reader, seq, inbound_seen } => {
                if let Reader::Agent(agent_id) = reader {
                    self.reads.push(ReadMark { agent_id, seq, inbound_seen });
                }
                let by = reader_author(reader, &state.row.contact);
                let body = Body::Read { conversation_id: state.row.id, by, seq };
                self.event(state, first_seq, EventKind::ConversationRead, body, now);
            }
        }
    }

    fn changed(
        &mut self,
        state: &State,
        first_seq: u64,
        ticket: Option<Box<entities::Ticket>>,
        (changes, ticket_changes): (entities::Changes, entities::Changes),
        now: Timestamp,
    ) {
        let mut seq = first_seq;
        if !changes.is_empty() {
            let assigned = changes.contains_key("assignee_id");
            let conversation = Box::new(state.row.conversation());
            self.event(state, seq, EventKind::ConversationUpdated, Body::Conversation(conversation.clone(), changes.clone()), now);
            seq += 1;
            if assigned {
                self.event(state, seq, EventKind::ConversationAssigned, Body::Conversation(conversation, changes), now);
                seq += 1;
            }
        }
        if let Some(ticket) = ticket.filter(|_| !ticket_changes.is_empty()) {
            self.ticket_touched = true;
            self.event(state, seq, EventKind::TicketUpdated, Body::Ticket(ticket, ticket_changes), now);
        }
    }

    fn deleted(
        &mut self,
        state: &State,
        first_seq: u64,
        row: ConversationRow,
        ticket: Option<Box<entities::Ticket>>,
        permanent: bool,
        now: Timestamp,
    ) {
        self.erased = permanent.then_some(first_seq - 1);
        // As it was: of what was deleted for good the state shows nothing any more.
        let conversation = Box::new(ConversationRow { seq: state.row.seq, ..row }.conversation());
        self.event(state, first_seq, EventKind::ConversationDeleted, Body::ConversationDeleted(conversation, permanent), now);
        if let Some(ticket) = ticket {
            self.event(state, first_seq + 1, EventKind::TicketDeleted, Body::TicketDeleted(ticket, permanent), now);
        }
    }

    /// The wish belongs to the last event about the message itself: its position orders what is sent.
    fn dispatched(&mut self, seq: u64, action: Option<crate::port::DispatchAction>) {
        if let Some(event) = self.events.len().checked_sub(1) {
            if action.is_none()
                && let Some(message) = self.messages.iter().find(|message| message.seq == seq)
            {
                // A receipt may name our own id before the provider's answer has told us its own.
                self.remote.provider_ids.push((own_id(message.id), seq));
            }
            self.remote.dispatches.push(NewDispatch { event, seq, action });
        }
    }

    fn said(&mut self, state: &State, seq: u64, message: Arc<entities::Message>, now: Timestamp) {
        self.has_client_ids |= message.client_id.is_some();
        self.event(state, seq, EventKind::ConversationMessageCreated, Body::Message(message.clone()), now);
        if message.kind == MessageKind::Message {
            self.event(state, seq + 1, EventKind::TicketMessageCreated, Body::Message(message.clone()), now);
        }
        self.messages.push(message);
    }

    fn event(&mut self, state: &State, seq: u64, kind: EventKind, body: Body, at: Timestamp) {
        let visitor_visible = match (&body, kind) {
            (Body::Message(message), EventKind::ConversationMessageCreated) => message.kind == MessageKind::Message,
            (Body::Read { .. }, _) => true,
            _ => false,
        };
        let id = EventId::new(self.clock.new_id());
        self.events.push(NewEvent { id, kind, place: Some((state.row.id, seq)), visitor_visible, body, at });
    }

    fn event_outside(&mut self, kind: EventKind, body: Body, at: Timestamp) {
        let id = EventId::new(self.clock.new_id());
        self.events.push(NewEvent { id, kind, place: None, visitor_visible: false, body, at });
    }

    /// The write, leading to `state`.
    pub fn write(self, state: &State) -> Write {
        let ticket = state.ticket.clone().filter(|_| self.ticket_touched);
        Write {
            tenant_id: self.tenant_id,
            contact: self.contact.map(|contact| ContactWrite { contact }),
            conversation: Some(ConversationWrite {
                expected_seq: self.expected_seq,
                row: state.row.clone(),
                thread_key: self.thread_key,
                ticket: ticket.map(|ticket| TicketRow { ticket, is_new: self.opens_ticket }),
                messages: self.messages,
                unsure_client_ids: self.has_client_ids && state.may_have_forgotten(),
                reads: self.reads,
                remote: self.remote,
                scheduled: self.scheduled,
                erased: self.erased,
                jobs: self.jobs,
            }),
            settings: None,
            events: self.events,
        }
    }
}

/// The key under which a message of ours is found by the id that we give along, among the provider's ids of messages.
#[must_use]
pub fn own_id(id: entities::MessageId) -> String {
    format!("own:{id}")
}
