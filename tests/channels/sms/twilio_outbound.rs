//! Sending with Twilio, and what its answers mean.

use std::collections::BTreeMap;

use entities::{Action, Address, AddressKind, Consequence, Holds, SendOutcome, outbound::MessageExtra};
use switchboard::channels::{
    adapter::Adapter,
    call::{ProviderCall, ProviderReply},
    sms::Sms,
};

use super::{ACCOUNT_SID, CUSTOMER, OUR_NUMBER, OWN_ID, TOKEN, answered, credential, field, file, header, outbound, phone, twilio};

fn planned(text: &str) -> Vec<ProviderCall> {
    Sms.plan(&twilio(), &outbound(OUR_NUMBER, phone(CUSTOMER), text, Vec::new())).unwrap()
}

fn judged(reply: &ProviderReply) -> SendOutcome {
    Sms.classify(&planned("Hello")[0], reply)
}

/// What follows from an error of Twilio's.
fn error(status: u16, code: u32) -> SendOutcome {
    judged(&answered(status, &[], &format!(r#"{{"code": {code}, "message": "in Twilio's words", "status": {status}}}"#)))
}

#[test]
fn a_text_is_one_call_with_both_ends_and_an_address_for_receipts_that_names_it() {
    let calls = planned("Hello");
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!((call.method, call.base), ("POST", "https://api.twilio.com"));
    assert_eq!(call.path, format!("/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"));
    assert_eq!(field(call, "From"), [OUR_NUMBER]);
    assert_eq!(field(call, "To"), [CUSTOMER]);
    assert_eq!(field(call, "Body"), ["Hello"]);
    assert_eq!(field(call, "StatusCallback"), [format!("https://msg.example.org/api/webhooks/sms?mid={OWN_ID}")]);
    let basic = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{ACCOUNT_SID}:{TOKEN}"));
    assert_eq!(header(call, "authorization"), format!("Basic {basic}"));
    assert!(call.sends);
}

#[test]
fn an_api_key_sends_where_there_is_one_and_the_path_still_names_the_account() {
    let with_key =
        credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN), ("api_key_sid", "SK1"), ("api_key_secret", "secret")]);
    let calls = Sms.plan(&with_key, &outbound(OUR_NUMBER, phone(CUSTOMER), "Hello", Vec::new())).unwrap();
    assert_eq!(header(&calls[0], "authorization"), "Basic U0sxOnNlY3JldA==");
    assert!(calls[0].path.contains(ACCOUNT_SID));
}

#[test]
fn without_a_public_address_no_receipts_are_asked_for() {
    let mut hidden = twilio();
    hidden.public_url.clear();
    let calls = Sms.plan(&hidden, &outbound(OUR_NUMBER, phone(CUSTOMER), "Hello", Vec::new())).unwrap();
    assert!(field(&calls[0], "StatusCallback").is_empty());
}

// checklist 19
#[test]
fn a_body_of_1600_characters_goes_out_whole_and_one_of_1601_in_two() {
    assert_eq!(planned(&"a".repeat(1600)).len(), 1);
    let two = planned(&"a".repeat(1601));
    assert_eq!(two.iter().map(|call| field(call, "Body")[0].len()).collect::<Vec<_>>(), [1600, 1]);
    let words = planned(&"word ".repeat(400));
    assert!(words.iter().all(|call| field(call, "Body")[0].ends_with("word") && field(call, "Body")[0].starts_with("word")));
    assert!(words.iter().all(|call| field(call, "StatusCallback")[0].ends_with(OWN_ID)));
    assert_eq!(planned(&"😀".repeat(801)).len(), 2, "an emoji counts as two, as Twilio's segments do");
}

#[test]
fn files_go_with_the_first_piece_and_a_message_may_be_files_alone() {
    let files = vec![file("a.jpg", "image/jpeg", 100), file("b.pdf", "application/pdf", 200)];
    let calls = Sms.plan(&twilio(), &outbound(OUR_NUMBER, phone(CUSTOMER), &"a ".repeat(1000), files.clone())).unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(field(&calls[0], "MediaUrl"), ["https://files.example.org/a.jpg", "https://files.example.org/b.pdf"]);
    assert!(field(&calls[1], "MediaUrl").is_empty());
    let calls = Sms.plan(&twilio(), &outbound(OUR_NUMBER, phone(CUSTOMER), "", files)).unwrap();
    assert_eq!((calls.len(), field(&calls[0], "Body").len(), field(&calls[0], "MediaUrl").len()), (1, 0, 2));
}

#[test]
fn what_twilio_would_refuse_is_refused_before_it_is_sent() {
    let refused = |outbound| Sms.plan(&twilio(), &outbound).unwrap_err().code;
    let to = |to: Address| outbound(OUR_NUMBER, to, "Hello", Vec::new());
    assert_eq!(refused(outbound(OUR_NUMBER, phone(CUSTOMER), "  ", Vec::new())), "empty");
    assert_eq!(refused(outbound(OUR_NUMBER, phone(CUSTOMER), "x", vec![file("a", "image/png", 1); 11])), "too_many_files");
    assert_eq!(refused(outbound(OUR_NUMBER, phone(CUSTOMER), "x", vec![file("a", "image/png", 3_000_000); 2])), "file_too_large");
    assert_eq!(refused(to(phone("alpha:MYBANK"))), "cannot_reply");
    assert_eq!(refused(to(Address { kind: AddressKind::Slack, value: "T1/U1".to_owned() })), "address");
    let mut reaction = to(phone(CUSTOMER));
    reaction.what = Action::React { target: "SM1".to_owned(), emoji: Some("👍".to_owned()), previous: None };
    assert_eq!(refused(reaction), "unsupported");
    let mut buttons = to(phone(CUSTOMER));
    if let Action::Send(message) = &mut buttons.what {
        message.extra = Some(MessageExtra::Buttons { buttons: Vec::new() });
    }
    assert_eq!(refused(buttons), "unsupported");
}

#[test]
fn a_template_is_named_by_its_content_sid_and_takes_its_variables() {
    let template = |name: &str| {
        let mut outbound = outbound("whatsapp:+15005550006", phone(CUSTOMER), "", Vec::new());
        if let Action::Send(message) = &mut outbound.what {
            let variables = BTreeMap::from([("1".to_owned(), "Dana".to_owned())]);
            message.extra = Some(MessageExtra::Template { name: name.to_owned(), language: "en".to_owned(), variables, components: None });
        }
        Sms.plan(&twilio(), &outbound)
    };
    let calls = template("HX0123").unwrap();
    assert_eq!(field(&calls[0], "ContentSid"), ["HX0123"]);
    assert_eq!(field(&calls[0], "ContentVariables"), [r#"{"1":"Dana"}"#]);
    assert!(field(&calls[0], "Body").is_empty());
    assert_eq!(template("welcome").unwrap_err().code, "template");
}

// checklist 22
#[test]
fn a_service_sends_and_a_thread_that_names_a_number_pins_it() {
    let mut wanted = outbound("MG00000000000000000000000000000001", phone(CUSTOMER), "Hello", Vec::new());
    let calls = Sms.plan(&twilio(), &wanted).unwrap();
    assert_eq!(field(&calls[0], "MessagingServiceSid"), ["MG00000000000000000000000000000001"]);
    assert!(field(&calls[0], "From").is_empty(), "the service's sticky sender chooses the number that the customer knows");
    let named = Sms.plan(&twilio(), &outbound("MGM", phone(CUSTOMER), "Hello", Vec::new())).unwrap();
    assert_eq!(field(&named[0], "From"), ["MGM"], "a sender's name that begins like a service");
    wanted.thread = Some(OUR_NUMBER.to_owned());
    assert_eq!(field(&Sms.plan(&twilio(), &wanted).unwrap()[0], "From"), [OUR_NUMBER]);
}

// checklist 23
#[test]
fn a_short_code_is_answered_as_such() {
    let calls = Sms.plan(&twilio(), &outbound(OUR_NUMBER, phone("12345@+15005550006"), "Hello", Vec::new())).unwrap();
    assert_eq!(field(&calls[0], "To"), ["12345"]);
    let calls = Sms.plan(&twilio(), &outbound("54321", phone(CUSTOMER), "Hello", Vec::new())).unwrap();
    assert_eq!(field(&calls[0], "From"), ["54321"]);
}

// checklist 24
#[test]
fn both_ends_of_a_whatsapp_message_get_the_prefix() {
    let sent = |account: &str, kind: AddressKind, value: &str| {
        let calls = Sms.plan(&twilio(), &outbound(account, Address { kind, value: value.to_owned() }, "Hi", Vec::new())).unwrap();
        field(&calls[0], "To")[0].clone()
    };
    assert_eq!(sent("whatsapp:+15005550006", AddressKind::Whatsapp, "15005550001"), "whatsapp:+15005550001");
    assert_eq!(sent("whatsapp:+15005550006", AddressKind::Whatsapp, "US.1234567"), "whatsapp:US.1234567");
    assert_eq!(sent("whatsapp:+15005550006", AddressKind::Phone, CUSTOMER), "whatsapp:+15005550001");
    assert_eq!(sent("MG00000000000000000000000000000001", AddressKind::Whatsapp, "15005550001"), "whatsapp:+15005550001");
    assert_eq!(sent("MG00000000000000000000000000000001", AddressKind::Phone, CUSTOMER), CUSTOMER);
    assert_eq!(sent("messenger:11", AddressKind::Messenger, "778899"), "messenger:778899");
    assert_eq!(sent("rcs:brand", AddressKind::Phone, CUSTOMER), "rcs:+15005550001");
}

#[test]
fn an_accepted_message_has_twilios_id() {
    let outcome = judged(&answered(201, &[], include_str!("../fixtures/sms/twilio_send_answer_queued.json")));
    let id = Some("SM00000000000000000000000000000001".to_owned());
    assert_eq!(outcome, SendOutcome::Accepted { id, delivered: false, also: Vec::new() });
}

// checklist 17
#[test]
fn an_answer_of_21610_is_an_opt_out_in_twilios_words() {
    let outcome = judged(&answered(400, &[], include_str!("../fixtures/sms/twilio_send_answer_opted_out_21610.json")));
    let SendOutcome::Refused { error, consequence: Consequence::OptedOut } = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.to_string(), "the recipient has opted out (STOP) (21610): Attempt to send to unsubscribed recipient");
}

// checklist 17, 20
#[test]
fn each_code_of_the_specifications_table_has_its_consequence() {
    let word = |code: u32| match error(400, code) {
        SendOutcome::Accepted { .. } => "accepted".to_owned(),
        SendOutcome::Retry { holds, after_ms, tries_max, .. } => format!("retry {holds:?} {after_ms:?} {tries_max:?}"),
        SendOutcome::Refused { consequence, .. } => format!("refused {consequence:?}"),
        SendOutcome::Halted { .. } => "halted".to_owned(),
        SendOutcome::Unknown { .. } => "unknown".to_owned(),
    };
    let expect = |codes: &[u32], expected: &str| {
        for code in codes {
            assert_eq!(word(*code), expected, "{code}");
        }
    };
    expect(&[20003, 20403, 21212, 21606, 21603, 21659, 21660, 21703, 21704, 21705, 30002, 30032, 30034, 63007], "halted");
    expect(&[21211, 21217, 21614, 30005, 30006, 63024, 63003], "refused AddressUnusable");
    expect(&[20404, 21408, 21604, 21602, 21608, 21609, 21612, 21617, 21620, 21623, 12300, 21655, 21656], "refused None");
    expect(&[30003, 30004, 30007, 30010, 30011, 30019, 30036, 63032, 63033, 99999], "refused None");
    expect(&[21610], "refused OptedOut");
    expect(&[63016], "refused WindowClosed");
    expect(&[20429, 20503, 14107, 30017, 30022, 63017, 63018], "retry Channel None None");
    expect(&[21611], "retry Channel Some(120000) None");
    expect(&[30001, 30008], "retry Message Some(60000) Some(1)");
    expect(&[30023], "retry Channel Some(3600000) None");
    expect(&[20500], "retry Message None None");
    assert!(matches!(error(403, 21999), SendOutcome::Refused { .. }), "about this message, not about the channel");
    assert!(matches!(error(403, 20999), SendOutcome::Halted { .. }));
}

// checklist 20
#[test]
fn too_many_requests_wait_as_long_as_twilio_says() {
    let after = |headers: &[(&str, &str)]| match judged(&answered(
        429,
        headers,
        r#"{"code": 20429, "message": "Too Many Requests", "status": 429}"#,
    )) {
        SendOutcome::Retry { after_ms, holds: Holds::Channel, .. } => after_ms,
        other => panic!("{other:?}"),
    };
    assert_eq!(after(&[]), None);
    assert_eq!(after(&[("retry-after", "7")]), Some(7_000));
    assert_eq!(after(&[("retry-after", "Thu, 09 Oct 2025 08:53:50 GMT"), ("date", "Thu, 09 Oct 2025 08:53:20 GMT")]), Some(30_000));
    assert_eq!(after(&[("retry-after", "Thu, 09 Oct 2025 08:53:20 GMT"), ("date", "Thu, 09 Oct 2025 08:53:50 GMT")]), Some(0));
    assert_eq!(after(&[("retry-after", "soon")]), None);
    assert_eq!(after(&[("retry-after", "99999999999999999999")]), None);
    assert_eq!(after(&[("retry-after", "999999999999")]), Some(24 * 3_600_000), "a day at most");
}

// checklist 20
#[test]
fn a_fault_is_tried_again_where_twilio_says_that_it_failed_and_is_unknown_where_a_stranger_answered() {
    assert!(matches!(error(500, 20500), SendOutcome::Retry { .. }));
    assert!(matches!(error(503, 20503), SendOutcome::Retry { .. }));
    assert!(matches!(judged(&answered(503, &[], "<html>busy</html>")), SendOutcome::Retry { .. }));
    assert!(matches!(judged(&answered(502, &[], "<html>bad gateway</html>")), SendOutcome::Unknown { .. }));
    assert!(matches!(judged(&answered(504, &[], "")), SendOutcome::Unknown { .. }));
    assert!(matches!(judged(&ProviderReply::Unreachable { why: "refused".to_owned() }), SendOutcome::Retry { .. }));
}

// checklist 20
#[test]
fn a_refused_password_stops_the_channel_and_says_what_to_do() {
    for reply in
        [answered(401, &[], r#"{"code": 20003, "message": "Authenticate", "status": 401}"#), answered(401, &[], ""), answered(403, &[], "")]
    {
        let SendOutcome::Halted { remedy, .. } = judged(&reply) else { panic!() };
        assert!(remedy.contains("enter the current ones"));
    }
}

// checklist 21
#[test]
fn a_send_whose_answer_was_lost_is_never_tried_again_blindly() {
    assert!(matches!(judged(&ProviderReply::Silent { why: "timed out".to_owned() }), SendOutcome::Unknown { .. }));
    let capabilities = entities::Capabilities::of(entities::ChannelKind::Sms).unwrap();
    assert!(capabilities.settles_unknown, "its receipt, which names our own id, settles it");
}

#[test]
fn a_call_of_another_provider_is_not_judged() {
    let mut call = planned("Hello").remove(0);
    call.purpose = "graph.send";
    assert!(matches!(Sms.classify(&call, &answered(200, &[], "{}")), SendOutcome::Unknown { .. }));
}

#[test]
fn the_check_lists_the_accounts_numbers_or_says_what_is_wrong() {
    let service = credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN), ("messaging_service_sid", "MG1")]);
    let call = Sms.check(&service);
    assert_eq!(call.path, format!("/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json?PageSize=200"));
    assert!(!call.sends);
    let list =
        r#"{"incoming_phone_numbers": [{"phone_number": "+15005550006", "friendly_name": "Support"}, {"phone_number": "54321"}, {}]}"#;
    let accounts = Sms.judge_check(&service, &answered(200, &[], list)).unwrap();
    let accounts: Vec<_> = accounts.iter().map(|account| (account.address.as_str(), account.name.as_str())).collect();
    assert_eq!(accounts, [(OUR_NUMBER, "Support"), ("54321", "54321"), ("MG1", "Messaging Service MG1")]);
    let wrong = Sms.judge_check(&service, &answered(401, &[], r#"{"code": 20003, "message": "Authenticate"}"#)).unwrap_err();
    assert_eq!(wrong.to_string(), "authentication failed (20003): Authenticate");
    assert_eq!(Sms.judge_check(&service, &ProviderReply::Unreachable { why: "no route".to_owned() }).unwrap_err().title, "no route");
}

// checklist 21
#[test]
fn twilios_list_tells_whether_a_message_was_sent_whose_answer_was_lost() {
    let call = &planned("Hello")[0];
    let question = Sms.sent_since(&twilio(), call, super::now()).unwrap();
    assert!(!question.sends);
    assert_eq!(
        question.path,
        format!(
            "/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json?To=%2B15005550001&From=%2B15005550006&DateSent%3E=2025-10-09T08%3A52%3A20Z&PageSize=50"
        )
    );
    let message = |sid: &str, more: serde_json::Value| {
        let mut message = serde_json::json!({
            "sid": sid, "direction": "outbound-api", "from": OUR_NUMBER, "to": CUSTOMER, "body": "Hello", "num_media": "0",
            "date_created": "Thu, 09 Oct 2025 08:53:20 +0000",
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message
    };
    let listed = [
        message("SM3", serde_json::json!({})),
        message("SM2", serde_json::json!({})),
        message("SM1", serde_json::json!({"date_created": "Thu, 09 Oct 2025 08:53:10 +0000"})),
        message("SM4", serde_json::json!({"body": "Hello!"})),
        message("SM5", serde_json::json!({"num_media": "1"})),
        message("SM6", serde_json::json!({"direction": "inbound", "from": CUSTOMER, "to": OUR_NUMBER})),
        message("SM7", serde_json::json!({"to": "+15005550009"})),
        message("", serde_json::json!({})),
    ];
    let answer = answered(200, &[], &serde_json::json!({"messages": listed}).to_string());
    assert_eq!(Sms.read_sent(call, &answer), ["SM1", "SM2", "SM3"], "the oldest first, and nothing of other words");
    assert!(Sms.read_sent(call, &answered(200, &[], "<html>")).is_empty());
    let template = MessageExtra::Template { name: "HX1".to_owned(), language: String::new(), variables: BTreeMap::new(), components: None };
    let mut wanted = outbound(OUR_NUMBER, phone(CUSTOMER), "", Vec::new());
    let Action::Send(said) = &mut wanted.what else { panic!("a message") };
    said.extra = Some(template);
    let calls = Sms.plan(&twilio(), &wanted).unwrap();
    assert!(Sms.sent_since(&twilio(), &calls[0], super::now()).is_none(), "a template's words are Twilio's");
}
