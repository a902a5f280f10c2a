//! What is scheduled is said once, at its time; what cannot be said then stays, with the reason.

use std::sync::Arc;

use entities::{
    Author, AuthorKind, ChannelKind, Document, EventKind, MessageKind, Refusal, ScheduledMessage, ScheduledMessageId, ScheduledStatus,
    Timestamp, scheduled::SCHEDULED_MAX,
};
use uuid::Uuid;

use super::{
    Stage, client_id,
    line::{Line, answer, events, minutes, text},
    rejection, story,
};
use crate::{
    conversation::{
        Command, Post, Rejection, Reply, Reschedule, Schedule,
        state::{Fact, Outcome},
    },
    port::{Clock, Journal, Timer},
    runtime::{Directory, Limits, shard::Shards},
    sweep::{Chore, DueTimers},
};

const DAY: i64 = 24 * 60;

fn id(number: u128) -> ScheduledMessageId {
    ScheduledMessageId::new(Uuid::from_u128(number))
}

fn schedule(number: u128, post: Post, send_at: Timestamp) -> Command {
    Command::Schedule(Box::new(Schedule { id: id(number), post, send_at }))
}

fn fire(number: u128) -> Command {
    Command::Fire { id: id(number), refusal: None }
}

fn kept(line: &Line, number: u128) -> ScheduledMessage {
    ScheduledMessage::clone(line.state.scheduled(id(number)).expect("it is scheduled"))
}

/// What the facts say, in order, and which fields `conversation.updated` tells of.
fn told(facts: &[Fact]) -> (Vec<String>, Vec<&'static str>) {
    let said = facts.iter().filter_map(|fact| match fact {
        Fact::Said { message, .. } => Some(message.content_text.clone()),
        _ => None,
    });
    let changed = facts.iter().filter_map(|fact| match fact {
        Fact::Changed { changes, .. } => Some(changes.keys().copied()),
        _ => None,
    });
    (said.collect(), changed.flatten().collect())
}

#[test]
fn what_is_scheduled_is_said_when_its_time_has_come_once_and_not_before() {
    let mut line = Line::begun(ChannelKind::Sms);
    let set = line.facts(&schedule(1, answer("good morning", None), minutes(60)));
    assert_eq!((events(&set), told(&set)), (1, (vec![], vec!["scheduled_count", "scheduled_message"])));
    assert_eq!(line.state.row.scheduled_count, 1);
    line.now = Timestamp::from_micros(minutes(60).micros() - 1);
    assert!(line.facts(&fire(1)).is_empty(), "not before its time");
    line.now = minutes(60);
    let fired = line.facts(&fire(1));
    assert_eq!(told(&fired), (vec!["good morning".to_owned()], vec!["scheduled_count", "scheduled_message"]));
    assert!(matches!(fired.last(), Some(Fact::Dispatched { .. })), "it goes to its provider like any other: {fired:?}");
    assert_eq!((line.state.row.scheduled_count, line.state.scheduled(id(1))), (0, None));
    let said = fired.iter().find_map(|fact| if let Fact::Said { message, .. } = fact { Some(message.clone()) } else { None });
    let said = said.expect("a message");
    assert_eq!(said.client_id.as_ref().map(entities::ClientId::as_str), Some(format!("scheduled:{}", id(1)).as_str()));
    assert_eq!((said.created_at, said.author.clone()), (minutes(60), answer("", None).author));
    assert_eq!((line.state.row.last_message_seq, line.state.row.seq), (said.seq, said.seq + 1), "the row knows of both changes");
    assert!(line.facts(&fire(1)).is_empty(), "once");
}

#[test]
fn a_repeat_that_was_said_already_leaves_without_being_said_again() {
    let mut line = Line::begun(ChannelKind::Sms);
    line.now = minutes(1);
    for _ in 0..2 {
        line.facts(&schedule(1, answer("good morning", None), minutes(1)));
        line.facts(&fire(1));
    }
    // As after a crash that lost the row's leaving, which the transaction rules out: the key alone would see to it, too.
    assert_eq!((line.state.row.scheduled_count, line.state.row.inbound_count), (0, 1));
    let replies = line.state.row.last_reply.map(|reply| reply.seq);
    line.facts(&schedule(1, answer("good morning", None), minutes(1)));
    assert_eq!(told(&line.facts(&fire(1))).0, Vec::<String>::new());
    assert_eq!(line.state.row.last_reply.map(|reply| reply.seq), replies);
}

#[test]
fn what_cannot_be_said_then_stays_with_the_reason_and_may_be_given_another_time() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    line.facts(&schedule(1, answer("good morning", None), minutes(DAY + 5)));
    line.now = minutes(DAY + 5);
    let failed = line.facts(&fire(1));
    assert_eq!(told(&failed), (vec![], vec!["scheduled_count", "scheduled_message"]));
    let refusal = Some(Refusal::WindowClosed { until: minutes(DAY), templates: true });
    assert_eq!((kept(&line, 1).refusal, kept(&line, 1).status(), kept(&line, 1).version), (refusal, ScheduledStatus::Failed, 2));
    assert_eq!(line.state.row.scheduled_count, 0, "it waits no longer");
    assert!(line.facts(&fire(1)).is_empty(), "and is not tried again by itself");
    line.hears(text("m-2", "are you there?"), minutes(DAY + 6));
    let again = Reschedule { id: id(1), said: None, send_at: Some(minutes(DAY + 10)), expected_version: Some(2) };
    line.facts(&Command::Reschedule(Box::new(again)));
    assert_eq!((kept(&line, 1).refusal, line.state.row.scheduled_count), (None, 1));
    line.now = minutes(DAY + 10);
    assert_eq!(told(&line.facts(&fire(1))).0, ["good morning"]);
}

#[test]
fn a_disconnected_channel_refuses_messages_and_no_notes() {
    let mut line = Line::begun(ChannelKind::Sms);
    let note = Post { kind: MessageKind::Note, ..answer("call them", None) };
    line.facts(&schedule(1, answer("good morning", None), minutes(1)));
    line.facts(&schedule(2, note, minutes(1)));
    line.now = minutes(1);
    let refusal = Refusal::Disconnected { detail: Some("by hand".to_owned()) };
    for number in [1, 2] {
        line.facts(&Command::Fire { id: id(number), refusal: Some(refusal.clone()) });
    }
    assert_eq!(kept(&line, 1).refusal, Some(refusal));
    assert_eq!(line.state.scheduled(id(2)), None, "a note goes nowhere");
}

#[test]
fn it_can_be_moved_and_reworded_and_taken_back_by_whoever_knows_its_version() {
    let mut line = Line::begun(ChannelKind::Sms);
    line.facts(&schedule(1, answer("good morning", None), minutes(60)));
    let noor = Author { kind: AuthorKind::Agent, id: Some(Uuid::from_u128(77)), name: Some("Noor".to_owned()), avatar_url: None };
    let said = |words: &str| Some((Document::plain(words), words.to_owned(), noor.clone()));
    let change = |said, send_at, expected_version| Command::Reschedule(Box::new(Reschedule { id: id(1), said, send_at, expected_version }));
    line.facts(&change(None, Some(minutes(90)), Some(1)));
    assert_eq!((kept(&line, 1).send_at, kept(&line, 1).author.id), (minutes(90), answer("", None).author.id), "a move is no rewording");
    assert!(line.facts(&change(said("good morning"), Some(minutes(90)), None)).is_empty(), "nothing differs");
    let facts = line.facts(&change(said("good evening"), None, None));
    assert_eq!((events(&facts), told(&facts).1), (1, vec!["scheduled_message"]));
    assert_eq!(
        (kept(&line, 1).content_text.as_str(), kept(&line, 1).author.clone(), kept(&line, 1).version),
        ("good evening", noor.clone(), 3)
    );
    assert_eq!(line.decide(&change(said("late"), None, Some(2))).unwrap_err(), Rejection::StaleVersion { current: 3 });
    assert_eq!(line.decide(&change(said(""), None, None)).unwrap_err(), Rejection::Empty);
    line.now = minutes(60);
    assert!(line.facts(&fire(1)).is_empty(), "its time is another now");
    let back = |expected_version| Command::Unschedule { id: id(1), expected_version };
    assert_eq!(line.decide(&back(Some(1))).unwrap_err(), Rejection::StaleVersion { current: 3 });
    line.facts(&back(Some(3)));
    assert_eq!((line.state.row.scheduled_count, line.decide(&back(None)).unwrap_err()), (0, Rejection::NotFound));
    line.now = minutes(90);
    assert!(line.facts(&fire(1)).is_empty(), "what was taken back is not said");
}

#[test]
fn a_repeated_key_schedules_nothing_twice_and_there_is_a_bound() {
    let mut line = Line::begun(ChannelKind::Sms);
    let keyed = || Post { client_id: Some(client_id("later-1")), ..answer("good morning", None) };
    line.facts(&schedule(1, keyed(), minutes(60)));
    let repeated = line.decide(&schedule(2, keyed(), minutes(90))).expect("a repeat goes through");
    assert!(matches!(repeated.outcome, Outcome::Scheduled { id: first, repeated: true } if first == id(1)));
    assert!(repeated.facts.is_empty());
    for number in 2..=SCHEDULED_MAX as u128 {
        line.facts(&schedule(number, answer("good morning", None), minutes(60)));
    }
    assert_eq!(line.state.row.scheduled_count, SCHEDULED_MAX as u64);
    assert_eq!(line.decide(&schedule(999, answer("more", None), minutes(60))).unwrap_err(), Rejection::TooManyScheduled);
    assert_eq!(
        line.decide(&schedule(1, answer("", None), minutes(60))).map(|repeat| repeat.facts.len()),
        Ok(0),
        "the same one, asked again"
    );
}

#[test]
fn two_nodes_that_find_the_same_message_send_it_once_and_the_answers_are_durable() {
    story(async {
        let stage = Stage::set();
        let other = Directory::start(stage.journal.clone(), stage.clock.clone(), Arc::new(Shards::here()), Limits::default());
        stage.post(stage.visitor("one")).await;
        other.ask(stage.tenant_id, stage.id, Command::Update(Box::default())).await.expect("awake there, too");
        let send_at = stage.clock.now().plus_ms(1_000);
        for number in [1, 2] {
            let asked = stage.ask(schedule(number, stage.agent(stage.ann, &format!("later {number}"), None), send_at)).await;
            let Ok(Reply::Scheduled { message, repeated: false }) = asked else { panic!("expected a scheduled message, got {asked:?}") };
            assert_eq!((message.id, message.send_at, message.version), (id(number), send_at, 1));
        }
        assert_eq!(stage.journal.scheduled(stage.tenant_id, stage.id).await.expect("read").len(), 2);
        let chore = |conversations| DueTimers { timer: Timer::Message, timers: stage.journal.clone(), conversations };
        let (here, there) = (chore(stage.directory.clone()), chore(other.clone()));
        assert_eq!(there.run(stage.clock.now()).await.expect("a round"), 0, "not before its time");
        stage.clock.advance_ms(1_000);
        let (first, second) = tokio::join!(there.run(stage.clock.now()), here.run(stage.clock.now()));
        assert_eq!((first.expect("a round"), second.expect("a round")), (2, 2), "both nodes find both");
        assert_eq!(stage.texts(), ["one", "later 1", "later 2"]);
        assert!(stage.journal.scheduled(stage.tenant_id, stage.id).await.expect("read").is_empty());
        assert_eq!(stage.loaded().await.row.scheduled_count, 0);
        let created = stage.event_kinds().await.into_iter().filter(|kind| *kind == EventKind::ConversationMessageCreated).count();
        assert_eq!(created, 3);
        let gone = Command::Unschedule { id: id(1), expected_version: None };
        assert_eq!(rejection(other.ask(stage.tenant_id, stage.id, gone).await), Rejection::NotFound);
    });
}

#[test]
fn what_the_database_could_not_take_is_sent_in_the_next_round() {
    story(async {
        let stage = Stage::set();
        stage.post(stage.visitor("one")).await;
        stage.ask(schedule(1, stage.agent(stage.ann, "later", None), stage.clock.now())).await.expect("schedule");
        let chore = DueTimers { timer: Timer::Message, timers: stage.journal.clone(), conversations: stage.directory.clone() };
        stage.journal.refuse(1);
        chore.run(stage.clock.now()).await.expect_err("the database is away");
        assert_eq!(stage.texts(), ["one"]);
        assert_eq!(chore.run(stage.clock.now()).await.expect("a round"), 1);
        assert_eq!(stage.texts(), ["one", "later"]);
    });
}
