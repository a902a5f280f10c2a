//! Text messages.

use entities::{
    AddressKind, Consequence, Direction, Happening, InboundMessage, MediaAuth, MessageType, Receipt, ReceiptStatus,
    inbound::{ChannelNewsKind, PreferenceScope},
};
use serde_json::{Value, json};
use switchboard::channels::{adapter::Adapter, call::MediaCall, dialpad::Dialpad};

use super::{at, changed, credential, credential_with, fixture, ignored, told, told_with};

fn message(claims: &str) -> InboundMessage {
    match told(claims).remove(0).what {
        Happening::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

fn receipts(claims: &str) -> Vec<Receipt> {
    told(claims).into_iter().filter_map(|told| if let Happening::Receipt(receipt) = told.what { Some(receipt) } else { None }).collect()
}

// checklist 10
#[test]
fn a_text_message_comes_in() {
    let all = told(fixture!("sms_inbound.json"));
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].account.as_str(), all[0].at), ("+15005550006", Some(at(1_760_000_000_183))));
    let message = message(fixture!("sms_inbound.json"));
    assert_eq!((message.id.as_str(), message.direction, message.kind), ("6095000000000001", Direction::In, MessageType::Text));
    assert_eq!(message.text, "Hello, is my order ready?");
    assert_eq!((message.party.address.kind, message.party.address.value.as_str()), (AddressKind::Phone, "+15005550001"));
    assert_eq!((message.party.also[0].kind, message.party.also[0].value.as_str()), (AddressKind::External, "dialpad:5910000000000001"));
    assert_eq!(message.party.name.as_deref(), Some("Dana Field"));
    assert_eq!((message.thread, message.details), (None, None));
}

// checklist 10
#[test]
fn a_repeat_a_change_of_status_and_a_second_subscription_give_the_same_message() {
    let first = message(fixture!("sms_inbound.json"));
    let later = changed(
        fixture!("sms_inbound.json"),
        &[("/message_status", Some(json!("success"))), ("/event_timestamp", Some(json!(1_760_000_009_000_u64)))],
    );
    assert_eq!(message(&later), first);
    assert!(receipts(&later).is_empty(), "a message of theirs has no receipt");
    let company = changed(fixture!("sms_inbound.json"), &[("/target", Some(json!({ "id": 1, "type": "company" })))]);
    assert_eq!(message(&company), first);
}

// checklist 7
#[test]
fn letters_of_any_script_come_through() {
    let body = changed(fixture!("sms_inbound.json"), &[("/text", Some(json!("Grüße 👩‍👩‍👧 \u{0}مرحبا")))]);
    assert_eq!(message(&body).text, "Grüße 👩‍👩‍👧 مرحبا");
}

// checklist 8
#[test]
fn ids_keep_every_digit() {
    let with = |id: Value| message(&changed(fixture!("sms_inbound.json"), &[("/id", Some(id))])).id;
    assert_eq!(with(json!(9_007_199_254_740_993_u64)), "9007199254740993");
    assert_eq!(with(json!(u64::MAX)), "18446744073709551615");
}

// checklist 9
#[test]
fn an_id_is_the_same_as_a_number_and_as_text() {
    let with = |id: Value| message(&changed(fixture!("sms_inbound.json"), &[("/id", Some(id))])).id;
    assert_eq!(with(json!("9007199254740993")), with(json!(9_007_199_254_740_993_u64)));
    assert_eq!(with(json!("0009007199254740993")), "9007199254740993");
}

// checklist 22
#[test]
fn an_id_that_is_none_or_was_a_float_is_no_id() {
    for id in [json!(null), json!(0), json!(""), json!("null"), json!("0"), json!(-5), json!(6.095e15), json!("1e3"), json!([1])] {
        assert!(ignored(&changed(fixture!("sms_inbound.json"), &[("/id", Some(id.clone()))])).len() > 5, "{id}");
    }
}

// checklist 11
#[test]
fn words_that_are_withheld_leave_a_placeholder_and_a_warning() {
    let all = told(fixture!("sms_without_text_scope.json"));
    let [text, news] = &all[..] else { panic!("a message and a warning: {all:?}") };
    let Happening::Message(text) = &text.what else { panic!("no message") };
    assert_eq!(text.kind, MessageType::Unsupported);
    assert!(text.text.contains("message_content_export"));
    let Happening::Channel(news) = &news.what else { panic!("no warning") };
    assert_eq!((news.kind, &news.data), (ChannelNewsKind::Restricted, &Some(json!({ "missing_scope": "message_content_export" }))));
    let again = told(&changed(fixture!("sms_without_text_scope.json"), &[("/id", Some(json!(7)))]));
    assert_eq!(again[1].what, all[1].what, "the same words each time, so that they are shown once");
}

#[test]
fn an_empty_text_is_shown_as_such_and_is_no_missing_scope() {
    let body = changed(fixture!("sms_inbound.json"), &[("/text", Some(json!(""))), ("/text_content", Some(json!("")))]);
    assert_eq!(told(&body).len(), 1);
    assert!(!message(&body).text.is_empty());
    let other = changed(fixture!("sms_inbound.json"), &[("/text", None), ("/text_content", Some(json!("here")))]);
    assert_eq!(message(&other).text, "here");
}

// checklist 12
#[test]
fn a_file_may_be_one_none_or_several() {
    let one = message(fixture!("mms_inbound.json"));
    assert_eq!((one.kind, one.text.as_str(), one.media.len()), (MessageType::Image, "", 1));
    let media = &one.media[0];
    assert_eq!(
        (media.url.as_deref(), media.filename.as_deref(), media.auth),
        (Some("https://dialpad.com/mms/EXAMPLE.jpg"), Some("EXAMPLE.jpg"), MediaAuth::Bearer)
    );
    let with = |url: Option<Value>| message(&changed(fixture!("mms_inbound.json"), &[("/mms_url", url)]));
    let several = with(Some(json!(["https://dialpad.com/mms/a.mp4?x=1", null, "https://dialpad.com/mms/b"])));
    assert_eq!(several.media.iter().map(|media| media.kind).collect::<Vec<_>>(), [MessageType::Video, MessageType::Image]);
    for none in [Some(json!(null)), None, Some(json!([])), Some(json!(7))] {
        let message = with(none);
        assert_eq!((message.kind, message.media.len()), (MessageType::Unsupported, 0));
        assert!(message.text.contains("does not name"));
    }
}

// checklist 12
#[test]
fn the_key_goes_to_dialpad_alone() {
    let Ok(MediaCall::Direct(source)) = Dialpad.media(&credential(), &message(fixture!("mms_inbound.json")).media[0]) else {
        panic!("one step")
    };
    assert_eq!(source.url, "https://dialpad.com/mms/EXAMPLE.jpg");
    assert_eq!(source.headers, [("authorization", "Bearer key-EXAMPLE".to_owned())]);
    assert_eq!(source.trusted_hosts, ["dialpad.com"]);
    assert!(source.html_means_unauthorised);
    let elsewhere = changed(fixture!("mms_inbound.json"), &[("/mms_url", Some(json!("http://169.254.169.254/latest")))]);
    assert!(Dialpad.media(&credential(), &message(&elsewhere).media[0]).is_err(), "only https");
}

// checklist 13
#[test]
fn an_agents_own_text_is_an_echo_by_its_author() {
    let all = told(fixture!("sms_outbound_by_agent.json"));
    assert_eq!(all.len(), 1, "that it is pending says nothing more");
    let message = message(fixture!("sms_outbound_by_agent.json"));
    assert_eq!((message.direction, message.author_name.as_deref()), (Direction::Out, Some("Alex Agent")));
    assert_eq!(message.party.address.value, "+15005550001", "the contact, also for an echo");
    assert_eq!(message.details, Some(json!({ "sender_id": "5990000000000001" })));
    let line = changed(fixture!("sms_outbound_by_agent.json"), &[("/target/type", Some(json!("office")))]);
    assert_eq!(super::texts::message(&line).author_name, None, "a shared line is nobody's name");
}

// checklist 13: what is answered to our own sending is the id that its event has
#[test]
fn our_own_text_has_the_same_id_in_its_answer_and_in_its_event() {
    let calls = super::outbound::planned(super::outbound::message("Yes, you can collect it."));
    let outcome = Dialpad.classify(&calls[0], &super::answered(200, &[], fixture!("sms_answer.json")));
    let id = message(fixture!("sms_outbound_by_agent.json")).id;
    assert_eq!(outcome, entities::SendOutcome::Accepted { id: Some(id), delivered: false, also: Vec::new() });
}

// checklist 14
#[test]
fn what_became_of_a_text_is_told_with_the_message_itself() {
    let delivered = told(fixture!("sms_delivered.json"));
    assert_eq!(delivered.len(), 2);
    assert_eq!(delivered[1].at, Some(at(1_760_000_004_000)));
    assert_eq!(
        receipts(fixture!("sms_delivered.json")),
        [Receipt {
            target: "6095000000000003".to_owned(),
            own_id: None,
            status: ReceiptStatus::Delivered,
            error: None,
            consequence: Consequence::None
        }]
    );
    let failed = receipts(fixture!("sms_failed.json")).remove(0);
    let error = failed.error.unwrap();
    assert_eq!((failed.status, error.code.as_str()), (ReceiptStatus::Failed, "invalid_destination"));
    assert!(error.title.contains("cannot receive"));
    for result in ["internal_error", "time_out", "no_route", "not_supported", "invalid_source", "rejected", "rejected_spam", "brand_new"] {
        let body = changed(fixture!("sms_failed.json"), &[("/message_delivery_result", Some(json!(result)))]);
        assert_eq!(receipts(&body)[0].error.as_ref().unwrap().code, result);
    }
    assert_eq!(
        receipts(&changed(fixture!("sms_failed.json"), &[("/message_delivery_result", Some(json!(null)))]))[0].status,
        ReceiptStatus::Failed
    );
    assert!(receipts(&changed(fixture!("sms_failed.json"), &[("/message_status", Some(json!("brand_new")))])).is_empty());
}

// checklist 15
#[test]
fn stop_start_and_help_are_wishes_and_messages() {
    let with = |text: &str| told(&changed(fixture!("sms_inbound.json"), &[("/text", Some(json!(text)))]));
    for (text, wants) in [("STOP", false), (" stop ", false), ("Unsubscribe", false), ("QUIT", false), ("START", true), ("unstop", true)] {
        let all = with(text);
        assert!(matches!(&all[0].what, Happening::Message(message) if message.text == text.trim()), "the message stays in the thread");
        let Happening::Preference { contact, wants: wish, scope: PreferenceScope::All, .. } = &all[1].what else {
            panic!("{text}: {all:?}")
        };
        assert_eq!((contact.value.as_str(), *wish), ("+15005550001", wants), "{text}");
    }
    for text in ["HELP", "please stop", "STOP.", "don't stop"] {
        assert_eq!(with(text).len(), 1, "{text}");
    }
    let ours = changed(fixture!("sms_outbound_by_agent.json"), &[("/text", Some(json!("STOP")))]);
    assert_eq!(told(&ours).len(), 1, "our own words are no wish of theirs");
}

// checklist 16
#[test]
fn a_group_is_answered_to_who_wrote_and_names_the_others() {
    let group = changed(fixture!("sms_inbound.json"), &[("/to_number", Some(json!(["+15005550006", "+15005550007", "+15005550008"])))]);
    let message = message(&group);
    assert_eq!(told(&group)[0].account, "+15005550006");
    assert_eq!(message.party.address.value, "+15005550001");
    assert_eq!(message.details, Some(json!({ "participants": ["+15005550007", "+15005550008"] })));
}

// checklist 17
#[test]
fn a_town_or_a_number_is_no_name_and_the_targets_number_is_not_used() {
    let name = |name: &str| message(&changed(fixture!("sms_inbound.json"), &[("/contact/name", Some(json!(name)))])).party.name;
    for none in ["Alameda, CA", "(500) 555-0001", "+15005550001", ""] {
        assert_eq!(name(none), None, "{none}");
    }
    assert_eq!(name("Field, Dana").as_deref(), Some("Field, Dana"));
    let without = changed(fixture!("sms_inbound.json"), &[("/to_number", Some(json!([])))]);
    assert_eq!(told(&without)[0].account, "office:5520000000000001");
}

#[test]
fn colleagues_stay_among_themselves_unless_they_are_let_in() {
    for internal in [("/is_internal", json!(true)), ("/contact/type", json!("user"))] {
        let body = changed(fixture!("sms_inbound.json"), &[(internal.0, Some(internal.1))]);
        assert_eq!(ignored(&body), "among colleagues");
        assert!(matches!(told_with(&credential_with(&[("internal", "allow")]), &body)[0].what, Happening::Message(_)));
    }
}

#[test]
fn an_event_of_more_than_a_week_ago_is_a_replay() {
    let of = |days: i64| changed(fixture!("sms_inbound.json"), &[("/event_timestamp", Some(json!(super::NOW_MS - days * 86_400_000)))]);
    assert_eq!(ignored(&of(8)), "older than seven days");
    assert!(matches!(told(&of(6))[0].what, Happening::Message(_)), "texts are retried for hours");
}

// checklist 33
#[test]
fn other_kinds_of_events_are_ignored() {
    for event in [
        json!({ "internal_number": "+15005550006", "event_timestamp": super::NOW_MS }),
        json!({ "target": { "type": "user", "id": 7 }, "status": "available" }),
    ] {
        assert_eq!(ignored(&event.to_string()), "neither a call nor a text message");
    }
    assert_eq!(ignored("{}"), "names no number of ours");
    for body in ["", "[]", "no json", "7"] {
        assert!(Dialpad.parse(&credential(), &super::notification(body)).is_err(), "{body}");
    }
}
