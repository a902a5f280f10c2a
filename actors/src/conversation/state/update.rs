//! What a conversation is, rather than what was said in it: status, snooze, assignee, labels, contact. Pure, like its parent.
//!
//! Guarantees: only a snoozed conversation has a time until which it is.

use entities::{Changes, ContactSummary, ConversationStatus, Ticket, Timestamp};

use super::{Decision, Fact, Outcome, State, note};
use crate::{
    conversation::message::{Rejection, Update},
    port::ConversationRow,
};

impl State {
    pub(super) fn decide_update(&self, update: &Update, now: Timestamp) -> Result<Decision, Rejection> {
        if update.expected_version.is_some_and(|expected| expected != self.row.seq) {
            return Err(Rejection::StaleVersion { current: self.row.seq });
        }
        let mut row = self.row.clone();
        // Whoever snoozes says until when, or until the contact writes: what was said before counts no more.
        row.snoozed_until = match update.status {
            Some(_) => update.snoozed_until.flatten(),
            None => update.snoozed_until.unwrap_or(row.snoozed_until),
        };
        row.status = update.status.unwrap_or(row.status);
        row.assignee_id = update.assignee_id.unwrap_or(row.assignee_id);
        row.team_id = update.team_id.unwrap_or(row.team_id);
        row.priority = update.priority.unwrap_or(row.priority);
        if let Some(labels) = &update.labels {
            row.labels.clone_from(labels);
            row.labels.sort();
            row.labels.dedup();
        }
        let ticket = self.ticket.as_ref().map(|ticket| Ticket {
            status: row.status,
            assignee_id: row.assignee_id,
            priority: row.priority,
            resolved_at: match row.status {
                ConversationStatus::Resolved => ticket.resolved_at.or(Some(now)),
                _ => None,
            },
            ..ticket.clone()
        });
        if let (Some(summary), Some(ticket)) = (row.ticket.as_mut(), ticket.as_ref()) {
            summary.status = ticket.status;
        }
        let fact = self.changed(row, ticket, now);
        let facts = if fact.events() > 0 { vec![fact] } else { Vec::new() };
        Ok(Decision { facts, outcome: Outcome::Updated })
    }

    /// Decides whether a snooze is over by now; then the conversation opens.
    pub(super) fn decide_wake(&self, now: Timestamp) -> Result<Decision, Rejection> {
        let is_over = self.row.status == ConversationStatus::Snoozed && self.row.snoozed_until.is_some_and(|until| until <= now);
        if !is_over {
            return Ok(Decision { facts: Vec::new(), outcome: Outcome::Updated });
        }
        self.decide_update(&Update { status: Some(ConversationStatus::Open), ..Update::default() }, now)
    }

    pub(super) fn decide_contact(&self, contact: &ContactSummary, now: Timestamp) -> Decision {
        let mut row = self.row.clone();
        row.contact = contact.clone();
        let ticket = self.ticket.as_ref().map(|ticket| Ticket { contact: contact.clone(), ..ticket.clone() });
        let fact = self.changed(row, ticket, now);
        let facts = if fact.events() > 0 { vec![fact] } else { Vec::new() };
        Decision { facts, outcome: Outcome::Updated }
    }

    /// The fact that leads from here to `row` and `ticket`, with what differs.
    pub(super) fn changed(&self, mut row: ConversationRow, ticket: Option<Ticket>, now: Timestamp) -> Fact {
        let before = &self.row;
        row.snoozed_until = row.snoozed_until.filter(|_| row.status == ConversationStatus::Snoozed);
        let mut changes = Changes::new();
        note(&mut changes, "status", &before.status, &row.status);
        note(&mut changes, "snoozed_until", &before.snoozed_until, &row.snoozed_until);
        note(&mut changes, "assignee_id", &before.assignee_id, &row.assignee_id);
        note(&mut changes, "team_id", &before.team_id, &row.team_id);
        note(&mut changes, "priority", &before.priority, &row.priority);
        note(&mut changes, "labels", &before.labels, &row.labels);
        note(&mut changes, "contact", &before.contact, &row.contact);
        note(&mut changes, "trashed_at", &before.trashed_at, &row.trashed_at);
        note(&mut changes, "scheduled_count", &before.scheduled_count, &row.scheduled_count);
        let mut ticket_changes = Changes::new();
        let trashed_at = (before.trashed_at, row.trashed_at);
        let ticket = ticket.zip(self.ticket.as_ref()).map(|(mut ticket, before)| {
            note(&mut ticket_changes, "trashed_at", &trashed_at.0, &trashed_at.1);
            note(&mut ticket_changes, "status", &before.status, &ticket.status);
            note(&mut ticket_changes, "assignee_id", &before.assignee_id, &ticket.assignee_id);
            note(&mut ticket_changes, "priority", &before.priority, &ticket.priority);
            note(&mut ticket_changes, "contact", &before.contact, &ticket.contact);
            ticket.updated_at = now;
            Box::new(ticket)
        });
        if row.status == ConversationStatus::Open && before.status != ConversationStatus::Open {
            row.opened_at = now;
        }
        row.updated_at = now;
        Fact::Changed { row: Box::new(row), ticket, changes, ticket_changes }
    }
}
