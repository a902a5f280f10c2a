//! What the provider of a conversation's channel tells, and what becomes of what we send there. Pure, like its parent.
//!
//! Guarantees: news may come twice and in any order; the end is the same. Each kind is measured against what is remembered with the message
//! ([`crate::port::Marks`]): of edits the highest revision wins, of reactions the latest of each person, of receipts the furthest of each part.

use std::sync::Arc;

use super::{Decision, Fact, Fresh, Outcome, State, call, note};
use crate::{
    conversation::message::{Post, Received, Rejection, Settled},
    port::{DispatchAction, HeldMessage},
};
use entities::{
    Address, Author, AuthorKind, Capabilities, Consequence, Direction, Document, EventKind, Happening, InboundMessage, Message,
    MessageKind, MessageStatus, MessageType, ProviderError, Receipt, ReceiptStatus, Remote, Timestamp, Via,
    inbound::{Call, PreferenceScope},
    message::Reaction,
    outbound::MessageExtra,
    text::MESSAGE_CHARS_MAX,
    thread::client_id,
};

/// Ids of parts that were given up when a message was sent again; news of them no longer counts.
const GIVEN_UP_MAX: usize = 32;
/// How long after it was wished for a message may be known by the words of its echo.
const ECHO_MS_MAX: i64 = 60_000;

impl State {
    /// Decides what comes of news from the provider.
    pub(super) fn decide_receive(&self, received: &Received, fresh: Fresh, now: Timestamp) -> Result<Decision, Rejection> {
        let at = received.inbound.at.unwrap_or(now);
        let held = received.target_seq.and_then(|seq| self.hand.get(&seq));
        let facts = match &received.inbound.what {
            Happening::Message(message) => match held {
                Some(held) => completed(held, message, received, at),
                None => return self.decide_message(message, None, received, fresh, now),
            },
            Happening::Edit { message, revision } => match held {
                Some(held) => edited(held, message, *revision, at),
                None => return self.decide_message(message, Some(*revision), received, fresh, now),
            },
            Happening::Note { key, text, .. } => {
                return self.decide_post(&note_post(key, text, received), fresh, now).map(received_as_posted);
            }
            Happening::Call(news) => return self.decide_call(news, held, received, fresh, now),
            Happening::Deletion { .. } => held.map(|held| deleted(held, at)).unwrap_or_default(),
            Happening::Reaction { from, emoji, .. } => {
                let author = self.contact_author();
                held.map(|held| reacted(held, &from.address.value, emoji.as_deref(), at, &author)).unwrap_or_default()
            }
            Happening::Receipt(receipt) => held.map(|held| self.receipt(held, receipt)).unwrap_or_default(),
            Happening::Watermark { status, up_to, .. } => self.watermark(*status, *up_to, now),
            Happening::Preference { wants, scope, .. } => self.preference(*wants, *scope, at, now),
            Happening::ContactChanged { .. } | Happening::Channel(_) | Happening::Ignored { .. } => Vec::new(),
        };
        Ok(Decision { facts, outcome: Outcome::Received(None) })
    }

    fn decide_message(
        &self,
        message: &InboundMessage,
        revision: Option<i64>,
        received: &Received,
        fresh: Fresh,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        let at = received.inbound.at.unwrap_or(now);
        if let Some(held) = self.overtaken(message, now) {
            let receipt = Receipt { target: message.id.clone(), own_id: None, status: ReceiptStatus::Sent, error: None };
            let mut facts = self.receipt(held, &receipt);
            facts.push(Fact::ProviderIds(vec![(message.id.clone(), held.message.seq)]));
            return Ok(Decision { facts, outcome: Outcome::Received(None) });
        }
        let post = self.post_of(message, received, at);
        let mut decision = self.decide_post(&post, fresh, now)?;
        if let (Some(revision), Some(Fact::Said { message, .. })) = (revision, decision.facts.last()) {
            // An edit of a message that is not known is the message, and later news of what it was before must not undo it.
            let mut held = HeldMessage { message: (**message).clone(), marks: crate::port::Marks::default() };
            held.marks.revision = Some(revision);
            held.message.edited_at = Some(at);
            let held = Arc::new(held);
            decision.facts.push(Fact::MessageChanged { held, kind: EventKind::MessageUpdated, changes: entities::Changes::new() });
        }
        Ok(received_as_posted(decision))
    }

    /// The message of ours that an echo shows which came before the answer to our call: the provider names nothing of ours, so it is known by
    /// its words.
    fn overtaken(&self, echo: &InboundMessage, now: Timestamp) -> Option<&Arc<HeldMessage>> {
        if echo.direction == Direction::In || echo.own_id.is_some() {
            return None;
        }
        // The answer may have come between the look-up of the echo's id and now.
        if let Some(held) = self.hand.values().find(|held| is_sent(&held.message) && held.marks.parts.contains_key(&echo.id)) {
            return Some(held);
        }
        let text = cut(&echo.text);
        let waits = |held: &&Arc<HeldMessage>| {
            let message = &held.message;
            message.status == MessageStatus::Queued
                && is_sent(message)
                && held.marks.parts.is_empty()
                && message.content_text == text
                && now.ms_since(message.created_at) <= ECHO_MS_MAX
        };
        self.hand.values().find(waits)
    }

    fn post_of(&self, message: &InboundMessage, received: &Received, at: Timestamp) -> Post {
        let inbound = message.direction == Direction::In;
        let text = cut(&message.text);
        let author = if inbound {
            self.contact_author()
        } else {
            Author { kind: AuthorKind::Service, id: None, name: message.author_name.clone(), avatar_url: None }
        };
        let via = Via {
            kind: Some(message.kind),
            said_at: Some(at),
            reply_to_seq: received.reply_to_seq,
            reply_to_id: message.reply_to.clone().filter(|_| received.reply_to_seq.is_none()),
            payload: message.payload.clone(),
            details: message.details.clone(),
            extra: None,
        };
        Post {
            author,
            kind: MessageKind::Message,
            direction: message.direction,
            content: Document::plain(&text),
            text: if text.is_empty() && received.attachments.is_empty() { "(empty message)".to_owned() } else { text },
            attachments: received.attachments.clone(),
            client_id: client_id(&message.id),
            repeat_guard: None,
            last_seen_seq: None,
            opening: None,
            subject: None,
            via: Some(Box::new(via)),
            provider_id: Some(message.id.clone()),
        }
    }

    fn contact_author(&self) -> Author {
        let contact = &self.row.contact;
        Author {
            kind: AuthorKind::Visitor,
            id: Some(contact.id.uuid()),
            name: contact.name.clone(),
            avatar_url: contact.avatar_url.clone(),
        }
    }

    /// Refuses what the provider would refuse: said before anything is sent.
    pub(super) fn may_send(&self, post: &Post, now: Timestamp) -> Result<(), Rejection> {
        let Some(remote) = self.outgoing_remote(post) else { return Ok(()) };
        if remote.opted_out {
            return Err(Rejection::OptedOut);
        }
        let Some(until) = remote.reply_until().filter(|until| *until < now) else { return Ok(()) };
        let template = matches!(post.via.as_ref().and_then(|via| via.extra.as_ref()), Some(MessageExtra::Template { .. }));
        let templates = Capabilities::of(remote.kind).is_some_and(|able| able.templates);
        let human = post.author.kind == AuthorKind::Agent && remote.human_until().is_some_and(|until| until >= now);
        if human || (template && templates) { Ok(()) } else { Err(Rejection::WindowClosed { until, templates }) }
    }

    /// Where a message is to be sent, if it is one for a provider.
    pub(super) fn outgoing_remote(&self, post: &Post) -> Option<&Remote> {
        let ours = post.direction == Direction::Out && post.kind == MessageKind::Message && post.provider_id.is_none();
        self.row.remote.as_deref().filter(|_| ours)
    }

    fn receipt(&self, held: &HeldMessage, receipt: &Receipt) -> Vec<Fact> {
        if held.marks.given_up.contains(&receipt.target) {
            return Vec::new();
        }
        let mut next = held.clone();
        let known = next.marks.parts.get(&receipt.target).copied();
        if known.is_some_and(|known| rank(known) >= rank(receipt.status)) {
            return Vec::new();
        }
        next.marks.parts.insert(receipt.target.clone(), receipt.status);
        let mut facts = self.status_facts(held, next, receipt.error.as_ref());
        if receipt.own_id.is_some() && known.is_none() {
            // The provider names our own id: this is how we learn its id, even where its answer to the call was lost.
            facts.push(Fact::ProviderIds(vec![(receipt.target.clone(), held.message.seq)]));
        }
        facts
    }

    /// The facts that follow from a message's parts as they are now.
    fn status_facts(&self, held: &HeldMessage, mut next: HeldMessage, error: Option<&ProviderError>) -> Vec<Fact> {
        next.message.status = status(&next);
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

    fn watermark(&self, to: ReceiptStatus, up_to: Timestamp, now: Timestamp) -> Vec<Fact> {
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
            let mut next = (**held).clone();
            next.marks.parts.values_mut().filter(|known| rank(**known) < rank(to)).for_each(|known| *known = to);
            facts.extend(self.status_facts(held, next, None));
        }
        if facts.is_empty() {
            let field = if rank(to) >= rank(ReceiptStatus::Read) { "read_up_to" } else { "delivered_up_to" };
            return vec![self.remote_changed(moved, field, &before, &Some(up_to), now)];
        }
        facts.insert(0, Fact::RemoteMoved(Box::new(moved)));
        facts
    }

    fn preference(&self, wants: bool, scope: PreferenceScope, at: Timestamp, now: Timestamp) -> Vec<Fact> {
        let Some(remote) = self.row.remote.as_deref() else { return Vec::new() };
        if remote.preference_at.is_some_and(|known| known >= at) {
            return Vec::new();
        }
        let mut moved = remote.clone();
        moved.preference_at = Some(at);
        let (field, before) = match scope {
            PreferenceScope::All => ("opted_out", std::mem::replace(&mut moved.opted_out, !wants)),
            PreferenceScope::Marketing => ("opted_out_of_marketing", std::mem::replace(&mut moved.opted_out_of_marketing, !wants)),
        };
        if before == !wants { Vec::new() } else { vec![self.remote_changed(moved, field, &before, &!wants, now)] }
    }

    fn remote_changed<T: PartialEq + serde::Serialize>(
        &self,
        moved: Remote,
        field: &'static str,
        from: &T,
        to: &T,
        now: Timestamp,
    ) -> Fact {
        let mut changes = entities::Changes::new();
        note(&mut changes, field, from, to);
        let mut row = self.row.clone();
        row.remote = Some(Box::new(moved));
        row.updated_at = now;
        Fact::Changed { row: Box::new(row), ticket: None, changes, ticket_changes: entities::Changes::new() }
    }

    /// Decides what comes of a dispatch that is over.
    pub(super) fn decide_settle(&self, settled: &Settled) -> Decision {
        let mut facts = vec![Fact::Settled { position: settled.position }];
        let held = self.hand.get(&settled.seq).filter(|_| settled.of_message);
        if let Some(held) = held {
            let ids: Vec<_> = settled.done.iter().filter_map(|part| Some((part.id.clone()?, settled.seq))).collect();
            if !ids.is_empty() {
                facts.push(Fact::ProviderIds(ids));
            }
            facts.extend(self.settled_message(held, settled));
        }
        Decision { facts, outcome: Outcome::Received(None) }
    }

    fn settled_message(&self, held: &HeldMessage, settled: &Settled) -> Vec<Fact> {
        let mut next = held.clone();
        let floor = self.row.remote.as_deref().map_or(ReceiptStatus::Sent, |remote| floor(remote, held.message.created_at));
        for (number, part) in settled.done.iter().enumerate() {
            let reached = if part.delivered { furthest(floor, ReceiptStatus::Delivered) } else { floor };
            let key = part.id.clone().unwrap_or_else(|| format!("{}/{number}", settled.position));
            let known = next.marks.parts.entry(key).or_insert(reached);
            *known = furthest(*known, reached);
        }
        let mut facts = Vec::new();
        let mut error = None;
        if let Some((why, consequence)) = &settled.failure {
            next.marks.parts.insert(format!("{}/failed", settled.position), ReceiptStatus::Failed);
            error = Some(why);
            facts.extend(self.consequence(*consequence));
        }
        let mut changed = self.status_facts(held, next, error);
        if changed.is_empty() {
            return changed;
        }
        facts.append(&mut changed);
        facts
    }

    fn consequence(&self, consequence: Consequence) -> Option<Fact> {
        let mut remote = self.row.remote.as_deref()?.clone();
        match consequence {
            Consequence::None | Consequence::AddressUnusable => return None,
            Consequence::OptedOut => remote.opted_out = true,
            Consequence::OptedOutOfMarketing => remote.opted_out_of_marketing = true,
            Consequence::WindowClosed => remote.window_closed = true,
        }
        Some(Fact::RemoteMoved(Box::new(remote)))
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

    fn decide_call(
        &self,
        news: &Call,
        held: Option<&Arc<HeldMessage>>,
        received: &Received,
        fresh: Fresh,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        let Some(held) = held else {
            let said = call::first(news);
            let message = InboundMessage { details: Some(said.details), text: said.text, ..call::message(news) };
            let mut decision = self.decide_message(&message, None, received, fresh, now)?;
            if let Some(Fact::Said { message, .. }) = decision.facts.last() {
                let seq = message.seq;
                decision.facts.push(Fact::CallTold { kind: EventKind::CallStarted, seq });
                decision.facts.extend(said.over.then_some(Fact::CallTold { kind: EventKind::CallEnded, seq }));
                decision.facts.push(Fact::ProviderIds(call::keys(news).map(|key| (key, seq)).collect()));
            }
            return Ok(decision);
        };
        let seq = held.message.seq;
        let mut facts = Vec::new();
        let via = held.message.via.clone().unwrap_or_default();
        let was = via.details.clone().unwrap_or_default();
        let is = call::merged(&was, news);
        let new_file = |file: &entities::AttachmentRef| held.message.attachments.iter().all(|known| known.id != file.id);
        if is.details != was || received.attachments.iter().any(new_file) {
            let mut next = (**held).clone();
            next.message.content = Document::plain(&is.text);
            next.message.content_text.clone_from(&is.text);
            for file in &received.attachments {
                if next.message.attachments.iter().all(|known| known.id != file.id) {
                    next.message.attachments.push(file.clone());
                }
            }
            next.message.via = Some(Box::new(Via { details: Some(is.details), ..*via }));
            let mut changes = entities::Changes::new();
            note(&mut changes, "content_text", &held.message.content_text, &next.message.content_text);
            facts.push(Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageUpdated, changes });
            facts.extend((is.over && !call::is_over(&was)).then_some(Fact::CallTold { kind: EventKind::CallEnded, seq }));
        }
        facts.push(Fact::ProviderIds(call::keys(news).map(|key| (key, seq)).collect()));
        Ok(Decision { facts, outcome: Outcome::Received(None) })
    }
}

/// Under which our own reaction is remembered: to the other side we are one.
const OURS: &str = "\u{1}ours";

fn received_as_posted(decision: Decision) -> Decision {
    match decision.outcome {
        Outcome::Posted(posted) => Decision { outcome: Outcome::Received(Some(posted)), ..decision },
        Outcome::Received(_) | Outcome::Updated | Outcome::Read => decision,
    }
}

fn is_sent(message: &Message) -> bool {
    message.direction == Direction::Out && message.kind == MessageKind::Message
}

/// How far a receipt says that a part came; failed is further than sent, and whatever was delivered did not fail.
const fn rank(status: ReceiptStatus) -> u8 {
    match status {
        ReceiptStatus::Accepted => 0,
        ReceiptStatus::Sent => 1,
        ReceiptStatus::Failed => 2,
        ReceiptStatus::Delivered => 3,
        ReceiptStatus::Read | ReceiptStatus::Played => 4,
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

/// What its parts make of a message: one that failed fails it; else it has come as far as the last of them.
fn status(held: &HeldMessage) -> MessageStatus {
    let parts = &held.marks.parts;
    if parts.values().any(|part| *part == ReceiptStatus::Failed) {
        return MessageStatus::Failed;
    }
    match parts.values().map(|part| rank(*part)).min() {
        None => held.message.status,
        Some(0 | 1) => MessageStatus::Sent,
        Some(2 | 3) => MessageStatus::Delivered,
        Some(_) => MessageStatus::Read,
    }
}

fn edited(held: &HeldMessage, message: &InboundMessage, revision: i64, at: Timestamp) -> Vec<Fact> {
    if held.marks.revision.is_some_and(|known| known >= revision) || held.message.deleted_at.is_some() {
        return Vec::new();
    }
    let mut next = held.clone();
    next.marks.revision = Some(revision);
    let text = cut(&message.text);
    next.message.content = Document::plain(&text);
    next.message.content_text = text;
    next.message.edited_at = Some(at);
    let mut changes = entities::Changes::new();
    note(&mut changes, "content_text", &held.message.content_text, &next.message.content_text);
    vec![Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageUpdated, changes }]
}

/// A message whose edit came first: what the edit did not tell is added, its words stay. Any other message is a repeat, and stays as it is.
fn completed(held: &HeldMessage, message: &InboundMessage, received: &Received, at: Timestamp) -> Vec<Fact> {
    if held.marks.revision.is_none() {
        return Vec::new();
    }
    let mut next = held.clone();
    let via = next.message.via.get_or_insert_default();
    via.kind = Some(message.kind);
    via.said_at = Some(via.said_at.map_or(at, |known| known.min(at)));
    if next.message.deleted_at.is_none() {
        via.payload = message.payload.clone().or_else(|| via.payload.take());
        via.details = message.details.clone().or_else(|| via.details.take());
        if via.reply_to_seq.is_none() && via.reply_to_id.is_none() {
            via.reply_to_id.clone_from(&message.reply_to);
        }
        for file in &received.attachments {
            if next.message.attachments.iter().all(|known| known.id != file.id) {
                next.message.attachments.push(file.clone());
            }
        }
    }
    if next == *held {
        return Vec::new();
    }
    vec![Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageUpdated, changes: entities::Changes::new() }]
}

fn deleted(held: &HeldMessage, at: Timestamp) -> Vec<Fact> {
    if held.message.deleted_at.is_some() {
        return Vec::new();
    }
    let mut next = held.clone();
    next.message.deleted_at = Some(at);
    // An edit that comes behind the deletion is left out, so one that came before must leave no trace either.
    next.message.edited_at = None;
    next.message.content = Document::plain("");
    next.message.content_text = String::new();
    next.message.attachments.clear();
    if let Some(via) = next.message.via.as_mut() {
        via.details = None;
        via.payload = None;
    }
    vec![Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageDeleted, changes: entities::Changes::new() }]
}

fn reacted(held: &HeldMessage, key: &str, emoji: Option<&str>, at: Timestamp, author: &Author) -> Vec<Fact> {
    let emoji = emoji.filter(|emoji| !emoji.is_empty());
    let newest = (at, emoji.map(str::to_owned));
    if held.marks.reactions.get(key).is_some_and(|known| *known >= newest) {
        return Vec::new();
    }
    let mut next = held.clone();
    next.marks.reactions.insert(key.to_owned(), newest);
    // One person has one reaction.
    next.message.reactions.retain(|reaction| reaction.author.id != author.id || reaction.author.kind != author.kind);
    if key == OURS {
        next.message.reactions.retain(|reaction| reaction.author.kind == AuthorKind::Visitor);
    }
    next.message.reactions.extend(emoji.map(|emoji| Reaction { emoji: emoji.to_owned(), author: author.clone() }));
    let mut changes = entities::Changes::new();
    note(&mut changes, "reactions", &held.message.reactions, &next.message.reactions);
    vec![Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageUpdated, changes }]
}

fn note_post(key: &str, text: &str, received: &Received) -> Post {
    let text = cut(text);
    Post {
        author: Author { kind: AuthorKind::System, id: None, name: None, avatar_url: None },
        kind: MessageKind::Note,
        direction: Direction::Out,
        content: Document::plain(&text),
        text,
        attachments: Vec::new(),
        client_id: client_id(key),
        repeat_guard: None,
        last_seen_seq: None,
        opening: received.opening.clone(),
        subject: None,
        via: Some(Box::new(Via { kind: Some(MessageType::System), ..Via::default() })),
        provider_id: Some(key.to_owned()),
    }
}

/// A provider's text as a message holds it: adapters have bounded it; this is the last word.
fn cut(text: &str) -> String {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect::<String>();
    let text = clean(text.trim());
    if text.chars().nth(MESSAGE_CHARS_MAX).is_none() {
        return text;
    }
    let mut short: String = text.chars().take(MESSAGE_CHARS_MAX - 1).collect();
    short.push('…');
    short
}

/// Addresses of a contact that it did not have; in order, without doubles.
#[must_use]
pub fn new_addresses(known: &[Address], told: &[Address]) -> Vec<Address> {
    let mut new: Vec<Address> = Vec::new();
    for address in told {
        if !known.contains(address) && !new.contains(address) {
            new.push(address.clone());
        }
    }
    new
}
