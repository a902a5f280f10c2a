//! Handshakes and signatures.

use switchboard::channels::{
    adapter::{Adapter, Refusal, Verified},
    request::{Answer, RawRequest},
    whatsapp::Whatsapp,
};

use super::{SECRET, credential, credential_with, fixture, get, post, signature};

const HEADER: &str = "x-hub-signature-256";
/// The specification's worked examples.
const PAGE: (&str, &str) = (r#"{"object":"page","entry":[]}"#, "sha256=ef38a6e9c41ace959c92562bf8cae4e07b4dfff894a7337cdf42dd525c91988c");
const ESCAPED: (&str, &str) =
    (r#"{"text":"Gr\u00fc\u00dfe \ud83d\ude00 5<6"}"#, "sha256=eca75ad8718c6286cc0500a52ebde965d572c605456377b640be5e0fd4de3162");
const UNESCAPED: &str = r#"{"text":"Grüße 😀 5<6"}"#;

fn verify(request: &RawRequest) -> Result<Verified, Refusal> {
    Whatsapp.verify(&credential(), request)
}

fn is_taken(request: &RawRequest) -> bool {
    match verify(request) {
        Ok(Verified::Notification(notification)) => {
            assert_eq!(notification.body, request.body, "what is believed is what was verified");
            true
        }
        Ok(Verified::Handshake(_)) => panic!("a POST is no handshake"),
        Err(Refusal::Unauthentic(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

fn signed(body: &[u8], header: &str) -> bool {
    is_taken(&post(body, &[(HEADER, header)]))
}

// checklist 1
#[test]
fn a_handshake_with_the_right_token_gets_the_bare_challenge_as_plain_text() {
    let answer = verify(&get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-word-of-ours")).unwrap();
    assert_eq!(
        answer,
        Verified::Handshake(Answer { status: 200, content_type: "text/plain; charset=utf-8", body: "1158201444".to_owned() })
    );
}

// checklist 1
#[test]
fn a_handshakes_values_are_percent_decoded() {
    let answer = verify(&get("hub.mode=subscribe&hub.challenge=a%3Cb%3E%20c&hub.verify_token=a%2Dword-of-ours")).unwrap();
    assert_eq!(answer, Verified::Handshake(Answer::plain("a<b> c")));
}

// checklist 1
#[test]
fn a_handshake_with_anything_else_is_forbidden_and_gets_no_challenge() {
    let long = format!("hub.mode=subscribe&hub.challenge={}&hub.verify_token=a-word-of-ours", "1".repeat(257));
    for query in [
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=another",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=a-word-of-our",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=a-word-of-ours",
        "hub.mode=Subscribe&hub.challenge=1&hub.verify_token=a-word-of-ours",
        "hub.challenge=1&hub.verify_token=a-word-of-ours",
        "hub.mode=subscribe&hub.verify_token=a-word-of-ours",
        "hub.mode=subscribe&hub.challenge=&hub.verify_token=a-word-of-ours",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong&hub.verify_token=a-word-of-ours",
        "hub_mode=subscribe&hub_challenge=1&hub_verify_token=a-word-of-ours",
        "hub.mode=subscribe&hub.challenge=1%0A2&hub.verify_token=a-word-of-ours",
        &long,
        "",
    ] {
        assert!(matches!(verify(&get(query)), Err(Refusal::Forbidden(_))), "{query}");
    }
}

// checklist 1
#[test]
fn each_living_verify_token_shakes_hands_and_none_at_all_shakes_none() {
    let two = credential_with(&[("verify_token", "new"), ("verify_token", "old"), ("verify_token", "")]);
    for (token, taken) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let request = get(&format!("hub.mode=subscribe&hub.challenge=7&hub.verify_token={token}"));
        assert_eq!(Whatsapp.verify(&two, &request).is_ok(), taken, "{token}");
    }
    let none = credential_with(&[("app_secret", SECRET)]);
    let request = get("hub.mode=subscribe&hub.challenge=7&hub.verify_token=");
    assert_eq!(Whatsapp.verify(&none, &request), Err(Refusal::Unconfigured("verify_token")));
}

// checklist 2
#[test]
fn the_worked_examples_verify() {
    assert!(signed(PAGE.0.as_bytes(), PAGE.1));
    assert!(signed(ESCAPED.0.as_bytes(), ESCAPED.1));
    assert_eq!(signature(SECRET, PAGE.0.as_bytes()), PAGE.1);
}

// checklist 3
#[test]
fn no_byte_of_the_body_may_be_changed() {
    let body = fixture("text");
    let header = signature(SECRET, &body);
    assert!(signed(&body, &header));
    for at in 0..body.len() {
        let mut changed = body.clone();
        changed[at] ^= 1;
        assert!(!signed(&changed, &header), "byte {at}");
    }
    let mut longer = body.clone();
    longer.push(b'\n');
    assert!(!signed(&longer, &header));
    assert!(!signed(b"", &header));
}

// checklist 4
#[test]
fn another_secrets_signature_is_refused() {
    let body = fixture("text");
    for secret in ["example-app-secret-02", "Example-App-Secret-01", "example-app-secret-01 ", ""] {
        assert!(!signed(&body, &signature(secret, &body)), "{secret:?}");
    }
}

// checklist 5
#[test]
fn a_header_that_is_missing_or_malformed_is_refused() {
    let body = PAGE.0.as_bytes();
    let digits = PAGE.1.strip_prefix("sha256=").unwrap();
    assert!(!is_taken(&post(body, &[])));
    for header in [
        String::new(),
        "sha256=".to_owned(),
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("SHA256={digits}"),
        format!("sha256:{digits}"),
        format!("sha256={}", &digits[1..]),
        format!("sha256={digits}0"),
        format!("sha256={}g", &digits[1..]),
        format!("sha256= {}", &digits[1..]),
    ] {
        assert!(!signed(body, &header), "{header}");
    }
}

// checklist 5
#[test]
fn the_old_header_makes_nothing_valid() {
    let body = PAGE.0.as_bytes();
    assert!(!is_taken(&post(body, &[("x-hub-signature", PAGE.1)])));
    assert!(!is_taken(&post(body, &[("x-hub-signature", "sha1=0000000000000000000000000000000000000000")])));
    assert!(is_taken(&post(body, &[("x-hub-signature", "sha1=0000000000000000000000000000000000000000"), (HEADER, PAGE.1)])));
}

// checklist 5
#[test]
fn a_repeated_header_is_refused_even_if_one_of_them_is_right() {
    let body = PAGE.0.as_bytes();
    assert!(!is_taken(&post(body, &[(HEADER, PAGE.1), (HEADER, PAGE.1)])));
    assert!(!is_taken(&post(body, &[(HEADER, "sha256=00"), (HEADER, PAGE.1)])));
}

// checklist 6
#[test]
fn digits_in_upper_case_are_taken_and_junk_behind_them_is_not() {
    let body = PAGE.0.as_bytes();
    let upper = format!("sha256={}", PAGE.1.strip_prefix("sha256=").unwrap().to_uppercase());
    assert!(signed(body, &upper));
    for junk in [" ", "\t", ",", ";", "=", "\u{0}", "é"] {
        assert!(!signed(body, &format!("{}{junk}", PAGE.1)), "{junk:?}");
        assert!(!signed(body, &format!("{junk}{}", PAGE.1)), "{junk:?}");
    }
}

// checklist 7
#[test]
fn a_body_whose_escapes_were_undone_on_the_way_verifies_by_the_second_step() {
    assert!(signed(UNESCAPED.as_bytes(), ESCAPED.1));
    assert!(!signed(UNESCAPED.as_bytes(), PAGE.1));
    assert!(signed(UNESCAPED.as_bytes(), &signature(SECRET, UNESCAPED.as_bytes())), "the first step is not skipped");
}

// checklist 7
#[test]
fn the_second_step_writes_every_unit_above_a_tilde_with_small_digits() {
    let undone = "{\"t\":\"~\u{7f}\u{80}Ünï€\u{ffff}𐐷\"}";
    let as_signed = r#"{"t":"~\u007f\u0080\u00dcn\u00ef\u20ac\uffff\ud801\udc37"}"#;
    assert!(signed(undone.as_bytes(), &signature(SECRET, as_signed.as_bytes())));
    let with_large_digits = as_signed.replace("u20ac", "u20AC");
    assert!(!signed(undone.as_bytes(), &signature(SECRET, with_large_digits.as_bytes())));
}

// checklist 7
#[test]
fn a_body_that_is_no_utf_8_verifies_by_its_bytes_alone() {
    let body = b"{\"t\":\"\xff\xfe\"}";
    assert!(signed(body, &signature(SECRET, body)));
    assert!(!signed(body, &signature(SECRET, br#"{"t":"\u00ff\u00fe"}"#)));
}

#[test]
fn slashes_and_less_thans_that_were_escaped_stay_as_they_came() {
    let body = br#"{"url":"https:\/\/example.org\/a","t":"\u003C\u0025\u0040"}"#;
    assert!(signed(body, &signature(SECRET, body)));
    assert!(!signed(br#"{"url":"https://example.org/a","t":"<%@"}"#, &signature(SECRET, body)));
}

#[test]
fn each_living_app_secret_verifies_and_one_that_was_ended_does_not() {
    let body = fixture("text");
    let two = credential_with(&[("app_secret", "new"), ("app_secret", "old"), ("app_secret", "")]);
    for (secret, taken) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let request = post(&body, &[(HEADER, &signature(secret, &body))]);
        assert_eq!(Whatsapp.verify(&two, &request).is_ok(), taken, "{secret}");
    }
    // The second step knows all of them, too.
    let request = post(UNESCAPED.as_bytes(), &[(HEADER, &signature("old", ESCAPED.0.as_bytes()))]);
    assert!(Whatsapp.verify(&two, &request).is_ok());
}

#[test]
fn without_a_secret_nothing_verifies() {
    let none = credential_with(&[("app_secret", ""), ("verify_token", "a-word-of-ours")]);
    let body = PAGE.0.as_bytes();
    let request = post(body, &[(HEADER, &signature("", body))]);
    assert_eq!(Whatsapp.verify(&none, &request), Err(Refusal::Unconfigured("app_secret")));
}

#[test]
fn nothing_but_get_and_post_is_a_request_of_metas() {
    let request = RawRequest { method: "PUT".to_owned(), ..post(PAGE.0.as_bytes(), &[(HEADER, PAGE.1)]) };
    assert!(matches!(verify(&request), Err(Refusal::Malformed(_))));
}
