//! Telephone calls.

use std::collections::BTreeSet;

use entities::{
    AddressKind, Direction, Happening, MediaAuth, MessageType,
    inbound::{Call, CallPhase},
};
use serde_json::{Value, json};
use switchboard::channels::{adapter::Adapter, call::MediaCall, dialpad::Dialpad};

use super::{at, changed, credential, fixture, ignored, told};

fn call(claims: &str) -> Call {
    match told(claims).remove(0).what {
        Happening::Call(call) => *call,
        other => panic!("not a call: {other:?}"),
    }
}

fn phase(claims: &str) -> Option<CallPhase> {
    call(claims).phase
}

fn as_state(body: &str, state: &str) -> String {
    changed(body, &[("/state", Some(json!(state)))])
}

// checklist 18
#[test]
fn a_call_rings_is_answered_and_ends() {
    let ringing = call(fixture!("call_ringing_at_queue.json"));
    assert_eq!((ringing.phase, ringing.direction), (Some(CallPhase::Ringing), Direction::In));
    assert_eq!((ringing.party.address.kind, ringing.party.address.value.as_str()), (AddressKind::Phone, "+15005550001"));
    assert_eq!(ringing.party.also[0].value, "dialpad:6480000000000001");
    assert_eq!((ringing.started_at, ringing.connected_at, ringing.agent_name), (Some(at(1_760_000_000_000)), None, None));
    let told = told(fixture!("call_ringing_at_queue.json"));
    assert_eq!((told[0].account.as_str(), told[0].at), ("+15005550006", Some(at(1_760_000_000_900))));

    let answered = call(fixture!("call_connected_agent_leg.json"));
    assert_eq!(
        (answered.phase, answered.connected_at, answered.agent_name.as_deref()),
        (Some(CallPhase::Answered), Some(at(1_760_000_012_000)), Some("Alex Agent"))
    );

    let ended = call(fixture!("call_hangup_answered.json"));
    assert_eq!((ended.phase, ended.ended_at, ended.talk_ms), (Some(CallPhase::Ended), Some(at(1_760_000_102_000)), Some(85_000)));
}

// checklist 19
#[test]
fn a_call_that_nobody_took_is_missed_and_with_a_voicemail_becomes_one() {
    assert_eq!(phase(fixture!("call_missed.json")), Some(CallPhase::Missed));
    let abandoned = call(fixture!("call_hangup_abandoned.json"));
    assert_eq!((abandoned.phase, abandoned.ended_at, abandoned.talk_ms), (Some(CallPhase::Missed), Some(at(1_760_000_008_951)), None));
    assert_eq!(phase(fixture!("voicemail.json")), Some(CallPhase::Voicemail));

    let uploaded = call(fixture!("voicemail_uploaded.json"));
    let voicemail = uploaded.voicemail.unwrap();
    assert_eq!((uploaded.phase, voicemail.kind, voicemail.auth), (Some(CallPhase::Voicemail), MessageType::Audio, MediaAuth::Bearer));
    assert_eq!(voicemail.url.as_deref(), Some("https://dialpad.com/blob/voicemail/4790000000000001.mp3"), "the sound, not the page");
    let again = call(fixture!("voicemail_transcription.json")).voicemail.map(|file| file.id);
    assert!(again.is_none_or(|id| id == voicemail.id), "an event that names it otherwise names the same file");
    assert!(uploaded.recordings.is_empty());

    let written = call(fixture!("voicemail_transcription.json"));
    assert_eq!(
        (written.phase, written.transcript.as_deref()),
        (Some(CallPhase::Voicemail), Some("Hi, please call me back about order 42."))
    );
    assert_eq!(uploaded.legs, written.legs, "of the same call");
}

// checklist 20
#[test]
fn a_recording_belongs_to_its_call_and_moves_no_phase() {
    let recording = call(fixture!("recording.json"));
    assert_eq!((recording.phase, recording.legs), (None, vec!["5310000000000001".to_owned()]));
    assert_eq!(recording.recordings.len(), 1, "the same address twice is one recording");
    assert_eq!(
        (recording.recordings[0].id.as_deref(), recording.recordings[0].url.as_deref()),
        (Some("4800000000000001"), Some("https://dialpad.com/r/4800000000000001"))
    );
    let as_text =
        changed(fixture!("recording.json"), &[("/recording_url", Some(json!("https://dialpad.com/r/2"))), ("/recording_details", None)]);
    assert_eq!(call(&as_text).recordings[0].url.as_deref(), Some("https://dialpad.com/r/2"));
    let admin = changed(&as_state(&as_text, "admin_recording"), &[("/admin_recording_urls", Some(json!(["https://dialpad.com/r/3"])))]);
    assert_eq!(call(&admin).recordings.len(), 2);
    let Ok(MediaCall::Direct(source)) = Dialpad.media(&credential(), &recording.recordings[0]) else { panic!("one step") };
    assert_eq!((source.trusted_hosts, source.follow_redirects), (&["dialpad.com"][..], true));
}

#[test]
fn a_calls_transcript_is_a_file_to_fetch() {
    let call = call(&as_state(fixture!("recording.json"), "call_transcription"));
    let transcript = call.recordings.last().unwrap();
    assert_eq!((call.phase, transcript.kind, transcript.mime.as_deref()), (None, MessageType::Document, Some("application/json")));
    assert_eq!(transcript.url.as_deref(), Some("https://dialpad.com/api/v2/transcripts/5310000000000001"));
}

/// The calls that a row of events makes: sets of legs, joined where they meet, and who spoke last in each.
fn joined(events: &[&str]) -> Vec<(BTreeSet<String>, Option<String>)> {
    let mut calls: Vec<(BTreeSet<String>, Option<String>)> = Vec::new();
    for event in events {
        let news = call(event);
        let mut legs: BTreeSet<String> = news.legs.iter().cloned().collect();
        let mut agent = news.agent_name;
        let (met, apart): (Vec<_>, Vec<_>) = calls.into_iter().partition(|(known, _)| !known.is_disjoint(&legs));
        for (known, spoke) in met {
            legs.extend(known);
            agent = agent.or(spoke);
        }
        calls = apart;
        calls.push((legs, agent));
    }
    calls
}

// checklist 21
#[test]
fn three_legs_are_one_call_in_all_six_orders_and_the_agent_is_who_answered() {
    let legs =
        [fixture!("call_ringing_at_queue.json"), fixture!("call_connected_queue_leg.json"), fixture!("call_connected_agent_leg.json")];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let calls = joined(&order.map(|leg| legs[leg]));
        let all: BTreeSet<String> = ["5310000000000001", "5310000000000002", "5310000000000003"].map(str::to_owned).into();
        assert_eq!(calls, [(all, Some("Alex Agent".to_owned()))], "{order:?}");
    }
    assert_eq!(phase(legs[1]), Some(CallPhase::Answered), "a human behind the queue");
}

// checklist 22
#[test]
fn junk_in_an_ids_place_joins_nothing() {
    for junk in [json!(null), json!(0), json!(""), json!("null"), json!("0"), json!({}), json!(5.31e15)] {
        let body = changed(
            fixture!("call_ringing_at_queue.json"),
            &[("/master_call_id", Some(junk.clone())), ("/entry_point_call_id", Some(junk.clone())), ("/operator_call_id", None)],
        );
        assert_eq!(call(&body).legs, ["5310000000000001"], "{junk}");
    }
}

// checklist 8, 9
#[test]
fn a_legs_id_is_the_same_as_a_number_and_as_text_to_its_last_digit() {
    let body = changed(
        fixture!("call_ringing_at_queue.json"),
        &[("/call_id", Some(json!("9007199254740993"))), ("/master_call_id", Some(json!(9_007_199_254_740_993_u64)))],
    );
    assert_eq!(call(&body).legs, ["9007199254740993"]);
}

// checklist 23
#[test]
fn a_late_event_joins_two_calls() {
    let other = changed(fixture!("call_ringing_at_queue.json"), &[("/call_id", Some(json!(5_310_000_000_000_003_u64)))]);
    assert_eq!(joined(&[fixture!("call_ringing_at_queue.json"), &other]).len(), 2);
    assert_eq!(joined(&[fixture!("call_ringing_at_queue.json"), &other, fixture!("call_connected_queue_leg.json")]).len(), 1);
    assert_eq!(call(&as_state(fixture!("call_connected_queue_leg.json"), "merged")).legs.len(), 3);
}

// checklist 24
#[test]
fn only_who_answers_is_named_so_the_end_of_an_earlier_leg_names_nobody() {
    assert_eq!(call(fixture!("call_hangup_answered.json")).agent_name, None);
    assert_eq!(call(&as_state(fixture!("call_connected_agent_leg.json"), "hold")).agent_name, None);
    let second = changed(
        fixture!("call_connected_agent_leg.json"),
        &[("/target/name", Some(json!("Billie Agent"))), ("/call_id", Some(json!(5_310_000_000_000_004_u64)))],
    );
    let calls = joined(&[
        fixture!("call_connected_agent_leg.json"),
        &second,
        fixture!("call_hangup_answered.json"),
        fixture!("call_connected_queue_leg.json"),
    ]);
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].1.as_deref(), Some("Billie Agent"));
    assert_eq!(call(&as_state(&second, "takeover")).agent_name.as_deref(), Some("Billie Agent"));
}

// checklist 25
#[test]
fn a_menu_or_a_queue_that_picks_up_has_answered_nobody() {
    let queue = changed(fixture!("call_connected_queue_leg.json"), &[("/operator_call_id", Some(json!(null)))]);
    assert_eq!((phase(&queue), call(&queue).connected_at), (Some(CallPhase::Ringing), None));
    let undated = changed(fixture!("call_connected_agent_leg.json"), &[("/date_connected", Some(json!(null)))]);
    assert_eq!((phase(&undated), call(&undated).agent_name), (Some(CallPhase::Ringing), None));
    let hangup = changed(fixture!("call_hangup_answered.json"), &[("/target/type", Some(json!("call_center")))]);
    assert_eq!(phase(&hangup), Some(CallPhase::Missed), "the queue's own leg; the agent's says that it was answered");
}

// checklist 26
#[test]
fn each_event_says_when_it_happened_so_that_a_late_one_can_be_told() {
    let ringing = told(fixture!("call_ringing_at_queue.json"))[0].at;
    let ended = told(fixture!("call_hangup_answered.json"))[0].at;
    assert!(ringing < ended);
    assert_eq!(told(fixture!("call_ringing_at_queue.json")), told(fixture!("call_ringing_at_queue.json")), "a repeat tells nothing else");
}

// checklist 28
#[test]
fn an_outbound_call_is_to_the_customer_and_unanswered_is_no_missed_call() {
    let calling = call(fixture!("outbound_calling.json"));
    assert_eq!(
        (calling.phase, calling.direction, calling.agent_name.as_deref()),
        (Some(CallPhase::Ringing), Direction::Out, Some("Alex Agent"))
    );
    assert_eq!(calling.party.address.value, "+15005550001");
    let hangup = as_state(fixture!("outbound_calling.json"), "hangup");
    assert_eq!(phase(&hangup), Some(CallPhase::NoAnswer));
    let spoken = changed(&hangup, &[("/date_connected", Some(json!(1_760_000_005_000_u64)))]);
    assert_eq!(phase(&spoken), Some(CallPhase::Ended));
}

// checklist 28
#[test]
fn a_call_of_ours_may_name_one_of_our_conversations_or_contacts_and_nothing_else() {
    let id = "0198a1fd-fc00-7000-8000-000000000001";
    let about = |fixture: &str, given: Value| call(&changed(fixture, &[("/custom_data", Some(given))])).about.map(|id| id.to_string());
    assert_eq!(call(fixture!("outbound_calling.json")).about, None, "somebody else's own data");
    for given in [id.to_owned(), format!(" {id} "), id.to_uppercase()] {
        assert_eq!(about(fixture!("outbound_calling.json"), json!(given)).as_deref(), Some(id));
    }
    for given in [
        json!(null),
        json!(""),
        json!(7),
        json!({"id": id}),
        json!([id]),
        json!(format!("{{{id}}}")),
        json!(id.replace('-', "")),
        json!("é".repeat(18)),
    ] {
        assert_eq!(about(fixture!("outbound_calling.json"), given.clone()), None, "{given}");
    }
    assert_eq!(about(fixture!("call_ringing_at_queue.json"), json!(id)), None, "who calls us names nobody");
}

// checklist 29
#[test]
fn who_withholds_the_number_is_somebody_of_their_own_in_each_call() {
    let anonymous = |number: Value, body: &str| call(&changed(body, &[("/external_number", Some(number))])).party.address;
    for number in [json!(null), json!(""), json!("anonymous"), json!("Restricted")] {
        let address = anonymous(number, fixture!("call_ringing_at_queue.json"));
        assert_eq!((address.kind, address.value.as_str()), (AddressKind::External, "anonymous:dialpad:5310000000000001"));
    }
    let leg = anonymous(json!(null), fixture!("call_connected_queue_leg.json"));
    assert_eq!(leg.value, "anonymous:dialpad:5310000000000001", "by the smallest id that the event knows");
    let party = call(&changed(fixture!("call_ringing_at_queue.json"), &[("/external_number", None)])).party;
    assert!(party.also.is_empty() && party.name.is_none(), "nothing that could join two of them");
}

// checklist 33
#[test]
fn an_unknown_state_is_ignored() {
    for state in ["monitor", "barge", "eavesdrop", "blocked", "dispositions", "csat", "pcsat", "postcall", "admin", "all", "brand_new"] {
        assert!(ignored(&as_state(fixture!("call_ringing_at_queue.json"), state)).ends_with(state), "{state}");
    }
    for (state, expected) in
        [("queued", CallPhase::Ringing), ("preanswer", CallPhase::Ringing), ("hold", CallPhase::OnHold), ("parked", CallPhase::OnHold)]
    {
        assert_eq!(phase(&as_state(fixture!("call_ringing_at_queue.json"), state)), Some(expected), "{state}");
    }
}

// checklist 34
#[test]
fn durations_may_be_fractions_or_missing_and_times_are_milliseconds() {
    let with = |talk: Option<Value>, duration: Option<Value>| {
        call(&changed(fixture!("call_hangup_answered.json"), &[("/talk_time", talk), ("/duration", duration)])).talk_ms
    };
    assert_eq!(with(Some(json!(85_000.75)), None), Some(85_000));
    assert_eq!(with(Some(json!(null)), Some(json!(90_000.0))), Some(90_000));
    assert_eq!(with(None, Some(json!("90000.5"))), Some(90_000));
    assert_eq!(with(None, None), None);
    assert_eq!(with(Some(json!(-1)), Some(json!(1e300))), None);
    let times = call(&changed(
        fixture!("call_hangup_answered.json"),
        &[("/date_ended", Some(json!("1760000102000"))), ("/date_started", Some(json!(0)))],
    ));
    assert_eq!((times.ended_at, times.started_at), (Some(at(1_760_000_102_000)), None));
}

#[test]
fn what_is_found_out_about_a_call_is_its_summary_or_a_note() {
    let summary = call(fixture!("recap_summary.json"));
    assert_eq!(
        (summary.phase, summary.summary.as_deref()),
        (None, Some("Customer asked for the status of order 42; promised an answer today."))
    );
    assert_eq!(summary.legs.len(), 3, "a recap joins legs, too");
    assert_eq!(told(fixture!("recap_summary.json"))[0].account, "+15005550006");

    let items = changed(
        fixture!("recap_summary.json"),
        &[("/state", Some(json!("recap_action_items"))), ("/recap_action_items", Some(json!(["call back", "send the bill"])))],
    );
    let Happening::Note { contact, key, text } = told(&items).remove(0).what else { panic!("no note") };
    assert_eq!((contact.address.value.as_str(), key.as_str()), ("+15005550001", "5310000000000002:recap_action_items"));
    assert_eq!(text, "To do after the call\n- call back\n- send the bill");
    let empty = as_state(fixture!("recap_summary.json"), "recap_outcome");
    assert_eq!(phase(&empty), None, "without words it only joins legs");
}
