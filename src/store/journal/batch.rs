//! What of a batch may be written, and as which rows: the rules of the journal, without a database.
//!
//! A batch is judged in the order in which its writes came. Each is measured against what the table holds and what the writes before it
//! in the same batch will have left; so one may build on another, and a refused one leaves no trace: it takes no position and no number.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use actors::port::{CommitError, Committed, ConversationWrite, DispatchAction, Published, SettingsWrite};
use entities::{AgentId, ClientId, EventKind, Message, MessageId, StoredEvent, TenantId, TicketId};
use uuid::Uuid;

use super::{
    prepare::Prepared,
    rows::{ChangedRow, ContactRow, ConversationRow, DispatchRow, ErasedRow, EventRow, MessageRow, ProviderIdRow, Rows, ScheduledRow},
    statements::Failure,
};

/// A conversation's row as the table has it.
pub struct FoundConversation {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its version.
    pub seq: i64,
    /// Its labels, as the column has them.
    pub labels: String,
    /// Who answers.
    pub assignee_id: Option<Uuid>,
}

/// A contact's row as the table has it.
pub struct FoundContact {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its version.
    pub version: i64,
}

/// A client id that a message has.
pub struct TakenClientId {
    /// The conversation.
    pub conversation_id: Uuid,
    /// The key.
    pub client_id: String,
    /// The message that has it.
    pub message_id: Uuid,
    /// Where that stands.
    pub seq: i64,
    /// The ticket it was added to.
    pub ticket_id: Uuid,
}

/// What the table says about the rows that a batch touches.
#[derive(Default)]
pub struct Known {
    conversations: HashMap<Uuid, State>,
    contacts: HashMap<Uuid, (Uuid, u64)>,
    client_ids: HashMap<(Uuid, String), Taken>,
    /// Whether anybody is unsure of a client id; if not, the table's own index refuses a double.
    unsure: bool,
}

struct State {
    tenant_id: Uuid,
    seq: u64,
    /// What the table has, `None` where it has no row.
    stored_labels: Option<String>,
    /// Who answers, as the table has it.
    stored_assignee: Option<Uuid>,
}

#[derive(Clone, Copy)]
struct Taken {
    message_id: Uuid,
    seq: u64,
    ticket_id: Uuid,
}

/// What one tenant's counters must rise by.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Events.
    pub events: u64,
    /// New tickets.
    pub tickets: u64,
}

/// A tenant's counters after they were raised.
pub struct Raised {
    /// Whose.
    pub tenant_id: Uuid,
    /// The last position given out.
    pub position: i64,
    /// The last ticket number given out.
    pub ticket_number: i64,
    /// Which state of the tenant's webhooks holds.
    pub webhook_version: i64,
}

/// What a batch came to, write by write.
pub type Verdict = Result<Committed, CommitError>;

impl Known {
    /// Takes in what was found; `taken` where somebody is unsure.
    pub fn new(conversations: Vec<FoundConversation>, contacts: Vec<FoundContact>, taken: Option<Vec<TakenClientId>>) -> Self {
        let unsure = taken.is_some();
        let conversations = conversations.into_iter().map(|found| {
            let FoundConversation { id, tenant_id, seq, labels, assignee_id } = found;
            (id, State { tenant_id, seq: seq.cast_unsigned(), stored_labels: Some(labels), stored_assignee: assignee_id })
        });
        let contacts = contacts.into_iter().map(|found| (found.id, (found.tenant_id, found.version.cast_unsigned())));
        let taken = taken.into_iter().flatten().map(|found| {
            let at = Taken { message_id: found.message_id, seq: found.seq.cast_unsigned(), ticket_id: found.ticket_id };
            ((found.conversation_id, found.client_id), at)
        });
        Self { conversations: conversations.collect(), contacts: contacts.collect(), client_ids: taken.collect(), unsure }
    }

    /// Whether the write may be made; if so, later writes are measured against what it leaves.
    pub fn judge(&mut self, prepared: &Prepared) -> Result<(), CommitError> {
        let write = &prepared.write;
        let tenant_id = write.tenant_id.uuid();
        if let Some(conversation) = &write.conversation {
            let (id, expected) = (conversation.row.id.uuid(), conversation.expected_seq);
            match self.conversations.get(&id) {
                Some(state) if state.tenant_id == tenant_id && state.seq == expected && expected > 0 => {}
                None if expected == 0 => {}
                Some(_) | None => return Err(CommitError::Conflict),
            }
            for message in &conversation.messages {
                self.refuse_taken(id, message)?;
            }
        }
        if let Some(contact) = write.contact.as_ref().map(|write| &write.contact) {
            let (owner, version) = self.contacts.get(&contact.id.uuid()).copied().unwrap_or((tenant_id, 0));
            if owner != tenant_id || contact.version != version + 1 {
                return Err(CommitError::Conflict);
            }
            self.contacts.insert(contact.id.uuid(), (tenant_id, contact.version));
        }
        if let Some(conversation) = &write.conversation {
            let id = conversation.row.id.uuid();
            let state = self.conversations.entry(id).or_insert(State { tenant_id, seq: 0, stored_labels: None, stored_assignee: None });
            state.seq = conversation.row.seq;
            for message in conversation.messages.iter().filter(|_| self.unsure) {
                if let Some(client_id) = &message.client_id {
                    let taken = Taken { message_id: message.id.uuid(), seq: message.seq, ticket_id: message.ticket_id.uuid() };
                    self.client_ids.insert((id, client_id.as_str().to_owned()), taken);
                }
            }
        }
        Ok(())
    }

    fn refuse_taken(&self, conversation_id: Uuid, message: &Message) -> Result<(), CommitError> {
        if self.client_ids.is_empty() {
            return Ok(());
        }
        let Some(client_id) = &message.client_id else { return Ok(()) };
        match self.client_ids.get(&(conversation_id, client_id.as_str().to_owned())) {
            Some(taken) => Err(duplicate(client_id, taken)),
            None => Ok(()),
        }
    }

    fn stored_labels(&self, id: Uuid) -> Option<&str> {
        self.conversations.get(&id).and_then(|state| state.stored_labels.as_deref())
    }

    /// Who is given the conversation by a row that is to be written, if that is somebody else than the table says.
    fn given_to(&self, row: &actors::port::ConversationRow) -> Option<Uuid> {
        let stored = self.conversations.get(&row.id.uuid()).and_then(|state| state.stored_assignee);
        row.assignee_id.map(AgentId::uuid).filter(|agent_id| stored != Some(*agent_id))
    }
}

fn duplicate(client_id: &ClientId, taken: &Taken) -> CommitError {
    CommitError::Duplicate {
        client_id: client_id.clone(),
        message_id: MessageId::new(taken.message_id),
        seq: taken.seq,
        ticket_id: TicketId::new(taken.ticket_id),
    }
}

/// What the tenants' counters must rise by for the writes that may be made; in the order of the tenants' ids, in which they are locked.
pub fn needs<'a>(survivors: impl Iterator<Item = &'a Prepared>) -> BTreeMap<Uuid, Need> {
    let mut needs: BTreeMap<Uuid, Need> = BTreeMap::new();
    for prepared in survivors {
        let need = needs.entry(prepared.write.tenant_id.uuid()).or_default();
        need.events += prepared.write.events.len() as u64;
        need.tickets += u64::from(prepared.opens_ticket());
    }
    needs
}

/// The numbers that a batch was given, handed out write by write.
pub struct Numbers {
    /// For each tenant, the last position and the last ticket number given out so far.
    last: HashMap<Uuid, (u64, u64)>,
}

impl Numbers {
    /// From the tenants' counters as they stand after they were raised by `needs`. A tenant that is not there has no counters.
    pub fn new(needs: &BTreeMap<Uuid, Need>, raised: &[Raised]) -> Self {
        let last = raised.iter().filter_map(|raised| {
            let need = needs.get(&raised.tenant_id)?;
            let position = raised.position.cast_unsigned().checked_sub(need.events)?;
            Some((raised.tenant_id, (position, raised.ticket_number.cast_unsigned().checked_sub(need.tickets)?)))
        });
        Self { last: last.collect() }
    }

    /// Gives the write its ticket number, its positions, and with them its events. A write of a tenant that is not there is refused.
    ///
    /// # Errors
    /// [`Failure::Refused`] if an event cannot be JSON. The counters were raised for it, so the transaction must be given up.
    pub fn number(&mut self, prepared: &mut Prepared, events: &mut Vec<StoredEvent>) -> Result<Verdict, Failure> {
        let tenant_id = prepared.write.tenant_id;
        let Some((position, ticket)) = self.last.get_mut(&tenant_id.uuid()) else {
            return Ok(Err(CommitError::Unavailable(Arc::from(format!("there is no tenant {tenant_id}")))));
        };
        let mut ticket_number = None;
        if prepared.opens_ticket() {
            *ticket += 1;
            ticket_number = Some(*ticket);
            let numbered = prepared.number_ticket(*ticket);
            numbered.map_err(|error| Failure::Refused(Arc::from(format!("an event cannot be stored as JSON: {error}"))))?;
        }
        let first_position = *position + 1;
        for (event, body) in prepared.write.events.iter().zip(&prepared.bodies) {
            let Some(data) = body.json.clone() else {
                return Err(Failure::Refused(Arc::from("an event has no body")));
            };
            *position += 1;
            events.push(StoredEvent {
                id: event.id,
                tenant_id,
                position: *position,
                conversation_id: event.place.map(|(id, _)| id),
                seq: event.place.map(|(_, seq)| seq),
                kind: event.kind,
                visitor_visible: event.visitor_visible,
                data,
                at: event.at,
            });
        }
        Ok(Ok(Committed { first_position, ticket_number }))
    }
}

/// The rows of the writes that may be made. Of a conversation, contact, ticket or read mark that several of them change, the last counts.
pub fn rows<'a>(survivors: &[&'a Prepared], events: &'a [StoredEvent], known: &'a Known) -> Rows<'a> {
    let mut rows = Rows::default();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut stored = Vec::with_capacity(events.len());
    let mut unseen = events;
    for prepared in survivors {
        let (own, others) = unseen.split_at_checked(prepared.bodies.len()).unwrap_or((unseen, &[]));
        unseen = others;
        let tenant_id = prepared.write.tenant_id.uuid();
        stored.extend(prepared.bodies.iter().map(|body| body.stored));
        if let Some(contact) = prepared.write.contact.as_ref().map(|write| &write.contact) {
            let row = ContactRow { tenant_id, contact, custom_attributes: &prepared.custom_attributes };
            rows.contacts.insert(contact.id.uuid(), row);
        }
        rows.webhooks.extend(prepared.write.settings.as_ref().and_then(SettingsWrite::webhook).map(|webhook| (tenant_id, webhook)));
        let Some(conversation) = &prepared.write.conversation else { continue };
        let id = conversation.row.id.uuid();
        rows.erased.extend(conversation.erased.map(|up_to| ErasedRow { tenant_id, id, up_to: up_to.cast_signed() }));
        rows.items.extend(conversation.jobs.iter().map(|job| (job.uuid(), id)));
        remote_rows(&mut rows, prepared, conversation, own);
        for ((scheduled_id, message), column) in conversation.scheduled.iter().zip(&prepared.scheduled) {
            let due_at = message.as_ref().filter(|message| message.refusal.is_none()).map(|message| message.send_at.micros());
            let row = ScheduledRow { tenant_id, conversation_id: id, due_at, message: column.as_deref() };
            rows.scheduled.insert(scheduled_id.uuid(), row);
        }
        if conversation.row.seq == conversation.expected_seq {
            // Nothing that takes a place: the row stays as whoever numbered it last has left it.
            continue;
        }
        let stored_labels = known.stored_labels(id);
        if let Some(agent_id) = known.given_to(&conversation.row) {
            rows.turns.insert((tenant_id, agent_id), conversation.row.updated_at);
        }
        let remote = prepared.remote.as_deref();
        let row = ConversationRow { tenant_id, row: &conversation.row, labels: &prepared.labels, remote, stored_labels };
        if let Some(place) = places.get(&id).and_then(|place| rows.conversations.get_mut(*place)) {
            *place = row;
        } else {
            places.insert(id, rows.conversations.len());
            rows.conversations.push(row);
        }
        if let Some(key) = conversation.thread_key.as_deref().filter(|_| conversation.expected_seq == 0) {
            rows.threads.push((tenant_id, &conversation.row, key));
        }
        if let Some(ticket) = &conversation.ticket {
            rows.tickets.insert(ticket.ticket.id.uuid(), (tenant_id, &ticket.ticket));
        }
        for mark in &conversation.reads {
            rows.reads.insert((tenant_id, id, mark.agent_id.uuid()), *mark);
        }
        let mut told =
            own.iter().zip(&prepared.bodies).filter(|(event, body)| !body.stored && event.kind == EventKind::ConversationMessageCreated);
        for (message, coded) in conversation.messages.iter().zip(&prepared.messages) {
            // Events and messages come in the same order, so the search goes on where it ended.
            let position = told.find(|(event, _)| event.seq == Some(message.seq)).map(|(event, _)| event.position);
            rows.messages.push(MessageRow { tenant_id, message, coded, position });
        }
    }
    rows.events = events.iter().zip(stored).map(|(event, stored)| EventRow { event, stored }).collect();
    rows
}

/// The rows of a conversation's dealings with its provider; `own` are the events of the write.
fn remote_rows<'a>(rows: &mut Rows<'a>, prepared: &'a Prepared, conversation: &'a ConversationWrite, own: &'a [StoredEvent]) {
    let tenant_id = prepared.write.tenant_id.uuid();
    let (id, channel_id) = (conversation.row.id.uuid(), conversation.row.channel_id.uuid());
    let side = &conversation.remote;
    for (held, state) in side.changed.iter().zip(&prepared.changed) {
        let message = &held.message;
        let reworded = message.edited_at.is_some() || message.deleted_at.is_some();
        let content_text = reworded.then_some(message.content_text.as_str());
        rows.changed.insert((id, message.seq), ChangedRow { tenant_id, state, content_text });
    }
    rows.provider_ids.extend(side.provider_ids.iter().map(|(provider_id, seq)| ProviderIdRow {
        tenant_id,
        channel_id,
        provider_id,
        place: (id, seq.cast_signed()),
    }));
    for (wish, action) in side.dispatches.iter().zip(&prepared.actions) {
        let Some(event) = own.get(wish.event) else { continue };
        if let (Some(column), true) = (action.as_deref(), wish.action.as_ref().is_some_and(DispatchAction::supersedes)) {
            rows.superseding.push((id, column, event.position.cast_signed()));
        }
        rows.dispatches.push(DispatchRow {
            tenant_id,
            channel_id,
            position: event.position.cast_signed(),
            place: (id, wish.seq.cast_signed()),
            action: action.as_deref(),
            wished_at: event.at.micros(),
        });
    }
    rows.settled.extend(side.settled.iter().map(|position| (channel_id, *position)));
}

/// Cuts the events of a batch into what each tenant's hubs are told; `events` are in the order of the writes.
pub fn published(events: Vec<StoredEvent>) -> Vec<Published> {
    let one = events.first().map(|event| event.tenant_id);
    if events.iter().all(|event| Some(event.tenant_id) == one) {
        return one.map(|tenant_id| Published { tenant_id, events: events.into() }).into_iter().collect();
    }
    let mut of_tenant: BTreeMap<TenantId, Vec<StoredEvent>> = BTreeMap::new();
    for event in events {
        of_tenant.entry(event.tenant_id).or_default().push(event);
    }
    of_tenant.into_iter().map(|(tenant_id, events)| Published { tenant_id, events: events.into() }).collect()
}
