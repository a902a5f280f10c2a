//! The promises of a journal about what conversations deal with providers.

use std::sync::Arc;

use entities::{Changes, ChannelId, EventKind, MessageStatus, Timestamp};

use super::Bench;
use crate::{
    port::{Body, DispatchAction, HeldMessage, Journal, Marks, NewDispatch, RemoteWrite, Wanted, Write},
    testing::Talk,
};

/// Holds the journal to these promises.
pub async fn all(bench: &Bench) {
    a_changed_message_is_read_as_it_is_now_and_its_events_as_they_were(bench).await;
    a_provider_s_id_leads_where_it_led_first(bench).await;
    a_dispatch_stands_at_its_event_s_position_until_it_is_settled(bench).await;
    a_read_mark_takes_the_place_of_those_that_wait(bench).await;
    a_write_without_events_leaves_the_row(bench).await;
}

fn with(mut write: Write, remote: RemoteWrite) -> Write {
    write.conversation.as_mut().expect("a conversation").remote = remote;
    write
}

/// A write of one event that says that a message has changed.
fn change(talk: &mut Talk, held: &HeldMessage) -> Write {
    let mut write = talk.update(|_row| {});
    write.events[0].kind = EventKind::MessageStatusChanged;
    write.events[0].body = Body::MessageChanged(Box::new(held.message.clone()), Changes::new());
    with(write, RemoteWrite { changed: vec![Arc::new(held.clone())], ..RemoteWrite::default() })
}

/// A write that has no event.
fn silent(talk: &Talk, remote: RemoteWrite) -> Write {
    let mut write = talk.clone().update(|_row| {});
    write.events.clear();
    let conversation = write.conversation.as_mut().expect("a conversation");
    conversation.row = talk.row.clone();
    conversation.expected_seq = talk.row.seq;
    with(write, remote)
}

async fn first_message(journal: &dyn Journal, talk: &Talk) -> HeldMessage {
    let found = journal.find_messages(talk.tenant_id, talk.row.id, Wanted::At(vec![3])).await.expect("find");
    found.into_iter().next().expect("the first message")
}

/// Whoever reads messages sees them as they are; what an event said stays said.
pub async fn a_changed_message_is_read_as_it_is_now_and_its_events_as_they_were(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let first = first_message(&*bench.journal, &talk).await;
    assert_eq!(first.marks, Marks::default());
    let mut held = first.clone();
    for (text, status) in [("between", MessageStatus::Sent), ("now", MessageStatus::Read)] {
        held.message.content_text = text.to_owned();
        held.message.status = status;
        held.marks.revision = Some(held.marks.revision.unwrap_or_default() + 1);
        held.marks.parts.insert("p-1".to_owned(), entities::ReceiptStatus::Read);
        bench.journal.commit(change(&mut talk, &held)).await.expect("change a message");
        assert_eq!(first_message(&*bench.journal, &talk).await, held);
    }
    bench.journal.commit(talk.say("another", None)).await.expect("say something");
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    let texts: Vec<_> = loaded.recent.iter().map(|message| message.content_text.as_str()).collect();
    assert_eq!(texts, ["now", "another"]);
    assert_eq!(loaded.row, talk.row);
    let events = bench.journal.events_after(tenant, 0, 100).await.expect("read events");
    let told = |kind| -> Vec<String> {
        let data = events.iter().filter(|event| event.kind == kind).map(|event| event.data.get());
        let messages = data.map(|data| serde_json::from_str::<serde_json::Value>(data).expect("JSON"));
        messages.map(|message| message["content_text"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(told(EventKind::ConversationMessageCreated), ["hello", "another"], "what was said first stays told");
    assert_eq!(told(EventKind::TicketMessageCreated), ["hello", "another"]);
    assert_eq!(told(EventKind::MessageStatusChanged), ["between", "now"]);
    let stranger = bench.tenant().await;
    let found = bench.journal.find_messages(stranger, talk.row.id, Wanted::At(vec![3])).await.expect("find");
    assert!(found.is_empty(), "another tenant finds nothing");
    let sent = bench.journal.find_messages(tenant, talk.row.id, Wanted::SentUntil(Timestamp::from_micros(i64::MAX / 2), 10)).await;
    assert!(sent.expect("find").is_empty(), "the contact's messages were not sent by us");
}

/// An id that is known keeps its place; the same id on another channel is another.
pub async fn a_provider_s_id_leads_where_it_led_first(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (mut talk, mut other) = (bench.begun(tenant).await, bench.begun(tenant).await);
    let ids = |seq| RemoteWrite { provider_ids: vec![("p-1".to_owned(), seq)], ..RemoteWrite::default() };
    bench.journal.commit(with(talk.say("one", None), ids(5))).await.expect("say something");
    bench.journal.commit(with(talk.say("two", None), ids(7))).await.expect("an id that is known harms nothing");
    bench.journal.commit(silent(&talk, ids(3))).await.expect("nor does it alone");
    bench.journal.commit(with(other.say("one", None), ids(5))).await.expect("say something elsewhere");
    let place = async |channel: ChannelId| (bench.place_of)(tenant, channel, "p-1".to_owned()).await;
    assert_eq!(place(talk.row.channel_id).await, Some((talk.row.id, 5)));
    assert_eq!(place(other.row.channel_id).await, Some((other.row.id, 5)));
    assert_eq!((bench.place_of)(tenant, talk.row.channel_id, "p-2".to_owned()).await, None);
}

/// A wish takes the position of its event, so that its order is that of the events; it is gone when it is settled.
pub async fn a_dispatch_stands_at_its_event_s_position_until_it_is_settled(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let channel = talk.row.channel_id;
    let react = DispatchAction::React { emoji: Some("\u{1f44d}".to_owned()), previous: None };
    let wishes = vec![NewDispatch { event: 1, seq: 5, action: None }, NewDispatch { event: 3, seq: 3, action: Some(react.clone()) }];
    let write = talk.say_all([("one", None), ("two", None)]);
    let committed = bench.journal.commit(with(write, RemoteWrite { dispatches: wishes, ..RemoteWrite::default() })).await.expect("wish");
    let first = committed.first_position.cast_signed();
    let waiting = async || (bench.dispatches)(tenant, channel).await;
    assert_eq!(waiting().await, [(first + 1, 5, None), (first + 3, 3, Some(react.clone()))]);
    let settled = |position| RemoteWrite { settled: vec![position], ..RemoteWrite::default() };
    bench.journal.commit(silent(&talk, settled(first + 1))).await.expect("settle");
    assert_eq!(waiting().await, [(first + 3, 3, Some(react))]);
    bench.journal.commit(with(talk.say("three", None), settled(first + 3))).await.expect("settle with an event");
    assert!(waiting().await.is_empty());
    bench.journal.commit(silent(&talk, settled(first + 3))).await.expect("what is gone can be settled");
}

/// Of the marks that a conversation wishes for the newest says it all; everything else that waits stays.
pub async fn a_read_mark_takes_the_place_of_those_that_wait(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (mut talk, mut other) = (bench.begun(tenant).await, bench.begun(tenant).await);
    let mark = |seq| RemoteWrite {
        dispatches: vec![NewDispatch { event: 0, seq, action: Some(DispatchAction::MarkRead) }],
        ..RemoteWrite::default()
    };
    let wish = async |talk: &mut Talk, remote| {
        let committed = bench.journal.commit(with(talk.update(|_row| {}), remote)).await.expect("wish");
        committed.first_position.cast_signed()
    };
    let sends = RemoteWrite { dispatches: vec![NewDispatch { event: 0, seq: 3, action: None }], ..RemoteWrite::default() };
    let sent = wish(&mut talk, sends).await;
    wish(&mut talk, mark(3)).await;
    let elsewhere = wish(&mut other, mark(3)).await;
    let newest = wish(&mut talk, mark(5)).await;
    let waiting = async |channel| (bench.dispatches)(tenant, channel).await;
    let marks = Some(DispatchAction::MarkRead);
    assert_eq!(waiting(talk.row.channel_id).await, [(sent, 3, None), (newest, 5, marks.clone())]);
    assert_eq!(waiting(other.row.channel_id).await, [(elsewhere, 3, marks)], "another conversation's stays");
}

/// It takes no position and no `seq`, and what the row says stays.
pub async fn a_write_without_events_leaves_the_row(bench: &Bench) {
    let tenant = bench.tenant().await;
    let talk = bench.begun(tenant).await;
    let head = bench.journal.head(tenant).await.expect("head");
    let ids = RemoteWrite { provider_ids: vec![("p-9".to_owned(), 3)], ..RemoteWrite::default() };
    for _ in 0..2 {
        bench.journal.commit(silent(&talk, ids.clone())).await.expect("no version is used up");
    }
    assert_eq!(bench.journal.head(tenant).await.expect("head"), head);
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!((loaded.row, loaded.recent.len()), (talk.row.clone(), 1));
    assert_eq!((bench.place_of)(tenant, talk.row.channel_id, "p-9".to_owned()).await, Some((talk.row.id, 3)));
    let mut stale = talk.clone();
    bench.journal.commit(stale.say("more", None)).await.expect("the version is the one before");
    let refused = bench.journal.commit(silent(&talk, ids)).await;
    assert!(matches!(refused, Err(crate::port::CommitError::Conflict)), "but it is measured against the version: {refused:?}");
}
