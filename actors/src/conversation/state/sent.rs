//! What becomes of what we send: receipts, watermarks, dispatches that are over, and sending again. Pure.
//!
//! Guarantees: a message's status is what its parts come to, however the news of them came: one that failed fails it, unless it was delivered; else
//! it has come as far as the last of them.

use std::sync::Arc;

use entities::{
    Author, Capabilities, Consequence, Direction, EventKind, Message, MessageKind, MessageStatus, ProviderError, Receipt, ReceiptStatus,
    Remote, Timestamp,
};

use super::{Decision, Fact, Outcome, State, note, remote::reacted};
use crate::{
    conversation::message::{Reader, Rejection, Settled},
    port::{DispatchAction, HeldMessage},
};

/// Ids of parts that were given up when a message was sent again; news of them no longer counts.
const GIVEN_UP_MAX: usize = 32;

impl State {
    pub(super) fn receipt(&self, held: &HeldMessage, receipt: &Receipt, at: Timestamp, now: Timestamp) -> Vec<Fact> {
        if held.marks.given_up.contains(&receipt.target) {
            return Vec::new();
        }
        let mut next = held.clone();
        let known = next.marks.parts.get(&receipt.target).copied();
        if known.is_some_and(|known| rank(known) >= rank(receipt.status)) {
            return Vec::new();
        }
        next.marks.parts.insert(receipt.target.clone(), receipt.status);
        let mut facts: Vec<Fact> = self.consequence(receipt.consequence, at, now).into_iter().collect();
        facts.extend(status_facts(held, next, self.row.remote.as_deref(), receipt.error.as_ref()));
        if receipt.own_id.is_some() && known.is_none() {
            // The provider names our own id: this is how we learn its id, even where its answer to the call was lost.
            facts.push(Fact::ProviderIds(vec![(receipt.target.clone(), held.message.seq)]));
        }
        facts
    }

    pub(super) fn watermark(&self, to: ReceiptStatus, up_to: Timestamp, now: Timestamp) -> Vec<Fact> {
        let Some(remote) = self.row.remote.as_deref() else { return Vec::new() };
        let mut moved = remote.clone();
        let mark = if rank(to) >= rank(ReceiptStatus::Read) { &mut moved.read_up_to } else { &mut moved.delivered_up_to };
        if mark.is_some_and(|known| known >= up_to) {
            return Vec::new();
        }
        let before = mark.replace(up_to);
        let mut facts = Vec::new();
        let mut hand: Vec<_> = self.hand.values().filter(|held| is_sent(&held.message) && held.message.created_at <= up_to).collect();
        hand.sort_unstable_by_key(|held| held.message.seq);
        for held in hand {
            facts.extend(status_facts(held, (**held).clone(), Some(&moved), None));
        }
        if facts.is_empty() {
            let field = if rank(to) >= rank(ReceiptStatus::Read) { "read_up_to" } else { "delivered_up_to" };
            return vec![self.remote_changed(moved, field, &before, &Some(up_to), now)];
        }
        facts.insert(0, Fact::RemoteMoved(Box::new(moved)));
        facts
    }

    /// Decides what comes of a dispatch that is over.
    pub(super) fn decide_settle(&self, settled: &Settled, now: Timestamp) -> Decision {
        let mut facts = vec![Fact::Settled { position: settled.position }];
        let held = self.hand.get(&settled.seq).filter(|_| settled.of_message);
        if let Some(held) = held {
            let ids: Vec<_> = settled.done.iter().filter_map(|part| Some((part.id.clone()?, settled.seq))).collect();
            if !ids.is_empty() {
                facts.push(Fact::ProviderIds(ids));
            }
            facts.extend(self.settled_message(held, settled, now));
        }
        Decision { facts, outcome: Outcome::Received(None) }
    }

    fn settled_message(&self, held: &HeldMessage, settled: &Settled, now: Timestamp) -> Vec<Fact> {
        let mut next = held.clone();
        for (number, part) in settled.done.iter().enumerate() {
            let reached = if part.delivered { ReceiptStatus::Delivered } else { ReceiptStatus::Sent };
            let key = part.id.clone().unwrap_or_else(|| format!("{}/{number}", settled.position));
            let known = next.marks.parts.entry(key).or_insert(reached);
            *known = furthest(*known, reached);
        }
        let mut facts = Vec::new();
        let mut error = None;
        if let Some((why, consequence)) = &settled.failure {
            next.marks.parts.insert(format!("{}/failed", settled.position), ReceiptStatus::Failed);
            error = Some(why);
            facts.extend(self.consequence(*consequence, now, now));
        }
        let mut changed = status_facts(held, next, self.row.remote.as_deref(), error);
        if changed.is_empty() {
            return changed;
        }
        facts.append(&mut changed);
        facts
    }

    /// What a failure of `at` says of the other side; told as a change of the conversation, for whoever looks at it. Nothing if it is known, or if
    /// the contact has written since.
    fn consequence(&self, consequence: Consequence, at: Timestamp, now: Timestamp) -> Option<Fact> {
        let remote = self.row.remote.as_deref()?;
        let mut moved = remote.clone();
        match consequence {
            Consequence::None | Consequence::AddressUnusable | Consequence::TemplateChanged => None,
            Consequence::OptedOut => {
                moved.opted_out = true;
                (!remote.opted_out).then(|| self.remote_changed(moved, "opted_out", &false, &true, now))
            }
            Consequence::OptedOutOfMarketing => {
                moved.opted_out_of_marketing = true;
                (!remote.opted_out_of_marketing).then(|| self.remote_changed(moved, "opted_out_of_marketing", &false, &true, now))
            }
            Consequence::WindowClosed => {
                let was = remote.reply_until()?;
                if remote.last_inbound_at.is_some_and(|wrote| wrote > at) || remote.window_closed {
                    return None;
                }
                moved.window_closed = true;
                moved.window_closed_at = Some(at);
                let is = moved.reply_until();
                Some(self.remote_changed(moved, "reply_until", &Some(was), &is, now))
            }
        }
    }

    /// What the provider is told when one of ours has read up to `seq`: the newest message of the contact's up to there, once.
    pub(super) fn mark_read(&self, reader: Reader, seq: u64) -> Option<Fact> {
        let remote = self.row.remote.as_deref().filter(|_| matches!(reader, Reader::Agent(_)))?;
        Capabilities::of(remote.kind).filter(|able| able.read_marks)?;
        let of_contact = self.recent.iter().filter(|recent| recent.inbound && !recent.call).map(|recent| recent.posted.seq);
        let newest = of_contact.filter(|said| *said <= seq).max()?;
        if remote.marked_read_seq.is_some_and(|marked| marked >= newest) {
            return None;
        }
        Some(Fact::Dispatched { seq: newest, action: Some(DispatchAction::MarkRead) })
    }

    pub(super) fn apply_dispatched(&mut self, seq: u64, action: Option<&DispatchAction>) {
        if let (Some(DispatchAction::MarkRead), Some(remote)) = (action, self.row.remote.as_mut()) {
            remote.marked_read_seq = Some(seq);
        }
    }

    /// Decides whether a message that failed is sent again.
    pub(super) fn decide_resend(&self, seq: u64) -> Result<Decision, Rejection> {
        let held = self.hand.get(&seq).ok_or(Rejection::NotFound)?;
        if self.row.remote.is_none() || held.message.status != MessageStatus::Failed || !is_sent(&held.message) {
            return Err(Rejection::NotFailed);
        }
        let mut next = (**held).clone();
        let parts = std::mem::take(&mut next.marks.parts);
        next.marks.given_up.extend(parts.into_keys());
        let forgotten = next.marks.given_up.len().saturating_sub(GIVEN_UP_MAX);
        next.marks.given_up.drain(..forgotten);
        next.message.status = MessageStatus::Queued;
        next.message.error = None;
        let mut changes = entities::Changes::new();
        note(&mut changes, "status", &held.message.status, &next.message.status);
        let changed = Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageStatusChanged, changes };
        let facts = vec![changed, Fact::Dispatched { seq, action: None }];
        Ok(Decision { facts, outcome: Outcome::Updated })
    }

    /// Decides a reaction of one of ours.
    pub(super) fn decide_react(&self, seq: u64, emoji: Option<&str>, by: &Author, now: Timestamp) -> Result<Decision, Rejection> {
        let held = self.hand.get(&seq).ok_or(Rejection::NotFound)?;
        let able = self.row.remote.as_deref().and_then(|remote| Capabilities::of(remote.kind)).is_some_and(|able| able.reactions);
        if !able || held.message.kind == MessageKind::Note {
            return Err(Rejection::Unsupported);
        }
        let previous = held.marks.reactions.get(OURS).and_then(|(_, emoji)| emoji.clone());
        let mut facts = reacted(held, OURS, emoji, now, by);
        if !facts.is_empty() {
            facts.push(Fact::Dispatched { seq, action: Some(DispatchAction::React { emoji: emoji.map(str::to_owned), previous }) });
        }
        Ok(Decision { facts, outcome: Outcome::Updated })
    }
}

/// Under which our own reaction is remembered: to the other side we are one.
pub(super) const OURS: &str = "\u{1}ours";

pub(super) fn is_sent(message: &Message) -> bool {
    message.direction == Direction::Out && message.kind == MessageKind::Message
}

/// How far a receipt says that a part came; failed is further than sent, and whatever was delivered did not fail.
const fn rank(status: ReceiptStatus) -> u8 {
    match status {
        ReceiptStatus::Accepted => 0,
        ReceiptStatus::Sent => 1,
        ReceiptStatus::Failed => 2,
        ReceiptStatus::Delivered => 3,
        ReceiptStatus::Read => 4,
        ReceiptStatus::Played => 5,
    }
}

fn furthest(a: ReceiptStatus, b: ReceiptStatus) -> ReceiptStatus {
    if rank(b) > rank(a) { b } else { a }
}

/// What a message of ours has reached at least, by the contact's watermarks.
fn floor(remote: &Remote, sent_at: Timestamp) -> ReceiptStatus {
    if remote.read_up_to.is_some_and(|up_to| up_to >= sent_at) {
        ReceiptStatus::Read
    } else if remote.delivered_up_to.is_some_and(|up_to| up_to >= sent_at) {
        ReceiptStatus::Delivered
    } else {
        ReceiptStatus::Sent
    }
}

/// What its parts and the watermarks make of a message: one part that failed fails it; else it has come as far as the last of them. A watermark
/// says nothing of a part that failed: the contact has seen what came, not what did not.
fn status(held: &HeldMessage, remote: Option<&Remote>) -> MessageStatus {
    let parts = &held.marks.parts;
    if parts.values().any(|part| *part == ReceiptStatus::Failed) {
        return MessageStatus::Failed;
    }
    let floor = remote.map_or(ReceiptStatus::Sent, |remote| floor(remote, held.message.created_at));
    match parts.values().map(|part| rank(furthest(*part, floor))).min() {
        None => held.message.status,
        Some(0 | 1) => MessageStatus::Sent,
        Some(2 | 3) => MessageStatus::Delivered,
        Some(_) => MessageStatus::Read,
    }
}

/// The facts that follow from a message's parts, and from the watermarks, as they are now.
fn status_facts(held: &HeldMessage, mut next: HeldMessage, remote: Option<&Remote>, error: Option<&ProviderError>) -> Vec<Fact> {
    next.message.status = status(&next, remote);
    next.message.error = match next.message.status {
        MessageStatus::Failed => error.map(ToString::to_string).or(next.message.error),
        _ => None,
    };
    if next == *held {
        return Vec::new();
    }
    let mut changes = entities::Changes::new();
    note(&mut changes, "status", &held.message.status, &next.message.status);
    vec![Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageStatusChanged, changes }]
}
