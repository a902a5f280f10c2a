//! Signatures, handshakes, and who a request claims to be for.

use proptest::prelude::*;
use switchboard::channels::{
    adapter::{Adapter, Refusal, Verified},
    credential::Credential,
    request::{Answer, RawRequest},
    slack::Slack,
};

use super::{NOW_SECONDS, SECRET, credential, credential_with, fixture, request, signature, signed};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn verified(request: &RawRequest) -> Result<Verified, Refusal> {
    Slack.verify(&credential(), request)
}

fn is_unauthentic(request: &RawRequest) -> bool {
    matches!(verified(request), Err(Refusal::Unauthentic(_)))
}

fn at(offset: i64, body: &str) -> RawRequest {
    let timestamp = (NOW_SECONDS + offset).to_string();
    request(body, JSON, &[("x-slack-request-timestamp", &timestamp), ("x-slack-signature", &signature(SECRET, &timestamp, body))])
}

fn with(timestamp: &str, signature: &str, body: &str) -> RawRequest {
    request(body, JSON, &[("x-slack-request-timestamp", timestamp), ("x-slack-signature", signature)])
}

// checklist 1
#[test]
fn the_worked_examples_of_the_specification_verify() {
    let form = "payload=%7B%22type%22%3A%22block_actions%22%7D";
    let form_signature = "v0=1a1f719bd681427aa9c1425adfe73cdecc3849c4232493eed56a403500467334";
    let json = r#"{"type":"url_verification","token":"tok","challenge":"abc123"}"#;
    let json_signature = "v0=d1935054aa6c24e234cd3038a1ea8e13580724f573ae17707c28f8e99debf352";
    let headers = |signature| [("x-slack-request-timestamp", "1760000000"), ("x-slack-signature", signature)];

    let Ok(Verified::Notification(told)) = verified(&request(form, FORM, &headers(form_signature))) else { panic!("refused") };
    assert_eq!(told.body, form.as_bytes());
    assert_eq!(told.content_type, FORM);
    assert_eq!(verified(&request(json, JSON, &headers(json_signature))), Ok(Verified::Handshake(Answer::plain("abc123"))));
}

// checklist 1
#[test]
fn json_forms_and_empty_bodies_verify() {
    for (body, kind) in [(fixture!("direct_message"), JSON), ("payload=%7B%7D", FORM), ("", JSON), ("", "")] {
        assert!(matches!(verified(&signed(body, kind)), Ok(Verified::Notification(_))), "{body}");
    }
}

// checklist 2
#[test]
fn a_timestamp_may_be_five_minutes_off_and_no_more() {
    for offset in [-300, -299, 0, 299, 300] {
        assert!(verified(&at(offset, "{}")).is_ok(), "{offset}");
    }
    for offset in [-301, 301, -86_400, 86_400] {
        assert!(is_unauthentic(&at(offset, "{}")), "{offset}");
    }
}

// checklist 2
#[test]
fn a_timestamp_that_is_no_integer_is_refused() {
    for timestamp in
        ["", "soon", "1760000000.0", "+1760000000", "-1760000000", " 1760000000", "1760000000 ", "0x68e77800", "99999999999999999999"]
    {
        assert!(is_unauthentic(&with(timestamp, &signature(SECRET, timestamp, "{}"), "{}")), "{timestamp:?}");
    }
}

// checklist 2
#[test]
fn a_missing_or_repeated_header_is_refused() {
    let good = signature(SECRET, "1760000000", "{}");
    let stamp = ("x-slack-request-timestamp", "1760000000");
    let sign = ("x-slack-signature", good.as_str());
    for headers in [
        vec![],
        vec![stamp],
        vec![sign],
        vec![stamp, sign, sign],
        vec![stamp, stamp, sign],
        vec![("x_slack_signature", good.as_str()), stamp],
    ] {
        assert!(is_unauthentic(&request("{}", JSON, &headers)), "{headers:?}");
    }
    assert!(verified(&request("{}", JSON, &[stamp, sign])).is_ok());
}

// checklist 3
#[test]
fn a_changed_body_timestamp_or_secret_is_refused() {
    let good = signature(SECRET, "1760000000", r#"{"a":1}"#);
    assert!(verified(&with("1760000000", &good, r#"{"a":1}"#)).is_ok());
    for body in [
        r#"{"a":2}"#,
        r#"{"a": 1}"#,
        r#"{"a":1}
"#,
        "",
    ] {
        assert!(is_unauthentic(&with("1760000000", &good, body)), "{body}");
    }
    assert!(is_unauthentic(&with("1760000001", &good, r#"{"a":1}"#)));
    assert!(is_unauthentic(&with("1760000000", &signature("another", "1760000000", r#"{"a":1}"#), r#"{"a":1}"#)));
}

// checklist 3
#[test]
fn a_signature_in_any_other_spelling_is_refused() {
    let good = signature(SECRET, "1760000000", "{}");
    let hex = good.trim_start_matches("v0=").to_owned();
    let spellings = [
        format!("v1={hex}"),
        hex.clone(),
        format!("V0={hex}"),
        format!("v0={}", hex.to_uppercase()),
        good[..good.len() - 1].to_owned(),
        format!("{good}0"),
        format!(" {good}"),
        format!("v0={good}"),
        "v0=".to_owned(),
        String::new(),
        "ü".repeat(67),
    ];
    for spelling in spellings {
        assert!(is_unauthentic(&with("1760000000", &spelling, "{}")), "{spelling}");
    }
}

#[test]
fn every_living_secret_verifies_and_an_empty_one_never() {
    let both = credential_with(&[("signing_secret", "the-one-before")]);
    for secret in [SECRET, "the-one-before"] {
        assert!(Slack.verify(&both, &with("1760000000", &signature(secret, "1760000000", "{}"), "{}")).is_ok(), "{secret}");
    }
    for none in [Credential::new([]), Credential::new([("signing_secret".to_owned(), String::new())])] {
        let forged = with("1760000000", &signature("", "1760000000", "{}"), "{}");
        assert_eq!(Slack.verify(&none, &forged), Err(Refusal::Unconfigured("signing_secret")));
    }
}

#[test]
fn slack_only_posts() {
    let mut get = signed("{}", JSON);
    get.method = "GET".to_owned();
    assert!(matches!(verified(&get), Err(Refusal::Malformed(_))));
}

// checklist 4
#[test]
fn a_signed_url_verification_is_answered_with_its_challenge_as_plain_text() {
    let Ok(Verified::Handshake(answer)) = verified(&signed(fixture!("url_verification"), JSON)) else { panic!("no handshake") };
    assert_eq!(answer, Answer::plain("c7Qm0ExampleChallenge5rTz2Lw9Vb8Kd"));
    assert!(answer.content_type.starts_with("text/plain"));
}

// checklist 4
#[test]
fn an_unsigned_url_verification_is_refused() {
    assert!(is_unauthentic(&request(fixture!("url_verification"), JSON, &[])));
}

#[test]
fn a_challenge_that_is_none_is_not_echoed() {
    for body in [
        r#"{"type":"url_verification"}"#,
        r#"{"type":"url_verification","challenge":"<b>\n"}"#,
        r#"{"type":"url_verification","challenge":7}"#,
    ] {
        assert!(matches!(verified(&signed(body, JSON)), Err(Refusal::Malformed(_))), "{body}");
    }
}

// checklist 5
#[test]
fn a_signed_ssl_check_is_answered_with_nothing_and_an_unsigned_one_refused() {
    assert_eq!(verified(&signed("ssl_check=1&token=x", FORM)), Ok(Verified::Handshake(Answer::empty(200))));
    assert!(is_unauthentic(&request("ssl_check=1&token=x", FORM, &[])));
}

// checklist 7
#[test]
fn a_redelivery_is_taken_like_any_other_request() {
    let mut again = signed(fixture!("direct_message"), JSON);
    again.headers.push(("x-slack-retry-num".to_owned(), b"1".to_vec()));
    again.headers.push(("x-slack-retry-reason".to_owned(), b"http_timeout".to_vec()));
    let Ok(Verified::Notification(told)) = verified(&again) else { panic!("refused") };
    let first = Slack.parse(&credential(), &told).unwrap();
    assert_eq!(first, Slack.parse(&credential(), &told).unwrap(), "the same keys, so a repeat is absorbed");
    assert_eq!(first, vec![super::parsed(fixture!("direct_message"))]);
}

#[test]
fn the_installation_is_claimed_by_events_interactions_and_commands() {
    let claimed = |body: &str, kind| Slack.claimed_accounts(&request(body, kind, &[]));
    assert_eq!(claimed(fixture!("direct_message"), JSON), ["T0EXAMPLE01"]);
    assert_eq!(claimed(fixture!("app_uninstalled"), JSON), ["T0EXAMPLE01"]);
    assert_eq!(claimed(&super::interactive::form(fixture!("button_pressed")), FORM), ["T0EXAMPLE01"]);
    assert_eq!(claimed("team_id=T0EXAMPLE01&command=%2Fsupport", FORM), ["T0EXAMPLE01"]);
    assert_eq!(claimed(r#"{"team_id":"T0SENDER","authorizations":[{"team_id":"T0OURS"}]}"#, JSON), ["T0OURS", "T0SENDER"]);
    for nobody in [fixture!("url_verification"), "", "[]", "{\"team_id\":7}", "no json"] {
        assert!(claimed(nobody, JSON).is_empty(), "{nobody}");
    }
}

const FIXTURES: &[&str] = &[
    fixture!("direct_message"),
    fixture!("thread_broadcast"),
    fixture!("file_share"),
    fixture!("edited"),
    fixture!("thread_root_tombstone"),
    fixture!("own_bot_message"),
    fixture!("reaction_added"),
    fixture!("tokens_revoked"),
    fixture!("button_pressed"),
    fixture!("form_submitted"),
];

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..400), form in any::<bool>(), stamp in "\\PC{0,20}", sign in "\\PC{0,80}") {
        let mut raw = request("", if form { FORM } else { JSON }, &[("x-slack-request-timestamp", &stamp), ("x-slack-signature", &sign)]);
        raw.body = body;
        let _ = Slack.verify(&credential(), &raw);
        let _ = Slack.claimed_accounts(&raw);
        let mut told = super::notification("", if form { FORM } else { JSON });
        told.body = raw.body;
        let _ = Slack.parse(&credential(), &told);
        let _ = Slack.acknowledgement(&told);
    }

    #[test]
    fn no_change_to_a_fixture_makes_it_panic(which in 0..FIXTURES.len(), at in any::<prop::sample::Index>(), put in prop::sample::select(vec!["\"", "{", "<", "null", "9", ".", "é", ""]), form in any::<bool>()) {
        let body = FIXTURES[which];
        let at = at.index(body.len());
        let mutated = body.get(..at).zip(body.get(at + 1..)).map(|(head, tail)| format!("{head}{put}{tail}")).unwrap_or_default();
        let (body, kind) = if form { (super::interactive::form(&mutated), FORM) } else { (mutated, JSON) };
        let told = super::notification(&body, kind);
        let _ = Slack.parse(&credential(), &told);
        let _ = Slack.acknowledgement(&told);
        let _ = Slack.claimed_accounts(&request(&body, kind, &[]));
    }

    #[test]
    fn no_changed_value_of_a_fixture_makes_it_panic(which in 0..FIXTURES.len(), at in any::<prop::sample::Index>(), put in prop::sample::select(vec!["null", "7", "-1.5e300", "\"\"", "[]", "{}", "\"<@\"", "[[[null]]]", "\"\\u0000\""])) {
        let mut value: serde_json::Value = serde_json::from_str(FIXTURES[which]).unwrap();
        let mut pointers = Vec::new();
        walk(&value, "", &mut pointers);
        *value.pointer_mut(&pointers[at.index(pointers.len())]).unwrap() = serde_json::from_str(put).unwrap();
        let body = value.to_string();
        let told = super::notification(&body, JSON);
        let _ = Slack.parse(&credential(), &told);
        let form = super::interactive::form(&body);
        let _ = Slack.parse(&credential(), &super::notification(&form, FORM));
        let _ = Slack.acknowledgement(&super::notification(&form, FORM));
    }
}

/// Every place in a JSON value.
fn walk(value: &serde_json::Value, at: &str, pointers: &mut Vec<String>) {
    if !at.is_empty() {
        pointers.push(at.to_owned());
    }
    let inner: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        serde_json::Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
        _ => Vec::new(),
    };
    for (name, inner) in inner {
        walk(inner, &format!("{at}/{name}"), pointers);
    }
}
