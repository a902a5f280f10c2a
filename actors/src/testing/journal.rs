//! The journal in memory: every promise of the real one but durability, with nothing to wait for.
//!
//! It works under paused time, which a database's pool does not.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entities::{
    ChannelId, Contact, ContactId, ConversationId, Direction, Epoch, EventKind, Message, MessageKind, ScheduledMessage, ScheduledMessageId,
    StoredEvent, TenantId, Ticket, TicketId, Timestamp, event::ERASED,
};

use serde_json::value::RawValue;

use crate::port::{
    Bus, CommitError, Committed, ContactWrite, ConversationRow, ConversationWrite, DispatchAction, DueMark, DueTimer, HeldMessage, Journal,
    LoadedConversation, Marks, NewDispatch, Promise, Published, StoreError, Timer, Timers, Wanted, Write,
};

/// The journal in memory.
pub struct MemoryJournal {
    bus: Arc<dyn Bus>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    tenants: HashMap<TenantId, Tenant>,
    /// So many commits from now answer that the database is away.
    refusals: usize,
    commits: usize,
}

#[derive(Default)]
struct Tenant {
    events: Vec<StoredEvent>,
    ticket_number: u64,
    conversations: HashMap<ConversationId, Kept>,
    contacts: HashMap<ContactId, Contact>,
    tickets: HashMap<TicketId, Ticket>,
    provider_ids: HashMap<(ChannelId, String), (ConversationId, u64)>,
    dispatches: BTreeMap<(ChannelId, i64), (ConversationId, NewDispatch)>,
}

struct Kept {
    row: ConversationRow,
    messages: BTreeMap<u64, Arc<Message>>,
    /// Messages that are no longer what they first were.
    changed: BTreeMap<u64, HeldMessage>,
    scheduled: BTreeMap<ScheduledMessageId, ScheduledMessage>,
}

impl MemoryJournal {
    /// An empty journal that tells `bus`.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus, held: Mutex::default() }
    }

    /// The next so many commits are not made and answer [`CommitError::Unavailable`].
    pub fn refuse(&self, commits: usize) {
        self.held().refusals = commits;
    }

    /// How many commits were made.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.held().commits
    }

    /// Every conversation of a tenant as it is now, by id.
    #[must_use]
    pub fn rows(&self, tenant_id: TenantId) -> Vec<ConversationRow> {
        let held = self.held();
        let kept = held.tenants.get(&tenant_id).map(|tenant| &tenant.conversations);
        let mut rows: Vec<ConversationRow> = kept.into_iter().flatten().map(|(_, kept)| kept.row.clone()).collect();
        rows.sort_unstable_by_key(|row| row.id);
        rows
    }

    /// A tenant's events behind a position, in order.
    #[must_use]
    pub fn events(&self, tenant_id: TenantId, after: u64) -> Vec<StoredEvent> {
        let held = self.held();
        let events = held.tenants.get(&tenant_id).map(|tenant| tenant.events.as_slice()).unwrap_or_default();
        events.iter().skip(usize::try_from(after).unwrap_or(usize::MAX)).cloned().collect()
    }

    /// Every message of a conversation, in order.
    #[must_use]
    pub fn messages(&self, tenant_id: TenantId, id: ConversationId) -> Vec<Arc<Message>> {
        let held = self.held();
        let kept = held.tenants.get(&tenant_id).and_then(|tenant| tenant.conversations.get(&id));
        kept.map(|kept| kept.messages.values().cloned().collect()).unwrap_or_default()
    }

    /// A message as it is now.
    #[must_use]
    pub fn message_now(&self, tenant_id: TenantId, id: ConversationId, seq: u64) -> Option<HeldMessage> {
        let held = self.held();
        held.tenants.get(&tenant_id).and_then(|tenant| tenant.conversations.get(&id)).and_then(|kept| kept.now(seq))
    }

    /// What waits for providers: channel, position, conversation, and what.
    #[must_use]
    pub fn dispatches(&self, tenant_id: TenantId) -> Vec<(ChannelId, i64, ConversationId, NewDispatch)> {
        let held = self.held();
        let waiting = held.tenants.get(&tenant_id).map(|tenant| &tenant.dispatches);
        waiting.into_iter().flatten().map(|((channel, position), (id, wish))| (*channel, *position, *id, wish.clone())).collect()
    }

    /// Where the message stands that the provider calls so.
    #[must_use]
    pub fn place_of(&self, tenant_id: TenantId, channel_id: ChannelId, provider_id: &str) -> Option<(ConversationId, u64)> {
        let held = self.held();
        held.tenants.get(&tenant_id).and_then(|tenant| tenant.provider_ids.get(&(channel_id, provider_id.to_owned()))).copied()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, write: Write) -> Result<Committed, CommitError> {
        let mut held = self.held();
        if held.refusals > 0 {
            held.refusals -= 1;
            return Err(CommitError::Unavailable(Arc::from("told to refuse")));
        }
        let taken_elsewhere = held.tenants.iter().any(|(id, tenant)| *id != write.tenant_id && tenant.has_any_of(&write));
        let tenant = held.tenants.entry(write.tenant_id).or_default();
        if taken_elsewhere {
            return Err(CommitError::Conflict);
        }
        tenant.check(&write)?;
        let (committed, events) = tenant.store(write)?;
        held.commits += 1;
        if let Some(tenant_id) = events.first().map(|event| event.tenant_id) {
            // Under the lock: the order of the bus is the order of the positions.
            self.bus.publish(Published { tenant_id, events: events.into() });
        }
        Ok(committed)
    }
}

impl Kept {
    fn now(&self, seq: u64) -> Option<HeldMessage> {
        self.changed.get(&seq).cloned().or_else(|| {
            let message = self.messages.get(&seq)?;
            Some(HeldMessage { message: (**message).clone(), marks: Marks::default() })
        })
    }

    fn find(&self, wanted: &Wanted) -> Vec<HeldMessage> {
        match wanted {
            Wanted::At(places) => places.iter().filter_map(|seq| self.now(*seq)).collect(),
            Wanted::SentUntil(up_to, limit) => {
                let sent = |message: &&Arc<Message>| {
                    message.direction == Direction::Out && message.kind == MessageKind::Message && message.created_at <= *up_to
                };
                let mut found: Vec<_> =
                    self.messages.values().rev().filter(sent).take(*limit).filter_map(|message| self.now(message.seq)).collect();
                found.reverse();
                found
            }
        }
    }
}

impl Tenant {
    fn has_any_of(&self, write: &Write) -> bool {
        write.conversation.as_ref().is_some_and(|conversation| self.conversations.contains_key(&conversation.row.id))
            || write.contact.as_ref().is_some_and(|write| self.contacts.contains_key(&write.contact.id))
    }

    fn check(&self, write: &Write) -> Result<(), CommitError> {
        if let Some(conversation) = &write.conversation {
            self.check_conversation(conversation)?;
        }
        if let Some(ContactWrite { contact }) = &write.contact {
            let version = self.contacts.get(&contact.id).map_or(0, |stored| stored.version);
            let taken =
                |other: &Contact| other.id != contact.id && other.addresses.iter().any(|address| contact.addresses.contains(address));
            if contact.version != version + 1 || self.contacts.values().any(taken) {
                return Err(CommitError::Conflict);
            }
        }
        Ok(())
    }

    fn check_conversation(&self, write: &ConversationWrite) -> Result<(), CommitError> {
        let kept = self.conversations.get(&write.row.id);
        if kept.map_or(0, |kept| kept.row.seq) != write.expected_seq {
            return Err(CommitError::Conflict);
        }
        for client_id in write.messages.iter().filter_map(|message| message.client_id.as_ref()) {
            let first = kept.and_then(|kept| kept.messages.values().find(|message| message.client_id.as_ref() == Some(client_id)));
            if let Some(first) = first {
                return Err(CommitError::Duplicate {
                    client_id: client_id.clone(),
                    message_id: first.id,
                    seq: first.seq,
                    ticket_id: first.ticket_id,
                });
            }
        }
        Ok(())
    }

    fn store(&mut self, mut write: Write) -> Result<(Committed, Vec<StoredEvent>), CommitError> {
        let mut ticket_number = None;
        if let Some(conversation) = &mut write.conversation
            && let Some(ticket) = conversation.ticket.as_mut().filter(|ticket| ticket.is_new)
        {
            let number = self.ticket_number + 1;
            ticket_number = Some(number);
            ticket.ticket.number = number;
            if let Some(summary) = conversation.row.ticket.as_mut().filter(|summary| summary.id == ticket.ticket.id) {
                summary.number = number;
            }
            for event in &mut write.events {
                event.body.number_ticket(ticket.ticket.id, number);
            }
        }
        let first_position = self.events.len() as u64 + 1;
        let mut events = Vec::with_capacity(write.events.len());
        for (position, event) in (first_position..).zip(&write.events) {
            let data = event.body.json().map_err(|error| CommitError::Unavailable(Arc::from(error.to_string())))?;
            events.push(StoredEvent {
                id: event.id,
                tenant_id: write.tenant_id,
                position,
                conversation_id: event.place.map(|(id, _)| id),
                seq: event.place.map(|(_, seq)| seq),
                kind: event.kind,
                visitor_visible: event.visitor_visible,
                data,
                at: event.at,
            });
        }
        self.ticket_number += u64::from(ticket_number.is_some());
        self.events.extend(events.iter().cloned());
        if let Some(ContactWrite { contact }) = write.contact {
            self.contacts.insert(contact.id, contact);
        }
        if let Some(conversation) = write.conversation {
            self.keep(conversation, first_position);
        }
        Ok((Committed { first_position, ticket_number }, events))
    }

    fn keep(&mut self, write: ConversationWrite, first_position: u64) {
        if let Some(ticket) = write.ticket {
            self.tickets.insert(ticket.ticket.id, ticket.ticket);
        }
        let id = write.row.id;
        if let Some(up_to) = write.erased {
            self.erase(id, up_to);
        }
        let mut kept = match self.conversations.remove(&id) {
            Some(kept) if write.row.seq == write.expected_seq => kept,
            Some(kept) => Kept { row: write.row, ..kept },
            None => Kept { row: write.row, messages: BTreeMap::new(), changed: BTreeMap::new(), scheduled: BTreeMap::new() },
        };
        kept.messages.extend(write.messages.into_iter().map(|message| (message.seq, message)));
        kept.changed.extend(write.remote.changed.iter().map(|held| (held.message.seq, (**held).clone())));
        for (scheduled_id, message) in write.scheduled {
            match message {
                Some(message) => kept.scheduled.insert(scheduled_id, ScheduledMessage::clone(&message)),
                None => kept.scheduled.remove(&scheduled_id),
            };
        }
        let channel_id = kept.row.channel_id;
        for (provider_id, seq) in write.remote.provider_ids {
            self.provider_ids.entry((channel_id, provider_id)).or_insert((id, seq));
        }
        for position in write.remote.settled {
            self.dispatches.remove(&(channel_id, position));
        }
        for wish in write.remote.dispatches {
            let position = first_position + wish.event as u64;
            if wish.action.as_ref().is_some_and(DispatchAction::supersedes) {
                self.dispatches.retain(|_, (of, before)| *of != id || before.action != wish.action);
            }
            self.dispatches.insert((channel_id, position.cast_signed()), (id, wish));
        }
        self.conversations.insert(id, kept);
    }

    fn erase(&mut self, id: ConversationId, up_to: u64) {
        if let Some(kept) = self.conversations.get_mut(&id) {
            kept.messages.retain(|seq, _| *seq > up_to);
            kept.changed.retain(|seq, _| *seq > up_to);
            kept.scheduled.clear();
        }
        self.provider_ids.retain(|_, (of, seq)| *of != id || *seq > up_to);
        self.dispatches.retain(|_, (of, wish)| *of != id || wish.seq > up_to);
        self.tickets.retain(|_, ticket| ticket.conversation_id != id);
        let told = |event: &&mut StoredEvent| {
            let of_message = matches!(event.kind, EventKind::ConversationMessageCreated | EventKind::TicketMessageCreated);
            of_message && event.conversation_id == Some(id) && event.seq <= Some(up_to)
        };
        for event in self.events.iter_mut().filter(told) {
            if let Ok(nothing) = RawValue::from_string(ERASED.to_owned()) {
                event.data = nothing.into();
            }
        }
    }

    fn load(&self, id: ConversationId, recent_max: usize) -> Option<LoadedConversation> {
        let kept = self.conversations.get(&id)?;
        let mut row = kept.row.clone();
        // The contact is shown as it is now, not as it was when the conversation last changed.
        if let Some(contact) = self.contacts.get(&row.contact.id) {
            row.contact = contact.summary();
        }
        let mut ticket = row.ticket.as_ref().and_then(|ticket| self.tickets.get(&ticket.id)).cloned();
        if let Some(ticket) = &mut ticket {
            ticket.contact = row.contact.clone();
        }
        let skipped = kept.messages.len().saturating_sub(recent_max);
        let recent = kept.messages.values().skip(skipped).map(|message| match kept.changed.get(&message.seq) {
            Some(held) => Arc::new(held.message.clone()),
            None => message.clone(),
        });
        let recent = recent.collect();
        Some(LoadedConversation { row, ticket, recent, recent_is_all: skipped == 0 })
    }
}

impl Journal for MemoryJournal {
    fn load(
        &self,
        tenant_id: TenantId,
        id: ConversationId,
        recent_max: usize,
    ) -> Promise<'_, Result<Option<LoadedConversation>, StoreError>> {
        let loaded = self.held().tenants.get(&tenant_id).and_then(|tenant| tenant.load(id, recent_max));
        Box::pin(std::future::ready(Ok(loaded)))
    }

    fn find_contact(&self, tenant_id: TenantId, id: ContactId) -> Promise<'_, Result<Option<Contact>, StoreError>> {
        let found = self.held().tenants.get(&tenant_id).and_then(|tenant| tenant.contacts.get(&id)).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn find_messages(&self, tenant_id: TenantId, id: ConversationId, wanted: Wanted) -> Promise<'_, Result<Vec<HeldMessage>, StoreError>> {
        let held = self.held();
        let kept = held.tenants.get(&tenant_id).and_then(|tenant| tenant.conversations.get(&id));
        let found = kept.map(|kept| kept.find(&wanted)).unwrap_or_default();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn scheduled(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Vec<ScheduledMessage>, StoreError>> {
        let held = self.held();
        let kept = held.tenants.get(&tenant_id).and_then(|tenant| tenant.conversations.get(&id));
        let found = kept.map(|kept| kept.scheduled.values().cloned().collect()).unwrap_or_default();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn commit(&self, write: Write) -> Promise<'_, Result<Committed, CommitError>> {
        Box::pin(async move { self.write(write) })
    }

    fn epoch(&self) -> Epoch {
        Epoch::new(0x9f3c_01ab)
    }

    fn head(&self, tenant_id: TenantId) -> Promise<'_, Result<u64, StoreError>> {
        let head = self.held().tenants.get(&tenant_id).map_or(0, |tenant| tenant.events.len() as u64);
        Box::pin(std::future::ready(Ok(head)))
    }

    fn oldest(&self, _tenant_id: TenantId) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(std::future::ready(Ok(1)))
    }

    fn events_after(&self, tenant_id: TenantId, after: u64, limit: usize) -> Promise<'_, Result<Vec<StoredEvent>, StoreError>> {
        let held = self.held();
        let events = held.tenants.get(&tenant_id).map(|tenant| tenant.events.as_slice()).unwrap_or_default();
        let found = events.iter().filter(|event| event.position > after).take(limit).cloned().collect();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn visitor_events_after(
        &self,
        tenant_id: TenantId,
        id: ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Promise<'_, Result<Vec<StoredEvent>, StoreError>> {
        let held = self.held();
        let events = held.tenants.get(&tenant_id).map(|tenant| tenant.events.as_slice()).unwrap_or_default();
        let seen = |event: &&StoredEvent| {
            event.visitor_visible && !event.is_erased() && event.conversation_id == Some(id) && event.seq > Some(after_seq)
        };
        let found = events.iter().filter(seen).take(limit).cloned().collect();
        Box::pin(std::future::ready(Ok(found)))
    }
}

impl Timers for MemoryJournal {
    fn due(&self, timer: Timer, now: Timestamp, after: Option<DueMark>, limit: usize) -> Promise<'_, Result<Vec<DueTimer>, StoreError>> {
        let held = self.held();
        let kept = held.tenants.iter().flat_map(|(tenant_id, tenant)| tenant.conversations.values().map(|kept| (*tenant_id, kept)));
        let mut due: Vec<DueTimer> = kept
            .filter(|(_, kept)| kept.row.trashed_at.is_none())
            .flat_map(|(tenant_id, kept)| {
                let conversation_id = kept.row.id;
                let snooze = kept.row.snoozed_until.into_iter().map(|at| (at, None));
                let waiting = kept.scheduled.values().filter(|message| message.refusal.is_none());
                let messages = waiting.map(|message| (message.send_at, Some(message.id)));
                let of_kind: Vec<_> = if timer == Timer::Snooze { snooze.collect() } else { messages.collect() };
                let timer = move |(at, message_id)| DueTimer { tenant_id, conversation_id, at, message_id, refusal: None };
                of_kind.into_iter().map(timer)
            })
            .filter(|due| due.at <= now && after.is_none_or(|after| due.mark() > after))
            .collect();
        due.sort_unstable_by_key(DueTimer::mark);
        due.truncate(limit);
        Box::pin(std::future::ready(Ok(due)))
    }
}
