//! Calls that are found in a list, because no event of them came (part 8).

use entities::{Happening, Inbound, inbound::CallPhase};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Missed},
    call::ProviderReply,
    dialpad::Dialpad,
};

use super::{at, credential, now};

const OURS: &str = "+15005550006";

fn list(calls: &[Value], cursor: Option<&str>) -> ProviderReply {
    let body = json!({"items": calls, "cursor": cursor}).to_string().into_bytes();
    ProviderReply::Answered { status: 200, headers: Vec::new(), body }
}

fn call(more: Value) -> Value {
    let mut call = json!({
        "call_id": "5310000000000001", "direction": "inbound", "external_number": "+15005550001", "internal_number": OURS,
        "date_started": "1760000000000", "date_connected": "2025-10-09T08:53:32.000000", "date_ended": "1760000102000", "duration": 90000.5,
    });
    for (name, value) in more.as_object().unwrap() {
        call[name] = value.clone();
    }
    call
}

fn read(calls: &[Value]) -> Vec<Inbound> {
    Dialpad.read_missed(&credential(), OURS, now(), &list(calls, None)).items
}

fn phase(more: Value) -> Option<CallPhase> {
    match read(&[call(more)]).remove(0).what {
        Happening::Call(call) => call.phase,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_of_the_list_is_what_the_event_of_its_end_would_have_told() {
    let asked = Dialpad.missed(&credential(), OURS, now()).unwrap();
    assert_eq!((asked.method, asked.sends), ("GET", false));
    assert_eq!(asked.path, "/api/v2/call?started_after=1759985800000", "one that is over now may have begun hours ago");
    let told = read(&[call(json!({}))]).remove(0);
    assert_eq!((told.account.as_str(), told.at), (OURS, Some(at(1_760_000_102_000))));
    let Happening::Call(call) = told.what else { panic!("{:?}", told.what) };
    assert_eq!((call.legs.as_slice(), call.phase), (["5310000000000001".to_owned()].as_slice(), Some(CallPhase::Ended)));
    assert_eq!((call.connected_at, call.talk_ms), (Some(at(1_760_000_012_000)), Some(90_000)), "times in letters, of both kinds");
    assert_eq!(call.party.address.value, "+15005550001");
}

#[test]
fn a_call_that_nobody_answered_is_missed_also_where_the_list_does_not_say_whom_it_reached() {
    assert_eq!(phase(json!({"date_connected": null, "duration": 0})), Some(CallPhase::Missed));
    assert_eq!(phase(json!({"duration": 0})), Some(CallPhase::Missed), "a menu that picked up has answered nobody");
    assert_eq!(phase(json!({"date_connected": null, "direction": "outbound"})), Some(CallPhase::NoAnswer));
    assert_eq!(phase(json!({"target": {"type": "call_center"}})), Some(CallPhase::Missed));
}

#[test]
fn calls_of_other_numbers_and_among_colleagues_are_left_out_and_a_long_list_goes_on() {
    let other = call(json!({"internal_number": "+15005550007"}));
    let (internal, nobody) = (call(json!({"is_internal": true})), call(json!({"call_id": null})));
    assert!(read(&[other, internal, nobody, json!("odd"), json!(null)]).is_empty());
    let missed = Dialpad.read_missed(&credential(), OURS, now(), &list(&[], Some("a b")));
    assert_eq!(missed.next.unwrap().path, "/api/v2/call?started_after=1759985800000&cursor=a+b");
    let broken = ProviderReply::Answered { status: 200, headers: Vec::new(), body: b"<html>".to_vec() };
    assert_eq!(Dialpad.read_missed(&credential(), OURS, now(), &broken), Missed::default());
}
