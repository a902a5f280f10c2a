//! The trash: putting a conversation there, taking it out, deleting it for good, and what reaches it meanwhile. Pure, like its parent.
//!
//! Guarantees: what lies in the trash is given to nobody, and nothing that waits for a time happens to it; the contact's next message takes it out.
//! What was deleted for good answers nobody of ours any more, and begins again with the contact's next message: its `seq` goes on, so that no
//! cursor ever leads back.
//!
//! Does not: remove anything by itself; the journal does, with the fact.

use std::collections::{BTreeMap, HashMap, VecDeque};

use entities::{ConversationStatus, Direction, Happening, Priority, Timestamp};

use super::{Decision, Fact, Outcome, State, call};
use crate::{
    conversation::message::{Command, Post, Received, Rejection},
    port::ConversationRow,
};

impl State {
    /// What comes of a command because the conversation is away; `None`: it is decided like any other.
    pub(super) fn decide_away(&self, command: &Command) -> Option<Result<Decision, Rejection>> {
        if let Command::ForJob { command, .. } = command {
            return self.decide_away(command);
        }
        let nothing = |outcome| Some(Ok(Decision { facts: Vec::new(), outcome }));
        if self.row.erased_at.is_some() {
            return match command {
                // Whether it may be said is decided where its repeat is known.
                Command::Post(_) | Command::Settle(_) | Command::ForJob { .. } => None,
                Command::Receive(received) if is_said_by_contact(received) => None,
                Command::Receive(_) => nothing(Outcome::Received(None)),
                Command::MarkRead { .. } => nothing(Outcome::Read),
                Command::ChangeContact { .. }
                | Command::Assign(_)
                | Command::FileFetched { .. }
                | Command::Wake
                | Command::Fire { .. }
                | Command::Erase { trashed_before: Some(_), .. } => nothing(Outcome::Updated),
                Command::Update(_)
                | Command::Trash { .. }
                | Command::Restore { .. }
                | Command::Erase { .. }
                | Command::Resend { .. }
                | Command::React { .. }
                | Command::Schedule(_)
                | Command::Reschedule(_)
                | Command::Unschedule { .. } => Some(Err(Rejection::NotFound)),
            };
        }
        self.row.trashed_at?;
        match command {
            Command::Assign(_) | Command::Wake | Command::Fire { .. } => nothing(Outcome::Updated),
            Command::Resend { .. } | Command::React { .. } | Command::Schedule(_) | Command::Reschedule(_) => Some(Err(Rejection::Trashed)),
            Command::Post(_)
            | Command::ForJob { .. }
            | Command::Update(_)
            | Command::Trash { .. }
            | Command::Restore { .. }
            | Command::Erase { .. }
            | Command::MarkRead { .. }
            | Command::Receive(_)
            | Command::Settle(_)
            | Command::FileFetched { .. }
            | Command::ChangeContact { .. }
            | Command::Unschedule { .. } => None,
        }
    }

    /// Refuses what one of ours would say where nothing is said: in the trash, or behind it. What was said at the provider was said.
    pub(super) fn takes(&self, post: &Post) -> Result<(), Rejection> {
        if post.direction == Direction::In {
            return Ok(());
        }
        if self.row.erased_at.is_some() {
            return Err(Rejection::NotFound);
        }
        if self.row.trashed_at.is_some() && post.provider_id.is_none() { Err(Rejection::Trashed) } else { Ok(()) }
    }

    pub(super) fn decide_trash(&self, expected_version: Option<u64>, now: Timestamp) -> Result<Decision, Rejection> {
        self.is_at(expected_version)?;
        let mut facts = Vec::new();
        if self.row.trashed_at.is_none() {
            let row = ConversationRow { trashed_at: Some(now), updated_at: now, ..self.row.clone() };
            facts.push(Fact::Deleted { row: Box::new(row), ticket: self.ticket.clone().map(Box::new), permanent: false });
        }
        Ok(Decision { facts, outcome: Outcome::Updated })
    }

    pub(super) fn decide_restore(&self, expected_version: Option<u64>, now: Timestamp) -> Result<Decision, Rejection> {
        self.is_at(expected_version)?;
        let mut facts = Vec::new();
        if self.row.trashed_at.is_some() {
            facts.push(self.changed(ConversationRow { trashed_at: None, ..self.row.clone() }, self.ticket.clone(), now));
        }
        Ok(Decision { facts, outcome: Outcome::Updated })
    }

    pub(super) fn decide_erase(
        &self,
        expected_version: Option<u64>,
        trashed_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        self.is_at(expected_version)?;
        let nothing = Decision { facts: Vec::new(), outcome: Outcome::Updated };
        match (self.row.trashed_at, trashed_before) {
            (None, None) => return Err(Rejection::NotTrashed),
            (None, Some(_)) => return Ok(nothing),
            (Some(at), Some(before)) if at >= before => return Ok(nothing),
            (Some(_), _) => {}
        }
        let row = ConversationRow { erased_at: Some(now), updated_at: now, ..self.row.clone() };
        let facts = vec![Fact::Deleted { row: Box::new(row), ticket: self.ticket.clone().map(Box::new), permanent: true }];
        Ok(Decision { facts, ..nothing })
    }

    /// The fact with which the contact's next message begins again what was deleted for good.
    pub(super) fn begun_again(&self, now: Timestamp) -> Fact {
        let row = ConversationRow {
            status: ConversationStatus::Open,
            trashed_at: None,
            erased_at: None,
            opened_at: now,
            updated_at: now,
            ..self.row.clone()
        };
        Fact::BeganAgain { row: Box::new(row) }
    }

    pub(super) fn apply_deleted(&mut self, row: &ConversationRow, permanent: bool) {
        self.row = row.clone();
        if !permanent {
            return;
        }
        self.row = emptied(row.clone());
        self.ticket = None;
        self.recent = VecDeque::new();
        self.recent_is_all = true;
        self.known_repeats = HashMap::new();
        self.readers = HashMap::new();
        self.hand = BTreeMap::new();
        self.scheduled = BTreeMap::new();
    }

    fn is_at(&self, expected_version: Option<u64>) -> Result<(), Rejection> {
        match expected_version {
            Some(expected) if expected != self.row.seq => Err(Rejection::StaleVersion { current: self.row.seq }),
            Some(_) | None => Ok(()),
        }
    }
}

/// What is left of a conversation that was deleted for good: who and where, and how far its `seq` came.
fn emptied(row: ConversationRow) -> ConversationRow {
    ConversationRow {
        status: ConversationStatus::Resolved,
        snoozed_until: None,
        priority: Priority::None,
        assignee_id: None,
        team_id: None,
        labels: Vec::new(),
        ticket: None,
        inbound_count: 0,
        inbound_seen: 0,
        last_message_seq: 0,
        last_reply: None,
        other_reply: None,
        scheduled_count: 0,
        trashed_at: None,
        ..row
    }
}

/// Whether the contact says something, rather than does something with what is gone.
fn is_said_by_contact(received: &Received) -> bool {
    match &received.inbound.what {
        Happening::Message(message) => message.direction == Direction::In,
        Happening::Call(news) => call::message(news).direction == Direction::In,
        _ => false,
    }
}
