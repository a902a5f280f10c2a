//! Telnyx: signatures, what it tells, sending, and what its answers mean.

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{Consequence, Holds, MessageType, ReceiptStatus, SendOutcome};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Notification, Refusal},
    call::MediaCall,
    credential::Credential,
    request::RawRequest,
    sms::Sms,
};

use super::{
    CUSTOMER, NOW_SECS, OUR_NUMBER, OWN_ID, answered, credential, file, header, ignored, json_of, message, now, outbound, phone,
    preferences, receipt, refusal, request, send, told,
};

const URL: &str = "https://msg.example.org/hooks/telnyx";
const RECEIVED: &str = include_str!("../fixtures/sms/telnyx_message_received_with_picture.json");
const FAILED: &str = include_str!("../fixtures/sms/telnyx_message_finalized_delivery_failed.json");

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(seed: u8) -> String {
    BASE64_STANDARD.encode(pair(seed).public_key().as_ref())
}

fn telnyx() -> Credential {
    credential("telnyx", &[("api_key", "KEY1"), ("public_key", &public(7))])
}

fn signature(seed: u8, timestamp: &str, body: &str) -> String {
    BASE64_STANDARD.encode(pair(seed).sign(format!("{timestamp}|{body}").as_bytes()).as_ref())
}

fn carrying(timestamp: &str, signature: &str, body: &str) -> RawRequest {
    request(
        "POST",
        URL,
        &[("content-type", "application/json"), ("telnyx-timestamp", timestamp), ("telnyx-signature-ed25519", signature)],
        body,
    )
}

fn signed(body: &str) -> RawRequest {
    let timestamp = NOW_SECS.to_string();
    carrying(&timestamp, &signature(7, &timestamp, body), body)
}

fn unauthentic(request: &RawRequest) -> bool {
    matches!(refusal(&telnyx(), request), Refusal::Unauthentic(_))
}

// checklist 28
#[test]
fn a_signature_over_time_and_body_verifies_and_nothing_may_be_changed() {
    assert!(Sms.verify(&telnyx(), &signed(RECEIVED)).is_ok());
    let timestamp = NOW_SECS.to_string();
    let good = signature(7, &timestamp, RECEIVED);
    assert!(unauthentic(&carrying(&timestamp, &good, &RECEIVED.replace("Hello", "Hullo"))), "body");
    assert!(unauthentic(&carrying(&(NOW_SECS + 1).to_string(), &good, RECEIVED)), "timestamp");
    assert!(unauthentic(&carrying(&timestamp, &signature(8, &timestamp, RECEIVED), RECEIVED)), "key");
    assert!(unauthentic(&carrying(&format!("0{timestamp}"), &good, RECEIVED)), "another spelling of the same number");
}

// checklist 28
#[test]
fn a_time_more_than_five_minutes_ago_or_ahead_is_refused() {
    for (off, fine) in [(-300, true), (-301, false), (300, true), (301, false)] {
        let timestamp = (NOW_SECS + off).to_string();
        let request = carrying(&timestamp, &signature(7, &timestamp, RECEIVED), RECEIVED);
        assert_eq!(Sms.verify(&telnyx(), &request).is_ok(), fine, "{off}");
    }
    for odd in ["", "now", "-1", "1e9", "99999999999999999999", "+1760000000"] {
        assert!(unauthentic(&carrying(odd, &signature(7, odd, RECEIVED), RECEIVED)), "{odd}");
    }
}

// checklist 28
#[test]
fn a_key_of_another_length_verifies_nothing() {
    for key in ["", "AAAA", &public(7)[4..], &BASE64_STANDARD.encode([1_u8; 33]), "not base64!"] {
        let credential = credential("telnyx", &[("public_key", key)]);
        assert!(matches!(refusal(&credential, &signed(RECEIVED)), Refusal::Unconfigured(_)), "{key}");
    }
    let both = credential("telnyx", &[("public_key", &public(9)), ("public_key", &public(7))]);
    assert!(Sms.verify(&both, &signed(RECEIVED)).is_ok(), "while a key is changed");
}

// checklist 28
#[test]
fn a_header_that_is_missing_repeated_or_garbage_is_refused() {
    let timestamp = NOW_SECS.to_string();
    let good = signature(7, &timestamp, RECEIVED);
    let (at, by) = (("telnyx-timestamp", timestamp.as_str()), ("telnyx-signature-ed25519", good.as_str()));
    for headers in [vec![], vec![at], vec![by], vec![at, by, by], vec![at, at, by]] {
        assert!(unauthentic(&request("POST", URL, &headers, RECEIVED)), "{}", headers.len());
    }
    for garbage in ["", "====", &good[4..], &hex::encode(BASE64_STANDARD.decode(&good).unwrap()), &format!("{good}{good}")] {
        assert!(unauthentic(&carrying(&timestamp, garbage, RECEIVED)), "{garbage}");
    }
    assert!(matches!(refusal(&telnyx(), &request("GET", URL, &[at, by], "")), Refusal::Malformed(_)));
}

#[test]
fn the_shared_path_finds_our_number_by_the_direction() {
    assert_eq!(Sms.claimed_accounts(&signed(RECEIVED)), [OUR_NUMBER]);
    assert_eq!(Sms.claimed_accounts(&signed(FAILED)), [OUR_NUMBER]);
    assert!(Sms.claimed_accounts(&signed("{}")).is_empty());
}

#[test]
fn a_message_with_a_picture_is_told_with_what_is_known_of_it() {
    let inbound = told(&telnyx(), &signed(RECEIVED));
    assert_eq!((inbound.len(), inbound[0].account.as_str(), inbound[0].at), (1, OUR_NUMBER, Some(now())));
    let message = message(&inbound);
    assert_eq!(
        (message.id.as_str(), message.kind, message.text.as_str()),
        ("84cca175-9755-4859-b67f-4730d7f58aa3", MessageType::Image, "Hello")
    );
    assert_eq!(message.party.address.value, CUSTOMER);
    let picture = &message.media[0];
    assert_eq!((picture.mime.as_deref(), picture.size, picture.sha256.as_ref()), (Some("image/jpeg"), Some(51231), None));
    let Ok(MediaCall::Direct(source)) = Sms.media(&telnyx(), picture) else { panic!() };
    assert!(source.headers.is_empty(), "such files are public");
}

fn received(change: impl FnOnce(&mut Value)) -> Vec<entities::Inbound> {
    let mut json: Value = serde_json::from_str(RECEIVED).unwrap();
    change(&mut json["data"]["payload"]);
    told(&telnyx(), &signed(&json.to_string()))
}

#[test]
fn subjects_empty_texts_words_and_groups_are_read() {
    assert_eq!(message(&received(|payload| payload["subject"] = json!("Order 7"))).text, "Order 7\nHello");
    let empty = received(|payload| {
        payload["text"] = json!("");
        payload["media"] = json!([]);
    });
    assert_eq!(message(&empty).text, "(empty message)");
    let stop = received(|payload| payload["text"] = json!("STOP"));
    assert_eq!(preferences(&stop), [(CUSTOMER.to_owned(), false, Some("STOP".to_owned()))]);
    let group = received(|payload| {
        payload["to"] =
            json!([{"phone_number": "+15005550009", "status": "queued"}, {"phone_number": "+15005550006", "status": "webhook_delivered"}]);
    });
    assert_eq!(group[0].account, OUR_NUMBER);
}

#[test]
fn a_failed_delivery_names_our_own_id_and_says_why() {
    let inbound = told(&telnyx(), &signed(FAILED));
    assert_eq!(inbound[0].account, OUR_NUMBER);
    let told = receipt(&inbound);
    assert_eq!((told.target.as_str(), told.own_id.as_deref()), ("834f3d53-8a3c-4aa0-a733-7f2d682a72df", Some(OWN_ID)));
    assert_eq!(told.error.as_ref().unwrap().to_string(), "Undeliverable (40008): The recipient carrier did not accept the message.");
}

#[test]
fn each_status_has_its_place_and_an_unknown_one_changes_nothing() {
    let told_of = |status: &str, code: &str| {
        let mut json: Value = serde_json::from_str(FAILED).unwrap();
        json["data"]["payload"]["to"][0]["status"] = json!(status);
        json["data"]["payload"]["errors"][0]["code"] = json!(code);
        told(&telnyx(), &signed(&json.to_string()))
    };
    for (word, status) in [
        ("queued", ReceiptStatus::Accepted),
        ("sending", ReceiptStatus::Accepted),
        ("sent", ReceiptStatus::Sent),
        ("delivery_unconfirmed", ReceiptStatus::Sent),
        ("delivered", ReceiptStatus::Delivered),
        ("sending_failed", ReceiptStatus::Failed),
        ("delivery_failed", ReceiptStatus::Failed),
    ] {
        assert_eq!(receipt(&told_of(word, "1")).status, status, "{word}");
    }
    assert_eq!(ignored(&told_of("beamed", "1")), "message status beamed");
    assert_eq!(preferences(&told_of("delivery_failed", "40300")), [(CUSTOMER.to_owned(), false, None)]);
    let other = told(&telnyx(), &signed(r#"{"data": {"event_type": "call.initiated"}}"#));
    assert_eq!(ignored(&other), "event call.initiated");
}

#[test]
fn a_message_is_sent_with_files_receipts_and_our_own_id_as_tag() {
    let files = vec![file("a.jpg", "image/jpeg", 1)];
    let calls = Sms.plan(&telnyx(), &outbound(OUR_NUMBER, phone(CUSTOMER), "Hello", files)).unwrap();
    assert_eq!((calls[0].base, calls[0].path.as_str()), ("https://api.telnyx.com", "/v2/messages"));
    assert_eq!(header(&calls[0], "authorization"), "Bearer KEY1");
    assert_eq!(
        json_of(&calls[0]),
        json!({
            "from": OUR_NUMBER, "to": CUSTOMER, "text": "Hello", "media_urls": ["https://files.example.org/a.jpg"],
            "webhook_url": "https://msg.example.org/api/webhooks/sms", "tags": [OWN_ID],
        })
    );
    let long = send(&telnyx(), CUSTOMER, &"я".repeat(671));
    assert_eq!(long.len(), 2, "ten parts in UCS-2");
    assert!(json_of(&long[1]).get("media_urls").is_none());
}

#[test]
fn each_code_has_its_consequence() {
    let judged =
        |status: u16, body: &str| Sms.classify(&send(&telnyx(), CUSTOMER, "x")[0], &answered(status, &[("retry-after", "3")], body));
    let code = |status: u16, code: &str| judged(status, &json!({"errors": [{"code": code, "title": "T", "detail": "D"}]}).to_string());
    let SendOutcome::Accepted { id, .. } = judged(200, r#"{"data": {"id": "m1", "to": [{"status": "queued"}]}}"#) else { panic!() };
    assert_eq!(id.as_deref(), Some("m1"));
    assert!(matches!(code(403, "40300"), SendOutcome::Refused { consequence: Consequence::OptedOut, .. }));
    for invalid in ["40310", "40001"] {
        assert!(matches!(code(400, invalid), SendOutcome::Refused { consequence: Consequence::AddressUnusable, .. }), "{invalid}");
    }
    for stops in ["40333", "40005", "40010", "10007", "10009"] {
        assert!(matches!(code(400, stops), SendOutcome::Halted { .. }), "{stops}");
    }
    assert!(matches!(code(429, "10011"), SendOutcome::Retry { after_ms: Some(3000), holds: Holds::Channel, .. }));
    assert!(matches!(judged(429, ""), SendOutcome::Retry { .. }));
    assert!(matches!(code(422, "49999"), SendOutcome::Refused { consequence: Consequence::None, .. }));
    assert!(matches!(code(403, "40999"), SendOutcome::Refused { .. }), "about this message, not about the channel");
    assert!(matches!(judged(403, ""), SendOutcome::Halted { .. }));
    assert!(matches!(judged(502, ""), SendOutcome::Unknown { .. }));
}

#[test]
fn the_check_lists_the_accounts_numbers() {
    assert_eq!(Sms.check(&telnyx()).path, "/v2/phone_numbers?page%5Bsize%5D=100");
    let list = r#"{"data": [{"phone_number": "+15005550006"}]}"#;
    assert_eq!(Sms.judge_check(&telnyx(), &answered(200, &[], list)).unwrap()[0].address, OUR_NUMBER);
    let wrong = Sms.judge_check(&telnyx(), &answered(401, &[], r#"{"errors": [{"code": "10009", "title": "Authentication failed"}]}"#));
    assert_eq!(wrong.unwrap_err().to_string(), "Authentication failed (10009)");
}

proptest! {
    #[test]
    fn whatever_comes_is_refused_or_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), byte in any::<u8>(), which in any::<bool>()) {
        let fixture = if which { RECEIVED } else { FAILED };
        let mut changed = fixture.as_bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] = byte;
        let timestamp = NOW_SECS.to_string();
        let good = signature(7, &timestamp, fixture);
        for body in [body, changed] {
            let mut request = carrying(&timestamp, &good, "");
            request.body.clone_from(&body);
            prop_assert_eq!(Sms.verify(&telnyx(), &request).is_ok(), body == fixture.as_bytes());
            Sms.claimed_accounts(&request);
            let notification = Notification { body, content_type: "application/json".to_owned(), kind: String::new(), received_at: now() };
            let _ = Sms.parse(&telnyx(), &notification);
        }
    }
}
