//! The promises of a journal, and of what finds its timers, about the trash.

use std::sync::Arc;

use entities::{Author, AuthorKind, Document, EventKind, MessageKind, ScheduledMessage, ScheduledMessageId, Timestamp, event::ERASED};

use super::Bench;
use crate::{
    port::{NewDispatch, RemoteWrite, Timer, Write},
    testing::Talk,
};

/// Holds the journal to these promises.
pub async fn all(bench: &Bench) {
    nothing_is_due_in_the_trash(bench).await;
    what_was_deleted_for_good_is_gone_and_its_places_stay(bench).await;
}

fn later(bench: &Bench, talk: &Talk) -> ScheduledMessage {
    let now = bench.clock.now();
    ScheduledMessage {
        id: ScheduledMessageId::new(bench.clock.new_id()),
        conversation_id: talk.row.id,
        author: Author { kind: AuthorKind::Agent, id: Some(bench.clock.new_id()), name: None, avatar_url: None },
        kind: MessageKind::Message,
        content: Document::plain("later"),
        content_text: "later".to_owned(),
        attachments: Vec::new(),
        client_id: None,
        via: None,
        send_at: now.plus_ms(1),
        refusal: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn keeping(mut write: Write, message: &ScheduledMessage) -> Write {
    write.conversation.as_mut().expect("a conversation").scheduled = [(message.id, Some(Arc::new(message.clone())))].into();
    write
}

/// Neither a snooze nor a scheduled message; both are due again out of it.
pub async fn nothing_is_due_in_the_trash(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let message = later(bench, &talk);
    let write = talk.update(|row| {
        row.status = entities::ConversationStatus::Snoozed;
        row.snoozed_until = Some(message.send_at);
        row.trashed_at = Some(message.created_at);
    });
    bench.journal.commit(keeping(write, &message)).await.expect("trash");
    let due = async || {
        let mut found = Vec::new();
        for timer in [Timer::Snooze, Timer::Message] {
            let all = bench.timers.due(timer, message.send_at, None, 10_000).await.expect("read what is due");
            found.extend(all.into_iter().filter(|due| due.tenant_id == tenant).map(|_due| timer));
        }
        found
    };
    assert_eq!(due().await, []);
    bench.journal.commit(talk.update(|row| row.trashed_at = None)).await.expect("restore");
    assert_eq!(due().await, [Timer::Snooze, Timer::Message]);
    bench.journal.commit(talk.update(|row| row.snoozed_until = None)).await.expect("wake");
}

async fn delete_for_good(bench: &Bench, talk: &mut Talk) {
    let up_to = talk.row.seq;
    let mut erase = talk.update(|row| {
        row.ticket = None;
        row.last_message_seq = 0;
        row.trashed_at = Some(Timestamp::from_micros(1));
        row.erased_at = Some(Timestamp::from_micros(2));
    });
    erase.events[0].kind = EventKind::ConversationDeleted;
    erase.conversation.as_mut().expect("a conversation").erased = Some(up_to);
    bench.journal.commit(erase).await.expect("delete for good");
}

async fn nothing_is_left(bench: &Bench, talk: &Talk) {
    let tenant = talk.tenant_id;
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("its place is kept");
    assert_eq!((loaded.row, loaded.ticket, loaded.recent.len(), loaded.recent_is_all), (talk.row.clone(), None, 0, true));
    assert!(bench.journal.scheduled(tenant, talk.row.id).await.expect("read").is_empty());
    assert_eq!((bench.dispatches)(tenant, talk.row.channel_id).await, []);
    assert_eq!((bench.place_of)(tenant, talk.row.channel_id, "p-1".to_owned()).await, None);
}

async fn its_places_stay(bench: &Bench, talk: &Talk, before: usize) {
    let tenant = talk.tenant_id;
    let after = bench.events(tenant).await;
    assert_eq!(after.len(), before + 1, "the history has no gap");
    assert!(after.iter().zip(1..).all(|(event, position)| event.position == position));
    for event in &after {
        let said = matches!(event.kind, EventKind::ConversationMessageCreated | EventKind::TicketMessageCreated);
        let gone = said && event.conversation_id == Some(talk.row.id);
        assert_eq!(event.data.get() == ERASED, gone, "{}: {}", event.kind.as_str(), event.data);
    }
    let seen = bench.journal.visitor_events_after(tenant, talk.row.id, 0, 100).await.expect("read");
    assert!(seen.iter().all(|event| event.kind != EventKind::ConversationMessageCreated), "{seen:?}");
}

/// What was said, what waits, and what providers call it; the events keep their numbers, and what is said afterwards stays. So does everything
/// of another conversation.
pub async fn what_was_deleted_for_good_is_gone_and_its_places_stay(bench: &Bench) {
    let tenant = bench.tenant().await;
    let (mut talk, mut other) = (bench.begun(tenant).await, bench.begun(tenant).await);
    let side = |name: &str| RemoteWrite {
        provider_ids: vec![(name.to_owned(), 5)],
        dispatches: vec![NewDispatch { event: 0, seq: 5, action: None }],
        ..RemoteWrite::default()
    };
    for (talk, name) in [(&mut talk, "p-1"), (&mut other, "p-2")] {
        let message = later(bench, talk);
        let mut write = keeping(talk.say("our secret", Some("k-1")), &message);
        write.conversation.as_mut().expect("a conversation").remote = side(name);
        bench.journal.commit(write).await.expect("say something");
        bench.journal.commit(talk.note("a secret note")).await.expect("note");
    }
    let before = bench.events(tenant).await;
    delete_for_good(bench, &mut talk).await;
    nothing_is_left(bench, &talk).await;
    its_places_stay(bench, &talk, before.len()).await;

    let anew = talk.say("hello again", Some("k-1"));
    bench.journal.commit(anew).await.expect("the key is free again, and the seq goes on");
    let loaded = bench.journal.load(tenant, talk.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!(loaded.recent.iter().map(|message| message.content_text.as_str()).collect::<Vec<_>>(), ["hello again"]);
    assert!(bench.events(tenant).await.iter().rev().take(2).all(|event| !event.is_erased()));

    let loaded = bench.journal.load(tenant, other.row.id, 10).await.expect("load").expect("it is there");
    assert_eq!((loaded.recent.len(), loaded.ticket.is_some()), (3, true));
    assert_eq!(bench.journal.scheduled(tenant, other.row.id).await.expect("read").len(), 1);
    assert_eq!((bench.dispatches)(tenant, other.row.channel_id).await.len(), 1);
    assert_eq!((bench.place_of)(tenant, other.row.channel_id, "p-2".to_owned()).await, Some((other.row.id, 5)));
}
