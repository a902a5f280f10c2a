//! Plivo: signatures, what it tells, sending, and what its answers mean.

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{MessageType, ReceiptStatus, SendOutcome};
use proptest::prelude::*;
use serde_json::json;
use switchboard::{
    channels::{
        adapter::{Adapter, Notification, Refusal},
        credential::Credential,
        request::RawRequest,
        sms::Sms,
    },
    crypto::mac,
};

use super::{
    CUSTOMER, OUR_NUMBER, OWN_ID, answered, credential, file, form_request, header, ignored, json_of, message, now, outbound, phone,
    preferences, receipt, refusal, request, send, told,
};

const URL: &str = "https://msg.example.org/hooks/plivo?x=1";
const SMS: &str = include_str!("../fixtures/sms/plivo_sms.form");
const OPTED_OUT: &str = include_str!("../fixtures/sms/plivo_receipt_of_second_part_opted_out_200.form");
/// The specification's example: token `plivotoken`, nonce `20471`, this address.
const EXAMPLE: &str = "GaBUG2i52SO2umqAzNHSIY3yG/RdAmMPicGnIRo2hPY=";
const V2: &str = "x-plivo-signature-v2";
const V2_MAIN: &str = "x-plivo-signature-ma-v2";
const V2_NONCE: (&str, &str) = ("x-plivo-signature-v2-nonce", "20471");
const V3: &str = "x-plivo-signature-v3";
const V3_NONCE: (&str, &str) = ("x-plivo-signature-v3-nonce", "20471");

fn plivo() -> Credential {
    credential("plivo", &[("auth_id", "MA1"), ("auth_token", "plivotoken")])
}

fn made(token: &str, text: &str) -> String {
    BASE64_STANDARD.encode(mac::hmac_sha256_joined(token.as_bytes(), &[text.as_bytes()]))
}

fn v2(url: &str, signature: &str, body: &str) -> RawRequest {
    form_request(url, &[(V2, signature), V2_NONCE], body)
}

fn verifies(request: &RawRequest) -> bool {
    match Sms.verify(&plivo(), request) {
        Ok(_) => true,
        Err(Refusal::Unauthentic(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

// checklist 30
#[test]
fn version_2_covers_the_address_without_its_query() {
    assert!(verifies(&v2(URL, EXAMPLE, SMS)));
    assert!(verifies(&v2("https://msg.example.org/hooks/plivo?x=2&y=3", EXAMPLE, SMS)));
    assert!(verifies(&v2("https://msg.example.org/hooks/plivo", EXAMPLE, SMS)));
    for url in
        ["https://msg.example.org/hooks/plivo/?x=1", "http://msg.example.org/hooks/plivo?x=1", "https://evil.example.org/hooks/plivo?x=1"]
    {
        assert!(!verifies(&v2(url, EXAMPLE, SMS)), "{url}");
    }
    assert!(!verifies(&form_request(URL, &[(V2, EXAMPLE), ("x-plivo-signature-v2-nonce", "20472")], SMS)), "another nonce");
}

// checklist 30
#[test]
fn a_header_may_hold_several_signatures() {
    let other = made("old", "https://msg.example.org/hooks/plivo20471");
    for value in [format!("{other},{EXAMPLE}"), format!("{EXAMPLE}, {other}"), format!(",{EXAMPLE},")] {
        assert!(verifies(&v2(URL, &value, SMS)), "{value}");
    }
    assert!(!verifies(&v2(URL, &format!("{other},{other}"), SMS)));
    let many = format!("{}{EXAMPLE}", format!("{other},").repeat(8));
    assert!(!verifies(&v2(URL, &many, SMS)), "the ninth is not looked at");
}

#[test]
fn the_main_accounts_signature_counts_with_the_main_accounts_token() {
    let subaccount = credential("plivo", &[("auth_token", "sub"), ("main_auth_token", "plivotoken")]);
    assert!(Sms.verify(&subaccount, &form_request(URL, &[(V2_MAIN, EXAMPLE), V2_NONCE], SMS)).is_ok());
    assert!(matches!(refusal(&subaccount, &v2(URL, EXAMPLE, SMS)), Refusal::Unauthentic(_)), "not in the account's own header");
    assert!(verifies(&form_request(URL, &[(V2_MAIN, EXAMPLE), V2_NONCE], SMS)), "where the account is the main one");
    let both = credential("plivo", &[("auth_token", "new"), ("auth_token", "plivotoken")]);
    assert!(Sms.verify(&both, &v2(URL, EXAMPLE, SMS)).is_ok());
}

#[test]
fn version_3_covers_query_and_parameters_in_their_order() {
    let v3 = |url: &str, body: &str, text: &str| {
        verifies(&form_request(url, &[(V3, &made("plivotoken", &format!("{text}.20471"))), V3_NONCE], body))
    };
    let base = "https://msg.example.org/hooks/plivo";
    assert!(v3(&format!("{base}?z=2&a=1"), "To=2&From=1&Text=a%26b", &format!("{base}?a=1&z=2.From1Texta&bTo2")));
    assert!(v3(base, "To=2&From=1", &format!("{base}?From1To2")));
    assert!(v3(base, "", base));
    assert!(v3(&format!("{base}?a=1"), "", &format!("{base}?a=1")));
    assert!(v3(base, "L=b&L=a&K=1", &format!("{base}?K1LaLb")), "the values of a list are sorted, each with its name");
    assert!(!v3(base, "To=3&From=1", &format!("{base}?From1To2")));
    assert!(!v3(&format!("{base}?a=2"), "To=2", &format!("{base}?a=1.To2")));

    let get = format!("{base}?{SMS}");
    let mut pairs = switchboard::channels::form::decode(SMS.as_bytes());
    pairs.sort();
    let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signature = made("plivotoken", &format!("{base}?{}.20471", query.join("&")));
    assert!(verifies(&request("GET", &get, &[(V3, &signature), V3_NONCE], "")), "a GET has all in its query");
}

#[test]
fn where_version_3_is_there_it_decides() {
    let wrong = made("plivotoken", "other");
    assert!(!verifies(&form_request(URL, &[(V2, EXAMPLE), V2_NONCE, (V3, &wrong), V3_NONCE], SMS)));
    assert!(!verifies(&form_request(URL, &[(V2, EXAMPLE), V2_NONCE, (V3, ""), V3_NONCE], SMS)));
}

#[test]
fn headers_that_are_missing_repeated_or_garbage_and_other_bodies_are_refused() {
    assert!(!verifies(&form_request(URL, &[], SMS)));
    assert!(!verifies(&form_request(URL, &[(V2, EXAMPLE)], SMS)), "no nonce");
    assert!(!verifies(&form_request(URL, &[V2_NONCE], SMS)));
    assert!(!verifies(&form_request(URL, &[(V2, EXAMPLE), (V2, EXAMPLE), V2_NONCE], SMS)));
    assert!(!verifies(&form_request(URL, &[(V2, EXAMPLE), V2_NONCE, V2_NONCE], SMS)));
    for garbage in ["", "x", &EXAMPLE[1..], &EXAMPLE.to_lowercase(), ",,,"] {
        assert!(!verifies(&v2(URL, garbage, SMS)), "{garbage}");
    }
    let json = request("POST", URL, &[("content-type", "application/json"), (V2, EXAMPLE), V2_NONCE], "{}");
    assert!(matches!(refusal(&plivo(), &json), Refusal::Malformed(_)));
    assert_eq!(refusal(&credential("plivo", &[]), &v2(URL, EXAMPLE, SMS)), Refusal::Unconfigured("auth_token"));
}

fn tells(url: &str, body: &str) -> Vec<entities::Inbound> {
    let address = url.split('?').next().unwrap();
    told(&plivo(), &v2(url, &made("plivotoken", &format!("{address}20471")), body))
}

#[test]
fn a_text_is_a_message_and_files_come_with_it() {
    let inbound = tells(URL, SMS);
    assert_eq!((inbound[0].account.as_str(), message(&inbound).text.as_str()), (OUR_NUMBER, "Hello"));
    assert_eq!(message(&inbound).party.address.value, CUSTOMER);
    assert_eq!(Sms.claimed_accounts(&form_request(URL, &[], SMS)), [OUR_NUMBER]);

    let inbound =
        tells(URL, "From=15005550001&To=15005550006&Text=&Type=mms&MessageUUID=1&MediaCount=1&Media0=https%3A%2F%2Fm.example%2F1");
    assert_eq!((message(&inbound).kind, message(&inbound).media.len()), (MessageType::Document, 1));
    let inbound = tells(URL, "From=15005550001&To=15005550006&Text=END&Type=sms&MessageUUID=1");
    assert_eq!(preferences(&inbound), [(CUSTOMER.to_owned(), false, Some("END".to_owned()))]);
    assert_eq!(message(&tells(URL, "From=15005550001&To=15005550006&Text=&Type=sms&MessageUUID=1")).text, "(empty message)");
}

// checklist 30
#[test]
fn a_receipt_of_a_part_is_one_of_the_message_that_its_first_part_names() {
    let url = format!("https://msg.example.org/api/webhooks/sms?mid={OWN_ID}");
    let inbound = tells(&url, OPTED_OUT);
    assert_eq!(inbound[0].account, OUR_NUMBER);
    let told = receipt(&inbound);
    assert_eq!((told.target.as_str(), told.own_id.as_deref()), ("11111111-7c9d-11e1-8ea7-1231380bc196", Some(OWN_ID)));
    assert_eq!(told.error.as_ref().unwrap().to_string(), "the recipient has opted out (STOP) (200)");
    assert_eq!(preferences(&inbound), [(CUSTOMER.to_owned(), false, None)]);
    assert_eq!(Sms.claimed_accounts(&form_request(&url, &[], OPTED_OUT)), [OUR_NUMBER]);
}

#[test]
fn each_status_has_its_place_and_an_unknown_one_changes_nothing() {
    let status = |word: &str| tells(URL, &format!("MessageUUID=1&From=15005550006&To=15005550001&status={word}&ErrorCode=30"));
    for (word, expected) in [
        ("queued", ReceiptStatus::Accepted),
        ("sent", ReceiptStatus::Sent),
        ("delivered", ReceiptStatus::Delivered),
        ("read", ReceiptStatus::Read),
        ("undelivered", ReceiptStatus::Failed),
        ("failed", ReceiptStatus::Failed),
        ("rejected", ReceiptStatus::Failed),
    ] {
        assert_eq!(receipt(&status(word)).status, expected, "{word}");
    }
    assert_eq!(ignored(&status("lost")), "message status lost");
    assert_eq!(receipt(&status("failed")).error.as_ref().unwrap().title, "filtered as spam");
}

#[test]
fn a_message_is_sent_with_an_address_for_receipts_that_names_it() {
    let calls = send(&plivo(), CUSTOMER, "Hello");
    assert_eq!((calls[0].base, calls[0].path.as_str()), ("https://api.plivo.com", "/v1/Account/MA1/Message/"));
    assert_eq!(header(&calls[0], "authorization"), "Basic TUExOnBsaXZvdG9rZW4=");
    assert_eq!(
        json_of(&calls[0]),
        json!({
            "src": "15005550006", "dst": "15005550001", "text": "Hello", "type": "sms",
            "url": format!("https://msg.example.org/api/webhooks/sms?mid={OWN_ID}"), "method": "POST",
        })
    );
    let files = vec![file("a.jpg", "image/jpeg", 1)];
    let calls = Sms.plan(&plivo(), &outbound(OUR_NUMBER, phone(CUSTOMER), &"я".repeat(738), files)).unwrap();
    let kinds: Vec<_> = calls.iter().map(|call| (json_of(call)["type"].clone(), json_of(call)["media_urls"].clone())).collect();
    assert_eq!(kinds, [(json!("mms"), json!(["https://files.example.org/a.jpg"])), (json!("sms"), json!(null))]);
}

#[test]
fn answers_mean_what_their_status_says() {
    let judged = |status: u16, body: &str| Sms.classify(&send(&plivo(), CUSTOMER, "x")[0], &answered(status, &[], body));
    let SendOutcome::Accepted { id, .. } = judged(202, include_str!("../fixtures/sms/plivo_send_answer_queued.json")) else { panic!() };
    assert_eq!(id.as_deref(), Some("db3ce55a-7c9d-11e1-8ea7-1231380bc196"));
    let SendOutcome::Refused { error, .. } = judged(400, r#"{"api_id": "a", "error": "dst is not valid"}"#) else { panic!() };
    assert_eq!(error.to_string(), "dst is not valid (http_400)");
    assert!(matches!(judged(401, ""), SendOutcome::Halted { .. }));
    for refused in [404, 405] {
        assert!(matches!(judged(refused, ""), SendOutcome::Refused { .. }));
    }
    assert!(matches!(judged(429, ""), SendOutcome::Retry { .. }));
    assert!(matches!(judged(500, ""), SendOutcome::Unknown { .. }));
}

#[test]
fn the_check_lists_the_accounts_numbers() {
    assert_eq!(Sms.check(&plivo()).path, "/v1/Account/MA1/Number/?limit=20");
    let accounts =
        Sms.judge_check(&plivo(), &answered(200, &[], r#"{"objects": [{"number": "15005550006", "alias": "Support"}]}"#)).unwrap();
    assert_eq!((accounts[0].address.as_str(), accounts[0].name.as_str()), (OUR_NUMBER, "Support"));
    assert!(Sms.judge_check(&plivo(), &answered(401, &[], "")).is_err());
}

#[test]
fn a_file_is_fetched_as_anybody_may() {
    let inbound = tells(URL, "From=15005550001&To=15005550006&Text=&Type=mms&MessageUUID=1&Media0=http%3A%2F%2F10.0.0.1%2F1");
    assert_eq!(Sms.media(&plivo(), &message(&inbound).media[0]).unwrap_err().code, "media_address");
}

proptest! {
    #[test]
    fn whatever_comes_is_refused_or_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..200), value in "\\PC{0,80}", at in any::<prop::sample::Index>(), byte in any::<u8>(), third in any::<bool>()) {
        let mut changed = OPTED_OUT.as_bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] = byte;
        for body in [body, changed] {
            let headers = if third { [(V3, value.as_str()), V3_NONCE] } else { [(V2, value.as_str()), V2_NONCE] };
            let mut request = form_request(URL, &headers, "");
            request.body.clone_from(&body);
            prop_assert!(Sms.verify(&plivo(), &request).is_err());
            Sms.claimed_accounts(&request);
            let kind = "application/x-www-form-urlencoded".to_owned();
            let notification = Notification { body, content_type: kind, kind: String::new(), received_at: now() };
            let _ = Sms.parse(&plivo(), &notification);
        }
    }
}
