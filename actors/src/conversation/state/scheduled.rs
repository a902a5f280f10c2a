//! What is to be said at a time to come: setting it, moving it, and saying it. Pure, like its parent.
//!
//! Guarantees: a scheduled message is said when its time has come and not before, and leaves in the same decision, so that it is said once;
//! where it cannot be said it stays, with the reason, and waits no longer. Each change is told, and takes a `seq` of the conversation.
//!
//! Does not: look at the clock by itself; whoever finds that a time has come asks.

use std::sync::Arc;

use entities::{ClientId, Direction, Refusal, ScheduledMessage, ScheduledMessageId, ScheduledStatus, Timestamp, scheduled::SCHEDULED_MAX};
use serde::Serialize;

use super::{Decision, Fact, Fresh, Outcome, State, note};
use crate::conversation::message::{Post, Rejection, Reschedule, Schedule};

/// What `conversation.updated` tells of a scheduled message: enough to know which one to read again.
#[derive(PartialEq, Serialize)]
struct Brief {
    id: ScheduledMessageId,
    send_at: Timestamp,
    status: ScheduledStatus,
    version: u64,
}

impl State {
    /// Puts the scheduled messages at hand, as the table has them now. What is read late is measured against the row's version when the run is
    /// committed, like all else.
    pub fn hold_scheduled(&mut self, all: Vec<ScheduledMessage>) {
        self.scheduled = all.into_iter().map(|message| (message.id, Arc::new(message))).collect();
    }

    /// Forgets them: another run reads them again.
    pub fn forget_scheduled(&mut self) {
        self.scheduled.clear();
    }

    /// A scheduled message at hand.
    #[must_use]
    pub fn scheduled(&self, id: ScheduledMessageId) -> Option<&Arc<ScheduledMessage>> {
        self.scheduled.get(&id)
    }

    pub(super) fn apply_scheduled(&mut self, id: ScheduledMessageId, message: Option<&Arc<ScheduledMessage>>) {
        match message {
            Some(message) => self.scheduled.insert(id, message.clone()),
            None => self.scheduled.remove(&id),
        };
    }

    pub(super) fn decide_schedule(&self, schedule: &Schedule, now: Timestamp) -> Result<Decision, Rejection> {
        let Schedule { id, post, send_at } = schedule;
        let same =
            |waiting: &&Arc<ScheduledMessage>| waiting.id == *id || (post.client_id.is_some() && waiting.client_id == post.client_id);
        if let Some(first) = self.scheduled.values().find(same) {
            return Ok(Decision { facts: Vec::new(), outcome: Outcome::Scheduled { id: first.id, repeated: true } });
        }
        if post.text.is_empty() && post.attachments.is_empty() {
            return Err(Rejection::Empty);
        }
        if self.scheduled.len() >= SCHEDULED_MAX {
            return Err(Rejection::TooManyScheduled);
        }
        let message = ScheduledMessage {
            id: *id,
            conversation_id: self.row.id,
            author: post.author.clone(),
            kind: post.kind,
            content: post.content.clone(),
            content_text: post.text.clone(),
            attachments: post.attachments.clone(),
            client_id: post.client_id.clone(),
            via: post.via.clone(),
            send_at: *send_at,
            refusal: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Ok(Decision { facts: self.moved(None, Some(message), now), outcome: Outcome::Scheduled { id: *id, repeated: false } })
    }

    pub(super) fn decide_reschedule(&self, change: &Reschedule, now: Timestamp) -> Result<Decision, Rejection> {
        let before = self.scheduled_as(change.id, change.expected_version)?;
        let mut after = ScheduledMessage::clone(before);
        if let Some((content, text, author)) = &change.said
            && (*content != after.content || *text != after.content_text)
        {
            after.content.clone_from(content);
            after.content_text.clone_from(text);
            // Nobody's name stands under words that somebody else chose.
            after.author.clone_from(author);
        }
        if after.content_text.is_empty() && after.attachments.is_empty() {
            return Err(Rejection::Empty);
        }
        if let Some(send_at) = change.send_at {
            after.send_at = send_at;
            after.refusal = None;
        }
        let outcome = Outcome::Scheduled { id: change.id, repeated: false };
        if after == **before {
            return Ok(Decision { facts: Vec::new(), outcome });
        }
        after.version += 1;
        after.updated_at = now;
        Ok(Decision { facts: self.moved(Some(before), Some(after), now), outcome })
    }

    pub(super) fn decide_unschedule(
        &self,
        id: ScheduledMessageId,
        expected_version: Option<u64>,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        let before = self.scheduled_as(id, expected_version)?;
        Ok(Decision { facts: self.moved(Some(before), None, now), outcome: Outcome::Updated })
    }

    /// Decides what comes of a scheduled message whose time may have come: an ordinary message, or the reason why not.
    pub(super) fn decide_fire(&self, id: ScheduledMessageId, refusal: Option<&Refusal>, fresh: Fresh, now: Timestamp) -> Decision {
        let is_due = |waiting: &&Arc<ScheduledMessage>| waiting.refusal.is_none() && waiting.send_at <= now;
        let Some(before) = self.scheduled.get(&id).filter(is_due) else {
            return Decision { facts: Vec::new(), outcome: Outcome::Updated };
        };
        let post = post(before);
        // What the channel cannot take does not stand in the way of a note.
        let refused = refusal.filter(|_| self.outgoing_remote(&post).is_some()).cloned();
        let said = match refused {
            Some(refusal) => Err(refusal),
            None => self.said(before, &post, fresh, now).map_err(why),
        };
        let facts = said.unwrap_or_else(|refusal| {
            let kept = ScheduledMessage::clone(before);
            let failed = ScheduledMessage { refusal: Some(refusal), version: kept.version + 1, updated_at: now, ..kept };
            self.moved(Some(before), Some(failed), now)
        });
        Decision { facts, outcome: Outcome::Updated }
    }

    /// The facts by which a scheduled message leaves and is said. It leaves first: what follows from a message builds on the row behind that.
    fn said(&self, before: &ScheduledMessage, post: &Post, fresh: Fresh, now: Timestamp) -> Result<Vec<Fact>, Rejection> {
        let mut facts = self.moved(Some(before), None, now);
        let mut without = self.clone();
        for fact in &facts {
            without.apply(fact);
        }
        facts.extend(without.decide_post(post, fresh, now)?.facts);
        Ok(facts)
    }

    fn scheduled_as(&self, id: ScheduledMessageId, expected_version: Option<u64>) -> Result<&Arc<ScheduledMessage>, Rejection> {
        let found = self.scheduled.get(&id).ok_or(Rejection::NotFound)?;
        match expected_version {
            Some(expected) if expected != found.version => Err(Rejection::StaleVersion { current: found.version }),
            Some(_) | None => Ok(found),
        }
    }

    /// The facts that lead from one state of a scheduled message to another; `None` is its absence. At least one of the two is there.
    fn moved(&self, before: Option<&ScheduledMessage>, after: Option<ScheduledMessage>, now: Timestamp) -> Vec<Fact> {
        let Some(id) = before.or(after.as_ref()).map(|message| message.id) else { return Vec::new() };
        let waits = |message: Option<&ScheduledMessage>| u64::from(message.is_some_and(|message| message.refusal.is_none()));
        let mut row = self.row.clone();
        row.scheduled_count = (row.scheduled_count + waits(after.as_ref())).saturating_sub(waits(before));
        let mut changed = self.changed(row, None, now);
        if let Fact::Changed { changes, .. } = &mut changed {
            note(changes, "scheduled_message", &before.map(brief), &after.as_ref().map(brief));
        }
        vec![Fact::Scheduled { id, message: after.map(Arc::new) }, changed]
    }
}

fn brief(message: &ScheduledMessage) -> Brief {
    Brief { id: message.id, send_at: message.send_at, status: message.status(), version: message.version }
}

/// The key of the message that a scheduled one becomes: said twice, it is one.
#[must_use]
pub fn fired_client_id(id: ScheduledMessageId) -> Option<ClientId> {
    ClientId::parse(&format!("scheduled:{id}")).ok()
}

fn post(scheduled: &ScheduledMessage) -> Post {
    Post {
        author: scheduled.author.clone(),
        kind: scheduled.kind,
        direction: Direction::Out,
        content: scheduled.content.clone(),
        text: scheduled.content_text.clone(),
        attachments: scheduled.attachments.clone(),
        client_id: fired_client_id(scheduled.id),
        repeat_guard: None,
        last_seen_seq: None,
        opening: None,
        subject: None,
        via: scheduled.via.clone(),
        provider_id: None,
    }
}

fn why(rejection: Rejection) -> Refusal {
    match rejection {
        Rejection::WindowClosed { until, templates } => Refusal::WindowClosed { until, templates },
        Rejection::OptedOut => Refusal::OptedOut,
        Rejection::HandledElsewhere => Refusal::HandledElsewhere,
        Rejection::NotFound
        | Rejection::StaleReply { .. }
        | Rejection::StaleVersion { .. }
        | Rejection::Blocked
        | Rejection::Empty
        | Rejection::NotFailed
        | Rejection::Unsupported
        | Rejection::Trashed
        | Rejection::NotTrashed
        | Rejection::TooManyScheduled => Refusal::Unsendable,
    }
}
