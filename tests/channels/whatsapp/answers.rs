//! What WhatsApp's answers mean: each row of the specification's section 13, code by code.

use entities::{Consequence, Holds, SendOutcome};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, ProviderCall, ProviderReply},
    whatsapp::Whatsapp,
};

use super::{credential, credential_with, fixture, phone, whatsapp};

fn sending() -> ProviderCall {
    ProviderCall::sending("POST", "https://graph.facebook.com", "/v25.0/1/messages", Body::None, "send")
}

fn asking(purpose: &'static str) -> ProviderCall {
    ProviderCall::asking("POST", "https://graph.facebook.com", "/v25.0/1/messages", Body::None, purpose)
}

fn reply(status: u16, body: &Value) -> ProviderReply {
    ProviderReply::Answered { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn coded(code: i64) -> SendOutcome {
    Whatsapp.classify(&sending(), &reply(400, &json!({"error": {"message": format!("(#{code}) wrong"), "code": code}})))
}

fn is_halted(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Halted { remedy, .. } if !remedy.is_empty())
}

fn is_retry(outcome: &SendOutcome, after: Option<u64>, whom: Holds, most: Option<u32>) -> bool {
    matches!(outcome, SendOutcome::Retry { after_ms, holds, tries_max, .. } if (*after_ms, *holds, *tries_max) == (after, whom, most))
}

fn is_refused(outcome: &SendOutcome, what: Consequence) -> bool {
    matches!(outcome, SendOutcome::Refused { consequence, .. } if *consequence == what)
}

#[test]
fn an_accepted_message_has_an_id_and_may_tell_a_user_id() {
    let reply = ProviderReply::Answered { status: 200, headers: Vec::new(), body: fixture("send_answer") };
    assert_eq!(
        Whatsapp.classify(&sending(), &reply),
        SendOutcome::Accepted { id: Some("wamid.OUT0001".to_owned()), delivered: false, also: vec![whatsapp("US.13000000000000000042")] }
    );
}

#[test]
fn a_number_that_whatsapp_writes_in_another_way_is_a_further_address() {
    let body =
        json!({"contacts": [{"input": "+5511912345678", "wa_id": "551112345678", "user_id": "BR.1"}], "messages": [{"id": "wamid.1"}]});
    let SendOutcome::Accepted { also, .. } = Whatsapp.classify(&sending(), &reply(200, &body)) else { panic!("not accepted") };
    assert_eq!(also, [whatsapp("551112345678"), phone("+551112345678"), whatsapp("BR.1")]);
}

#[test]
fn a_template_that_is_held_or_paused_is_accepted() {
    for status in ["held_for_quality_assessment", "paused"] {
        let body = json!({"messages": [{"id": "wamid.1", "message_status": status}]});
        assert!(matches!(Whatsapp.classify(&sending(), &reply(200, &body)), SendOutcome::Accepted { .. }));
    }
}

#[test]
fn marks_typing_and_uploads_are_accepted_without_a_message() {
    let nothing = SendOutcome::Accepted { id: None, delivered: false, also: Vec::new() };
    assert_eq!(Whatsapp.classify(&asking("read"), &reply(200, &json!({"success": true}))), nothing);
    assert_eq!(Whatsapp.classify(&asking("upload"), &reply(200, &json!({"id": "190000"}))), nothing, "a file's id is no message's");
    assert!(is_retry(&Whatsapp.classify(&asking("upload"), &reply(200, &json!({}))), None, Holds::Message, Some(3)));
}

// checklist 28
#[test]
fn silence_after_a_message_was_sent_is_never_tried_again_blindly() {
    let silent = ProviderReply::Silent { why: "no answer in 30 s".to_owned() };
    assert!(matches!(Whatsapp.classify(&sending(), &silent), SendOutcome::Unknown { .. }));
    assert!(is_retry(&Whatsapp.classify(&asking("read"), &silent), None, Holds::Message, None), "a mark may be repeated");
    let unreadable = ProviderReply::Answered { status: 200, headers: Vec::new(), body: b"<html>".to_vec() };
    assert!(matches!(Whatsapp.classify(&sending(), &unreadable), SendOutcome::Unknown { .. }));
    let unreachable = ProviderReply::Unreachable { why: "refused".to_owned() };
    assert!(is_retry(&Whatsapp.classify(&sending(), &unreachable), None, Holds::Message, None));
}

// checklist 27, row by row
#[test]
fn a_token_that_is_not_good_stops_the_channel_and_says_what_to_do() {
    for code in [0, 190] {
        assert!(is_halted(&coded(code)), "{code}");
    }
    for (subcode, word) in [(460, "password"), (463, "expired"), (467, "invalid")] {
        let body = json!({"error": {"message": "m", "code": 190, "error_subcode": subcode}});
        let SendOutcome::Halted { remedy, .. } = Whatsapp.classify(&sending(), &reply(401, &body)) else { panic!("not halted") };
        assert!(remedy.contains(word) && remedy.contains("connect again"), "{remedy}");
    }
}

#[test]
fn a_missing_permission_stops_the_channel() {
    for code in [3, 10, 200, 230, 299] {
        assert!(is_halted(&coded(code)), "{code}");
    }
    assert!(!is_halted(&coded(300)));
}

#[test]
fn what_is_temporary_is_tried_again() {
    for code in [1, 2, 131_000, 131_016, 133_004] {
        assert!(is_retry(&coded(code), None, Holds::Message, None), "{code}");
    }
    for status in [500, 502, 503, 504] {
        assert!(is_retry(&Whatsapp.classify(&sending(), &reply(status, &json!({}))), None, Holds::Message, None), "{status}");
    }
    let transient = json!({"error": {"message": "m", "code": 135_000, "is_transient": true}});
    assert!(is_retry(&Whatsapp.classify(&sending(), &reply(400, &transient)), None, Holds::Message, None));
}

// checklist 27
#[test]
fn a_rate_limit_pauses_the_whole_number() {
    for code in [4, 80_007, 130_429] {
        assert!(is_retry(&coded(code), None, Holds::Channel, None), "{code}");
    }
    assert!(is_retry(&Whatsapp.classify(&sending(), &reply(429, &json!({}))), None, Holds::Channel, None));
}

#[test]
fn a_rate_limit_is_waited_out_as_long_as_the_headers_say() {
    let with = |name: &str, value: &str| ProviderReply::Answered {
        status: 400,
        headers: vec![(name.to_owned(), value.to_owned())],
        body: json!({"error": {"code": 80_007, "message": "m"}}).to_string().into_bytes(),
    };
    let usage =
        r#"{"102":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":5},{"estimated_time_to_regain_access":"7"}]}"#;
    for (name, value, after) in [
        ("x-business-use-case-usage", usage, Some(7 * 60_000)),
        ("retry-after", "30", Some(30_000)),
        ("retry-after", "soon", None),
        ("x-business-use-case-usage", "{", None),
        ("x-business-use-case-usage", r#"{"102":[{"estimated_time_to_regain_access":0}]}"#, None),
        ("retry-after", "99999999999", Some(24 * 60 * 60 * 1_000)),
    ] {
        assert!(is_retry(&Whatsapp.classify(&sending(), &with(name, value)), after, Holds::Channel, None), "{name}: {value}");
    }
}

// checklist 27
#[test]
fn too_many_messages_to_one_customer_pause_that_customer_alone() {
    let outcome =
        Whatsapp.classify(&sending(), &ProviderReply::Answered { status: 400, headers: Vec::new(), body: fixture("error_pair_rate") });
    let SendOutcome::Retry { after_ms: None, holds: Holds::Contact, error, tries_max: None } = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.code, "131056");
    assert_eq!(error.title, "(#131056) (Business Account, Consumer Account) pair rate limit hit");
    assert!(error.detail.unwrap().starts_with("Message failed to send because there were too many messages"));
    let with_429 = Whatsapp.classify(&sending(), &reply(429, &json!({"error": {"code": 131_056, "message": "m"}})));
    assert!(is_retry(&with_429, None, Holds::Contact, None), "the code decides, not the status");
}

#[test]
fn a_spam_limit_and_a_template_limit_wait_for_the_operator() {
    assert!(is_halted(&coded(131_048)));
    assert!(is_halted(&coded(131_064)));
}

#[test]
fn bad_parameters_are_final() {
    for code in [33, 100, 131_008, 131_009, 131_021] {
        assert!(is_refused(&coded(code), Consequence::None), "{code}");
    }
}

// checklist 27
#[test]
fn who_cannot_be_reached_is_not_tried_again() {
    assert!(is_refused(&coded(131_026), Consequence::None));
}

#[test]
fn a_test_number_says_where_to_add_the_recipient() {
    let SendOutcome::Refused { error, .. } = coded(131_030) else { panic!("not refused") };
    assert!(error.detail.unwrap().contains("API setup"));
}

#[test]
fn a_locked_account_a_payment_problem_or_an_unapproved_name_stops_the_channel() {
    for code in [131_031, 368, 131_005, 131_037, 131_042, 131_044, 131_045, 133_010] {
        assert!(is_halted(&coded(code)), "{code}");
    }
}

#[test]
fn a_closed_window_offers_a_template() {
    assert!(is_refused(&coded(131_047), Consequence::WindowClosed));
}

#[test]
fn who_stopped_marketing_is_remembered() {
    assert!(is_refused(&coded(131_050), Consequence::OptedOutOfMarketing));
}

#[test]
fn metas_own_decisions_about_a_message_are_final() {
    for code in [130_497, 131_049, 130_472, 131_051, 131_052, 131_062, 131_063, 135_000] {
        assert!(is_refused(&coded(code), Consequence::None), "{code}");
    }
}

// checklist 27
#[test]
fn a_file_that_meta_could_not_fetch_is_tried_three_times() {
    assert!(is_retry(&coded(131_053), None, Holds::Message, Some(3)));
}

#[test]
fn maintenance_and_throttled_flows_name_their_pause() {
    assert!(is_retry(&coded(131_057), Some(15 * 60_000), Holds::Channel, None));
    assert!(is_retry(&coded(132_069), Some(60 * 60_000), Holds::Message, None));
}

#[test]
fn what_is_wrong_with_a_template_is_final() {
    for code in [132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_015, 132_016] {
        assert!(is_refused(&coded(code), Consequence::TemplateChanged), "{code}: what is known of it is asked for again");
    }
    assert!(is_refused(&coded(132_068), Consequence::None));
}

#[test]
fn a_number_that_is_not_registered_waits_for_the_operator() {
    for code in [133_000, 133_005, 133_006, 133_008, 133_009, 133_015, 133_016] {
        assert!(is_halted(&coded(code)), "{code}");
    }
    let SendOutcome::Halted { remedy, .. } = coded(133_016) else { panic!("not halted") };
    assert!(remedy.contains("72 hours"));
}

#[test]
fn a_hash_that_does_not_match_is_tried_once_more() {
    assert!(is_retry(&coded(137_000), None, Holds::Message, Some(1)));
}

#[test]
fn an_unknown_code_is_judged_by_the_status() {
    assert!(is_refused(&coded(999_999), Consequence::None));
    let unknown = json!({"error": {"code": 999_999, "message": "m"}});
    assert!(is_retry(&Whatsapp.classify(&sending(), &reply(503, &unknown)), None, Holds::Message, None));
    assert!(is_halted(&Whatsapp.classify(&sending(), &reply(401, &json!({})))));
    for status in [301, 400, 403, 404] {
        assert!(is_refused(&Whatsapp.classify(&sending(), &reply(status, &json!({}))), Consequence::None), "{status}");
    }
}

#[test]
fn an_error_in_an_answer_of_200_is_an_error() {
    assert!(is_halted(&Whatsapp.classify(&sending(), &reply(200, &json!({"error": {"code": 190, "message": "m"}})))));
}

#[test]
fn a_check_lists_the_numbers_of_the_business_account() {
    let call = Whatsapp.check(&credential());
    assert_eq!((call.method, call.base, call.sends), ("GET", "https://graph.facebook.com", false));
    assert!(call.path.starts_with("/v25.0/102000000000001/phone_numbers?fields=id,display_phone_number,"), "{}", call.path);
    let body = json!({"data": [{"id": "106", "display_phone_number": "+1 555-010-0001", "verified_name": "Shop"}, {"id": 107, "display_phone_number": "x"}, {}]});
    let accounts = Whatsapp.judge_check(&credential(), &reply(200, &body)).unwrap();
    let shown: Vec<_> = accounts.iter().map(|account| (account.address.as_str(), account.name.as_str())).collect();
    assert_eq!(shown, [("106", "Shop (+1 555-010-0001)"), ("107", "x")]);
}

#[test]
fn a_check_without_a_business_account_asks_for_the_number_or_for_the_tokens_owner() {
    let mut alone = credential_with(&[("access_token", "t")]);
    assert_eq!(Whatsapp.check(&alone).path, "/v25.0/me?fields=id,name");
    assert_eq!(Whatsapp.judge_check(&alone, &reply(200, &json!({"id": "1", "name": "System user"}))), Ok(Vec::new()));
    alone.account = Some("106/../../me".to_owned());
    assert!(Whatsapp.check(&alone).path.starts_with("/v25.0/106%2F..%2F..%2Fme?"), "no account leads out of its place in the path");
    let accounts = Whatsapp.judge_check(&alone, &reply(200, &json!({"id": "106", "display_phone_number": "+1 555"}))).unwrap();
    assert_eq!(accounts.len(), 1);
}

#[test]
fn a_check_that_fails_says_so_in_metas_words() {
    let body = json!({"error": {"code": 190, "message": "Error validating access token", "error_user_msg": "Log in again"}});
    let error = Whatsapp.judge_check(&credential(), &reply(401, &body)).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.title.as_str(), error.detail.as_deref()),
        ("190", "Error validating access token", Some("Log in again"))
    );
    let silent = ProviderReply::Unreachable { why: "refused".to_owned() };
    assert_eq!(Whatsapp.judge_check(&credential(), &silent).unwrap_err().code, "unreachable");
}
