//! MessageBird: tokens, what it tells, sending, and what its answers mean.

use entities::{MessageType, ReceiptStatus, SendOutcome};
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Notification, Refusal},
    credential::Credential,
    request::RawRequest,
    sms::Sms,
};

use super::{
    CUSTOMER, NOW_SECS, OUR_NUMBER, OWN_ID, answered, credential, file, header, ignored, json_of, message, now, outbound, phone,
    preferences, receipt, refusal, request, send, sha256_hex, token, told,
};

const URL: &str = "https://msg.example.org/hooks/mb/in?ch=7";
const SMS: &str = include_str!("../fixtures/sms/messagebird_sms.form");
const OPTED_OUT: &str = include_str!("../fixtures/sms/messagebird_receipt_opted_out_103.query");

fn messagebird() -> Credential {
    credential("messagebird", &[("access_key", "live_1"), ("signing_key", "mbsign")])
}

fn claims(url: &str, body: &str) -> Value {
    let mut claims =
        json!({"iss": "MessageBird", "nbf": NOW_SECS - 1, "exp": NOW_SECS + 60, "jti": "j", "url_hash": sha256_hex(url.as_bytes())});
    if !body.is_empty() {
        claims["payload_hash"] = json!(sha256_hex(body.as_bytes()));
    }
    claims
}

fn carrying(method: &str, url: &str, token: &str, body: &str) -> RawRequest {
    request(method, url, &[("content-type", "application/x-www-form-urlencoded"), ("messagebird-signature-jwt", token)], body)
}

fn by(claims: &Value) -> RawRequest {
    carrying("POST", URL, &token("HS256", claims, b"mbsign"), SMS)
}

fn signed(method: &str, url: &str, body: &str) -> RawRequest {
    carrying(method, url, &token("HS256", &claims(url, body), b"mbsign"), body)
}

fn verifies(request: &RawRequest) -> bool {
    match Sms.verify(&messagebird(), request) {
        Ok(_) => true,
        Err(Refusal::Unauthentic(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

// checklist 29
#[test]
fn a_token_of_this_address_and_body_verifies_and_one_of_another_does_not() {
    assert!(verifies(&signed("POST", URL, SMS)));
    let good = token("HS256", &claims(URL, SMS), b"mbsign");
    for url in
        ["https://msg.example.org/hooks/mb/in?ch=8", "https://msg.example.org/hooks/mb/in", "http://msg.example.org/hooks/mb/in?ch=7"]
    {
        assert!(!verifies(&carrying("POST", url, &good, SMS)), "{url}");
    }
    assert!(!verifies(&carrying("POST", URL, &good, &SMS.replace("Hello", "Hullo"))));
}

// checklist 29
#[test]
fn a_body_that_was_added_or_taken_away_is_refused() {
    let without_body = token("HS256", &claims(URL, ""), b"mbsign");
    assert!(verifies(&carrying("GET", URL, &without_body, "")));
    assert!(!verifies(&carrying("POST", URL, &without_body, SMS)), "added");
    let with_body = token("HS256", &claims(URL, SMS), b"mbsign");
    assert!(!verifies(&carrying("POST", URL, &with_body, "")), "taken away");
    assert!(!verifies(&by(&{
        let mut claims = claims(URL, SMS);
        claims["payload_hash"] = json!(null);
        claims
    })));
}

// checklist 29
#[test]
fn a_token_that_expired_or_of_another_issuer_is_refused() {
    let with = |name: &str, value: Value| {
        let mut claims = claims(URL, SMS);
        claims[name] = value;
        by(&claims)
    };
    let without = |name: &str| {
        let mut claims = claims(URL, SMS);
        claims.as_object_mut().unwrap().remove(name);
        by(&claims)
    };
    assert!(verifies(&with("exp", json!(NOW_SECS))), "a second of leeway");
    assert!(!verifies(&with("exp", json!(NOW_SECS - 1))));
    assert!(verifies(&with("nbf", json!(NOW_SECS + 1))));
    assert!(!verifies(&with("nbf", json!(NOW_SECS + 2))));
    assert!(!verifies(&with("iss", json!("Bird"))));
    for name in ["iss", "exp", "nbf", "url_hash"] {
        assert!(!verifies(&without(name)), "{name}");
    }
}

// checklist 29
#[test]
fn hs384_and_hs512_verify_and_rs256_and_none_do_not() {
    for (alg, fine) in [("HS256", true), ("HS384", true), ("HS512", true), ("RS256", false), ("none", false)] {
        let request = carrying("POST", URL, &token(alg, &claims(URL, SMS), b"mbsign"), SMS);
        assert_eq!(verifies(&request), fine, "{alg}");
    }
}

// checklist 29
#[test]
fn a_port_is_in_the_address_only_if_it_is_not_the_standard_one() {
    let verifies_as =
        |called: &str, hashed: &str| verifies(&carrying("POST", called, &token("HS256", &claims(hashed, SMS), b"mbsign"), SMS));
    assert!(verifies_as("https://msg.example.org:443/in", "https://msg.example.org/in"));
    assert!(verifies_as("http://msg.example.org:80/in?a=1", "http://msg.example.org/in?a=1"));
    assert!(verifies_as("https://msg.example.org:8443/in", "https://msg.example.org:8443/in"));
    assert!(!verifies_as("https://msg.example.org:8443/in", "https://msg.example.org/in"));
    assert!(!verifies_as("https://msg.example.org/in", "https://msg.example.org:8443/in"));
}

#[test]
fn a_header_that_is_missing_or_repeated_another_key_and_no_key_verify_nothing() {
    let good = token("HS256", &claims(URL, SMS), b"mbsign");
    let name = "messagebird-signature-jwt";
    assert!(!verifies(&request("POST", URL, &[], SMS)));
    assert!(!verifies(&request("POST", URL, &[(name, &good), (name, &good)], SMS)));
    assert!(!verifies(&request("POST", URL, &[("messagebird-signature", &good)], SMS)), "the deprecated one");
    assert!(!verifies(&carrying("POST", URL, &token("HS256", &claims(URL, SMS), b"live_1"), SMS)), "the access key");
    assert!(!verifies(&carrying("POST", URL, "garbage", SMS)));
    let none = credential("messagebird", &[("access_key", "live_1")]);
    assert_eq!(refusal(&none, &signed("POST", URL, SMS)), Refusal::Unconfigured("signing_key"));
    let both = credential("messagebird", &[("signing_key", "new"), ("signing_key", "mbsign")]);
    assert!(Sms.verify(&both, &signed("POST", URL, SMS)).is_ok());
    assert!(matches!(refusal(&messagebird(), &signed("PUT", URL, SMS)), Refusal::Malformed(_)));
}

fn tells(body: &str) -> Vec<entities::Inbound> {
    told(&messagebird(), &signed("POST", URL, body))
}

#[test]
fn a_text_is_a_message() {
    let inbound = tells(SMS);
    assert_eq!((inbound[0].account.as_str(), inbound[0].at), (OUR_NUMBER, Some(now())));
    assert_eq!((message(&inbound).id.as_str(), message(&inbound).text.as_str()), ("mb0001", "Hello"));
    assert_eq!(message(&inbound).party.address.value, CUSTOMER);
}

#[test]
fn names_are_read_in_any_case_and_the_last_of_several_counts() {
    let first = tells(SMS);
    let odd = "ID=mb0000&id=mb0001&Recipient=15005550006&ORIGINATOR=15005550001&Body=Bye&body=Hello&CreatedDatetime=2025-10-09T08%3A53%3A20%2B00%3A00";
    assert_eq!(tells(odd), first);
    let json = json!({"message_id": "mb0001", "recipient": 15_005_550_006_u64, "originator": "15005550001", "message": "Hello", "createdDatetime": "2025-10-09T08:53:20Z"});
    let body = json.to_string();
    let request = request(
        "POST",
        URL,
        &[("content-type", "application/json"), ("messagebird-signature-jwt", &token("HS256", &claims(URL, &body), b"mbsign"))],
        body,
    );
    assert_eq!(told(&messagebird(), &request), first);
}

#[test]
fn short_codes_files_and_words_are_read() {
    let inbound = tells("mid=m1&shortcode=54321&originator=15005550001&message=stop&receive_datetime=20251009085320");
    assert_eq!((inbound[0].account.as_str(), inbound[0].at, message(&inbound).id.as_str()), ("54321", Some(now()), "m1"));
    assert_eq!(preferences(&inbound), [(CUSTOMER.to_owned(), false, Some("stop".to_owned()))]);
    let inbound = tells(
        "id=m2&recipient=15005550006&originator=15005550001&message=look&mediaURLs[]=https%3A%2F%2Fm.example%2F1&mediaURLs[]=https%3A%2F%2Fm.example%2F2",
    );
    let message = message(&inbound);
    assert_eq!((message.kind, message.text.as_str(), message.media.len()), (MessageType::Document, "look", 2));
    assert_eq!(super::message(&tells("id=m&recipient=15005550006&originator=15005550001&body=")).text, "(empty message)");
}

#[test]
fn a_receipt_finds_our_number_in_the_address_and_103_is_an_opt_out() {
    let calls = send(&messagebird(), CUSTOMER, "Hello");
    let report = json_of(&calls[0])["reportUrl"].as_str().unwrap().to_owned();
    let request = signed("GET", &format!("{report}&{OPTED_OUT}"), "");
    assert_eq!(Sms.claimed_accounts(&request), [OUR_NUMBER]);
    let inbound = told(&messagebird(), &request);
    assert_eq!(inbound[0].account, OUR_NUMBER);
    let told = receipt(&inbound);
    assert_eq!((told.target.as_str(), told.own_id.as_deref(), told.status), ("mb0002", Some(OWN_ID), ReceiptStatus::Failed));
    assert_eq!(told.error.as_ref().unwrap().to_string(), "recipient opted out (103)");
    assert_eq!(preferences(&inbound), [(CUSTOMER.to_owned(), false, None)]);
}

#[test]
fn each_status_has_its_place_and_an_unknown_one_changes_nothing() {
    let status = |word: &str| {
        let url = format!("https://msg.example.org/api/webhooks/sms?account=%2B15005550006&id=m1&recipient=15005550001&status={word}");
        told(&messagebird(), &signed("GET", &url, ""))
    };
    for (word, expected) in [
        ("scheduled", ReceiptStatus::Accepted),
        ("buffered", ReceiptStatus::Sent),
        ("sent", ReceiptStatus::Sent),
        ("delivered", ReceiptStatus::Delivered),
        ("delivery_failed", ReceiptStatus::Failed),
        ("expired", ReceiptStatus::Failed),
    ] {
        assert_eq!(receipt(&status(word)).status, expected, "{word}");
    }
    assert_eq!(ignored(&status("lost")), "message status lost");
}

#[test]
fn what_names_no_message_nobody_or_no_number_of_ours_is_unreadable() {
    for body in [
        "recipient=15005550006&originator=15005550001&body=x",
        "id=1&recipient=15005550006&body=x",
        "id=1&status=sent&recipient=15005550001",
    ] {
        let notification = Notification {
            body: body.into(),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            kind: String::new(),
            received_at: now(),
        };
        assert!(Sms.parse(&messagebird(), &notification).is_err(), "{body}");
    }
}

#[test]
fn a_text_is_sent_with_our_own_id_and_no_files_are() {
    let calls = send(&messagebird(), CUSTOMER, "Hello");
    assert_eq!((calls[0].base, calls[0].path.as_str()), ("https://rest.messagebird.com", "/messages"));
    assert_eq!(header(&calls[0], "authorization"), "AccessKey live_1");
    assert_eq!(
        json_of(&calls[0]),
        json!({
            "originator": "15005550006", "recipients": ["15005550001"], "body": "Hello", "reference": OWN_ID, "datacoding": "auto",
            "reportUrl": format!("https://msg.example.org/api/webhooks/sms?mid={OWN_ID}&account=%2B15005550006"),
        })
    );
    assert_eq!(send(&messagebird(), CUSTOMER, &"a".repeat(1378)).len(), 2);
    let with_file = outbound(OUR_NUMBER, phone(CUSTOMER), "x", vec![file("a.jpg", "image/jpeg", 1)]);
    assert_eq!(Sms.plan(&messagebird(), &with_file).unwrap_err().code, "unsupported");
}

#[test]
fn each_code_has_its_consequence() {
    let judged = |status: u16, body: &str| Sms.classify(&send(&messagebird(), CUSTOMER, "x")[0], &answered(status, &[], body));
    let code = |code: u32| judged(422, &json!({"errors": [{"code": code, "description": "D", "parameter": "recipients"}]}).to_string());
    let SendOutcome::Accepted { id, .. } =
        judged(201, r#"{"id": "m1", "recipients": {"items": [{"recipient": 15005550001, "status": "sent"}]}}"#)
    else {
        panic!()
    };
    assert_eq!(id.as_deref(), Some("m1"));
    for stops in [2, 25] {
        assert!(matches!(code(stops), SendOutcome::Halted { .. }), "{stops}");
    }
    for refused in [9, 10, 20, 21] {
        assert!(matches!(code(refused), SendOutcome::Refused { .. }), "{refused}");
    }
    for again in [98, 99] {
        assert!(matches!(code(again), SendOutcome::Retry { .. }), "{again}");
    }
    let SendOutcome::Refused { error, .. } = code(9) else { panic!() };
    assert_eq!(error.to_string(), "D (9): parameter recipients");
    assert!(matches!(judged(401, ""), SendOutcome::Halted { .. }));
    assert!(matches!(judged(500, ""), SendOutcome::Unknown { .. }));
}

#[test]
fn the_check_says_whether_the_key_is_good() {
    assert_eq!(Sms.check(&messagebird()).path, "/balance");
    assert_eq!(Sms.judge_check(&messagebird(), &answered(200, &[], r#"{"amount": 9}"#)), Ok(Vec::new()));
    let wrong = Sms.judge_check(&messagebird(), &answered(401, &[], r#"{"errors": [{"code": 2, "description": "Request not allowed"}]}"#));
    assert_eq!(wrong.unwrap_err().to_string(), "Request not allowed (2)");
}

proptest! {
    #[test]
    fn whatever_comes_is_refused_or_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..200), value in "\\PC{0,80}", at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut changed = SMS.as_bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] = byte;
        for body in [body, changed] {
            for kind in ["application/x-www-form-urlencoded", "application/json"] {
                let request = request("POST", URL, &[("content-type", kind), ("messagebird-signature-jwt", &value)], body.clone());
                prop_assert!(Sms.verify(&messagebird(), &request).is_err());
                Sms.claimed_accounts(&request);
                let notification = Notification { body: body.clone(), content_type: kind.to_owned(), kind: String::new(), received_at: now() };
                let _ = Sms.parse(&messagebird(), &notification);
            }
        }
    }
}
