//! What the provider of a conversation's channel tells, and what becomes of what we send there. Pure, like its parent.
//!
//! Guarantees: news may come twice and in any order; the end is the same. Each kind is measured against what is remembered with the message
//! ([`crate::port::Marks`]): of edits the highest revision wins, of reactions the latest of each person, of receipts the furthest of each part.

use std::{collections::BTreeMap, sync::Arc};

use super::{Decision, Fact, Fresh, Outcome, State, call, note, owner, sent::is_sent};
use crate::{
    conversation::message::{Post, Received, Rejection},
    port::HeldMessage,
};
use entities::{
    Address, AttachmentRef, Author, AuthorKind, Capabilities, Consequence, Direction, Document, EventKind, Happening, InboundMessage,
    MessageKind, MessageStatus, MessageType, Party, Receipt, ReceiptStatus, Remote, Timestamp, Via,
    inbound::{Call, PreferenceScope},
    message::Reaction,
    outbound::MessageExtra,
    text::MESSAGE_CHARS_MAX,
    thread::client_id,
};

/// How long after it was wished for a message may be known by the words of its echo.
const ECHO_MS_MAX: i64 = 60_000;

impl State {
    /// Decides what comes of news from the provider.
    pub(super) fn decide_receive(&self, received: &Received, fresh: Fresh, now: Timestamp) -> Result<Decision, Rejection> {
        let at = received.inbound.at.unwrap_or(now);
        let held = received.target_seq.and_then(|seq| self.hand.get(&seq));
        if self.row.contact.blocked && is_said(&received.inbound.what, held.is_some()) {
            return Err(Rejection::Blocked);
        }
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
                let author = self.author_of(from);
                held.map(|held| reacted(held, &from.address.value, emoji.as_deref(), at, &author)).unwrap_or_default()
            }
            Happening::Receipt(receipt) => held.map(|held| self.receipt(held, receipt, at, now)).unwrap_or_default(),
            Happening::Watermark { status, up_to, .. } => self.watermark(*status, *up_to, now),
            Happening::Preference { wants, scope, .. } => self.preference(*wants, *scope, at, now),
            Happening::Channel(news) => self.handed_over(news, at, now),
            Happening::Part(_) | Happening::ContactChanged { .. } | Happening::Ignored { .. } => Vec::new(),
        };
        Ok(Decision { facts, outcome: Outcome::Received(None) })
    }

    /// Takes in what a message says of the other side.
    pub(super) fn apply_remote(&mut self, message: &Arc<entities::Message>, provider_id: Option<&str>) {
        let Some(remote) = self.row.remote.as_mut() else { return };
        let said_at = message.via.as_ref().and_then(|via| via.said_at).unwrap_or(message.created_at);
        if message.direction == Direction::In && remote.last_inbound_at.is_none_or(|known| said_at >= known) {
            remote.last_inbound_at = Some(said_at);
            // A call is none of the messages that a provider can be told of.
            if message.via.as_ref().and_then(|via| via.kind) != Some(MessageType::Call) {
                remote.last_inbound_id = provider_id.map(str::to_owned);
            }
            if remote.window_closed_at.is_none_or(|closed| said_at > closed) {
                remote.window_closed = false;
                remote.window_closed_at = None;
            }
        }
        owner::said(remote, message, said_at);
        self.hold(Arc::new(HeldMessage { message: (**message).clone(), marks: crate::port::Marks::default() }));
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
            let receipt = Receipt {
                target: message.id.clone(),
                own_id: None,
                status: ReceiptStatus::Sent,
                error: None,
                consequence: Consequence::None,
            };
            let mut facts = self.receipt(held, &receipt, at, now);
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

    /// Who did something: the contact, or, where several share a thread, another of them.
    fn author_of(&self, party: &Party) -> Author {
        if self.row.remote.as_deref().is_none_or(|remote| remote.address == party.address) {
            return self.contact_author();
        }
        let known = party.name.clone().unwrap_or_else(|| party.address.value.clone());
        Author { kind: AuthorKind::Visitor, id: None, name: Some(known), avatar_url: party.avatar_url.clone() }
    }

    /// Refuses what the provider would refuse: said before anything is sent.
    pub(super) fn may_send(&self, post: &Post, now: Timestamp) -> Result<(), Rejection> {
        let Some(remote) = self.outgoing_remote(post) else { return Ok(()) };
        if remote.opted_out {
            return Err(Rejection::OptedOut);
        }
        if remote.handled_elsewhere && post.author.kind != AuthorKind::Agent {
            return Err(Rejection::HandledElsewhere);
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

    fn preference(&self, wants: bool, scope: PreferenceScope, at: Timestamp, now: Timestamp) -> Vec<Fact> {
        let Some(remote) = self.row.remote.as_deref() else { return Vec::new() };
        let mut moved = remote.clone();
        let (field, of, told) = match scope {
            PreferenceScope::All => ("opted_out", &mut moved.opted_out, &mut moved.preference_at),
            PreferenceScope::Marketing => ("opted_out_of_marketing", &mut moved.opted_out_of_marketing, &mut moved.marketing_at),
        };
        if told.is_some_and(|known| known >= at) {
            return Vec::new();
        }
        let (before, told_before) = (std::mem::replace(of, !wants), told.replace(at));
        if before != wants {
            // It was so, and is said again: what was said in between, and comes later, must not undo it.
            return vec![self.remote_changed(moved, "preference_at", &told_before, &Some(at), now)];
        }
        vec![self.remote_changed(moved, field, &before, &!wants, now)]
    }

    pub(super) fn remote_changed<T: PartialEq + serde::Serialize>(
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
        let known = |file: &AttachmentRef| held.message.attachments.iter().any(|known| known.id == file.id);
        let new: Vec<_> = received.attachments.iter().filter(|file| !known(file)).cloned().collect();
        if is.details != was || !new.is_empty() {
            let mut next = (**held).clone();
            next.message.content = Document::plain(&is.text);
            next.message.content_text.clone_from(&is.text);
            next.message.attachments.extend(new);
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

/// Whether news is something that the contact says or does, which nobody hears of a blocked one. What was said is taken back all the same, a wish to
/// be left alone is a wish, and a call that has begun ends.
fn is_said(news: &Happening, is_known: bool) -> bool {
    match news {
        Happening::Message(message) | Happening::Edit { message, .. } => message.direction == Direction::In,
        Happening::Reaction { .. } | Happening::Part(_) => true,
        Happening::Call(call) => !is_known && call.direction == Direction::In,
        Happening::Note { .. }
        | Happening::Deletion { .. }
        | Happening::Receipt(_)
        | Happening::Watermark { .. }
        | Happening::Preference { .. }
        | Happening::ContactChanged { .. }
        | Happening::Channel(_)
        | Happening::Ignored { .. } => false,
    }
}

fn received_as_posted(decision: Decision) -> Decision {
    match decision.outcome {
        Outcome::Posted(posted) => Decision { outcome: Outcome::Received(Some(posted)), ..decision },
        Outcome::Received(_) | Outcome::Updated | Outcome::Read | Outcome::Scheduled { .. } => decision,
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
    // Of one that was deleted meanwhile it is no longer known whether an edit had made it; of a repeat nothing below differs.
    let deleted = held.message.deleted_at.is_some() && held.message.via.as_ref().is_some_and(|via| via.kind.is_some());
    if held.marks.revision.is_none() && !deleted {
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
    // Edits that come later no longer count; those that came before leave no trace either.
    next.message.edited_at = None;
    next.marks.revision = None;
    next.message.content = Document::plain("");
    next.message.content_text = String::new();
    next.message.attachments.clear();
    if let Some(via) = next.message.via.as_mut() {
        via.details = None;
        via.payload = None;
    }
    vec![Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageDeleted, changes: entities::Changes::new() }]
}

pub(super) fn reacted(held: &HeldMessage, key: &str, emoji: Option<&str>, at: Timestamp, author: &Author) -> Vec<Fact> {
    let emoji = emoji.filter(|emoji| !emoji.is_empty());
    let newest = (at, emoji.map(str::to_owned));
    // Some providers count in seconds: of two in one second the one that takes back is the later.
    let rank = |(at, emoji): &(Timestamp, Option<String>)| (*at, emoji.is_none(), emoji.clone());
    if held.marks.reactions.get(key).is_some_and(|known| rank(known) >= rank(&newest)) {
        return Vec::new();
    }
    let mut next = held.clone();
    next.marks.reactions.insert(key.to_owned(), newest);
    // One person has one reaction; they stand in the order of the keys, whoever reacted first.
    let shown = held.marks.reactions.iter().filter(|(_, (_, emoji))| emoji.is_some()).map(|(key, _)| key.as_str());
    let mut by_person: BTreeMap<&str, Reaction> = shown.zip(held.message.reactions.iter().cloned()).collect();
    by_person.remove(key);
    by_person.extend(emoji.map(|emoji| (key, Reaction { emoji: emoji.to_owned(), author: author.clone() })));
    next.message.reactions = by_person.into_values().collect();
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
