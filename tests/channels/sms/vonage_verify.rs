//! Vonage's two kinds of signatures.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Refusal, Verified},
    credential::Credential,
    request::{Answer, RawRequest},
    sms::{Sms, vonage::signature::signed_text},
};

use super::{NOW_SECS, credential, form_request, message, refusal, request, sha256_hex, token, told};

const URL: &str = "https://msg.example.org/hooks/vonage/in";
const SIGNED: &str = "&messageId=0A0000000000ABCD&msisdn=15005550001&text=a_b_c&timestamp=1760000000&to=15005550006&type=text";
const PARAMETERS: &str = "msisdn=15005550001&to=15005550006&messageId=0A0000000000ABCD&type=text&timestamp=1760000000&text=a%26b%3Dc";
const SHA256: &str = "e6f2c069a12fdde70a78053f12a66157ff19c3be936f2fb92db1b4fba0a698a6";
const MD5: &str = "b57eff25a2e7bdacfba2a1917def1b89";
const MD5_HASH: &str = "b3799da37c05815acc4e37386b64feba";

fn vonage(method: &str) -> Credential {
    credential("vonage", &[("api_key", "key1"), ("api_secret", "s"), ("signature_secret", "vsecret"), ("signature_method", method)])
}

fn get(parameters: &str, sig: &str) -> RawRequest {
    request("GET", &format!("{URL}?{parameters}&sig={sig}"), &[], "")
}

fn unauthentic(credential: &Credential, request: &RawRequest) -> bool {
    matches!(refusal(credential, request), Refusal::Unauthentic(_))
}

// checklist 26
#[test]
fn values_with_ampersand_and_equals_are_signed_with_underscores() {
    let pairs = switchboard::channels::form::decode(PARAMETERS.as_bytes());
    assert_eq!(signed_text(&pairs), SIGNED);
}

// checklist 26
#[test]
fn the_specifications_examples_verify_each_with_its_method_alone() {
    assert!(Sms.verify(&vonage("sha256"), &get(PARAMETERS, SHA256)).is_ok());
    assert!(Sms.verify(&vonage(""), &get(PARAMETERS, SHA256)).is_ok(), "without a word the strong methods verify");
    assert!(Sms.verify(&vonage("md5"), &get(PARAMETERS, MD5)).is_ok());
    assert!(Sms.verify(&vonage("md5hash"), &get(PARAMETERS, MD5_HASH)).is_ok());
    assert!(Sms.verify(&vonage("sha256"), &get(PARAMETERS, &SHA256.to_uppercase())).is_ok(), "digits in capitals");
    for (method, sig) in
        [("", MD5), ("", MD5_HASH), ("sha256", MD5), ("md5", MD5_HASH), ("md5hash", MD5), ("sha1", SHA256), ("sha512", SHA256)]
    {
        assert!(unauthentic(&vonage(method), &get(PARAMETERS, sig)), "{method} {sig}");
    }
    assert!(matches!(refusal(&vonage("rot13"), &get(PARAMETERS, SHA256)), Refusal::Unconfigured(_)));
}

// checklist 26
#[test]
fn get_form_and_json_say_the_same() {
    let credential = vonage("sha256");
    let by_get = told(&credential, &get(PARAMETERS, SHA256));
    assert_eq!(message(&by_get).text, "a&b=c");
    assert_eq!(told(&credential, &form_request(URL, &[], &format!("{PARAMETERS}&sig={SHA256}"))), by_get);
    let json = json!({
        "msisdn": "15005550001", "to": "15005550006", "messageId": "0A0000000000ABCD", "type": "text", "timestamp": NOW_SECS,
        "text": "a&b=c", "sig": SHA256,
    });
    assert_eq!(told(&credential, &request("POST", URL, &[("content-type", "application/json")], json.to_string())), by_get);
}

// checklist 26
#[test]
fn a_timestamp_more_than_five_minutes_off_is_refused() {
    let mut at = get(PARAMETERS, SHA256);
    for (off, fine) in [(300, true), (301, false), (-300, true), (-301, false)] {
        at.received_at = entities::Timestamp::from_micros((NOW_SECS + off) * 1_000_000);
        assert_eq!(Sms.verify(&vonage("sha256"), &at).is_ok(), fine, "{off}");
    }
}

// checklist 26
#[test]
fn anything_changed_or_left_out_is_refused() {
    let credential = vonage("sha256");
    assert!(unauthentic(&credential, &get(&PARAMETERS.replace("a%26b", "a%26d"), SHA256)));
    assert!(unauthentic(&credential, &get(&format!("{PARAMETERS}&more=1"), SHA256)));
    assert!(unauthentic(&credential, &get(&PARAMETERS.replace("&type=text", ""), SHA256)));
    for sig in ["", "zz", &SHA256[1..], &format!("{SHA256}00")] {
        assert!(unauthentic(&credential, &get(PARAMETERS, sig)), "{sig}");
    }
    assert!(unauthentic(&credential, &request("GET", &format!("{URL}?{PARAMETERS}"), &[], "")), "an account that does not sign");
    assert!(matches!(refusal(&credential, &request("DELETE", URL, &[], "")), Refusal::Malformed(_)));
    let none = super::credential("vonage", &[("api_key", "key1")]);
    assert_eq!(refusal(&none, &get(PARAMETERS, SHA256)), Refusal::Unconfigured("signature_secret"));
}

#[test]
fn while_a_secret_is_rotated_both_verify() {
    let both = credential("vonage", &[("signature_secret", "new"), ("signature_secret", "vsecret")]);
    assert!(Sms.verify(&both, &get(PARAMETERS, SHA256)).is_ok());
    let after = credential("vonage", &[("signature_secret", "new")]);
    assert!(unauthentic(&after, &get(PARAMETERS, SHA256)));
}

// checklist 26
#[test]
fn a_look_whether_the_address_answers_is_answered_with_200() {
    for method in ["GET", "POST"] {
        assert_eq!(Sms.verify(&vonage(""), &request(method, URL, &[], "")), Ok(Verified::Handshake(Answer::empty(200))));
    }
}

const BODY: &str = include_str!("../fixtures/sms/vonage_messages_sms.json");

fn claims() -> Value {
    json!({"iss": "Vonage", "iat": NOW_SECS - 5, "jti": "j1", "api_key": "key1", "application_id": "app1", "payload_hash": sha256_hex(BODY.as_bytes())})
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn bearing(token: &str, body: &str) -> RawRequest {
    request("POST", URL, &[("content-type", "application/json"), ("authorization", &format!("Bearer {token}"))], body)
}

fn verifies(claims: &Value) -> bool {
    let credential = credential("vonage", &[("api_key", "key1"), ("signature_secret", "vsecret"), ("application_id", "app1")]);
    Sms.verify(&credential, &bearing(&token("HS256", claims, b"vsecret"), BODY)).is_ok()
}

// checklist 27
#[test]
fn a_token_verifies_with_the_secret_the_body_the_account_and_within_a_day() {
    assert!(verifies(&claims()));
    assert!(verifies(&with(&claims(), "payload_hash", json!(sha256_hex(BODY.as_bytes()).to_uppercase()))));
    assert!(verifies(&with(&claims(), "iat", json!(NOW_SECS - 86_400))), "sent again for a day");
    assert!(!verifies(&with(&claims(), "iat", json!(NOW_SECS - 86_401))));
    assert!(!verifies(&with(&claims(), "iat", json!(NOW_SECS + 61))));
    assert!(!verifies(&without(&claims(), "iat")));
    assert!(!verifies(&with(&claims(), "iss", json!("vonage"))));
    assert!(!verifies(&without(&claims(), "iss")));
    assert!(!verifies(&with(&claims(), "api_key", json!("key2"))));
    assert!(!verifies(&with(&claims(), "application_id", json!("app2"))));
    assert!(!verifies(&with(&claims(), "exp", json!(NOW_SECS - 61))));
}

// checklist 27
#[test]
fn a_wrong_or_missing_digest_of_the_body_is_refused() {
    assert!(!verifies(&with(&claims(), "payload_hash", json!(sha256_hex(b"other")))));
    assert!(!verifies(&without(&claims(), "payload_hash")));
    assert!(!verifies(&with(&claims(), "payload_hash", json!(7))));
    let credential = vonage("");
    let good = token("HS256", &claims(), b"vsecret");
    assert!(Sms.verify(&credential, &bearing(&good, BODY)).is_ok());
    assert!(unauthentic(&credential, &bearing(&good, &BODY.replace("Hello", "Hullo"))));
}

// checklist 27
#[test]
fn a_wrong_secret_another_algorithm_and_none_are_refused() {
    let credential = vonage("");
    assert!(unauthentic(&credential, &bearing(&token("HS256", &claims(), b"other"), BODY)));
    for alg in ["none", "HS384", "HS512", "RS256"] {
        assert!(unauthentic(&credential, &bearing(&token(alg, &claims(), b"vsecret"), BODY)), "{alg}");
    }
}

#[test]
fn a_header_that_is_missing_repeated_or_no_bearer_is_refused() {
    let credential = vonage("");
    let good = token("HS256", &claims(), b"vsecret");
    let json = ("content-type", "application/json");
    let with_headers = |headers: &[(&str, &str)]| request("POST", URL, headers, BODY);
    assert!(unauthentic(&credential, &with_headers(&[json])));
    let bearer = format!("Bearer {good}");
    assert!(unauthentic(&credential, &with_headers(&[json, ("authorization", &bearer), ("authorization", &bearer)])));
    for value in [good.clone(), format!("Basic {good}"), String::new(), "Bearer".to_owned()] {
        assert!(unauthentic(&credential, &with_headers(&[json, ("authorization", &value)])), "{value}");
    }
    assert!(Sms.verify(&credential, &with_headers(&[json, ("authorization", &format!("bearer  {good}"))])).is_ok(), "the word's case");
    let get = request("GET", &format!("{URL}?{PARAMETERS}"), &[("authorization", &bearer)], "");
    assert!(matches!(refusal(&credential, &get), Refusal::Malformed(_)), "no token covers a query");
}

#[test]
fn the_shared_path_finds_our_number_in_messages_and_in_receipts_of_both() {
    let accounts = |body: &str| Sms.claimed_accounts(&request("POST", URL, &[("content-type", "application/json")], body));
    assert_eq!(accounts(BODY), ["+15005550006"]);
    assert_eq!(accounts(include_str!("../fixtures/sms/vonage_messages_receipt_rejected.json")), ["+15005550006"]);
    for form in
        [include_str!("../fixtures/sms/vonage_sms_api_text.form"), include_str!("../fixtures/sms/vonage_sms_api_receipt_failed.form")]
    {
        assert_eq!(Sms.claimed_accounts(&form_request(URL, &[], form)), ["+15005550006"]);
        assert_eq!(Sms.claimed_accounts(&request("GET", &format!("{URL}?{form}"), &[], "")), ["+15005550006"]);
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_refused_without_a_panic(query in "\\PC{1,80}", body in prop::collection::vec(any::<u8>(), 0..120), value in "\\PC{0,60}", json in any::<bool>()) {
        let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
        for method in ["GET", "POST"] {
            let headers = [("content-type", kind), ("authorization", value.as_str())];
            for headers in [&headers[..1], &headers[..]] {
                let request = request(method, &format!("{URL}?{query}"), headers, body.clone());
                prop_assert!(Sms.verify(&vonage(""), &request).is_err());
                Sms.claimed_accounts(&request);
            }
        }
    }
}
