//! What Meta's answers mean: each row of the specification's section 12.

use entities::{Consequence, Holds, SendOutcome};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, ProviderCall, ProviderReply},
    messenger::Messenger,
};

use super::{super::whatsapp::credential_with, TOKEN, credential, fixture};

fn sending() -> ProviderCall {
    ProviderCall::sending("POST", "https://graph.facebook.com", "/v25.0/1/messages", Body::None, "send")
}

fn asking(purpose: &'static str) -> ProviderCall {
    ProviderCall::asking("POST", "https://graph.facebook.com", "/v25.0/1/messages", Body::None, purpose)
}

fn reply(status: u16, body: &Value) -> ProviderReply {
    ProviderReply::Answered { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

/// What a code and a subcode (0: none) mean.
fn coded(code: i64, subcode: i64) -> SendOutcome {
    let mut error = json!({"message": "(#1) wrong", "type": "OAuthException", "code": code});
    if subcode != 0 {
        error["error_subcode"] = json!(subcode);
    }
    Messenger.classify(&sending(), &reply(400, &json!({"error": error})))
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
fn an_accepted_message_has_an_id() {
    let answer = ProviderReply::Answered { status: 200, headers: Vec::new(), body: fixture("send_answer") };
    assert_eq!(
        Messenger.classify(&sending(), &answer),
        SendOutcome::Accepted { id: Some("m_OurMessage1".to_owned()), delivered: false, also: Vec::new() }
    );
}

#[test]
fn sender_actions_and_uploads_are_accepted_without_a_message() {
    let nothing = SendOutcome::Accepted { id: None, delivered: false, also: Vec::new() };
    assert_eq!(Messenger.classify(&asking("typing_on"), &reply(200, &json!({"recipient_id": "1"}))), nothing);
    assert_eq!(Messenger.classify(&asking("upload"), &reply(200, &json!({"attachment_id": "1"}))), nothing);
    assert!(is_retry(&Messenger.classify(&asking("upload"), &reply(200, &json!({}))), None, Holds::Message, Some(2)));
}

#[test]
fn silence_after_a_message_was_sent_is_never_tried_again_blindly() {
    let silent = ProviderReply::Silent { why: "no answer".to_owned() };
    assert!(matches!(Messenger.classify(&sending(), &silent), SendOutcome::Unknown { .. }));
    assert!(is_retry(&Messenger.classify(&asking("typing_on"), &silent), None, Holds::Message, None));
    let unreadable = ProviderReply::Answered { status: 200, headers: Vec::new(), body: b"<html>".to_vec() };
    assert!(matches!(Messenger.classify(&sending(), &unreadable), SendOutcome::Unknown { .. }));
    let unreachable = ProviderReply::Unreachable { why: "refused".to_owned() };
    assert!(is_retry(&Messenger.classify(&sending(), &unreachable), None, Holds::Message, None));
}

// checklist 27, row by row
#[test]
fn a_token_that_is_not_good_stops_the_channel() {
    for (code, subcode) in [(190, 0), (190, 460), (190, 463), (190, 2_018_278), (102, 0), (467, 0)] {
        assert!(is_halted(&coded(code, subcode)), "{code}/{subcode}");
    }
}

#[test]
fn outside_the_window_says_so() {
    let answer = ProviderReply::Answered { status: 403, headers: Vec::new(), body: fixture("error_window") };
    let SendOutcome::Refused { error, consequence: Consequence::WindowClosed } = Messenger.classify(&sending(), &answer) else {
        panic!("not refused")
    };
    assert_eq!((error.code.as_str(), error.title.as_str()), ("10/2018278", "(#10) This message is sent outside of allowed window."));
    assert!(is_refused(&coded(10, 2_018_065), Consequence::WindowClosed));
}

#[test]
fn who_cannot_or_does_not_want_to_receive_is_not_tried_again() {
    for (code, subcode) in [(10, 2_018_108), (10, 2_018_300), (551, 1_545_041), (551, 0), (200, 1_545_041)] {
        assert!(is_refused(&coded(code, subcode), Consequence::None), "{code}/{subcode}");
    }
}

#[test]
fn a_restricted_page_waits_for_the_operator() {
    assert!(is_halted(&coded(10, 1_893_063)));
}

#[test]
fn a_missing_permission_stops_the_channel() {
    for (code, subcode) in [(10, 0), (10, 999), (200, 0), (230, 0), (299, 0)] {
        assert!(is_halted(&coded(code, subcode)), "{code}/{subcode}");
    }
}

#[test]
fn an_app_in_development_says_what_to_do() {
    let SendOutcome::Refused { error, .. } = coded(200, 2_018_028) else { panic!("not refused") };
    assert!(error.detail.unwrap().contains("development mode"));
}

#[test]
fn who_does_not_exist_cannot_be_reached_at_all() {
    assert!(is_refused(&coded(100, 2_018_001), Consequence::AddressUnusable));
}

#[test]
fn bad_parameters_and_unknown_objects_are_final() {
    for (code, subcode) in [(100, 0), (100, 2_018_034), (100, 2_018_109), (100, 33), (803, 0), (33, 0)] {
        assert!(is_refused(&coded(code, subcode), Consequence::None), "{code}/{subcode}");
    }
}

#[test]
fn a_file_that_meta_could_not_fetch_is_tried_twice() {
    for subcode in [2_018_047, 2_018_008] {
        assert!(is_retry(&coded(100, subcode), None, Holds::Message, Some(2)), "{subcode}");
    }
}

#[test]
fn a_thread_that_is_not_there_yet_is_tried_once_more() {
    for (code, subcode) in [(1_545_012, 0), (10, 1_545_012)] {
        assert!(is_retry(&coded(code, subcode), None, Holds::Message, Some(1)), "{code}/{subcode}");
    }
}

#[test]
fn what_is_temporary_is_tried_again() {
    for code in [1, 2, 1_200] {
        assert!(is_retry(&coded(code, 0), None, Holds::Message, None), "{code}");
    }
    for status in [500, 502, 503] {
        assert!(is_retry(&Messenger.classify(&sending(), &reply(status, &json!({}))), None, Holds::Message, None), "{status}");
    }
    let transient = json!({"error": {"message": "m", "code": 100, "is_transient": true}});
    assert!(is_retry(&Messenger.classify(&sending(), &reply(400, &transient)), None, Holds::Message, None));
}

// checklist 27
#[test]
fn rate_limits_pause_the_channel_as_long_as_the_headers_say() {
    for code in [4, 17, 32, 613, 80_001, 80_002, 80_006] {
        assert!(is_retry(&coded(code, 0), None, Holds::Channel, None), "{code}");
    }
    assert!(is_retry(&Messenger.classify(&sending(), &reply(429, &json!({}))), None, Holds::Channel, None));
    for (name, value) in [
        ("x-app-usage", r#"{"call_count":100,"estimated_time_to_regain_access":3}"#),
        ("x-page-usage", r#"{"estimated_time_to_regain_access":3}"#),
        ("x-business-use-case-usage", r#"{"1":[{"type":"messenger","estimated_time_to_regain_access":3}]}"#),
    ] {
        let body = json!({"error": {"code": 613, "message": "m"}}).to_string().into_bytes();
        let answer = ProviderReply::Answered { status: 400, headers: vec![(name.to_owned(), value.to_owned())], body };
        assert!(is_retry(&Messenger.classify(&sending(), &answer), Some(180_000), Holds::Channel, None), "{name}");
    }
}

#[test]
fn a_policys_block_waits_for_the_operator() {
    assert!(is_halted(&coded(368, 0)));
}

#[test]
fn terms_for_labels_stop_nothing() {
    assert!(is_refused(&coded(2_018_344, 0), Consequence::None));
    assert!(is_refused(&coded(10, 2_018_344), Consequence::None));
}

// checklist 27
#[test]
fn an_error_in_an_answer_of_200_is_an_error() {
    assert!(is_halted(&Messenger.classify(&sending(), &reply(200, &json!({"error": {"code": 190, "message": "m"}})))));
}

#[test]
fn an_unknown_code_is_judged_by_the_status() {
    assert!(is_refused(&coded(999_999, 0), Consequence::None));
    assert!(is_halted(&Messenger.classify(&sending(), &reply(401, &json!({})))));
    assert!(is_refused(&Messenger.classify(&sending(), &reply(302, &json!({}))), Consequence::None));
}

#[test]
fn a_check_names_the_page_and_the_account_that_is_linked_to_it() {
    let call = Messenger.check(&credential());
    assert!(
        call.path.starts_with("/v25.0/me?fields=id,name,instagram_business_account%7Bid,username%7D&appsecret_proof="),
        "{}",
        call.path
    );
    assert_eq!((call.base, call.headers), ("https://graph.facebook.com", vec![("authorization", format!("Bearer {TOKEN}"))]));
    let body = json!({"id": "110", "name": "Shop", "instagram_business_account": {"id": "178", "username": "shop"}});
    let accounts = Messenger.judge_check(&credential(), &reply(200, &body)).unwrap();
    let shown: Vec<_> = accounts.iter().map(|account| (account.address.as_str(), account.name.as_str())).collect();
    assert_eq!(shown, [("110", "Shop"), ("178", "Instagram @shop")]);
}

#[test]
fn a_check_of_instagram_login_names_the_account() {
    let mut by_instagram = credential_with(&[("page_access_token", "t")]);
    by_instagram.vendor = Some("instagram".to_owned());
    let call = Messenger.check(&by_instagram);
    assert_eq!((call.base, call.path.as_str()), ("https://graph.instagram.com", "/v25.0/me?fields=user_id,username,name"));
    let accounts = Messenger.judge_check(&by_instagram, &reply(200, &json!({"user_id": 178, "username": "shop"}))).unwrap();
    assert_eq!((accounts.len(), accounts[0].address.as_str()), (1, "178"));
    let error = Messenger.judge_check(&by_instagram, &reply(400, &json!({"error": {"code": 190, "message": "expired"}}))).unwrap_err();
    assert_eq!((error.code.as_str(), error.title.as_str()), ("190", "expired"));
}
