//! The promises of a journal, and of what finds its timers, about things to come.

use std::sync::Arc;

use entities::{
    Author, AuthorKind, ClientId, ConversationStatus, Document, MessageKind, Refusal, ScheduledMessage, ScheduledMessageId, TenantId,
    Timestamp, Via,
};

use super::Bench;
use crate::{
    port::{DueMark, DueTimer, Timer, Write},
    testing::Talk,
};

/// Holds the journal to these promises.
pub async fn all(bench: &Bench) {
    a_scheduled_message_is_read_back_whole_until_it_is_gone(bench).await;
    a_snooze_is_found_from_its_time_on_until_it_is_over(bench).await;
    a_scheduled_message_is_found_from_its_time_on_until_it_fails_or_leaves(bench).await;
    what_is_due_is_found_page_by_page(bench).await;
    a_refused_write_schedules_nothing(bench).await;
}

/// A message to be sent so many milliseconds from now.
fn later(bench: &Bench, talk: &Talk, ms: i64) -> ScheduledMessage {
    let now = bench.clock.now();
    ScheduledMessage {
        id: ScheduledMessageId::new(bench.clock.new_id()),
        conversation_id: talk.row.id,
        author: Author { kind: AuthorKind::Agent, id: Some(bench.clock.new_id()), name: Some("Maya".to_owned()), avatar_url: None },
        kind: MessageKind::Message,
        content: Document::plain("Good morning \u{1f642}"),
        content_text: "Good morning \u{1f642}".to_owned(),
        attachments: Vec::new(),
        client_id: ClientId::parse("later-1").ok(),
        via: Some(Box::new(Via { reply_to_seq: Some(3), ..Via::default() })),
        send_at: now.plus_ms(ms),
        refusal: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// A write that keeps these scheduled messages, or drops them.
fn keeping(talk: &mut Talk, messages: impl IntoIterator<Item = (ScheduledMessageId, Option<ScheduledMessage>)>) -> Write {
    let mut write = talk.update(|_row| {});
    let scheduled = messages.into_iter().map(|(id, message)| (id, message.map(Arc::new)));
    write.conversation.as_mut().expect("a conversation").scheduled = scheduled.collect();
    write
}

/// What of a tenant is due so many milliseconds from now.
async fn due(bench: &Bench, tenant_id: TenantId, timer: Timer, ms: i64) -> Vec<DueTimer> {
    let found = bench.timers.due(timer, bench.clock.now().plus_ms(ms), None, 10_000).await.expect("read what is due");
    found.into_iter().filter(|due| due.tenant_id == tenant_id).collect()
}

/// Every field comes back, as it was last written.
pub async fn a_scheduled_message_is_read_back_whole_until_it_is_gone(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let (first, second) = (later(bench, &talk, 60_000), later(bench, &talk, 1_000));
    let write = keeping(&mut talk, [(first.id, Some(first.clone())), (second.id, Some(second.clone()))]);
    bench.journal.commit(write).await.expect("schedule two");
    let kept = bench.journal.scheduled(tenant, talk.row.id).await.expect("read");
    assert_eq!(kept, [first.clone(), second.clone()], "in the order of their ids");
    let refusal = Some(Refusal::WindowClosed { until: bench.clock.now(), templates: true });
    let failed = ScheduledMessage { refusal, version: 2, client_id: None, via: None, ..first.clone() };
    let write = keeping(&mut talk, [(failed.id, Some(failed.clone())), (second.id, None)]);
    bench.journal.commit(write).await.expect("change one and drop one");
    assert_eq!(bench.journal.scheduled(tenant, talk.row.id).await.expect("read"), [failed]);
    let stranger = bench.tenant().await;
    assert!(bench.journal.scheduled(stranger, talk.row.id).await.expect("read").is_empty(), "another tenant sees nothing");
}

/// Not before its time, from then on, and no longer when the conversation has dealt with it.
pub async fn a_snooze_is_found_from_its_time_on_until_it_is_over(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let until = bench.clock.now().plus_ms(60_000);
    let snoozed = talk.update(|row| {
        row.status = ConversationStatus::Snoozed;
        row.snoozed_until = Some(until);
    });
    bench.journal.commit(snoozed).await.expect("snooze");
    assert_eq!(due(bench, tenant, Timer::Snooze, 59_999).await, []);
    let found = DueTimer { tenant_id: tenant, conversation_id: talk.row.id, at: until, message_id: None, refusal: None };
    assert_eq!(due(bench, tenant, Timer::Snooze, 60_000).await, std::slice::from_ref(&found));
    assert_eq!(due(bench, tenant, Timer::Snooze, 90_000).await, [found], "until it is dealt with");
    assert_eq!(due(bench, tenant, Timer::Message, 90_000).await, []);
    bench.journal.commit(talk.update(|row| row.snoozed_until = None)).await.expect("wake");
    assert_eq!(due(bench, tenant, Timer::Snooze, 90_000).await, []);
}

/// Likewise; and one that could not be sent waits no longer.
pub async fn a_scheduled_message_is_found_from_its_time_on_until_it_fails_or_leaves(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let (mut first, second) = (later(bench, &talk, 1_000), later(bench, &talk, 2_000));
    let write = keeping(&mut talk, [(first.id, Some(first.clone())), (second.id, Some(second.clone()))]);
    bench.journal.commit(write).await.expect("schedule two");
    assert_eq!(due(bench, tenant, Timer::Message, 999).await, []);
    let found = DueTimer { tenant_id: tenant, conversation_id: talk.row.id, at: first.send_at, message_id: Some(first.id), refusal: None };
    assert_eq!(due(bench, tenant, Timer::Message, 1_000).await, [found]);
    let ids = |found: Vec<DueTimer>| found.into_iter().filter_map(|due| due.message_id).collect::<Vec<_>>();
    assert_eq!(ids(due(bench, tenant, Timer::Message, 2_000).await), [first.id, second.id]);
    first.refusal = Some(Refusal::OptedOut);
    bench.journal.commit(keeping(&mut talk, [(first.id, Some(first.clone()))])).await.expect("fail");
    assert_eq!(ids(due(bench, tenant, Timer::Message, 2_000).await), [second.id]);
    bench.journal.commit(keeping(&mut talk, [(second.id, None)])).await.expect("leave");
    assert_eq!(ids(due(bench, tenant, Timer::Message, 2_000).await), []);
}

/// Pages join without gap or double, also between two of the same instant.
pub async fn what_is_due_is_found_page_by_page(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let now = bench.clock.now();
    let mut all: Vec<_> = [5, 3, 3, 3, 1].iter().map(|ms| later(bench, &talk, *ms)).collect();
    let write = keeping(&mut talk, all.iter().map(|message| (message.id, Some(message.clone()))));
    bench.journal.commit(write).await.expect("schedule five");
    all.sort_by_key(|message| (message.send_at, message.id));
    let (mut seen, mut after): (Vec<DueMark>, Option<DueMark>) = (Vec::new(), None);
    loop {
        let page = bench.timers.due(Timer::Message, now.plus_ms(5), after, 2).await.expect("read what is due");
        let Some(last) = page.last() else { break };
        after = Some(last.mark());
        seen.extend(page.iter().filter(|due| due.tenant_id == tenant).map(DueTimer::mark));
    }
    let wanted: Vec<(Timestamp, _)> = all.iter().map(|message| (message.send_at, message.id.uuid())).collect();
    assert_eq!(seen, wanted);
    bench.journal.commit(keeping(&mut talk, all.iter().map(|message| (message.id, None)))).await.expect("leave");
}

/// A write on a stale version leaves no timer behind.
pub async fn a_refused_write_schedules_nothing(bench: &Bench) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let mut stale = talk.clone();
    bench.journal.commit(talk.say("first", None)).await.expect("say something");
    let message = later(bench, &stale, 1);
    bench.journal.commit(keeping(&mut stale, [(message.id, Some(message))])).await.expect_err("another was first");
    assert!(bench.journal.scheduled(tenant, talk.row.id).await.expect("read").is_empty());
    assert_eq!(due(bench, tenant, Timer::Message, 1_000).await, []);
}
