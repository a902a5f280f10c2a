//! What lies in the trash waits there for the contact, for an agent, or for its end; and what had its end begins again with nothing.

use entities::{ChannelKind, ConversationStatus, MessageKind};

use super::line::{Line, answer, echo, events, minutes, text};
use crate::conversation::{Assign, Command, Rejection, Update, state::Fact};

const TRASH: Command = Command::Trash { expected_version: None };
const RESTORE: Command = Command::Restore { expected_version: None };
const ERASE: Command = Command::Erase { expected_version: None, trashed_before: None };

fn trashed() -> Line {
    let mut line = Line::begun(ChannelKind::Sms);
    let facts = line.facts(&TRASH);
    assert!(matches!(facts.as_slice(), [Fact::Deleted { permanent: false, ticket: Some(_), .. }]), "{facts:?}");
    assert_eq!((events(&facts), line.state.row.trashed_at), (2, Some(line.now)), "the conversation and its ticket");
    line
}

fn erased() -> Line {
    let mut line = trashed();
    let facts = line.facts(&ERASE);
    assert!(matches!(facts.as_slice(), [Fact::Deleted { permanent: true, ticket: Some(_), .. }]), "{facts:?}");
    assert_eq!(events(&facts), 2);
    line
}

fn update(update: Update) -> Command {
    Command::Update(Box::new(update))
}

#[test]
fn it_is_put_there_once_and_comes_back_as_it_was() {
    let mut line = trashed();
    let (status, assignee) = (line.state.row.status, line.state.row.assignee_id);
    assert!(line.facts(&TRASH).is_empty(), "once");
    let facts = line.facts(&RESTORE);
    let [Fact::Changed { changes, ticket_changes, .. }] = facts.as_slice() else { panic!("one change, got {facts:?}") };
    assert!(changes.keys().eq(["trashed_at"].iter()) && ticket_changes.keys().eq(["trashed_at"].iter()));
    assert_eq!((line.state.row.status, line.state.row.assignee_id, line.state.row.trashed_at), (status, assignee, None));
    assert!(line.facts(&RESTORE).is_empty(), "once");
}

#[test]
fn a_change_that_was_meant_for_another_version_is_refused() {
    let mut line = Line::begun(ChannelKind::Sms);
    let current = line.state.row.seq;
    assert_eq!(line.decide(&Command::Trash { expected_version: Some(1) }).unwrap_err(), Rejection::StaleVersion { current });
    line.facts(&Command::Trash { expected_version: Some(current) });
    let current = line.state.row.seq;
    assert_eq!(line.decide(&Command::Restore { expected_version: Some(1) }).unwrap_err(), Rejection::StaleVersion { current });
    let erase = Command::Erase { expected_version: Some(1), trashed_before: None };
    assert_eq!(line.decide(&erase).unwrap_err(), Rejection::StaleVersion { current });
}

#[test]
fn nothing_is_said_in_the_trash_and_nothing_happens_there_by_the_clock() {
    let mut line = Line::begun(ChannelKind::Sms);
    let until = Some(Some(minutes(60)));
    line.facts(&update(Update { status: Some(ConversationStatus::Snoozed), snoozed_until: until, ..Update::default() }));
    line.facts(&TRASH);
    line.now = minutes(90);
    assert!(line.facts(&Command::Wake).is_empty());
    assert!(line.facts(&Command::Assign(Assign { from: None, team_id: None, to: None })).is_empty());
    let note = crate::conversation::Post { kind: MessageKind::Note, ..answer("a note", None) };
    for post in [answer("hello", None), note] {
        assert_eq!(line.decide(&Command::Post(Box::new(post))).unwrap_err(), Rejection::Trashed);
    }
    line.facts(&RESTORE);
    assert_eq!(events(&line.facts(&Command::Wake)), 2, "what was due meanwhile happens when it is back");
}

#[test]
fn the_contact_s_next_message_takes_it_out_and_opens_it() {
    let mut line = trashed();
    line.facts(&update(Update { status: Some(ConversationStatus::Pending), ..Update::default() }));
    let said = line.hears(text("m-2", "are you there?"), minutes(5));
    let told: Vec<_> = said.iter().filter_map(|fact| if let Fact::Changed { changes, .. } = fact { Some(changes) } else { None }).collect();
    assert!(told[0].keys().eq(["status", "trashed_at"].iter()), "{told:?}");
    assert_eq!((line.state.row.trashed_at, line.state.row.status), (None, ConversationStatus::Open));
}

#[test]
fn the_ticket_of_a_resolved_one_comes_out_too_and_a_new_one_is_opened() {
    let mut line = Line::begun(ChannelKind::Sms);
    line.facts(&update(Update { status: Some(ConversationStatus::Resolved), ..Update::default() }));
    line.facts(&TRASH);
    let said = line.hears(text("m-2", "once more"), minutes(5));
    let [Fact::Changed { ticket: Some(before), ticket_changes, .. }, Fact::TicketOpened(opened), Fact::Said { .. }] = said.as_slice()
    else {
        panic!("got {said:?}")
    };
    assert!(ticket_changes.keys().eq(["trashed_at"].iter()) && before.status == ConversationStatus::Resolved);
    assert_ne!(before.id, opened.id);
}

#[test]
fn what_was_said_at_the_provider_is_kept_and_takes_nothing_out() {
    let mut line = trashed();
    line.hears(echo("m-2", "said from the phone"), minutes(5));
    assert!(line.state.row.trashed_at.is_some() && line.state.row.last_message_seq > 3);
}

#[test]
fn only_what_lies_in_the_trash_can_be_deleted_for_good() {
    let mut line = Line::begun(ChannelKind::Sms);
    assert_eq!(line.decide(&ERASE).unwrap_err(), Rejection::NotTrashed);
    let sweep = |before| Command::Erase { expected_version: None, trashed_before: Some(before) };
    assert!(line.facts(&sweep(minutes(9_999))).is_empty(), "it was restored meanwhile");
    line.facts(&TRASH);
    let at = line.state.row.trashed_at.unwrap();
    assert!(line.facts(&sweep(at)).is_empty(), "not long enough");
    assert_eq!(events(&line.facts(&sweep(at.plus_ms(1)))), 2);
}

#[test]
fn what_was_deleted_for_good_shows_nothing_and_answers_nobody() {
    let mut line = erased();
    let row = &line.state.row;
    assert_eq!((row.status, row.last_message_seq, row.inbound_count), (ConversationStatus::Resolved, 0, 0));
    assert!(row.ticket.is_none() && row.labels.is_empty() && row.last_reply.is_none() && line.state.ticket.is_none());
    for command in [TRASH, RESTORE, ERASE, update(Update::default()), Command::Post(Box::new(answer("hello", None)))] {
        assert_eq!(line.decide(&command).unwrap_err(), Rejection::NotFound, "{command:?}");
    }
    assert!(line.facts(&Command::Wake).is_empty());
    line.hears(echo("m-9", "said from the phone"), minutes(5));
    assert!(line.state.row.erased_at.is_some());
}

#[test]
fn with_the_contact_s_next_message_it_begins_again_where_its_seq_has_come_to() {
    let mut line = erased();
    let before = line.state.row.seq;
    let facts = line.hears(text("m-1", "hello"), minutes(5));
    let [Fact::BeganAgain { .. }, Fact::TicketOpened(_), Fact::Said { message, .. }] = facts.as_slice() else { panic!("got {facts:?}") };
    assert_eq!(message.seq, before + 3, "conversation.created, ticket.created, and the message");
    let row = &line.state.row;
    assert_eq!((row.erased_at, row.trashed_at, row.status, row.inbound_count), (None, None, ConversationStatus::Open, 1));
}
