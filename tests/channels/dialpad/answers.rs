//! What Dialpad's answers mean.

use entities::{Consequence, Holds, SendOutcome};
use serde_json::json;
use switchboard::channels::{
    adapter::{Account, Adapter},
    call::{ProviderCall, ProviderReply},
    dialpad::Dialpad,
};

use super::{answered, credential, credential_with, fixture, outbound};

fn sms() -> ProviderCall {
    outbound::planned(outbound::message("Hello")).remove(0)
}

fn judged(reply: &ProviderReply) -> SendOutcome {
    Dialpad.classify(&sms(), reply)
}

#[test]
fn an_accepted_text_has_dialpads_id_and_is_not_yet_delivered() {
    let accepted = SendOutcome::Accepted { id: Some("6095000000000003".to_owned()), delivered: false, also: Vec::new() };
    assert_eq!(judged(&answered(200, &[], fixture!("sms_answer.json"))), accepted);
    assert_eq!(judged(&answered(200, &[], r#"{"id":6095000000000003}"#)), accepted);
}

// checklist 30
#[test]
fn a_wrong_request_is_refused_in_dialpads_words() {
    let SendOutcome::Refused { error, consequence: Consequence::None } = judged(&answered(400, &[], fixture!("bad_request_answer.json")))
    else {
        panic!("not refused")
    };
    assert_eq!((error.code.as_str(), error.title.as_str()), ("400", "Must provide text field, media field, or both"));
    assert_eq!(error.detail.as_deref(), Some("badRequest"));
    assert!(matches!(judged(&answered(404, &[], "")), SendOutcome::Refused { .. }));
    assert!(matches!(judged(&answered(409, &[], "")), SendOutcome::Refused { .. }));
}

// checklist 30
#[test]
fn a_key_that_is_refused_halts_the_channel() {
    for status in [401, 403] {
        let SendOutcome::Halted { remedy, .. } = judged(&answered(status, &[], "{}")) else { panic!("not halted: {status}") };
        assert!(remedy.contains("key"));
    }
}

// checklist 30
#[test]
fn dialpad_is_given_the_time_that_it_asks_for_or_a_minute() {
    let with = |headers: &[(&str, &str)]| match judged(&answered(429, headers, "")) {
        SendOutcome::Retry { after_ms, holds: Holds::Channel, .. } => after_ms,
        other => panic!("no retry: {other:?}"),
    };
    assert_eq!(with(&[("retry-after", "7")]), Some(7_000));
    assert_eq!(with(&[]), Some(60_000));
    assert_eq!(with(&[("retry-after", "soon")]), Some(60_000));
}

// checklist 30
#[test]
fn a_text_that_may_have_gone_out_is_not_sent_again_blindly() {
    for reply in [answered(500, &[], ""), answered(503, &[], ""), ProviderReply::Silent { why: "timed out".to_owned() }] {
        assert!(matches!(judged(&reply), SendOutcome::Unknown { .. }), "{reply:?}");
        let check = Dialpad.check(&credential());
        assert!(matches!(Dialpad.classify(&check, &reply), SendOutcome::Retry { .. }), "what makes no message may be asked again");
    }
    assert!(matches!(judged(&ProviderReply::Unreachable { why: "no route".to_owned() }), SendOutcome::Retry { .. }));
}

#[test]
fn a_key_is_checked_as_what_it_is() {
    let call = Dialpad.check(&credential());
    assert_eq!((call.method, call.path.as_str(), call.sends), ("GET", "/api/v2/users/me", false));
    assert_eq!(call.headers, [("authorization", "Bearer key-EXAMPLE".to_owned())]);
    assert_eq!(Dialpad.check(&credential_with(&[("key_level", "company")])).path, "/api/v2/company");
}

#[test]
fn a_good_key_names_the_numbers_that_can_be_connected() {
    let me =
        json!({ "id": "5990000000000001", "display_name": "Alex Agent", "phone_numbers": ["+15005550006", "+15005550009"] }).to_string();
    let account = |number: &str| Account { address: number.to_owned(), name: format!("Alex Agent {number}") };
    assert_eq!(Dialpad.judge_check(&credential(), &answered(200, &[], &me)), Ok(vec![account("+15005550006"), account("+15005550009")]));
    let mut entered = credential_with(&[("key_level", "company")]);
    entered.account = Some("+1 500 555 0006".to_owned());
    let company = Dialpad.judge_check(&entered, &answered(200, &[], r#"{"id":"1","name":"Example"}"#));
    assert_eq!(company, Ok(vec![Account { address: "+15005550006".to_owned(), name: "Example +15005550006".to_owned() }]));
    assert_eq!(Dialpad.judge_check(&entered, &answered(200, &[], &me)).unwrap().len(), 2, "the same number once");
}

#[test]
fn a_bad_key_is_refused_in_words() {
    let refused = Dialpad.judge_check(&credential(), &answered(401, &[], r#"{"error":{"code":401,"message":"Invalid key"}}"#)).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.title.as_str()), ("401", "Invalid key"));
    let silent = Dialpad.judge_check(&credential(), &ProviderReply::Unreachable { why: "no route".to_owned() });
    assert_eq!(silent.unwrap_err().code, "unreachable");
}

#[test]
fn a_credential_asks_for_two_secrets() {
    let fields = Dialpad.fields(None);
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    assert_eq!(required, ["webhook_secret", "api_key"]);
    assert!(fields.iter().all(|field| field.secret == field.required && field.verifies == (field.name == "webhook_secret")));
}
