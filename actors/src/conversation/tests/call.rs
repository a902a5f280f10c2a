//! Telephone calls: several pieces of news, one entry, whatever their order.

use entities::{
    AttachmentId, AttachmentRef, ChannelKind, Direction, EventKind, Happening,
    inbound::{Call, CallPhase},
};
use proptest::prelude::*;
use uuid::Uuid;

use super::line::{Line, minutes, party, start};
use crate::conversation::state::Fact;

fn call(legs: &[&str], phase: Option<CallPhase>) -> Call {
    Call {
        legs: legs.iter().map(|leg| (*leg).to_owned()).collect(),
        phase,
        direction: Direction::In,
        party: party("dana"),
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

fn happened(call: &Call) -> Happening {
    Happening::Call(Box::new(call.clone()))
}

fn file(number: u128) -> AttachmentRef {
    let id = AttachmentId::new(Uuid::from_u128(number));
    AttachmentRef { id, filename: "call.mp3".to_owned(), size: 0, media_type: "audio/mpeg".to_owned() }
}

/// The call's entry after each piece of news: the first makes it.
fn told(pieces: &[Call]) -> (Line, u64, Vec<EventKind>) {
    let mut line = Line::begun(ChannelKind::Dialpad);
    let mut facts = line.hears(happened(&pieces[0]), start());
    let seq = line.state.row.last_message_seq;
    for piece in &pieces[1..] {
        facts.extend(line.hears_of(seq, happened(piece), start()));
    }
    let kinds = facts.iter().filter_map(|fact| if let Fact::CallTold { kind, .. } = fact { Some(*kind) } else { None });
    let kinds = kinds.collect();
    (line, seq, kinds)
}

fn piece() -> impl Strategy<Value = Call> {
    let phases = prop::sample::select(vec![
        None,
        Some(CallPhase::Ringing),
        Some(CallPhase::Answered),
        Some(CallPhase::OnHold),
        Some(CallPhase::Missed),
        Some(CallPhase::NoAnswer),
        Some(CallPhase::Ended),
        Some(CallPhase::Voicemail),
    ]);
    let instant = || prop::option::of((0_i64..9).prop_map(minutes));
    let agent = prop::option::of(prop::sample::select(vec!["Ann", "Bob"]));
    let said = || prop::option::of(prop::sample::select(vec!["short", "rather long", "equally long"]));
    (
        prop::sample::select(vec!["1", "2"]),
        phases,
        (instant(), instant(), instant()),
        prop::option::of(0_u64..300_000),
        agent,
        said(),
        said(),
    )
        .prop_map(|(leg, phase, (started_at, connected_at, ended_at), talk_ms, agent, transcript, summary)| Call {
            started_at,
            connected_at,
            ended_at,
            talk_ms,
            agent_name: agent.map(str::to_owned),
            transcript: transcript.map(str::to_owned),
            summary: summary.map(str::to_owned),
            ..call(&[leg], phase)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_entry_is_the_same_in_any_order_and_told_twice(
        (once, shuffled) in prop::collection::vec(piece(), 1..7).prop_flat_map(|pieces| {
            let twice: Vec<Call> = pieces.iter().chain(&pieces).cloned().collect();
            (Just(pieces), Just(twice).prop_shuffle())
        })
    ) {
        let entry = |pieces: &[Call]| {
            let (line, seq, _) = told(pieces);
            let message = line.held(seq).message;
            (message.content_text, message.via.and_then(|via| via.details))
        };
        prop_assert_eq!(entry(&once), entry(&shuffled));
    }
}

#[test]
fn a_call_from_ringing_to_transcript_is_one_entry_that_starts_once_and_ends_once() {
    let ended = Call { talk_ms: Some(83_000), ..call(&["1", "2"], Some(CallPhase::Ended)) };
    let wrote = Call { transcript: Some("Hello.".to_owned()), ..call(&["2"], None) };
    let pieces = [call(&["1"], Some(CallPhase::Ringing)), call(&["1", "2"], Some(CallPhase::Answered)), ended, wrote.clone()];
    let (mut line, seq, kinds) = told(&pieces);
    assert_eq!(kinds, [EventKind::CallStarted, EventKind::CallEnded]);
    assert_eq!(line.held(seq).message.content_text, "Incoming call, 1:23 min\n\nHello.");
    assert_eq!(line.state.row.last_message_seq, seq, "no further entry");
    let repeat = line.hears_of(seq, happened(&wrote), start());
    assert_eq!(super::line::events(&repeat), 0, "a repeat takes no seq");
}

#[test]
fn every_leg_leads_to_the_entry() {
    let mut line = Line::begun(ChannelKind::Dialpad);
    let facts = line.hears(happened(&call(&["9", "4"], Some(CallPhase::Ringing))), start());
    let seq = line.state.row.last_message_seq;
    let ids = facts.iter().find_map(|fact| if let Fact::ProviderIds(ids) = fact { Some(ids.clone()) } else { None });
    assert_eq!(ids, Some(vec![("call:9".to_owned(), seq), ("call:4".to_owned(), seq)]));
    let later = line.hears_of(seq, happened(&call(&["4", "7"], None)), start());
    assert!(later.iter().any(|fact| matches!(fact, Fact::ProviderIds(ids) if ids.contains(&("call:7".to_owned(), seq)))), "{later:?}");
}

#[test]
fn a_leg_that_nobody_took_does_not_end_a_call_that_another_took() {
    let (line, seq, kinds) = told(&[call(&["1"], Some(CallPhase::Answered)), call(&["2"], Some(CallPhase::Missed))]);
    assert_eq!((line.held(seq).message.content_text.as_str(), kinds), ("Incoming call, in progress", vec![EventKind::CallStarted]));
    let (line, seq, kinds) = told(&[call(&["1"], Some(CallPhase::Ringing)), call(&["1"], Some(CallPhase::Missed))]);
    assert_eq!(line.held(seq).message.content_text, "Missed call");
    assert_eq!(kinds, [EventKind::CallStarted, EventKind::CallEnded]);
}

#[test]
fn a_recording_that_comes_alone_is_added_once() {
    let (mut line, seq, _) = told(&[call(&["1"], Some(CallPhase::Ended))]);
    for _ in 0..2 {
        line.hears_files(seq, happened(&call(&["1"], None)), vec![file(70)]);
    }
    line.hears_files(seq, happened(&call(&["1"], None)), vec![file(70), file(71)]);
    let files: Vec<_> = line.held(seq).message.attachments.iter().map(|file| file.id).collect();
    assert_eq!(files, [file(70).id, file(71).id]);
}
