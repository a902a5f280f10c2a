//! Twilio's signatures: what verifies, and everything that does not.

use proptest::prelude::*;
use serde_json::json;
use switchboard::{
    channels::{
        adapter::{Adapter, Refusal},
        sms::Sms,
    },
    crypto::mac,
};

use super::{ACCOUNT_SID, TOKEN, credential, form_request, notification, refusal, request, signed, twilio, twilio_signature};

const IN: &str = "https://msg.example.org/hooks/twilio/in?ch=7";
const BODY: &str = "MessageSid=SM00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001&From=%2B15005550001&To=%2B15005550006&Body=Hi+%26+bye%3A+50%25+off%3F+%E2%98%82&NumMedia=0";

fn with(signature: &str, url: &str, body: &str) -> switchboard::channels::request::RawRequest {
    form_request(url, &[("x-twilio-signature", signature)], body)
}

fn verifies(request: &switchboard::channels::request::RawRequest) -> bool {
    match Sms.verify(&twilio(), request) {
        Ok(_) => true,
        Err(Refusal::Forbidden(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// A body in which everything needed is there, with something more.
fn body_with(more: &str) -> String {
    format!("AccountSid={ACCOUNT_SID}&{more}")
}

// checklist 1
#[test]
fn the_specifications_example_with_space_ampersand_percent_question_mark_and_umbrella_verifies() {
    assert!(verifies(&with("Yxi3NTEcuEdSV5fAbMzN32sz118=", IN, BODY)));
}

// checklist 5
#[test]
fn the_specifications_example_signed_with_port_443_verifies() {
    assert!(verifies(&with("XjklrqBer2Ptiu9LT0q2tA6UwsU=", IN, BODY)));
}

// checklist 3
#[test]
fn the_specifications_example_with_repeated_names_has_the_signature_that_it_gives() {
    // It names no account, so it is authentic and still not this account's: only the second refusal may come.
    let request = with("ygSfsUGe4QVe6h0AI1wInVyXUrE=", "https://msg.example.org/x", "Tag=b&Tag=a&Tag=a&Id=1");
    assert_eq!(refusal(&twilio(), &request), Refusal::Forbidden("AccountSid is another account's"));
    let request = with("ygSfsUGe4QVe6h0AI1wInVyXUrF=", "https://msg.example.org/x", "Tag=b&Tag=a&Tag=a&Id=1");
    assert!(matches!(refusal(&twilio(), &request), Refusal::Forbidden(why) if why.starts_with("X-Twilio-Signature")));
}

// checklist 3
#[test]
fn repeated_names_are_sorted_and_the_same_value_counts_once() {
    let url = "https://msg.example.org/x";
    let signature = twilio_signature(TOKEN, url, &body_with("Tag=b&Tag=a&Tag=a"));
    for body in ["Tag=a&Tag=b", "Tag=b&Tag=b&Tag=a", "Tag=b&Tag=a&Tag=a"] {
        assert!(verifies(&with(&signature, url, &body_with(body))), "{body}");
    }
    assert!(!verifies(&with(&signature, url, &body_with("Tag=a&Tag=b&Tag=c"))));
}

// checklist 6
#[test]
fn a_json_body_verifies_by_its_digest_in_the_address() {
    let hash = "9239c422a41b555493841e492401a13c6081045f49bd7223f575c7e1f7d86f7f";
    let url = format!("https://msg.example.org/hooks/twilio/json?bodySHA256={hash}");
    let good = "LO0zSz8mngSKy9J5WiYf8OJ3sNY=";
    let json = |url: &str, signature: &str, body: &str| {
        request("POST", url, &[("content-type", "application/json"), ("x-twilio-signature", signature)], body)
    };
    assert!(verifies(&json(&url, good, r#"{"event":"ping","n":1}"#)));
    assert!(!verifies(&json(&url, good, r#"{"event":"ping","n":2}"#)), "the body was changed");

    let other = hex::encode(mac::sha256(br#"{"event":"ping","n":2}"#));
    let moved = format!("https://msg.example.org/hooks/twilio/json?bodySHA256={other}");
    assert!(!verifies(&json(&moved, good, r#"{"event":"ping","n":2}"#)), "the digest was changed with the body");

    let bare = "https://msg.example.org/hooks/twilio/json";
    let signature = twilio_signature(TOKEN, bare, "");
    assert!(!verifies(&json(bare, &signature, "{}")), "no digest, though the address itself is signed");

    let upper = format!("https://msg.example.org/hooks/twilio/json?bodySHA256={}", hash.to_uppercase());
    let signature = twilio_signature(TOKEN, &upper, "");
    assert!(!verifies(&json(&upper, &signature, r#"{"event":"ping","n":1}"#)), "Twilio writes the digest in lower case");
}

// checklist 1
#[test]
fn parameters_that_nobody_knows_yet_and_empty_ones_are_signed_too() {
    let url = "https://msg.example.org/x";
    for body in ["BrandNew=1&Body=Hi", "Body=&NumMedia=0", "Body=%2B1+%26+2+%F0%9F%98%80", "Flag&Body=x", "Body=a%20b", "Body=%20%20a%20"] {
        let body = body_with(body);
        assert!(verifies(&signed(url, &body)), "{body}");
        let signature = twilio_signature(TOKEN, url, &body);
        assert!(!verifies(&with(&signature, url, &format!("{body}&Added=1"))), "{body}");
        assert!(!verifies(&with(&signature, url, &body.replace("Body", "Bodi"))), "{body}");
    }
}

// checklist 2
#[test]
fn the_order_of_the_body_does_not_matter_and_names_sort_with_capitals_first() {
    let url = "https://msg.example.org/x";
    let sorted = format!("{url}AccountSid{ACCOUNT_SID}Body1From2To3body4");
    let signature =
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, mac::hmac_sha1_joined(TOKEN.as_bytes(), &[sorted.as_bytes()]));
    for body in ["Body=1&From=2&To=3&body=4", "body=4&To=3&From=2&Body=1", "To=3&body=4&Body=1&From=2"] {
        assert!(verifies(&with(&signature, url, &body_with(body))), "{body}");
    }
}

// checklist 4
#[test]
fn the_address_counts_to_the_letter() {
    let body = body_with("Body=1");
    let signature = twilio_signature(TOKEN, "https://msg.example.org/in?a=1&b=2", &body);
    let refused = [
        "https://msg.example.org/in/?a=1&b=2",
        "https://msg.example.org/in?b=2&a=1",
        "https://msg.example.org/in",
        "https://msg.example.org/in?a=1",
        "https://msg.example.org/In?a=1&b=2",
        "http://msg.example.org/in?a=1&b=2",
        "https://evil.example.org/in?a=1&b=2",
    ];
    for url in refused {
        assert!(!verifies(&with(&signature, url, &body)), "{url}");
    }
    assert!(verifies(&with(&signature, "https://msg.example.org/in?a=1&b=2", &body)));
}

// checklist 4
#[test]
fn a_host_configured_with_capitals_verifies_signed_with_them_and_without() {
    let body = body_with("Body=1");
    let configured = "https://MSG.Example.org/in";
    assert!(verifies(&with(&twilio_signature(TOKEN, configured, &body), configured, &body)));
    assert!(verifies(&with(&twilio_signature(TOKEN, "https://msg.example.org/in", &body), configured, &body)));
    assert!(!verifies(&with(&twilio_signature(TOKEN, configured, &body), "https://msg.example.org/in", &body)));
}

// checklist 5
#[test]
fn a_port_may_be_there_or_not() {
    let body = body_with("Body=1");
    let verifies_as = |called: &str, signed: &str| verifies(&with(&twilio_signature(TOKEN, signed, &body), called, &body));
    assert!(verifies_as("https://msg.example.org/in", "https://msg.example.org:443/in"));
    assert!(verifies_as("https://msg.example.org:443/in", "https://msg.example.org/in"));
    assert!(verifies_as("http://msg.example.org/in", "http://msg.example.org:80/in"));
    assert!(verifies_as("https://msg.example.org:8443/in", "https://msg.example.org:8443/in"));
    assert!(verifies_as("https://msg.example.org:8443/in", "https://msg.example.org/in"));
    assert!(verifies_as("https://[2001:db8::1]/in", "https://[2001:db8::1]:443/in"));
    assert!(verifies_as("https://msg.example.org?a=b@c:1", "https://msg.example.org:443?a=b@c:1"));
    assert!(!verifies_as("https://msg.example.org/in", "https://msg.example.org:8443/in"));
    assert!(!verifies_as("https://msg.example.org/in", "https://msg.example.org:80/in"));
    assert!(!verifies_as("https://msg.example.org:8443/in", "https://msg.example.org:443/in"));
}

#[test]
fn a_name_and_password_in_the_configured_address_are_signed_with_it() {
    let body = body_with("Body=1");
    let url = "https://user:pa:ss@msg.example.org/in";
    assert!(verifies(&signed(url, &body)));
    let with_port = "https://user:pa:ss@msg.example.org:443/in";
    assert!(verifies(&with(&twilio_signature(TOKEN, with_port, &body), url, &body)));
    assert!(!verifies(&with(&twilio_signature(TOKEN, "https://msg.example.org/in", &body), url, &body)));
}

#[test]
fn a_query_verifies_in_each_spelling_that_twilio_signs() {
    // The specification's example: token `12345`.
    let credential = credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", "12345")]);
    let url = "https://shop.example.org/h?Body=It's+ok";
    let body = body_with("x=1");
    let verifies_as = |spelled: &str| {
        let signature = twilio_signature("12345", spelled, &body);
        Sms.verify(&credential, &with(&signature, url, &body)).is_ok()
    };
    assert!(verifies_as(url), "as called");
    assert!(verifies_as("https://shop.example.org/h?Body=It%27s+ok"), "as a WHATWG parser writes it");
    assert!(verifies_as("https://shop.example.org/h?Body=It%27s%20ok"), "encoded anew");
    assert!(verifies_as("https://shop.example.org:443/h?Body=It%27s%20ok"), "encoded anew, with a port");
    assert!(!verifies_as("https://shop.example.org/h?Body=Its+ok"));
}

#[test]
fn overrides_behind_a_hash_are_not_signed() {
    let body = body_with("Body=1");
    let signature = twilio_signature(TOKEN, "https://msg.example.org/in?a=1", &body);
    assert!(verifies(&with(&signature, "https://msg.example.org/in?a=1#rc=3&rp=all", &body)));
}

// checklist 7
#[test]
fn a_get_request_is_signed_by_its_address_alone() {
    let url = format!("https://msg.example.org/in?{BODY}");
    let signature = twilio_signature(TOKEN, &url, "");
    let get = request("GET", &url, &[("x-twilio-signature", &signature)], "");
    let notification = notification(&twilio(), &get);
    assert_eq!(notification.body, BODY.as_bytes());
    assert_eq!(Sms.parse(&twilio(), &notification).unwrap().len(), 1);

    let changed = request("GET", &url.replace("Hi", "Ho"), &[("x-twilio-signature", &signature)], "");
    assert!(matches!(refusal(&twilio(), &changed), Refusal::Forbidden(_)));
    let smuggled = request("GET", &url, &[("x-twilio-signature", &signature)], "Body=other");
    assert!(matches!(refusal(&twilio(), &smuggled), Refusal::Malformed(_)), "a body that nothing signs");
}

// checklist 8
#[test]
fn while_a_token_is_rotated_both_verify_and_afterwards_the_old_one_does_not() {
    let (old, new) = ("old_token_01", "new_token_02");
    let both = credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", new), ("auth_token", old)]);
    let after = credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", new)]);
    let url = "https://msg.example.org/in";
    let by = |token: &str| with(&twilio_signature(token, url, &body_with("Body=1")), url, &body_with("Body=1"));
    assert!(Sms.verify(&both, &by(old)).is_ok());
    assert!(Sms.verify(&both, &by(new)).is_ok());
    assert!(Sms.verify(&after, &by(new)).is_ok());
    assert!(matches!(refusal(&after, &by(old)), Refusal::Forbidden(_)));
}

// checklist 8
#[test]
fn the_secret_of_an_api_key_verifies_nothing() {
    let credential = credential(
        "twilio",
        &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN), ("api_key_sid", "SK1"), ("api_key_secret", "key_secret")],
    );
    let url = "https://msg.example.org/in";
    let request = with(&twilio_signature("key_secret", url, &body_with("Body=1")), url, &body_with("Body=1"));
    assert!(matches!(refusal(&credential, &request), Refusal::Forbidden(_)));
}

// checklist 8
#[test]
fn a_subaccount_verifies_with_its_own_token_and_its_own_sid() {
    let (sub, main) = ("AC000000000000000000000000000000bb", "main_token_9");
    let credential = credential("twilio", &[("account_sid", sub), ("auth_token", "sub_token_3")]);
    let url = "https://msg.example.org/in";
    let body = format!("AccountSid={sub}&Body=1");
    let by = |token: &str| with(&twilio_signature(token, url, &body), url, &body);
    assert!(Sms.verify(&credential, &by("sub_token_3")).is_ok());
    assert!(matches!(refusal(&credential, &by(main)), Refusal::Forbidden(_)));
}

#[test]
fn a_shared_signing_key_verifies_with_the_algorithm_that_is_entered() {
    let url = "https://msg.example.org/in";
    let body = body_with("Body=1");
    let joined = format!("{url}AccountSid{ACCOUNT_SID}Body1");
    let sha256 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, mac::hmac_sha256_joined(b"shared", &[joined.as_bytes()]));
    let sha1 = twilio_signature("shared", url, &body);
    let with_algorithm = |algorithm: &str| {
        credential(
            "twilio",
            &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN), ("signing_key", "shared"), ("signing_algorithm", algorithm)],
        )
    };
    assert!(Sms.verify(&with_algorithm("hmac-sha256"), &with(&sha256, url, &body)).is_ok());
    assert!(Sms.verify(&with_algorithm("hmac-sha1"), &with(&sha1, url, &body)).is_ok());
    assert!(Sms.verify(&with_algorithm("hmac-sha256"), &signed(url, &body)).is_ok(), "the auth token stays what it was");
    assert!(matches!(refusal(&with_algorithm("hmac-sha256"), &with(&sha1, url, &body)), Refusal::Forbidden(_)));
    assert!(matches!(refusal(&with_algorithm("md5"), &with(&sha1, url, &body)), Refusal::Unconfigured(_)));
}

// checklist 9
#[test]
fn without_the_header_or_with_garbage_in_it_the_answer_is_403() {
    let url = "https://msg.example.org/in";
    let body = body_with("Body=1");
    let good = twilio_signature(TOKEN, url, &body);
    let bad = ["", " ", "garbage", "====", &good[1..], &format!("{good}{good}"), "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", &good.to_lowercase()];
    for value in bad {
        assert!(!verifies(&with(value, url, &body)), "{value:?}");
    }
    assert!(!verifies(&form_request(url, &[], &body)), "missing");
    assert!(!verifies(&form_request(url, &[("x-twilio-signature", &good), ("x-twilio-signature", &good)], &body)), "twice");
    let hex = hex::encode(mac::hmac_sha1_joined(TOKEN.as_bytes(), &[url.as_bytes(), format!("AccountSid{ACCOUNT_SID}Body1").as_bytes()]));
    assert!(!verifies(&with(&hex, url, &body)), "in hexadecimal digits");
}

// checklist 9
#[test]
fn a_signed_notification_of_another_account_is_refused() {
    let url = "https://msg.example.org/in";
    for body in ["AccountSid=AC000000000000000000000000000000ff&Body=1", "AccountSid=&Body=1", "Body=1"] {
        assert_eq!(refusal(&twilio(), &signed(url, body)), Refusal::Forbidden("AccountSid is another account's"), "{body}");
    }
}

// checklist 10
#[test]
fn what_a_proxy_is_said_to_have_forwarded_changes_nothing() {
    let url = "https://msg.example.org/in";
    let body = body_with("Body=1");
    let forwarded =
        [("x-forwarded-proto", "http"), ("x-forwarded-host", "evil.example"), ("host", "evil.example"), ("forwarded", "host=evil")];
    let mut headers = forwarded.to_vec();
    let good = twilio_signature(TOKEN, url, &body);
    headers.push(("x-twilio-signature", &good));
    assert!(verifies(&form_request(url, &headers, &body)), "the configured address counts");
    let evil = twilio_signature(TOKEN, "http://evil.example/in", &body);
    headers.pop();
    headers.push(("x-twilio-signature", &evil));
    assert!(!verifies(&form_request(url, &headers, &body)), "and no other");
}

#[test]
fn a_credential_without_a_token_verifies_nothing() {
    let url = "https://msg.example.org/in";
    let body = body_with("Body=1");
    let none = credential("twilio", &[("account_sid", ACCOUNT_SID)]);
    assert_eq!(refusal(&none, &with(&twilio_signature("", url, &body), url, &body)), Refusal::Unconfigured("auth_token"));
    let nameless = switchboard::channels::credential::Credential::default();
    assert_eq!(refusal(&nameless, &signed(url, &body)), Refusal::Unconfigured("vendor"));
}

#[test]
fn bodies_that_the_signature_does_not_cover_and_other_methods_are_refused() {
    let url = "https://msg.example.org/in";
    let signature = twilio_signature(TOKEN, url, "");
    let headers = [("content-type", "text/plain"), ("x-twilio-signature", signature.as_str())];
    assert!(matches!(refusal(&twilio(), &request("POST", url, &headers, body_with("Body=1"))), Refusal::Malformed(_)));
    assert!(matches!(refusal(&twilio(), &request("PUT", url, &headers, "")), Refusal::Malformed(_)));
    let long = body_with(&format!("Body={}", "a".repeat(300_000)));
    assert!(matches!(refusal(&twilio(), &signed(url, &long)), Refusal::Malformed(_)));
}

#[test]
fn the_shared_path_finds_the_number_that_a_request_names() {
    let accounts = |body: &str| Sms.claimed_accounts(&form_request("https://msg.example.org/api/webhooks/sms", &[], body));
    assert_eq!(accounts(include_str!("../fixtures/sms/twilio_sms.form")), ["+15005550006"]);
    assert_eq!(accounts(include_str!("../fixtures/sms/twilio_receipt_undelivered_30003.form")), ["+15005550006"]);
    assert_eq!(accounts(include_str!("../fixtures/sms/twilio_whatsapp_location.form")), ["whatsapp:+15005550006"]);
    assert_eq!(accounts("AccountSid=AC1&MessagingServiceSid=MG1&To=12345&From=%2B15005550001&SmsStatus=received"), ["MG1", "12345"]);
    assert!(accounts("hello=world").is_empty());
    let get = request("GET", &format!("https://msg.example.org/api/webhooks/sms?{BODY}"), &[], "");
    assert_eq!(Sms.claimed_accounts(&get), ["+15005550006"]);
}

proptest! {
    #[test]
    fn whatever_comes_is_refused_without_a_panic(
        url in "\\PC{0,60}", body in prop::collection::vec(any::<u8>(), 0..200), signature in "\\PC{0,40}", json in any::<bool>(),
    ) {
        let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
        let request = request("POST", &url, &[("content-type", kind), ("x-twilio-signature", &signature)], body);
        prop_assert!(Sms.verify(&twilio(), &request).is_err());
        Sms.claimed_accounts(&request);
    }

    #[test]
    fn whatever_is_signed_can_be_read_or_is_said_to_be_unreadable(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let notification = switchboard::channels::adapter::Notification {
            body, content_type: "application/x-www-form-urlencoded".to_owned(), kind: String::new(), received_at: super::now(),
        };
        let _ = Sms.parse(&twilio(), &notification);
        Sms.acknowledgement(&notification);
    }

    #[test]
    fn a_changed_fixture_is_refused_and_can_be_read_without_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), which in 0_usize..5) {
        let fixtures = [
            include_str!("../fixtures/sms/twilio_sms.form"),
            include_str!("../fixtures/sms/twilio_mms_with_picture_and_card_and_no_text.form"),
            include_str!("../fixtures/sms/twilio_whatsapp_location.form"),
            include_str!("../fixtures/sms/twilio_whatsapp_button_pressed.form"),
            include_str!("../fixtures/sms/twilio_receipt_undelivered_30003.form"),
        ];
        let url = "https://msg.example.org/api/webhooks/sms";
        let mut changed = fixtures[which].as_bytes().to_vec();
        let at = at.index(changed.len());
        let was = std::mem::replace(&mut changed[at], byte);
        let signature = twilio_signature(TOKEN, url, fixtures[which]);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", signature.as_str())];
        let request = request("POST", url, &headers, changed.clone());
        // `+` and a space that was not escaped say the same, so does the case of an escape's digits.
        let said = |bytes: &[u8]| switchboard::channels::sms::twilio::signature::joined(&switchboard::channels::form::decode(bytes));
        let same = said(&changed) == said(fixtures[which].as_bytes());
        prop_assert_eq!(Sms.verify(&twilio(), &request).is_ok(), same, "{} -> {}", was, byte);
        let notification = switchboard::channels::adapter::Notification {
            body: changed, content_type: "application/x-www-form-urlencoded".to_owned(), kind: String::new(), received_at: super::now(),
        };
        let _ = Sms.parse(&twilio(), &notification);
    }
}

#[test]
fn the_fields_name_what_verifies_and_what_is_secret() {
    let fields: Vec<_> =
        Sms.fields(Some("twilio")).iter().map(|field| json!([field.name, field.required, field.verifies, field.secret])).collect();
    assert_eq!(fields[0], json!(["account_sid", true, false, false]));
    assert_eq!(fields[1], json!(["auth_token", true, true, true]));
    assert!(Sms.fields(None).is_empty() && Sms.fields(Some("pigeon")).is_empty());
}
