//! The token that is the whole body, and whose it claims to be.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Refusal, Verified},
    credential::Credential,
    dialpad::Dialpad,
    request::RawRequest,
};

use super::{HS256, SECRET, changed, credential, credential_with, fixture, request, token, told};

fn verified(request: &RawRequest) -> Result<Verified, Refusal> {
    Dialpad.verify(&credential(), request)
}

fn claims(body: &str) -> Value {
    match verified(&request(body, "application/jwt")) {
        Ok(Verified::Notification(told)) => serde_json::from_slice(&told.body).unwrap(),
        other => panic!("refused: {other:?}"),
    }
}

fn is_refused(body: &str) -> bool {
    matches!(verified(&request(body, "application/jwt")), Err(Refusal::Unauthentic(_)))
}

// checklist 1
#[test]
fn the_worked_example_of_the_specification_verifies() {
    let expected = json!({
        "call_id": 5_000_000_000_000_001_u64, "state": "ringing", "direction": "inbound", "external_number": "+15005550001",
        "internal_number": "+15005550006", "event_timestamp": 1_760_000_000_123_u64,
    });
    assert_eq!(claims(fixture!("worked_example.jwt").trim()), expected);
    assert_eq!(told(&expected.to_string()).len(), 1);
}

// checklist 1
#[test]
fn the_claims_are_the_event() {
    let Ok(Verified::Notification(told)) = verified(&request(&token(HS256, fixture!("sms_inbound.json"), SECRET), "application/jwt"))
    else {
        panic!("refused")
    };
    assert_eq!(told.body, fixture!("sms_inbound.json").as_bytes(), "the very bytes that were signed");
    assert_eq!(told.content_type, "application/json");
}

// checklist 2
#[test]
fn a_token_that_was_touched_is_refused() {
    let good = token(HS256, r#"{"id":1}"#, SECRET);
    let parts: Vec<&str> = good.split('.').collect();
    let other = token(HS256, r#"{"id":2}"#, SECRET);
    let other: Vec<&str> = other.split('.').collect();
    assert_eq!(claims(&good), json!({ "id": 1 }));
    let touched = [
        format!("{}.{}.{}", parts[0], other[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], other[2]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][..40]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}.{}", parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].replace('-', "+").replace('_', "/") + "+"),
        token(HS256, r#"{"id":1}"#, "another secret"),
        token(HS256, r#"{"id":1}"#, ""),
        token(HS256, "[1]", SECRET),
        token(HS256, "no json", SECRET),
        good.to_uppercase(),
        String::new(),
        "eyJ..".to_owned(),
    ];
    for body in touched {
        assert!(is_refused(&body), "{body}");
    }
}

// checklist 3
#[test]
fn only_hs256_by_its_exact_name_is_taken() {
    for alg in ["none", "", "HS512", "HS384", "RS256", "ES256", "hs256", "Hs256"] {
        let header = json!({ "alg": alg, "typ": "JWT" }).to_string();
        assert!(is_refused(&token(&header, r#"{"id":1}"#, SECRET)), "{alg}");
        let unsigned = token(&header, r#"{"id":1}"#, SECRET);
        assert!(is_refused(&format!("{}.", unsigned.rsplit_once('.').unwrap().0)), "{alg}, without a signature");
    }
    assert!(is_refused(&token(r#"{"typ":"JWT"}"#, "{}", SECRET)));
    assert!(is_refused(&token("[]", "{}", SECRET)));
    let talkative = r#"{"kid":"other","alg":"HS256","jku":"https://evil.example/keys","x5u":"https://evil.example/cert"}"#;
    assert_eq!(claims(&token(talkative, r#"{"id":1}"#, SECRET)), json!({ "id": 1 }), "what else the header says counts for nothing");
}

// checklist 4
#[test]
fn plain_json_is_refused_while_there_is_a_secret() {
    for credential in [credential(), credential_with(&[("unsigned", "allow")])] {
        let plain = Dialpad.verify(&credential, &request(fixture!("sms_inbound.json"), "application/json"));
        assert!(matches!(plain, Err(Refusal::Unauthentic(_))), "{plain:?}");
    }
}

// checklist 4
#[test]
fn plain_json_is_taken_only_where_somebody_said_so() {
    let none = Credential::new([("api_key".to_owned(), "key".to_owned()), ("webhook_secret".to_owned(), String::new())]);
    let plain = request(fixture!("sms_inbound.json"), "application/json");
    assert_eq!(Dialpad.verify(&none, &plain), Err(Refusal::Unconfigured("webhook_secret")));
    let open = Credential::new([("unsigned".to_owned(), "allow".to_owned())]);
    assert!(matches!(Dialpad.verify(&open, &plain), Ok(Verified::Notification(_))));
    let signed = request(&token(HS256, "{}", ""), "application/jwt");
    assert_eq!(Dialpad.verify(&open, &signed), Err(Refusal::Unconfigured("webhook_secret")), "what is signed wants its secret");
}

// checklist 5
#[test]
fn white_space_quotes_and_padding_around_a_token_do_no_harm() {
    let good = token(HS256, r#"{"id":12}"#, SECRET);
    let padded: Vec<String> = good.split('.').map(|part| format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4))).collect();
    assert!(padded.concat().contains('='));
    for body in [format!("{good}\n"), format!("  {good}\r\n"), format!("\"{good}\""), format!(" \"{good}\" \n")] {
        assert_eq!(claims(&body), json!({ "id": 12 }), "{body:?}");
    }
    let signature_padded = format!("{good}=");
    assert_eq!(claims(&signature_padded), json!({ "id": 12 }));
}

// checklist 6
#[test]
fn the_content_type_decides_nothing() {
    let body = token(HS256, fixture!("sms_inbound.json"), SECRET);
    let first = verified(&request(&body, "application/jwt"));
    assert!(first.is_ok());
    for kind in ["text/plain", "application/json", "application/x-www-form-urlencoded", ""] {
        assert_eq!(verified(&request(&body, kind)), first, "{kind}");
    }
}

// checklist 7
#[test]
fn claims_of_any_letters_verify() {
    let body = changed(fixture!("sms_inbound.json"), &[("/text", Some(json!("Grüße 👩‍👩‍👧 مرحبا")))]);
    assert_eq!(claims(&token(HS256, &body, SECRET))["text"], json!("Grüße 👩‍👩‍👧 مرحبا"));
}

#[test]
fn exp_and_nbf_are_honoured_with_a_minute_to_spare() {
    let now = super::NOW_MS / 1_000;
    let with = |name: &str, at: i64| token(HS256, &json!({ name: at }).to_string(), SECRET);
    assert_eq!(claims(&with("exp", now - 59)), json!({ "exp": now - 59 }));
    assert!(is_refused(&with("exp", now - 61)));
    assert_eq!(claims(&with("nbf", now + 59)), json!({ "nbf": now + 59 }));
    assert!(is_refused(&with("nbf", now + 61)));
}

// checklist 32: rotation without loss
#[test]
fn every_living_secret_verifies() {
    let both = credential_with(&[("webhook_secret", "the-one-before")]);
    for secret in [SECRET, "the-one-before"] {
        assert!(Dialpad.verify(&both, &request(&token(HS256, "{}", secret), "application/jwt")).is_ok(), "{secret}");
    }
    let gone = Dialpad.verify(&both, &request(&token(HS256, "{}", "gone"), "application/jwt"));
    assert!(matches!(gone, Err(Refusal::Unauthentic(_))));
}

#[test]
fn dialpad_only_posts() {
    for method in ["GET", "PUT", "HEAD"] {
        let mut other = request(&token(HS256, "{}", SECRET), "application/jwt");
        other.method = method.to_owned();
        assert!(matches!(verified(&other), Err(Refusal::Malformed(_))), "{method}");
    }
}

#[test]
fn a_signature_header_is_not_believed() {
    let mut plain = request("{}", "application/json");
    plain.headers.push(("x-dialpad-signature".to_owned(), b"anything".to_vec()));
    assert!(matches!(verified(&plain), Err(Refusal::Unauthentic(_))));
}

// checklist 17
#[test]
fn the_account_is_our_number_and_never_the_one_that_is_written_for_people() {
    let claimed = |event: &str| Dialpad.claimed_accounts(&request(&token(HS256, event, "any secret"), "application/jwt"));
    assert_eq!(claimed(fixture!("sms_inbound.json")), ["+15005550006", "office:5520000000000001"]);
    assert_eq!(claimed(fixture!("sms_outbound_by_agent.json")), ["+15005550006", "user:5990000000000001"]);
    assert_eq!(claimed(fixture!("call_ringing_at_queue.json")), ["+15005550006", "call_center:4690000000000001"]);
    assert_eq!(
        claimed(fixture!("recap_summary.json")),
        ["+15005550006", "call_center:4690000000000001"],
        "a recap names our number as its target's alone"
    );
    assert_eq!(Dialpad.claimed_accounts(&request(fixture!("sms_inbound.json"), "application/json")).len(), 2, "plain JSON");
    for nothing in ["", "eyJ..", "eyJ.!!.x", "[]", "null"] {
        assert!(Dialpad.claimed_accounts(&request(nothing, "application/jwt")).is_empty(), "{nothing}");
    }
}

const FIXTURES: &[&str] = &[
    fixture!("sms_inbound.json"),
    fixture!("mms_inbound.json"),
    fixture!("sms_failed.json"),
    fixture!("call_connected_queue_leg.json"),
    fixture!("call_hangup_answered.json"),
    fixture!("voicemail_uploaded.json"),
    fixture!("recording.json"),
    fixture!("recap_summary.json"),
];

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..400), head in "(eyJ)?[A-Za-z0-9_.=-]{0,80}") {
        let mut raw = request(&head, "application/jwt");
        let _ = Dialpad.verify(&credential(), &raw);
        let _ = Dialpad.claimed_accounts(&raw);
        raw.body = body;
        let _ = Dialpad.verify(&credential(), &raw);
        let _ = Dialpad.claimed_accounts(&raw);
        let mut told = super::notification("");
        told.body = raw.body;
        let _ = Dialpad.parse(&credential(), &told);
    }

    #[test]
    fn no_changed_value_of_a_fixture_makes_it_panic(which in 0..FIXTURES.len(), at in any::<prop::sample::Index>(), put in prop::sample::select(vec!["null", "0", "7", "-1", "1.5e300", "99999999999999999999", "\"\"", "\"null\"", "[]", "{}", "[[null]]", "\"\\u0000+\"", "true"])) {
        let mut value: Value = serde_json::from_str(FIXTURES[which]).unwrap();
        let names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        value[&names[at.index(names.len())]] = serde_json::from_str(put).unwrap();
        let _ = Dialpad.parse(&credential(), &super::notification(&value.to_string()));
        let _ = Dialpad.claimed_accounts(&request(&value.to_string(), "application/json"));
    }
}
