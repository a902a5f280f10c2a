//! A write made ready for the writer: whatever can be worked out without the database is worked out by who asks.
//!
//! The writer is one; those who ask are many. So JSON is written here, on their threads, once for each message however many events
//! show it. Only what shows a ticket that has no number yet must wait for the writer.

use std::sync::Arc;

use actors::port::{Body, CommitError, NewDispatch, Write};
use entities::{AttachmentRef, Document, EventKind, Message, ScheduledMessage, Timestamp, Via};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A write, with its JSON.
pub struct Prepared {
    /// The write.
    pub write: Write,
    /// For each of its messages, what the columns do not hold.
    pub messages: Vec<Coded>,
    /// For each of its events, the body, and whether the table holds it in the event's own row.
    pub bodies: Vec<Shown>,
    /// `labels` of the conversation, as the column has them.
    pub labels: String,
    /// `custom_attributes` of the contact, as the column has them.
    pub custom_attributes: String,
    /// `remote` of the conversation, as the column has it.
    pub remote: Option<String>,
    /// For each of its changed messages, `state` as the column has it.
    pub changed: Vec<String>,
    /// For each of its dispatches, `action` as the column has it.
    pub actions: Vec<Option<String>>,
    /// For each of its scheduled messages, `message` as the column has it; `None` where the message is gone.
    pub scheduled: Vec<Option<String>>,
}

/// What the table's columns hold of a message besides its plain fields.
pub struct Coded {
    /// Null where it is the plain form of the text.
    pub content: Option<String>,
    /// Null where the message has none of [`Extra`]'s fields.
    pub extra: Option<String>,
}

/// An event's body.
pub struct Shown {
    /// `None` until the ticket has its number.
    pub json: Option<Arc<RawValue>>,
    /// False where a message of the same write says it all.
    pub stored: bool,
}

/// The fields that few messages have.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentRef>,
    /// Reactions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<entities::message::Reaction>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// What it has because it went over a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Box<Via>>,
}

impl Prepared {
    /// Writes the JSON of a write.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`] if a value cannot be JSON, which no value of these types is.
    pub fn new(write: Write) -> Result<Self, CommitError> {
        Self::code(write).map_err(|error| CommitError::Unavailable(Arc::from(format!("a write cannot be stored as JSON: {error}"))))
    }

    fn code(write: Write) -> Result<Self, serde_json::Error> {
        let (mut messages, mut labels, mut custom_attributes, mut opens_ticket) = (Vec::new(), String::new(), String::new(), false);
        let (mut remote, mut changed, mut actions, mut scheduled) = (None, Vec::new(), Vec::new(), Vec::new());
        if let Some(conversation) = &write.conversation {
            messages = conversation.messages.iter().map(|message| coded(message)).collect::<Result<_, _>>()?;
            labels = serde_json::to_string(&conversation.row.labels)?;
            remote = conversation.row.remote.as_ref().map(serde_json::to_string).transpose()?;
            let side = &conversation.remote;
            changed = side.changed.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
            let action = |wish: &NewDispatch| wish.action.as_ref().map(serde_json::to_string).transpose();
            actions = side.dispatches.iter().map(action).collect::<Result<_, _>>()?;
            let column = |message: &Option<Arc<ScheduledMessage>>| message.as_deref().map(serde_json::to_string).transpose();
            scheduled = conversation.scheduled.values().map(column).collect::<Result<_, _>>()?;
            opens_ticket = conversation.ticket.as_ref().is_some_and(|ticket| ticket.is_new);
        }
        if let Some(contact) = &write.contact {
            custom_attributes = serde_json::to_string(&contact.contact.custom_attributes)?;
        }
        let bodies = bodies(&write, opens_ticket)?;
        Ok(Self { write, messages, bodies, labels, custom_attributes, remote, changed, actions, scheduled })
    }

    /// Gives the new ticket its number, and writes the JSON that waited for it.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn number_ticket(&mut self, number: u64) -> Result<(), serde_json::Error> {
        let Some(ticket) = self.write.conversation.as_mut().and_then(|conversation| conversation.ticket.as_mut()) else {
            return Ok(());
        };
        ticket.ticket.number = number;
        for (event, body) in self.write.events.iter_mut().zip(&mut self.bodies) {
            if may_show_ticket(&event.body) {
                event.body.number_ticket(ticket.ticket.id, number);
                body.json = Some(event.body.json()?);
            }
        }
        Ok(())
    }

    /// Whether the write opens a ticket, which wants a number.
    pub fn opens_ticket(&self) -> bool {
        let ticket = self.write.conversation.as_ref().and_then(|conversation| conversation.ticket.as_ref());
        ticket.is_some_and(|ticket| ticket.is_new)
    }
}

fn may_show_ticket(body: &Body) -> bool {
    matches!(body, Body::Conversation(..) | Body::Ticket(..) | Body::ConversationDeleted(..) | Body::TicketDeleted(..))
}

fn bodies(write: &Write, opens_ticket: bool) -> Result<Vec<Shown>, serde_json::Error> {
    let added = write.conversation.as_ref().map(|conversation| conversation.messages.as_slice()).unwrap_or_default();
    let mut last: Option<(&Arc<Message>, Arc<RawValue>)> = None;
    let mut bodies = Vec::with_capacity(write.events.len());
    for event in &write.events {
        let Body::Message(message) = &event.body else {
            let waits = opens_ticket && may_show_ticket(&event.body);
            let json = if waits { None } else { Some(event.body.json()?) };
            bodies.push(Shown { json, stored: true });
            continue;
        };
        let json = match &last {
            Some((shown, json)) if Arc::ptr_eq(shown, message) => json.clone(),
            _ => event.body.json()?,
        };
        let behind = match event.kind {
            EventKind::ConversationMessageCreated => Some(0),
            EventKind::TicketMessageCreated => Some(1),
            _ => None,
        };
        let place = event.place.zip(behind).and_then(|((_, seq), behind)| seq.checked_sub(behind));
        let told_by_row = place == Some(message.seq) && added.iter().any(|added| Arc::ptr_eq(added, message));
        bodies.push(Shown { json: Some(json.clone()), stored: !told_by_row });
        last = Some((message, json));
    }
    Ok(bodies)
}

fn coded(message: &Message) -> Result<Coded, serde_json::Error> {
    let plain = message.content == Document::plain(&message.content_text);
    let content = if plain { None } else { Some(serde_json::to_string(&message.content)?) };
    let bare = message.attachments.is_empty()
        && message.reactions.is_empty()
        && message.error.is_none()
        && message.edited_at.is_none()
        && message.deleted_at.is_none()
        && message.via.is_none();
    if bare {
        return Ok(Coded { content, extra: None });
    }
    let extra = Extra {
        attachments: message.attachments.clone(),
        reactions: message.reactions.clone(),
        error: message.error.clone(),
        edited_at: message.edited_at,
        deleted_at: message.deleted_at,
        via: message.via.clone(),
    };
    Ok(Coded { content, extra: Some(serde_json::to_string(&extra)?) })
}
