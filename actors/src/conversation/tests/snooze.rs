//! A snooze ends when its time has come or the contact writes, and nothing else of it stays.

use entities::{ChannelKind, Conversation, ConversationStatus, Timestamp};

use super::{
    Stage,
    line::{Line, events, minutes, text},
    story,
};
use crate::{
    conversation::{Command, Reply, Update, state::Fact},
    port::{Clock, Timer},
    runtime::{Directory, Limits, shard::Shards},
    sweep::{Chore, DueTimers},
};

fn snooze(until: Option<Timestamp>) -> Update {
    Update { status: Some(ConversationStatus::Snoozed), snoozed_until: Some(until), ..Update::default() }
}

fn update(line: &mut Line, update: Update) -> Vec<Fact> {
    line.facts(&Command::Update(Box::new(update)))
}

fn stands(line: &Line) -> (ConversationStatus, Option<Timestamp>) {
    (line.state.row.status, line.state.row.snoozed_until)
}

#[test]
fn a_snooze_ends_when_its_time_has_come_and_not_before() {
    let mut line = Line::begun(ChannelKind::Sms);
    let facts = update(&mut line, snooze(Some(minutes(60))));
    let [Fact::Changed { changes, .. }] = facts.as_slice() else { panic!("one change, got {facts:?}") };
    assert!(changes.keys().eq(["snoozed_until", "status"].iter()));
    line.now = Timestamp::from_micros(minutes(60).micros() - 1);
    assert!(line.facts(&Command::Wake).is_empty(), "not before its time");
    line.now = minutes(60);
    let woken = line.facts(&Command::Wake);
    assert_eq!(events(&woken), 2, "the conversation and its ticket");
    assert_eq!(stands(&line), (ConversationStatus::Open, None));
    assert_eq!(line.state.ticket.as_ref().map(|ticket| ticket.status), Some(ConversationStatus::Open));
    assert!(line.facts(&Command::Wake).is_empty(), "once");
}

#[test]
fn a_snooze_that_was_moved_ends_at_its_new_time() {
    let mut line = Line::begun(ChannelKind::Sms);
    update(&mut line, snooze(Some(minutes(60))));
    update(&mut line, snooze(Some(minutes(120))));
    line.now = minutes(60);
    assert!(line.facts(&Command::Wake).is_empty());
    line.now = minutes(120);
    assert_eq!(events(&line.facts(&Command::Wake)), 2);
}

#[test]
fn whoever_writes_wakes_it_before() {
    let mut line = Line::begun(ChannelKind::Sms);
    update(&mut line, snooze(Some(minutes(60))));
    line.hears(text("m-2", "hello?"), minutes(5));
    assert_eq!(stands(&line), (ConversationStatus::Open, None));
    line.now = minutes(60);
    assert!(line.facts(&Command::Wake).is_empty(), "nothing is left to end");
}

#[test]
fn without_a_time_it_waits_for_the_contact_alone() {
    let mut line = Line::begun(ChannelKind::Sms);
    update(&mut line, snooze(Some(minutes(60))));
    update(&mut line, Update { status: Some(ConversationStatus::Snoozed), ..Update::default() });
    assert_eq!(stands(&line), (ConversationStatus::Snoozed, None), "the time before counts no more");
    line.now = minutes(9_999);
    assert!(line.facts(&Command::Wake).is_empty());
}

#[test]
fn every_other_status_ends_a_snooze_and_other_changes_do_not() {
    for status in [ConversationStatus::Open, ConversationStatus::Pending, ConversationStatus::Resolved] {
        let mut line = Line::begun(ChannelKind::Sms);
        update(&mut line, snooze(Some(minutes(60))));
        update(&mut line, Update { priority: Some(entities::Priority::High), ..Update::default() });
        line.answers("we are on it");
        assert_eq!(stands(&line), (ConversationStatus::Snoozed, Some(minutes(60))));
        update(&mut line, Update { status: Some(status), ..Update::default() });
        assert_eq!(stands(&line), (status, None));
    }
    let mut line = Line::begun(ChannelKind::Sms);
    update(&mut line, Update { snoozed_until: Some(Some(minutes(60))), ..Update::default() });
    assert_eq!(stands(&line), (ConversationStatus::Open, None), "a time without a snooze is nothing");
}

#[test]
fn two_nodes_that_find_the_same_snooze_end_it_once_also_where_one_of_them_knows_less() {
    story(async {
        let stage = Stage::set();
        let other = Directory::start(stage.journal.clone(), stage.clock.clone(), std::sync::Arc::new(Shards::here()), Limits::default());
        stage.post(stage.visitor("one")).await;
        // The other node has it awake, as it was before the snooze.
        let shown = |reply| -> Conversation {
            let Ok(Reply::Updated(conversation)) = reply else { panic!("expected a conversation, got {reply:?}") };
            *conversation
        };
        shown(other.ask(stage.tenant_id, stage.id, Command::Update(Box::default())).await);
        stage.update(snooze(Some(stage.clock.now().plus_ms(1_000)))).await;
        let chore = |conversations| DueTimers { timer: Timer::Snooze, timers: stage.journal.clone(), conversations };
        assert_eq!(chore(other.clone()).run(stage.clock.now()).await.expect("a round"), 0);
        stage.clock.advance_ms(1_000);
        let before = stage.event_kinds().await.len();
        let (here, there) = (chore(stage.directory.clone()), chore(other));
        let (first, second) = tokio::join!(there.run(stage.clock.now()), here.run(stage.clock.now()));
        assert_eq!((first.expect("a round"), second.expect("a round")), (1, 1), "both find it");
        assert_eq!(stage.loaded().await.row.status, ConversationStatus::Open);
        assert_eq!(stage.event_kinds().await.len() - before, 2, "and one ends it");
        assert_eq!(here.run(stage.clock.now()).await.expect("a round"), 0);
    });
}
