//! Searching what was said, who said it, and tickets by their number.
//!
//! Guarantees: what the journal has committed is found, since the indexes are written in its transactions; a message is found by what it says
//! now, a deleted one not at all; nobody finds what stands in a conversation that their list would not show. The order is total: the ticket with
//! the number, then contacts, then messages, each the newest first; so pages neither repeat nor miss what stays as it is.
//!
//! Does not: look at more than [`LOOKED_AT_MAX`] messages for one page. A page of somebody who may not see most of them may be short, and goes on.

mod contacts;
mod messages;
mod words;

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    ContactSummary, Conversation, ConversationId, Message, TenantId, Timestamp,
    table::{contact, ticket},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::{messages::sql, words::Words};
use super::{
    conversation::{self, Viewer},
    conversation_parts, message,
    page::{self, Listed},
};
use crate::store::{Database, unavailable};

/// Most messages that are looked at for one page.
pub const LOOKED_AT_MAX: u64 = messages::CHUNK * messages::CHUNKS_MAX;

/// What to search for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The words; if there are none, neither contacts nor messages are found.
    pub words: Words,
    /// The ticket's number, if that is wanted.
    pub number: Option<u64>,
    /// Contacts, too.
    pub contacts: bool,
    /// Messages, too.
    pub messages: bool,
}

/// What was found.
#[derive(Debug)]
pub enum Hit {
    /// The conversation of a ticket with the number.
    Conversation(Box<Conversation>, FoundTicket),
    /// Somebody, and the last conversation with them that the viewer may see.
    Contact(Box<contact::Model>, Option<ConversationId>),
    /// Something that was said, with whom, and under which ticket's number.
    Message(Box<Message>, ContactSummary, Option<u64>),
}

/// A ticket that was found by its number.
#[derive(Debug)]
pub struct FoundTicket {
    /// Its number.
    pub number: u64,
    /// Its subject.
    pub subject: String,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Before the contacts, or behind one of them.
    Contacts(Option<page::Place>),
    /// Before this position.
    Messages(i64),
}

/// Finds a page of what the viewer may see.
///
/// # Errors
/// [`StoreError::Unavailable`] if the database does not answer.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    wanted: &Wanted,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Hit, Place>, StoreError> {
    let mut data = Vec::new();
    let mut place = if let Some(place) = after {
        place
    } else {
        data.extend(numbered(db, tenant_id, viewer, wanted.number).await?);
        Place::Contacts(None)
    };
    let left = |data: &Vec<Hit>| limit.saturating_sub(data.len() as u64);
    let (contacts, messages) = (wanted.contacts && !wanted.words.is_empty(), wanted.messages && !wanted.words.is_empty());
    if let Place::Contacts(behind) = place {
        if contacts {
            if left(&data) == 0 {
                return Ok(Listed { data, next: Some(place) });
            }
            let found = contacts::list(db, tenant_id, viewer, &wanted.words, behind, left(&data)).await?;
            data.extend(found.data);
            if let Some(next) = found.next {
                return Ok(Listed { data, next: Some(Place::Contacts(Some(next))) });
            }
        }
        place = Place::Messages(messages::NEWEST);
    }
    let Place::Messages(before) = place else { return Ok(Listed { data, next: None }) };
    if !messages {
        return Ok(Listed { data, next: None });
    }
    if left(&data) == 0 {
        return Ok(Listed { data, next: Some(place) });
    }
    let found = messages::list(db, tenant_id, viewer, &wanted.words, before, left(&data)).await?;
    data.extend(said(db, tenant_id, found.data).await?);
    Ok(Listed { data, next: found.next.map(Place::Messages) })
}

/// The conversation of the ticket with this number, if the viewer may see it.
async fn numbered(db: &Database, tenant_id: TenantId, viewer: Viewer, number: Option<u64>) -> Result<Option<Hit>, StoreError> {
    let Some(number) = number.and_then(|number| i64::try_from(number).ok()) else { return Ok(None) };
    let ticket = ticket::Entity::find()
        .filter(ticket::Column::TenantId.eq(tenant_id.uuid()))
        .filter(ticket::Column::Number.eq(number))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    let Some(ticket) = ticket else { return Ok(None) };
    let rows = conversation::list_among(db, tenant_id, viewer, vec![ticket.conversation_id]).await?;
    let found = conversation_parts::join(db, tenant_id, rows).await?.pop();
    let shown = FoundTicket { number: ticket.number as u64, subject: ticket.subject, created_at: Timestamp::new(ticket.created_at) };
    Ok(found.map(|conversation| Hit::Conversation(Box::new(conversation), shown)))
}

/// The messages at these places, with what is shown beside them; what vanished meanwhile is left out.
async fn said(db: &Database, tenant_id: TenantId, found: Vec<messages::Found>) -> Result<Vec<Hit>, StoreError> {
    let places: Vec<_> = found.iter().map(|found| (ConversationId::new(found.conversation_id), found.seq)).collect();
    let messages = message::list_at(db, tenant_id, &places).await?;
    let contacts = conversation_parts::contacts(db, tenant_id, found.iter().map(|found| found.contact_id).collect()).await?;
    let tickets = conversation_parts::tickets(db, tenant_id, messages.iter().map(|message| message.ticket_id.uuid()).collect()).await?;
    let mut messages: HashMap<(Uuid, u64), Message> =
        messages.into_iter().map(|message| ((message.conversation_id.uuid(), message.seq), message)).collect();
    let hit = |found: &messages::Found| {
        let message = messages.remove(&(found.conversation_id, found.seq))?;
        let number = tickets.get(&message.ticket_id.uuid()).map(|ticket| ticket.number);
        Some(Hit::Message(Box::new(message), contacts.get(&found.contact_id)?.clone(), number))
    };
    Ok(found.iter().filter_map(hit).collect())
}
