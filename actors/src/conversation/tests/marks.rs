//! What a provider is told of what we have read: the newest message of the contact's, once.

use entities::{AgentId, ChannelKind, ConversationStatus, Happening, InboundMessage, inbound::Call};
use uuid::Uuid;

use super::line::{Line, echo, minutes, party, settled, text};
use crate::{
    conversation::{Command, Reader, Settled, Update, state::Fact},
    port::DispatchAction,
};

fn agent(number: u128) -> Reader {
    Reader::Agent(AgentId::new(Uuid::from_u128(number)))
}

/// Reads up to `seq`; where the messages stand that the provider is to be told of.
fn reads(line: &mut Line, reader: Reader, seq: u64) -> Vec<u64> {
    let facts = line.facts(&Command::MarkRead { reader, seq });
    let marks = facts.iter().filter_map(|fact| match fact {
        Fact::Dispatched { seq, action: Some(DispatchAction::MarkRead) } => Some(*seq),
        _ => None,
    });
    marks.collect()
}

/// Where the newest message stands.
fn newest(line: &Line) -> u64 {
    line.state.row.last_message_seq
}

#[test]
fn the_newest_message_that_an_agent_has_read_is_marked_and_only_once() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    let first = newest(&line);
    line.hears(text("m-2", "are you there?"), minutes(1));
    let second = newest(&line);
    assert_eq!(reads(&mut line, agent(1), second - 1), [first], "what was not read is not marked");
    assert_eq!(reads(&mut line, agent(1), second + 100), [second]);
    assert_eq!(reads(&mut line, agent(2), second), [0_u64; 0], "for the provider we are one");
    line.answers("yes");
    let end = line.state.row.seq;
    assert_eq!(reads(&mut line, agent(1), end), [0_u64; 0], "our own words are not marked");
    assert_eq!(line.remote().marked_read_seq, Some(second));
}

#[test]
fn what_the_contact_reads_is_no_mark_of_ours() {
    let mut line = Line::begun(ChannelKind::Messenger);
    let end = line.state.row.seq;
    assert_eq!(reads(&mut line, Reader::Contact, end), [0_u64; 0]);
    assert_eq!(reads(&mut line, agent(1), end).len(), 1);
}

#[test]
fn where_the_provider_knows_of_no_read_marks_there_are_none() {
    for kind in [ChannelKind::Sms, ChannelKind::Slack, ChannelKind::Dialpad] {
        let mut line = Line::begun(kind);
        let end = line.state.row.seq;
        assert_eq!(reads(&mut line, agent(1), end), [0_u64; 0]);
    }
}

#[test]
fn echoes_and_calls_are_none_of_the_contact_s_messages() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    let first = newest(&line);
    line.hears(echo("m-9", "sent from the telephone"), minutes(1));
    line.hears(Happening::Call(Box::new(call("c-1"))), minutes(2));
    assert!(newest(&line) > first);
    let end = line.state.row.seq;
    assert_eq!(reads(&mut line, agent(1), end), [first]);
    assert_eq!(line.remote().last_inbound_id.as_deref(), Some("m-1"), "and a call is not what typing is shown below");
}

#[test]
fn a_mark_that_failed_changes_nothing_and_reopens_nothing() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    let first = newest(&line);
    line.facts(&Command::Update(Box::new(Update { status: Some(ConversationStatus::Resolved), ..Update::default() })));
    let end = line.state.row.seq;
    assert_eq!(reads(&mut line, agent(1), end), [first]);
    assert_eq!(line.state.row.status, ConversationStatus::Resolved);
    let before = line.state.row.clone();
    let failed = settled(first, &[], Some(entities::Consequence::WindowClosed));
    let facts = line.settles(Settled { of_message: false, ..failed });
    assert!(matches!(facts.as_slice(), [Fact::Settled { position: 7 }]), "{facts:?}");
    assert_eq!(line.state.row, before);
    assert_eq!(reads(&mut line, agent(2), end), [0_u64; 0], "it is not tried again");
}

fn call(leg: &str) -> Call {
    let InboundMessage { party, direction, .. } = InboundMessage::text("m", party("dana"), "");
    Call {
        legs: vec![leg.to_owned()],
        phase: None,
        direction,
        party,
        agent_name: None,
        started_at: None,
        connected_at: None,
        ended_at: None,
        talk_ms: None,
        recordings: Vec::new(),
        voicemail: None,
        transcript: None,
        summary: None,
        about: None,
    }
}
