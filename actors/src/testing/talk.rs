//! Writes for tests and benches: a conversation that grows as a real one does.
//!
//! A [`Talk`] assumes that what it hands out is committed; a test that wants two writers of one conversation clones it first.

use std::{collections::BTreeMap, sync::Arc};

use entities::{
    Address, AddressKind, AgentId, Author, AuthorKind, Change, Changes, ChannelId, ClientId, Contact, ContactId, ContactSummary,
    Conversation, ConversationId, ConversationStatus, Direction, Document, EventId, EventKind, Message, MessageId, MessageKind,
    MessageStatus, Priority, TenantId, Ticket, TicketId, TicketSummary,
};

use crate::port::{Body, Clock, ContactWrite, ConversationRow, ConversationWrite, NewEvent, ReadMark, RemoteWrite, TicketRow, Write};

/// A conversation that grows write by write.
#[derive(Clone)]
pub struct Talk {
    /// Whose conversation.
    pub tenant_id: TenantId,
    /// The row as it is after the writes so far.
    pub row: ConversationRow,
    /// Who writes.
    pub contact: Contact,
    /// The one ticket; its number is 0 unless the test sets it.
    pub ticket: Ticket,
    /// Where its ids and times come from.
    pub clock: Arc<dyn Clock>,
}

impl Talk {
    /// Begins a conversation: a contact, a ticket, and a first message without client id.
    #[must_use]
    pub fn begin(clock: &Arc<dyn Clock>, tenant_id: TenantId, text: &str) -> (Self, Write) {
        let mut talk = Self::new(clock, tenant_id);
        let conversation = talk.row.conversation();
        let mut write = talk.write();
        talk.event(&mut write, EventKind::ContactCreated, Body::Contact(Box::new(talk.contact.clone()), Changes::new()));
        talk.placed(&mut write, EventKind::ConversationCreated, false, Body::Conversation(Box::new(conversation), Changes::new()));
        let ticket = Box::new(talk.ticket.clone());
        talk.placed(&mut write, EventKind::TicketCreated, false, Body::Ticket(ticket, Changes::new()));
        let mut write = talk.add_message(write, talk.message(MessageKind::Message, text, None));
        write.contact = Some(ContactWrite { contact: talk.contact.clone() });
        if let Some(conversation) = &mut write.conversation {
            conversation.thread_key = Some(talk.row.id.to_string());
            conversation.ticket = Some(TicketRow { ticket: talk.ticket.clone(), is_new: true });
        }
        (talk, write)
    }

    /// Tells the talk what number the journal gave its ticket.
    pub fn numbered(&mut self, number: u64) {
        self.ticket.number = number;
        if let Some(summary) = &mut self.row.ticket {
            summary.number = number;
        }
    }

    /// Says something: one message, two events.
    pub fn say(&mut self, text: &str, client_id: Option<&str>) -> Write {
        let message = self.message(MessageKind::Message, text, client_id);
        let write = self.write();
        self.add_message(write, message)
    }

    /// Says several things in one write.
    pub fn say_all<'a>(&mut self, texts: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Write {
        let mut write = self.write();
        for (text, client_id) in texts {
            write = self.add_message(write, self.message(MessageKind::Message, text, client_id.as_deref()));
        }
        write
    }

    /// Leaves a note, which the visitor does not see: one event.
    pub fn note(&mut self, text: &str) -> Write {
        let message = self.message(MessageKind::Note, text, None);
        let write = self.write();
        self.add_message(write, message)
    }

    /// Adds the message as it is, with the events that belong to it; its `seq` is set here.
    pub fn post(&mut self, message: Message) -> Write {
        let write = self.write();
        self.add_message(write, message)
    }

    /// An agent reads to the end.
    pub fn read(&mut self, agent_id: AgentId) -> Write {
        let mut write = self.write();
        let seq = self.row.last_message_seq;
        self.row.agent_read_seq = seq;
        self.row.inbound_seen = self.row.inbound_count;
        let body = Body::Read { conversation_id: self.row.id, by: (AuthorKind::Agent, agent_id.uuid()), seq };
        self.placed(&mut write, EventKind::ConversationRead, true, body);
        let mark = ReadMark { agent_id, seq, inbound_seen: self.row.inbound_seen };
        if let Some(conversation) = &mut write.conversation {
            conversation.reads.push(mark);
        }
        self.finish(write)
    }

    /// Changes the row as `change` does: one event, `conversation.updated`.
    pub fn update(&mut self, change: impl FnOnce(&mut ConversationRow)) -> Write {
        let mut write = self.write();
        let was_open = self.row.status == ConversationStatus::Open;
        change(&mut self.row);
        if self.row.status == ConversationStatus::Open && !was_open {
            self.row.opened_at = self.clock.now();
        }
        let conversation: Box<Conversation> = Box::new(self.row.conversation());
        self.placed(&mut write, EventKind::ConversationUpdated, false, Body::Conversation(conversation, Changes::new()));
        self.finish(write)
    }

    /// Tells the conversation of its contact's change, as the conversation's own: one event.
    pub fn tell_of_contact(&mut self, from: &ContactSummary) -> Write {
        let mut write = self.write();
        self.row.contact = self.contact.summary();
        let mut changes = Changes::new();
        changes.insert("contact", Change { from: serde_json::json!(from), to: serde_json::json!(self.row.contact) });
        let conversation: Box<Conversation> = Box::new(self.row.conversation());
        self.placed(&mut write, EventKind::ConversationUpdated, false, Body::Conversation(conversation, changes));
        self.finish(write)
    }

    /// Changes the contact's name and nothing else: one event, without a place in the conversation.
    pub fn rename(&mut self, name: &str) -> Write {
        self.change_contact(|contact| contact.name = Some(name.to_owned()))
    }

    /// Changes the contact and nothing else, likewise.
    pub fn change_contact(&mut self, change: impl FnOnce(&mut Contact)) -> Write {
        change(&mut self.contact);
        self.contact.version += 1;
        let mut write = self.write();
        write.conversation = None;
        write.contact = Some(ContactWrite { contact: self.contact.clone() });
        self.event(&mut write, EventKind::ContactUpdated, Body::Contact(Box::new(self.contact.clone()), Changes::new()));
        write
    }

    /// A message of this conversation that is in no write yet.
    #[must_use]
    pub fn message(&self, kind: MessageKind, text: &str, client_id: Option<&str>) -> Message {
        let inbound = kind == MessageKind::Message;
        Message {
            id: MessageId::new(self.clock.new_id()),
            conversation_id: self.row.id,
            ticket_id: self.ticket.id,
            seq: self.row.seq + 1,
            kind,
            direction: if inbound { Direction::In } else { Direction::Out },
            author: Author {
                kind: if inbound { AuthorKind::Visitor } else { AuthorKind::Agent },
                id: Some(self.contact.id.uuid()),
                name: self.contact.name.clone(),
                avatar_url: None,
            },
            content: Document::plain(text),
            content_text: text.to_owned(),
            attachments: Vec::new(),
            reactions: Vec::new(),
            status: MessageStatus::Sent,
            error: None,
            client_id: client_id.and_then(|key| ClientId::parse(key).ok()),
            created_at: self.clock.now(),
            edited_at: None,
            deleted_at: None,
            via: None,
        }
    }

    fn new(clock: &Arc<dyn Clock>, tenant_id: TenantId) -> Self {
        let at = clock.now();
        let id = ConversationId::new(clock.new_id());
        let visitor = clock.new_id().to_string();
        let contact = Contact {
            id: ContactId::new(clock.new_id()),
            name: Some("Jane Doe".to_owned()),
            email: None,
            phone: None,
            avatar_url: None,
            verified: false,
            addresses: vec![Address { kind: AddressKind::Visitor, value: visitor }],
            custom_attributes: BTreeMap::new(),
            country: None,
            blocked: false,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let ticket = Ticket {
            id: TicketId::new(clock.new_id()),
            number: 0,
            conversation_id: id,
            subject: "Cannot open the dashboard".to_owned(),
            status: ConversationStatus::Open,
            priority: Priority::None,
            contact: contact.summary(),
            assignee_id: None,
            created_at: at,
            updated_at: at,
            resolved_at: None,
        };
        let summary = TicketSummary { id: ticket.id, number: 0, subject: ticket.subject.clone(), status: ticket.status };
        let row = ConversationRow {
            id,
            channel_id: ChannelId::new(clock.new_id()),
            contact: contact.summary(),
            status: ConversationStatus::Open,
            snoozed_until: None,
            priority: Priority::None,
            assignee_id: None,
            team_id: None,
            owner_id: None,
            labels: Vec::new(),
            ticket: Some(summary),
            seq: 0,
            inbound_count: 0,
            inbound_seen: 0,
            contact_read_seq: 0,
            agent_read_seq: 0,
            last_message_seq: 0,
            last_reply: None,
            other_reply: None,
            remote: None,
            scheduled_count: 0,
            trashed_at: None,
            erased_at: None,
            opened_at: at,
            created_at: at,
            updated_at: at,
        };
        Self { tenant_id, row, contact, ticket, clock: clock.clone() }
    }

    /// An empty write on the row as it is.
    fn write(&self) -> Write {
        let conversation = ConversationWrite {
            expected_seq: self.row.seq,
            row: self.row.clone(),
            thread_key: None,
            ticket: None,
            messages: Vec::new(),
            unsure_client_ids: false,
            reads: Vec::new(),
            remote: RemoteWrite::default(),
            scheduled: BTreeMap::new(),
            erased: None,
            jobs: Vec::new(),
        };
        Write { tenant_id: self.tenant_id, contact: None, conversation: Some(conversation), settings: None, events: Vec::new() }
    }

    fn add_message(&mut self, mut write: Write, mut message: Message) -> Write {
        message.seq = self.row.seq + 1;
        let (is_message, message) = (message.kind == MessageKind::Message, Arc::new(message));
        self.placed(&mut write, EventKind::ConversationMessageCreated, is_message, Body::Message(message.clone()));
        if is_message {
            self.row.last_message_seq = message.seq;
            self.row.inbound_count += u64::from(message.direction == Direction::In);
            self.placed(&mut write, EventKind::TicketMessageCreated, false, Body::Message(message.clone()));
        }
        if let Some(conversation) = &mut write.conversation {
            conversation.messages.push(message);
        }
        self.finish(write)
    }

    fn placed(&mut self, write: &mut Write, kind: EventKind, visitor_visible: bool, body: Body) {
        self.row.seq += 1;
        self.event(write, kind, body);
        if let Some(event) = write.events.last_mut() {
            event.place = Some((self.row.id, self.row.seq));
            event.visitor_visible = visitor_visible;
        }
    }

    fn event(&self, write: &mut Write, kind: EventKind, body: Body) {
        let id = EventId::new(self.clock.new_id());
        write.events.push(NewEvent { id, kind, place: None, visitor_visible: false, body, at: self.clock.now() });
    }

    fn finish(&mut self, mut write: Write) -> Write {
        self.row.updated_at = self.clock.now();
        if let Some(conversation) = &mut write.conversation {
            conversation.row = self.row.clone();
        }
        write
    }
}
