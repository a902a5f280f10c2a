//! How a conversation begins, and what it makes: messages, tickets and contacts as they are at first. Pure, like its parent.

use entities::{
    Author, AuthorKind, Change, Changes, Contact, ContactSummary, ConversationStatus, Direction, Message, MessageId, MessageKind,
    MessageStatus, Priority, Ticket, TicketId, Timestamp,
};
use serde_json::json;

use super::{Decision, Fact, Fresh, State};
use crate::{
    conversation::message::{Command, Opening, Post, Reader, Rejection},
    port::ConversationRow,
};

/// Longest subject made from a message's first words, in characters.
const SUBJECT_CHARS_MAX: usize = 80;

/// Decides the first message of a conversation that has not begun. `contact` is the row, if there is one.
///
/// # Errors
/// [`Rejection::NotFound`] for anything but a message with an opening; [`Rejection::Blocked`]; [`Rejection::Empty`].
pub fn begin(
    command: &Command,
    contact: Option<&Contact>,
    id: entities::ConversationId,
    fresh: Fresh,
    now: Timestamp,
) -> Result<(State, Decision), Rejection> {
    let opening = match command {
        Command::Post(post) => post.opening.as_ref(),
        Command::Receive(received) => received.opening.as_ref(),
        _ => None,
    };
    let Some(opening) = opening else { return Err(Rejection::NotFound) };
    if contact.is_some_and(|contact| contact.blocked) {
        return Err(Rejection::Blocked);
    }
    let mut facts = Vec::with_capacity(4);
    let summary = if let Some(contact) = contact {
        contact.summary()
    } else {
        let contact = new_contact(opening, now);
        let summary = contact.summary();
        facts.push(Fact::ContactCreated(Box::new(contact)));
        summary
    };
    let row = ConversationRow {
        id,
        channel_id: opening.channel_id,
        contact: summary,
        status: ConversationStatus::Open,
        snoozed_until: None,
        priority: Priority::None,
        assignee_id: None,
        team_id: None,
        owner_id: None,
        labels: Vec::new(),
        ticket: None,
        seq: 1,
        inbound_count: 0,
        inbound_seen: 0,
        contact_read_seq: 0,
        agent_read_seq: 0,
        last_message_seq: 0,
        last_reply: None,
        other_reply: None,
        remote: opening.remote.clone(),
        scheduled_count: 0,
        trashed_at: None,
        erased_at: None,
        opened_at: now,
        created_at: now,
        updated_at: now,
    };
    let state = State::begun(row.clone());
    facts.push(Fact::Began { row: Box::new(row), thread_key: opening.thread_key.clone() });
    let said = state.decide(command, fresh, now)?;
    if said.facts.is_empty() {
        // News of something that is not there begins nothing.
        return Err(Rejection::NotFound);
    }
    facts.extend(said.facts);
    Ok((state, Decision { facts, outcome: said.outcome }))
}

/// The ticket that a message opens.
pub(super) fn open_ticket(post: &Post, row: &ConversationRow, id: TicketId, now: Timestamp) -> Ticket {
    Ticket {
        id,
        number: 0,
        conversation_id: row.id,
        subject: post.subject.clone().unwrap_or_else(|| subject(post)),
        status: ConversationStatus::Open,
        priority: row.priority,
        contact: row.contact.clone(),
        assignee_id: row.assignee_id,
        created_at: now,
        updated_at: now,
        resolved_at: None,
    }
}

/// The first words of what was said, or the first file's name.
fn subject(post: &Post) -> String {
    let line = post.text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.or_else(|| post.attachments.first().map(|file| file.filename.as_str())).unwrap_or("Message");
    if line.chars().nth(SUBJECT_CHARS_MAX).is_none() {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(SUBJECT_CHARS_MAX - 1).collect();
    short.push('…');
    short
}

/// The message that a post becomes.
pub(super) fn message(post: &Post, row: &ConversationRow, ticket_id: TicketId, id: MessageId, seq: u64, now: Timestamp) -> Message {
    let for_provider =
        row.remote.is_some() && post.direction == Direction::Out && post.kind == MessageKind::Message && post.provider_id.is_none();
    let status = if for_provider { MessageStatus::Queued } else { MessageStatus::Sent };
    Message {
        id,
        conversation_id: row.id,
        ticket_id,
        seq,
        kind: post.kind,
        direction: post.direction,
        author: signed(&post.author, &row.contact),
        content: post.content.clone(),
        content_text: post.text.clone(),
        attachments: post.attachments.clone(),
        reactions: Vec::new(),
        status,
        error: None,
        client_id: post.client_id.clone(),
        created_at: now,
        edited_at: None,
        deleted_at: None,
        via: post.via.clone(),
    }
}

fn new_contact(opening: &Opening, now: Timestamp) -> Contact {
    let draft = &opening.contact;
    Contact {
        id: opening.contact_id,
        name: draft.name.clone(),
        email: draft.email.clone(),
        phone: None,
        avatar_url: None,
        verified: false,
        addresses: draft.addresses.clone(),
        custom_attributes: draft.custom_attributes.clone(),
        country: draft.country.clone(),
        blocked: false,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// The kind of author that a reader of each kind is, for `conversation.read`.
#[must_use]
pub fn reader_author(reader: Reader, contact: &ContactSummary) -> (AuthorKind, uuid::Uuid) {
    match reader {
        Reader::Contact => (AuthorKind::Visitor, contact.id.uuid()),
        Reader::Agent(id) => (AuthorKind::Agent, id.uuid()),
    }
}

/// Puts the contact's own name and id on a visitor's message: the edge knows only that it is the visitor who speaks.
fn signed(author: &Author, contact: &ContactSummary) -> Author {
    match author.kind {
        AuthorKind::Visitor => Author {
            kind: AuthorKind::Visitor,
            id: Some(contact.id.uuid()),
            name: contact.name.clone(),
            avatar_url: contact.avatar_url.clone(),
        },
        AuthorKind::Agent | AuthorKind::System | AuthorKind::Service => author.clone(),
    }
}

/// Notes a change of one field, if it is one.
pub(super) fn note<T: PartialEq + serde::Serialize>(changes: &mut Changes, field: &'static str, from: &T, to: &T) {
    if from != to {
        changes.insert(field, Change { from: json!(from), to: json!(to) });
    }
}
