//! The promises of [`Journal`], one function each; every implementation is held to all of them.
//!
//! A test makes a [`Bench`] and calls [`all`]; a broken promise panics and its name is in the backtrace. Promises share the bench, each
//! with tenants of its own, so one database serves them all.
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a broken promise is a panic")]

mod remote;
mod timers;
mod trash;

use std::sync::Arc;

use entities::{
    Address, AddressKind, AgentId, AttachmentId, AttachmentRef, ChannelId, ConversationId, Document, EventKind, Label, MessageKind,
    MessageStatus, Priority, StoredEvent, TenantId, Timestamp,
};
use futures_util::future::join_all;

use super::{RecordingBus, Talk};
use crate::port::{Clock, CommitError, DispatchAction, Journal, LastReply, Promise, Timers};

/// What waits to be done at a provider: its position, the message's place, and what, if it is not to send that message.
pub type Waiting = (i64, u64, Option<DispatchAction>);

/// Tells where the message stands that a provider calls so.
pub type PlaceOf = Box<dyn Fn(TenantId, ChannelId, String) -> Promise<'static, Option<(ConversationId, u64)>> + Send + Sync>;

/// A journal under test and what it needs.
pub struct Bench {
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// The bus that it tells.
    pub bus: Arc<RecordingBus>,
    /// Where ids and times come from.
    pub clock: Arc<dyn Clock>,
    /// Makes the tenant known to the journal.
    pub add_tenant: Box<dyn Fn(TenantId) -> Promise<'static, ()> + Send + Sync>,
    /// Reads what waits on a channel, in order.
    pub dispatches: Box<dyn Fn(TenantId, ChannelId) -> Promise<'static, Vec<Waiting>> + Send + Sync>,
    /// Finds where the message stands that the provider of a channel calls so.
    pub place_of: PlaceOf,
    /// Finds what the journal has written as due.
    pub timers: Arc<dyn Timers>,
}

impl Bench {
    /// A tenant in which nothing has happened.
    pub async fn tenant(&self) -> TenantId {
        let id = TenantId::new(self.clock.new_id());
        (self.add_tenant)(id).await;
        id
    }

    /// A conversation with one message, committed.
    pub async fn begun(&self, tenant_id: TenantId) -> Talk {
        let (mut talk, write) = Talk::begin(&self.clock, tenant_id, "hello");
        let committed = self.journal.commit(write).await.expect("begin a conversation");
        talk.numbered(committed.ticket_number.expect("a new ticket has a number"));
        talk
    }

    async fn events(&self, tenant_id: TenantId) -> Vec<StoredEvent> {
        self.journal.events_after(tenant_id, 0, 100_000).await.expect("read events")
    }
}

/// Holds the journal to every promise.
pub async fn all(bench: &Bench) {
    a_committed_write_is_read_back_whole(bench).await;
    recent_messages_are_the_newest_oldest_first(bench).await;
    numbers_have_no_gaps_under_concurrent_writers(bench).await;
    a_used_client_id_answers_with_the_first_message(bench).await;
    one_client_id_at_once_makes_one_message(bench).await;
    a_conflict_touches_only_its_own_write(bench).await;
    beginning_twice_is_a_conflict(bench).await;
    writes_that_follow_each_other_may_be_under_way_together(bench).await;
    ticket_numbers_are_counted_for_each_tenant(bench).await;
    the_bus_hears_events_in_the_order_of_positions(bench).await;
    a_visitor_reads_what_is_visible_and_no_more(bench).await;
    a_tenant_sees_only_itself(bench).await;
    head_and_oldest_frame_the_events(bench).await;
    events_are_read_in_pages(bench).await;
    a_ticket_s_message_is_the_conversation_s(bench).await;
    contacts_change_by_version(bench).await;
    an_address_belongs_to_one_contact(bench).await;
    a_conversation_shows_its_contact_as_it_is_now(bench).await;
    what_agents_do_is_kept(bench).await;
    remote::all(bench).await;
    timers::all(bench).await;
    trash::all(bench).await;
}

/// Rows, messages and contacts come back equal to what was written, odd ones included.
pub async fn a_committed_write_is_read_back_whole(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let mut odd =
        talk.message(MessageKind::Message, "so *this*\n\n\u{645}\u{631}\u{62d}\u{628}\u{627} \u{1f642} \"quoted\" \\ it's", Some("k-1"));
    odd.content = Document::plain("something else");
    odd.attachments.push(AttachmentRef {
        id: AttachmentId::new(bench.clock.new_id()),
        filename: "a.png".to_owned(),
        size: 12,
        media_type: "image/png".to_owned(),
    });
    odd.author.id = None;
    odd.author.name = None;
    odd.author.avatar_url = Some("https://example.com/a.png".to_owned());
    odd.status = MessageStatus::Failed;
    odd.error = Some("the number is not known".to_owned());
    odd.edited_at = Some(bench.clock.now());
    odd.created_at = Timestamp::from_micros(bench.clock.now().micros() + 1);
    let write = talk.post(odd);
    let said = write.conversation.as_ref().expect("a conversation").messages[0].clone();
    bench.journal.commit(write).await.expect("say something odd");

    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!(loaded.row, talk.row);
    assert_eq!(loaded.ticket.as_ref(), Some(&talk.ticket));
    assert_eq!(loaded.recent.len(), 2);
    assert_eq!(loaded.recent[1], said);
    assert!(loaded.recent_is_all);
    let contact = bench.journal.find_contact(tenant, talk.contact.id).await.expect("find").expect("it is there");
    assert_eq!(contact, talk.contact);
    let unknown = bench.journal.load(tenant, entities::ConversationId::new(bench.clock.new_id()), 10).await.expect("load");
    assert!(unknown.is_none(), "nothing is not an error");
}

/// `recent` is the tail of the messages, and says whether there are more.
pub async fn recent_messages_are_the_newest_oldest_first(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let texts: Vec<String> = (0..5).map(|n| format!("message {n}")).collect();
    bench.journal.commit(talk.say_all(texts.iter().map(|text| (text.as_str(), None)))).await.expect("say five things");
    let loaded = bench.journal.load(tenant, talk.row.id, 2).await.expect("load").expect("it is there");
    let recent: Vec<_> = loaded.recent.iter().map(|message| message.content_text.as_str()).collect();
    assert_eq!(recent, ["message 3", "message 4"]);
    assert!(!loaded.recent_is_all);
    assert!(bench.journal.load(tenant, talk.row.id, 6).await.expect("load").expect("it is there").recent_is_all);
}

/// Positions and `seq` are consecutive from 1 however many write at once.
pub async fn numbers_have_no_gaps_under_concurrent_writers(bench: &Bench) {
    const TALKS: usize = 20;
    const EACH: usize = 10;
    let tenant = bench.tenant().await;
    let writers = (0..TALKS).map(|_| async {
        let mut talk = bench.begun(tenant).await;
        for n in 0..EACH {
            bench.journal.commit(talk.say(&format!("message {n}"), None)).await.expect("say something");
        }
        talk
    });
    let talks = join_all(writers).await;
    let events = bench.events(tenant).await;
    assert_eq!(events.len(), TALKS * (5 + 2 * EACH));
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "positions are consecutive from 1");
    for talk in talks {
        let seqs: Vec<u64> =
            events.iter().filter(|event| event.conversation_id == Some(talk.row.id)).filter_map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=talk.row.seq).collect::<Vec<_>>(), "seq is consecutive from 1");
    }
}

/// A client id that is taken answers with the message that has it, and nothing is written.
pub async fn a_used_client_id_answers_with_the_first_message(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let first = talk.say("once", Some("key"));
    let message = first.conversation.as_ref().expect("a conversation").messages[0].clone();
    bench.journal.commit(first).await.expect("say it once");
    bench.journal.commit(talk.say("between", None)).await.expect("say something else");
    let head = bench.journal.head(tenant).await.expect("head");
    let mut again = talk.clone().say_all([("new", Some("other".to_owned())), ("once", Some("key".to_owned()))]);
    again.conversation.as_mut().expect("a conversation").unsure_client_ids = true;
    match bench.journal.commit(again).await.expect_err("the key is taken") {
        CommitError::Duplicate { client_id, message_id, seq, ticket_id } => {
            assert_eq!((client_id.as_str(), message_id, seq), ("key", message.id, message.seq));
            assert_eq!(ticket_id, message.ticket_id);
        }
        other => panic!("expected a duplicate, got {other:?}"),
    }
    assert_eq!(bench.journal.head(tenant).await.expect("head"), head, "nothing was written");
    // The same key in another conversation is another key.
    let mut elsewhere = bench.begun(tenant).await;
    bench.journal.commit(elsewhere.say("once", Some("key"))).await.expect("keys are a conversation's own");
}

/// Five repeats at once make one message, whichever way the four others are refused.
pub async fn one_client_id_at_once_makes_one_message(bench: &Bench) {
    let tenant = bench.tenant().await;
    let talk = bench.begun(tenant).await;
    let repeats = (0..5).map(|_| {
        let mut write = talk.clone().say("once", Some("key"));
        write.conversation.as_mut().expect("a conversation").unsure_client_ids = true;
        bench.journal.commit(write)
    });
    let answers = join_all(repeats).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, CommitError::Conflict | CommitError::Duplicate { .. }), "{refused:?}");
    }
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!(loaded.recent.len(), 2);
    // Without having said that it is unsure, and on the right version, a writer is told all the same.
    let mut late = Talk { row: loaded.row, ..talk };
    let refused = bench.journal.commit(late.say("once", Some("key"))).await.expect_err("the key is taken");
    assert!(matches!(refused, CommitError::Duplicate { ref client_id, .. } if client_id.as_str() == "key"), "{refused:?}");
}

/// Of many writes at once, those on a stale version are refused and the others go through.
pub async fn a_conflict_touches_only_its_own_write(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talks = Vec::new();
    for _ in 0..6 {
        talks.push(bench.begun(tenant).await);
    }
    let mut stale = talks[0].clone();
    bench.journal.commit(talks[0].say("first", None)).await.expect("say something");
    let mut writes: Vec<_> = talks.iter_mut().map(|talk| talk.say("good", None)).collect();
    writes.insert(3, stale.say("stale", None));
    let answers = join_all(writes.into_iter().map(|write| bench.journal.commit(write))).await;
    for (index, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => assert_ne!(index, 3, "the stale write is refused"),
            Err(error) => assert!(index == 3 && matches!(error, CommitError::Conflict), "write {index}: {error:?}"),
        }
    }
    for talk in &talks {
        let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
        assert_eq!(loaded.row, talk.row);
        assert_eq!(loaded.recent.last().expect("a message").content_text, "good");
    }
    let events = bench.events(tenant).await;
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "a refused write takes no position");
}

/// A row that is there cannot be made; the first one stays.
pub async fn beginning_twice_is_a_conflict(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (mut talk, write) = Talk::begin(&bench.clock, tenant, "hello");
    let answers = join_all([write.clone(), write.clone()].map(|write| bench.journal.commit(write))).await;
    let made: Vec<u64> = answers.iter().filter_map(|answer| answer.as_ref().ok()).filter_map(|committed| committed.ticket_number).collect();
    assert_eq!(made, [1], "one of two at once");
    assert!(matches!(bench.journal.commit(write).await, Err(CommitError::Conflict)), "and none later");
    talk.numbered(1);
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!((loaded.row, loaded.recent.len()), (talk.row, 1));
}

/// A write may be decided on what the one before it will leave, and be asked for before that is answered.
pub async fn writes_that_follow_each_other_may_be_under_way_together(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (mut talk, first) = Talk::begin(&bench.clock, tenant, "hello");
    talk.numbered(1);
    let writes = [first, talk.say("one", Some("a")), talk.rename("Jane"), talk.say("two", Some("b"))];
    let answers = join_all(writes.into_iter().map(|write| bench.journal.commit(write))).await;
    let positions: Vec<u64> = answers.iter().map(|answer| answer.as_ref().expect("each follows the one before").first_position).collect();
    assert_eq!(positions, [1, 6, 8, 9]);
    talk.row.contact = talk.contact.summary();
    talk.ticket.contact = talk.contact.summary();
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!((loaded.row, loaded.ticket, loaded.recent.len()), (talk.row, Some(talk.ticket), 3));
}

/// Tickets are numbered from 1 in each tenant, without gaps, and events show the number.
pub async fn ticket_numbers_are_counted_for_each_tenant(bench: &Bench) {
    for tenant in [bench.tenant().await, bench.tenant().await] {
        let talks = join_all((0..12).map(|_| bench.begun(tenant))).await;
        let mut numbers: Vec<u64> = talks.iter().map(|talk| talk.ticket.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
        for event in bench.events(tenant).await.iter().filter(|event| event.kind == EventKind::TicketCreated) {
            let talk = talks.iter().find(|talk| Some(talk.row.id) == event.conversation_id).expect("one of ours");
            let data: serde_json::Value = serde_json::from_str(event.data.get()).expect("JSON");
            assert_eq!(data["number"], talk.ticket.number);
        }
    }
}

/// What the bus hears is what the table holds, in the same order, and already there when the writer is answered.
pub async fn the_bus_hears_events_in_the_order_of_positions(bench: &Bench) {
    let tenant = bench.tenant().await;
    let writers = (0..8).map(|_| async {
        let mut talk = bench.begun(tenant).await;
        for _ in 0..5 {
            let committed = bench.journal.commit(talk.say("hello", None)).await.expect("say something");
            let told = bench.bus.events(tenant).iter().any(|event| event.position == committed.first_position + 1);
            assert!(told, "the bus has heard before the writer");
        }
    });
    join_all(writers).await;
    let (heard, stored) = (bench.bus.events(tenant), bench.events(tenant).await);
    assert_eq!(heard.len(), stored.len());
    for (heard, stored) in heard.iter().zip(&stored) {
        assert_eq!((heard.position, heard.id, heard.kind, heard.seq), (stored.position, stored.id, stored.kind, stored.seq));
        assert_eq!((heard.conversation_id, heard.visitor_visible, heard.at), (stored.conversation_id, stored.visitor_visible, stored.at));
        let (heard, stored): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(heard.data.get()).expect("JSON"), serde_json::from_str(stored.data.get()).expect("JSON"));
        assert_eq!(heard, stored);
    }
}

/// The visitor's events are the visible ones of its conversation, in order, behind its cursor.
pub async fn a_visitor_reads_what_is_visible_and_no_more(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (mut talk, mut other) = (bench.begun(tenant).await, bench.begun(tenant).await);
    bench.journal.commit(talk.note("not for you")).await.expect("leave a note");
    bench.journal.commit(other.say("elsewhere", None)).await.expect("say something elsewhere");
    bench.journal.commit(talk.say("for you", None)).await.expect("say something");
    bench.journal.commit(talk.read(AgentId::new(bench.clock.new_id()))).await.expect("read");
    let seen = bench.journal.visitor_events_after(tenant, talk.row.id, 0, 100).await.expect("read events");
    let kinds: Vec<_> = seen.iter().map(|event| (event.seq.expect("a place"), event.kind.as_str())).collect();
    assert_eq!(kinds, [(3, "conversation.message_created"), (6, "conversation.message_created"), (8, "conversation.read")]);
    let text: serde_json::Value = serde_json::from_str(seen[1].data.get()).expect("JSON");
    assert_eq!(text["content_text"], "for you");
    let later = bench.journal.visitor_events_after(tenant, talk.row.id, 3, 1).await.expect("read events");
    assert_eq!(later.iter().map(|event| event.seq).collect::<Vec<_>>(), [Some(6)]);
}

/// Another tenant's ids find nothing and change nothing.
pub async fn a_tenant_sees_only_itself(bench: &Bench) {
    let (ours, theirs) = (bench.tenant().await, bench.tenant().await);
    let talk = bench.begun(ours).await;
    assert!(bench.journal.load(theirs, talk.row.id, 10).await.expect("load").is_none());
    assert!(bench.journal.find_contact(theirs, talk.contact.id).await.expect("find").is_none());
    assert!(bench.events(theirs).await.is_empty());
    assert!(bench.journal.visitor_events_after(theirs, talk.row.id, 0, 100).await.expect("read events").is_empty());
    let mut foreign = Talk { tenant_id: theirs, ..talk.clone() };
    assert!(matches!(bench.journal.commit(foreign.say("mine now", None)).await, Err(CommitError::Conflict)));
    let mut foreign = Talk { tenant_id: theirs, ..talk.clone() };
    assert!(matches!(bench.journal.commit(foreign.rename("Mallory")).await, Err(CommitError::Conflict)));
    assert_eq!(bench.journal.head(theirs).await.expect("head"), 0);
    assert_eq!(bench.journal.find_contact(ours, talk.contact.id).await.expect("find"), Some(talk.contact));
}

/// `head` is the last position, `oldest` the first that is kept.
pub async fn head_and_oldest_frame_the_events(bench: &Bench) {
    let tenant = bench.tenant().await;
    assert_eq!(bench.journal.head(tenant).await.expect("head"), 0);
    assert_eq!(bench.journal.oldest(tenant).await.expect("oldest"), 1);
    bench.begun(tenant).await;
    assert_eq!(bench.journal.head(tenant).await.expect("head"), 5);
    assert_eq!(bench.journal.oldest(tenant).await.expect("oldest"), 1);
    let stranger = TenantId::new(bench.clock.new_id());
    assert_eq!(bench.journal.head(stranger).await.expect("head"), 0);
}

/// Events come in pages that join without gap or double.
pub async fn events_are_read_in_pages(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    for _ in 0..4 {
        bench.journal.commit(talk.say("more", None)).await.expect("say something");
    }
    let (mut after, mut positions) = (0, Vec::new());
    loop {
        let page = bench.journal.events_after(tenant, after, 4).await.expect("read events");
        let Some(last) = page.last() else { break };
        after = last.position;
        positions.extend(page.iter().map(|event| event.position));
    }
    assert_eq!(positions, (1..=13).collect::<Vec<_>>());
}

/// `ticket.message_created` shows the message of the event before it.
pub async fn a_ticket_s_message_is_the_conversation_s(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    bench.journal.commit(talk.say_all([("one", Some("a".to_owned())), ("two", None)])).await.expect("say two things");
    let events = bench.events(tenant).await;
    let mut pairs = 0;
    for pair in events.windows(2).filter(|pair| pair[1].kind == EventKind::TicketMessageCreated) {
        assert_eq!(pair[0].kind, EventKind::ConversationMessageCreated);
        assert_eq!(pair[0].data.get(), pair[1].data.get());
        let data: entities::Message = serde_json::from_str(pair[1].data.get()).expect("a message");
        assert_eq!(Some(data.seq), pair[0].seq);
        pairs += 1;
    }
    assert_eq!(pairs, 3);
    // A page that begins between the two shows the same.
    let page = bench.journal.events_after(tenant, 6, 1).await.expect("read events");
    assert_eq!(page[0].kind, EventKind::TicketMessageCreated);
    assert_eq!(page[0].data.get(), events[5].data.get());
}

/// A contact's version decides between two writers; its addresses are replaced as a whole.
pub async fn contacts_change_by_version(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let mut stale = talk.clone();
    talk.contact.email = Some("jane@example.com".to_owned());
    talk.contact.verified = true;
    talk.contact.custom_attributes.insert("plan".to_owned(), serde_json::json!({"name": "pro", "seats": 3}));
    talk.contact.addresses.insert(0, Address { kind: AddressKind::Email, value: format!("{}@example.com", talk.contact.id) });
    talk.contact.updated_at = bench.clock.now();
    bench.journal.commit(talk.rename("Jane")).await.expect("rename");
    assert_eq!(bench.journal.find_contact(tenant, talk.contact.id).await.expect("find"), Some(talk.contact.clone()));
    assert!(matches!(bench.journal.commit(stale.rename("Joan")).await, Err(CommitError::Conflict)));
    talk.contact.addresses.remove(1);
    bench.journal.commit(talk.rename("Jane D.")).await.expect("rename");
    assert_eq!(bench.journal.find_contact(tenant, talk.contact.id).await.expect("find"), Some(talk.contact.clone()));
    let events = bench.events(tenant).await;
    assert_eq!(events.iter().filter(|event| event.kind == EventKind::ContactUpdated && event.seq.is_none()).count(), 2);
}

/// Two contacts cannot have one address; the second is a conflict and others in flight are not touched.
pub async fn an_address_belongs_to_one_contact(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (first, mut second, mut third) = (bench.begun(tenant).await, bench.begun(tenant).await, bench.begun(tenant).await);
    second.contact.addresses = first.contact.addresses.clone();
    let (taken, good) = tokio::join!(bench.journal.commit(second.rename("Eve")), bench.journal.commit(third.say("hello", None)));
    assert!(matches!(taken, Err(CommitError::Conflict)), "{taken:?}");
    good.expect("the other write is good");
    assert_eq!(bench.journal.find_contact(tenant, first.contact.id).await.expect("find"), Some(first.contact));
    let events = bench.events(tenant).await;
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "a refused write takes no position");
}

/// Loading a conversation shows the contact's present name, and whether they may write.
pub async fn a_conversation_shows_its_contact_as_it_is_now(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    bench.journal.commit(talk.rename("Jane the Second")).await.expect("rename");
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!(loaded.row.contact, talk.contact.summary());
    assert_eq!(loaded.ticket.expect("a ticket").contact, talk.contact.summary());
    for blocked in [true, false] {
        bench.journal.commit(talk.change_contact(|contact| contact.blocked = blocked)).await.expect("block");
        let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
        assert_eq!((loaded.row.contact.blocked, &loaded.row.contact), (blocked, &talk.contact.summary()));
    }
}

/// Every field of the row that commands change comes back.
pub async fn what_agents_do_is_kept(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let agent = bench.clock.new_id();
    let labels = |texts: &[&str]| texts.iter().filter_map(|text| Label::parse(text).ok()).collect::<Vec<_>>();
    for texts in [&["billing", "vip"][..], &["vip"][..]] {
        let write = talk.update(|row| {
            row.labels = labels(texts);
            row.priority = Priority::Urgent;
            row.status = entities::ConversationStatus::Snoozed;
            row.snoozed_until = Some(Timestamp::from_micros(bench.clock.now().micros() + 86_400_000_001));
            row.scheduled_count = 3;
            row.trashed_at = Some(Timestamp::from_micros(bench.clock.now().micros() - 1));
            row.erased_at = Some(Timestamp::from_micros(7));
            row.assignee_id = Some(AgentId::new(agent));
            row.team_id = Some(entities::TeamId::new(agent));
            row.owner_id = Some(AgentId::new(agent));
            row.inbound_seen = 1;
            row.contact_read_seq = 2;
            row.last_reply = Some(LastReply { seq: 3, author_id: agent, author_kind: entities::AuthorKind::Agent });
            row.other_reply = Some(LastReply { seq: 2, author_id: agent, author_kind: entities::AuthorKind::Service });
        });
        bench.journal.commit(write).await.expect("update");
        let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
        assert_eq!(loaded.row, talk.row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, MemoryJournal};

    #[tokio::test]
    async fn the_journal_in_memory_keeps_every_promise() {
        let bus = Arc::new(RecordingBus::default());
        let journal = Arc::new(MemoryJournal::new(bus.clone()));
        let add_tenant = Box::new(|_| -> Promise<'static, ()> { Box::pin(std::future::ready(())) });
        let waiting = journal.clone();
        let dispatches = Box::new(move |tenant_id, channel_id| -> Promise<'static, Vec<Waiting>> {
            let all = waiting.dispatches(tenant_id).into_iter().filter(|(channel, ..)| *channel == channel_id);
            let found = all.map(|(_, position, _, wish)| (position, wish.seq, wish.action)).collect();
            Box::pin(std::future::ready(found))
        });
        let places = journal.clone();
        let place_of = Box::new(move |tenant_id, channel_id, id: String| -> Promise<'static, Option<(ConversationId, u64)>> {
            Box::pin(std::future::ready(places.place_of(tenant_id, channel_id, &id)))
        });
        let timers = journal.clone();
        all(&Bench { journal, bus, clock: Arc::new(ManualClock::default()), add_tenant, dispatches, place_of, timers }).await;
    }
}
