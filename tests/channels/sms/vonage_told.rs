//! What Vonage tells, sending with it, and what its answers mean.

use entities::{
    AddressKind, Consequence, Happening, Holds, Inbound, MessageType, ReceiptStatus, SendOutcome,
    parts::{MessagePart, joined},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Notification},
    call::{MediaCall, ProviderReply},
    credential::Credential,
    sms::Sms,
};

use super::{
    CUSTOMER, NOW_SECS, OUR_NUMBER, OWN_ID, answered, credential, field, file, header, ignored, json_of, message, now, outbound, phone,
    preferences, receipt, send,
};

fn vonage(more: &[(&str, &str)]) -> Credential {
    let mut secrets = vec![("api_key", "key1"), ("api_secret", "secret1"), ("signature_secret", "vsecret")];
    secrets.extend_from_slice(more);
    credential("vonage", &secrets)
}

fn notified(content_type: &str, body: &str) -> Notification {
    Notification { body: body.as_bytes().to_vec(), content_type: content_type.to_owned(), kind: String::new(), received_at: now() }
}

fn form(body: &str) -> Vec<entities::Inbound> {
    Sms.parse(&vonage(&[]), &notified("application/x-www-form-urlencoded", body)).unwrap()
}

fn json(body: &str) -> Vec<entities::Inbound> {
    Sms.parse(&vonage(&[]), &notified("application/json", body)).unwrap()
}

#[test]
fn a_text_of_the_sms_api_is_a_message() {
    let inbound = form(include_str!("../fixtures/sms/vonage_sms_api_text.form"));
    assert_eq!((inbound[0].account.as_str(), inbound[0].at), (OUR_NUMBER, Some(now())));
    let message = message(&inbound);
    assert_eq!((message.id.as_str(), message.text.as_str()), ("0A0000000123ABCD1", "Hello world"));
    assert_eq!((message.party.address.kind, message.party.address.value.as_str()), (AddressKind::Phone, CUSTOMER));
}

#[test]
fn a_text_of_the_messages_api_is_a_message() {
    let inbound = json(include_str!("../fixtures/sms/vonage_messages_sms.json"));
    assert_eq!((inbound.len(), inbound[0].account.as_str(), inbound[0].at), (1, OUR_NUMBER, Some(now())));
    let message = message(&inbound);
    assert_eq!((message.id.as_str(), message.text.as_str()), ("aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", "Hello"));
    assert_eq!(message.party.address.value, CUSTOMER);
}

#[test]
fn a_picture_of_the_messages_api_has_its_caption_and_is_fetched_at_vonage() {
    let inbound = json(include_str!("../fixtures/sms/vonage_messages_mms_picture.json"));
    let message = message(&inbound);
    assert_eq!((message.kind, message.text.as_str(), message.media.len()), (MessageType::Image, "look", 1));
    assert_eq!(message.media[0].filename.as_deref(), Some("a.jpg"));
    let Ok(MediaCall::Direct(source)) = Sms.media(&vonage(&[]), &message.media[0]) else { panic!() };
    assert_eq!(source.url, "https://api-us.nexmo.com/v3/media/aaaa");
    assert!(source.trusted_hosts.contains(&"api-us.nexmo.com"));
}

#[test]
fn kinds_that_cannot_be_shown_are_said_to_be_such() {
    let inbound = json(r#"{"message_uuid": "u1", "to": "15005550006", "from": "15005550001", "message_type": "hologram", "hologram": {}}"#);
    assert_eq!(message(&inbound).kind, MessageType::Unsupported);
    let inbound = form("msisdn=15005550001&to=15005550006&messageId=1&type=binary&data=0011&udh=0605");
    assert_eq!(message(&inbound).kind, MessageType::Unsupported);
    assert_eq!(message(&form("msisdn=15005550001&to=15005550006&messageId=1&type=text&text=")).text, "(empty message)");
}

#[test]
fn words_like_stop_count_in_both_apis() {
    assert_eq!(
        preferences(&form("msisdn=15005550001&to=15005550006&messageId=1&text=Stop")),
        [(CUSTOMER.to_owned(), false, Some("Stop".to_owned()))]
    );
    let inbound = json(r#"{"message_uuid": "u1", "to": "15005550006", "from": "15005550001", "text": "START"}"#);
    assert_eq!(preferences(&inbound), [(CUSTOMER.to_owned(), true, Some("START".to_owned()))]);
}

#[test]
fn receipts_of_both_apis_name_our_own_id_and_say_why() {
    let inbound = form(include_str!("../fixtures/sms/vonage_sms_api_receipt_failed.form"));
    assert_eq!(inbound[0].account, OUR_NUMBER);
    let told = receipt(&inbound);
    assert_eq!((told.target.as_str(), told.own_id.as_deref(), told.status), ("0A0000000123ABCD2", Some(OWN_ID), ReceiptStatus::Failed));
    assert_eq!(told.error.as_ref().unwrap().to_string(), "the number does not exist (9)");

    let inbound = json(include_str!("../fixtures/sms/vonage_messages_receipt_rejected.json"));
    assert_eq!(inbound[0].account, OUR_NUMBER);
    let told = receipt(&inbound);
    assert_eq!((told.own_id.as_deref(), told.status), (Some(OWN_ID), ReceiptStatus::Failed));
    assert_eq!(told.error.as_ref().unwrap().to_string(), "Destination unreachable (1260)");
}

#[test]
fn each_status_has_its_place_and_an_unknown_one_changes_nothing() {
    let old = |word: &str| form(&format!("msisdn=15005550001&to=15005550006&messageId=1&status={word}&err-code=0"));
    for (word, status) in [("delivered", ReceiptStatus::Delivered), ("accepted", ReceiptStatus::Sent), ("buffered", ReceiptStatus::Sent)] {
        assert_eq!(receipt(&old(word)).status, status);
    }
    for word in ["expired", "failed", "rejected"] {
        assert_eq!(receipt(&old(word)).status, ReceiptStatus::Failed);
    }
    assert_eq!(ignored(&old("unknown")), "message status unknown");
    let new = |word: &str| json(&json!({"message_uuid": "u", "to": "15005550001", "from": "15005550006", "status": word}).to_string());
    for (word, status) in [
        ("submitted", ReceiptStatus::Accepted),
        ("delivered", ReceiptStatus::Delivered),
        ("read", ReceiptStatus::Read),
        ("undeliverable", ReceiptStatus::Failed),
    ] {
        assert_eq!(receipt(&new(word)).status, status);
    }
    assert_eq!(ignored(&new("dreamt")), "message status dreamt");
}

fn part(number: u32, total: u32, text: &str) -> MessagePart {
    let body = format!(
        "msisdn=15005550001&to=15005550006&messageId=id{number}&text={text}&type=text&concat=true&concat-ref=08&concat-total={total}&concat-part={number}"
    );
    match form(&body).as_slice() {
        [Inbound { what: Happening::Part(part), .. }] => (**part).clone(),
        other => panic!("{other:?}"),
    }
}

fn whole(parts: &[MessagePart]) -> Option<String> {
    joined("id", &parts.iter().collect::<Vec<_>>()).map(|message| message.text)
}

// checklist 26
#[test]
fn parts_of_a_long_message_join_in_their_order_however_they_came() {
    let parts = [part(3, 3, "c"), part(1, 3, "a+"), part(2, 3, "b+"), part(2, 3, "b+")];
    let [first, ..] = &parts;
    assert_eq!((first.of.as_str(), first.number, first.total), ("15005550001/15005550006/08", 3, 3), "each says which part of what it is");
    assert_eq!(whole(&parts).as_deref(), Some("a b c"), "spaces at the ends of parts are part of the text");
}

// checklist 26
#[test]
fn a_part_that_does_not_come_leaves_a_mark() {
    assert_eq!(whole(&[part(3, 3, "c"), part(1, 3, "a")]).as_deref(), Some("a […] c"));
    assert_eq!(whole(&[part(2, 3, "b")]).as_deref(), Some("[…] b […]"));
    assert_eq!(whole(&[]), None);
    for odd in [
        "concat=true&concat-part=4&concat-total=3",
        "concat=true&concat-part=0&concat-total=3",
        "concat=true&concat-part=x",
        "concat=false&concat-part=1&concat-total=2",
    ] {
        let inbound = form(&format!("msisdn=15005550001&to=15005550006&messageId=1&text=x&{odd}"));
        assert_eq!(message(&inbound).text, "x", "{odd}");
    }
}

// checklist 26
#[test]
fn a_part_that_says_stop_is_no_wish_and_what_cannot_be_shown_is_said_once() {
    let odd = "msisdn=15005550001&to=15005550006&messageId=1&concat=true&concat-ref=08&concat-total=2&concat-part=2";
    assert!(matches!(form(&format!("{odd}&text=STOP")).as_slice(), [Inbound { what: Happening::Part(_), .. }]));
    match form(&format!("{odd}&type=binary&text=")).as_slice() {
        [Inbound { what: Happening::Part(part), .. }] => {
            assert_eq!((part.message.kind, part.message.text.as_str()), (MessageType::Unsupported, ""));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_names_no_message_or_nobody_is_unreadable() {
    let unreadable = |kind: &str, body: &str| Sms.parse(&vonage(&[]), &notified(kind, body)).is_err();
    for body in ["{", "[]", "{}", r#"{"message_uuid": "u"}"#, r#"{"message_uuid": "", "from": "1", "to": "2"}"#] {
        assert!(unreadable("application/json", body), "{body}");
    }
    assert!(unreadable("application/x-www-form-urlencoded", "to=15005550006&messageId=1"));
    assert!(unreadable("application/x-www-form-urlencoded", "to=15005550006&msisdn=15005550001"));
}

#[test]
fn the_messages_api_sends_with_name_and_password_or_with_a_token_of_the_application() {
    let calls = send(&vonage(&[]), CUSTOMER, "Hello");
    assert_eq!((calls[0].base, calls[0].path.as_str()), ("https://api.nexmo.com", "/v1/messages"));
    assert_eq!(
        json_of(&calls[0]),
        json!({
            "channel": "sms", "message_type": "text", "to": "15005550001", "from": "15005550006", "text": "Hello",
            "client_ref": OWN_ID, "sms": {"encoding_type": "auto"},
        })
    );
    assert_eq!(header(&calls[0], "authorization"), "Basic a2V5MTpzZWNyZXQx");

    let pem = include_str!("../fixtures/sms/vonage_application_key_for_tests_only.pem");
    let calls = send(&vonage(&[("application_id", "app1"), ("private_key", pem)]), CUSTOMER, &"a ".repeat(900));
    assert_eq!(calls.len(), 2);
    let claims = |call: usize| -> Value {
        let bearer = header(&calls[call], "authorization");
        let payload = bearer.strip_prefix("Bearer ").unwrap().split('.').nth(1).unwrap().to_owned();
        serde_json::from_slice(&base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap()).unwrap()
    };
    assert_eq!(claims(0), json!({"application_id": "app1", "iat": NOW_SECS, "exp": NOW_SECS + 900, "jti": format!("{OWN_ID}-0")}));
    assert_eq!(claims(1)["jti"], json!(format!("{OWN_ID}-1")), "a token for each call");

    let broken = vonage(&[("application_id", "app1"), ("private_key", "not a key")]);
    assert_eq!(Sms.plan(&broken, &outbound(OUR_NUMBER, phone(CUSTOMER), "x", Vec::new())).unwrap_err().code, "unconfigured");
}

#[test]
fn files_are_messages_of_their_own() {
    let files = vec![file("a.jpg", "image/jpeg", 1), file("b.vcf", "text/vcard", 1)];
    let calls = Sms.plan(&vonage(&[]), &outbound(OUR_NUMBER, phone(CUSTOMER), "look", files)).unwrap();
    let kinds: Vec<_> = calls.iter().map(|call| json_of(call)["message_type"].clone()).collect();
    assert_eq!(kinds, ["text", "image", "vcard"]);
    assert_eq!(json_of(&calls[1])["image"], json!({"url": "https://files.example.org/a.jpg"}));
    assert_eq!(json_of(&calls[1])["channel"], "mms");
    let other = outbound(OUR_NUMBER, phone(CUSTOMER), "", vec![file("a.pdf", "application/pdf", 1)]);
    assert_eq!(Sms.plan(&vonage(&[]), &other).unwrap_err().code, "file_type");
}

#[test]
fn the_sms_api_says_when_a_text_is_not_gsm_7() {
    let sms = vonage(&[("api", "sms")]);
    let call = &send(&sms, CUSTOMER, "Hello")[0];
    assert_eq!((call.base, call.path.as_str()), ("https://rest.nexmo.com", "/sms/json"));
    let all: Vec<_> =
        ["api_key", "api_secret", "from", "to", "type", "text", "client-ref", "callback"].map(|name| field(call, name).join(",")).into();
    assert_eq!(all, ["key1", "secret1", "15005550006", "15005550001", "", "Hello", OWN_ID, "https://msg.example.org/api/webhooks/sms"]);
    assert_eq!(field(&send(&sms, CUSTOMER, "Привет")[0], "type"), ["unicode"]);
    let with_file = outbound(OUR_NUMBER, phone(CUSTOMER), "x", vec![file("a.jpg", "image/jpeg", 1)]);
    assert_eq!(Sms.plan(&sms, &with_file).unwrap_err().code, "unsupported");
}

fn judged_sms(status: u16, body: &str) -> SendOutcome {
    Sms.classify(&send(&vonage(&[("api", "sms")]), CUSTOMER, "x")[0], &answered(status, &[], body))
}

fn judged(status: u16, body: &str) -> SendOutcome {
    Sms.classify(&send(&vonage(&[]), CUSTOMER, "x")[0], &answered(status, &[], body))
}

// checklist 26
#[test]
fn the_sms_api_refuses_with_200_and_throttling_waits_as_long_as_it_says() {
    let id = |outcome: SendOutcome| match outcome {
        SendOutcome::Accepted { id, .. } => id,
        other => panic!("{other:?}"),
    };
    assert_eq!(id(judged_sms(200, include_str!("../fixtures/sms/vonage_sms_api_send_answer.json"))).as_deref(), Some("0A0000000123ABCD3"));
    let refused = |code: &str, text: &str| judged_sms(200, &json!({"messages": [{"status": code, "error-text": text}]}).to_string());
    let SendOutcome::Retry { after_ms, holds: Holds::Channel, .. } =
        refused("1", "Throughput Rate Exceeded - please wait [ 250 ] and retry")
    else {
        panic!()
    };
    assert_eq!(after_ms, Some(250));
    assert!(matches!(refused("1", "Throttled"), SendOutcome::Retry { after_ms: None, .. }));
    assert!(matches!(refused("5", ""), SendOutcome::Retry { .. }));
    for code in ["4", "8", "9", "15"] {
        assert!(matches!(refused(code, ""), SendOutcome::Halted { .. }), "{code}");
    }
    for code in ["2", "3", "6", "7", "12", "22", "29", "99"] {
        assert!(matches!(refused(code, ""), SendOutcome::Refused { consequence: Consequence::None, .. }), "{code}");
    }
    assert!(matches!(refused("33", "Number De-activated"), SendOutcome::Refused { consequence: Consequence::AddressUnusable, .. }));
    assert!(matches!(judged_sms(200, "<html>"), SendOutcome::Unknown { .. }), "an answer that says nothing");
}

#[test]
fn answers_of_the_messages_api_mean_what_their_codes_say() {
    let SendOutcome::Accepted { id, .. } = judged(202, r#"{"message_uuid": "u1"}"#) else { panic!() };
    assert_eq!(id.as_deref(), Some("u1"));
    let error =
        |code: u32| format!(r#"{{"type": "https://developer.vonage.com/api-errors/messages#{code}", "title": "T", "detail": "D"}}"#);
    assert!(matches!(judged(429, &error(1000)), SendOutcome::Retry { holds: Holds::Channel, .. }));
    assert!(matches!(judged(429, ""), SendOutcome::Retry { .. }));
    for code in [1020, 1260, 1300] {
        assert!(matches!(judged(429, &error(code)), SendOutcome::Refused { .. }), "{code}");
    }
    for status in [401, 402, 403] {
        assert!(matches!(judged(status, &error(1)), SendOutcome::Halted { .. }), "{status}");
    }
    let SendOutcome::Refused { error, .. } = judged(422, r#"{"type": "x#bad", "title": "Invalid params", "detail": "Check the number"}"#)
    else {
        panic!()
    };
    assert_eq!(error.to_string(), "Invalid params (http_422): Check the number");
    assert!(matches!(judged(500, ""), SendOutcome::Unknown { .. }));
}

#[test]
fn the_check_lists_the_accounts_numbers() {
    let call = Sms.check(&vonage(&[]));
    assert_eq!((call.base, call.path.as_str()), ("https://rest.nexmo.com", "/account/numbers?size=100"));
    let accounts =
        Sms.judge_check(&vonage(&[]), &answered(200, &[], r#"{"count": 1, "numbers": [{"country": "US", "msisdn": "15005550006"}]}"#));
    assert_eq!(accounts.unwrap()[0].address, OUR_NUMBER);
    assert!(Sms.judge_check(&vonage(&[]), &answered(401, &[], "{}")).is_err());
    assert!(Sms.judge_check(&vonage(&[]), &ProviderReply::Silent { why: "timeout".to_owned() }).is_err());
}

proptest! {
    #[test]
    fn whatever_verified_is_read_or_said_to_be_unreadable(body in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut changed = include_bytes!("../fixtures/sms/vonage_messages_mms_picture.json").to_vec();
        let at = at.index(changed.len());
        changed[at] = byte;
        for body in [body, changed] {
            for kind in ["application/json", "application/x-www-form-urlencoded"] {
                let notification = Notification { body: body.clone(), content_type: kind.to_owned(), kind: String::new(), received_at: now() };
                let _ = Sms.parse(&vonage(&[]), &notification);
            }
        }
    }

    #[test]
    fn whatever_is_answered_is_judged(status in 100_u16..600, body in "\\PC{0,100}") {
        judged(status, &body);
        judged_sms(status, &body);
    }
}
