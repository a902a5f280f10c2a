//! The rows of a batch, as the two databases write them.

use std::collections::BTreeMap;

use actors::port::{LastReply, ReadMark, WebhookWrite};
use entities::{Address, Contact, DeliveryId, DeliveryStatus, Message, StoredEvent, Ticket, Timestamp, WebhookId};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{prepare::Coded, statements::Failure};

/// Everything that one transaction writes. Where a row may be written once only, the key says so.
#[derive(Default)]
pub struct Rows<'a> {
    /// Contacts, by id.
    pub contacts: BTreeMap<Uuid, ContactRow<'a>>,
    /// Conversations, each once.
    pub conversations: Vec<ConversationRow<'a>>,
    /// Threads of new conversations: whose, which row, by which key.
    pub threads: Vec<(Uuid, &'a actors::port::ConversationRow, &'a str)>,
    /// Tickets, by id.
    pub tickets: BTreeMap<Uuid, (Uuid, &'a Ticket)>,
    /// Read marks, by tenant, conversation and agent.
    pub reads: BTreeMap<(Uuid, Uuid, Uuid), ReadMark>,
    /// When agents were given conversations, by tenant and agent.
    pub turns: BTreeMap<(Uuid, Uuid), Timestamp>,
    /// Messages, in order.
    pub messages: Vec<MessageRow<'a>>,
    /// Events, in order.
    pub events: Vec<EventRow<'a>>,
    /// What is signed and sent, of each event that anybody wants sent.
    pub bodies: Vec<BodyRow>,
    /// Webhooks' new states, in order: whose, and what.
    pub webhooks: Vec<(Uuid, &'a WebhookWrite)>,
    /// Events that webhooks want, in order.
    pub deliveries: Vec<DeliveryRow<'a>>,
    /// Messages that are no longer what they first were, each once, by conversation and place.
    pub changed: BTreeMap<(Uuid, u64), ChangedRow<'a>>,
    /// What providers call messages, in order.
    pub provider_ids: Vec<ProviderIdRow<'a>>,
    /// What is to be done at providers, in order.
    pub dispatches: Vec<DispatchRow<'a>>,
    /// Wishes that take the place of the same ones before them: conversation, column, and the position of the newest.
    pub superseding: Vec<(Uuid, &'a str, i64)>,
    /// Dispatches that are over: channel and position.
    pub settled: Vec<(Uuid, i64)>,
    /// Conversations that were deleted for good, in order.
    pub erased: Vec<ErasedRow>,
    /// Items of jobs over many conversations that are done: job and conversation.
    pub items: Vec<(Uuid, Uuid)>,
    /// Scheduled messages, by id.
    pub scheduled: BTreeMap<Uuid, ScheduledRow<'a>>,
}

/// A conversation that was deleted for good.
pub struct ErasedRow {
    /// Whose.
    pub tenant_id: Uuid,
    /// Which.
    pub id: Uuid,
    /// Up to where what was said goes.
    pub up_to: i64,
}

/// What has become of a message.
#[derive(Clone, Copy)]
pub struct ChangedRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// The column.
    pub state: &'a str,
    /// What it says now, if that may differ from what was first said.
    pub content_text: Option<&'a str>,
}

/// A scheduled message.
#[derive(Clone, Copy)]
pub struct ScheduledRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// Where it is to be said.
    pub conversation_id: Uuid,
    /// When, in microseconds; `None`: it waits no longer.
    pub due_at: Option<i64>,
    /// The column; `None`: it is gone.
    pub message: Option<&'a str>,
}

/// What a provider calls a message.
pub struct ProviderIdRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// The channel.
    pub channel_id: Uuid,
    /// The provider's id.
    pub provider_id: &'a str,
    /// Where the message stands.
    pub place: (Uuid, i64),
}

/// Something to be done at a provider.
pub struct DispatchRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// The channel.
    pub channel_id: Uuid,
    /// The event that wished for it.
    pub position: i64,
    /// Where the message stands that it is about.
    pub place: (Uuid, i64),
    /// The column.
    pub action: Option<&'a str>,
    /// When, in microseconds.
    pub wished_at: i64,
}

/// The bytes of an event.
pub struct BodyRow {
    /// Whose.
    pub tenant_id: Uuid,
    /// The event's place.
    pub position: i64,
    /// Its envelope.
    pub body: String,
}

/// An event for a webhook.
pub struct DeliveryRow<'a> {
    /// Who wants it.
    pub webhook_id: WebhookId,
    /// Its id.
    pub id: DeliveryId,
    /// Pending; or skipped, while the webhook is disabled.
    pub status: DeliveryStatus,
    /// The event.
    pub event: &'a StoredEvent,
}

/// A contact.
pub struct ContactRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// As it will be; its version is 1 if the row is new.
    pub contact: &'a Contact,
    /// The column.
    pub custom_attributes: &'a str,
}

/// A conversation.
pub struct ConversationRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// As it will be.
    pub row: &'a actors::port::ConversationRow,
    /// The column.
    pub labels: &'a str,
    /// The column.
    pub remote: Option<&'a str>,
    /// The column as the table has it; `None` if the row is new.
    pub stored_labels: Option<&'a str>,
}

/// A message.
pub struct MessageRow<'a> {
    /// Whose.
    pub tenant_id: Uuid,
    /// The message.
    pub message: &'a Message,
    /// What its columns hold besides.
    pub coded: &'a Coded,
    /// The position of the event that told of it and leaves its body to this row.
    pub position: Option<u64>,
}

/// An event.
pub struct EventRow<'a> {
    /// The event.
    pub event: &'a StoredEvent,
    /// Whether its body stands in its own row.
    pub stored: bool,
}

impl<'a> Rows<'a> {
    /// The labels that changed conversations had, where they had any: tenant, label, conversation.
    ///
    /// # Errors
    /// [`Failure::Refused`] if a column does not hold what was written to it.
    pub fn dropped_labels(&self) -> Result<Vec<(Uuid, String, Uuid)>, Failure> {
        let mut dropped = Vec::new();
        for row in self.conversations.iter().filter(|row| row.labels_changed()) {
            let Some(stored) = row.stored_labels else { continue };
            let labels: Vec<String> = serde_json::from_str(stored).map_err(|error| Failure::Refused(error.to_string().into()))?;
            dropped.extend(labels.into_iter().map(|label| (row.tenant_id, label, row.row.id.uuid())));
        }
        Ok(dropped)
    }

    /// The labels that changed conversations will have: tenant, label, conversation.
    pub fn added_labels(&self) -> Vec<(Uuid, &'a str, Uuid)> {
        let changed = self.conversations.iter().filter(|row| row.labels_changed());
        changed.flat_map(|row| row.row.labels.iter().map(|label| (row.tenant_id, label.as_str(), row.row.id.uuid()))).collect()
    }

    /// The addresses that contacts will have: tenant, address, contact, and its place among the contact's.
    pub fn addresses(&self) -> Vec<(Uuid, &'a Address, Uuid, i64)> {
        let of_contact = |row: &ContactRow<'a>| {
            let (tenant_id, id) = (row.tenant_id, row.contact.id.uuid());
            row.contact.addresses.iter().zip(0..).map(move |(address, place)| (tenant_id, address, id, place))
        };
        self.contacts.values().flat_map(of_contact).collect()
    }
}

impl EventRow<'_> {
    /// The column `data`.
    pub fn data(&self) -> Option<&str> {
        Some(self.event.data.as_ref()).filter(|_| self.stored).map(RawValue::get)
    }
}

impl ConversationRow<'_> {
    /// Whether the labels differ from what the table has.
    pub fn labels_changed(&self) -> bool {
        self.stored_labels.unwrap_or("[]") != self.labels
    }

    /// The columns of a reply: place, kind, and who.
    pub fn reply(reply: Option<LastReply>) -> (Option<i64>, Option<&'static str>, Option<Uuid>) {
        (reply.map(|reply| reply.seq.cast_signed()), reply.map(|reply| reply.author_kind.as_str()), reply.map(|reply| reply.author_id))
    }
}
