//! Handshakes and signatures. They are the same as WhatsApp's, whose tests try every byte; here is what the specification of Messenger lists.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::{Happening, inbound::ChannelNewsKind};
use serde_json::{Value, json};
use switchboard::{
    channels::{
        adapter::{Adapter, Refusal, Verified},
        messenger::Messenger,
        request::{Answer, RawRequest},
    },
    crypto::mac,
};

use super::{
    super::whatsapp::{SECRET, credential_with, get, post, signature},
    credential, fixture, notification,
};

const HEADER: &str = "x-hub-signature-256";

fn is_taken(body: &[u8], headers: &[(&str, &str)]) -> bool {
    matches!(Messenger.verify(&credential(), &post(body, headers)), Ok(Verified::Notification(_)))
}

// checklist 1
#[test]
fn a_handshake_wants_the_right_mode_and_token() {
    let shake = |query: &str| Messenger.verify(&credential(), &get(query));
    assert_eq!(
        shake("hub.mode=subscribe&hub.challenge=42&hub.verify_token=a-word-of-ours"),
        Ok(Verified::Handshake(Answer { status: 200, content_type: "text/plain; charset=utf-8", body: "42".to_owned() }))
    );
    for query in ["hub.mode=subscribe&hub.challenge=42&hub.verify_token=x", "hub.mode=x&hub.challenge=42&hub.verify_token=a-word-of-ours"] {
        assert!(matches!(shake(query), Err(Refusal::Forbidden(_))), "{query}");
    }
}

// checklist 2
#[test]
fn only_the_living_secrets_signature_of_the_very_bytes_is_taken() {
    let body = fixture("text");
    let right = signature(SECRET, &body);
    assert!(is_taken(&body, &[(HEADER, &right)]));
    assert!(is_taken(&body, &[(HEADER, &right.to_uppercase().replace("SHA256=", "sha256="))]), "digits in upper case");
    let mut altered = body.clone();
    altered[100] ^= 1;
    assert!(!is_taken(&altered, &[(HEADER, &right)]));
    assert!(!is_taken(&body, &[(HEADER, &signature("another", &body))]));
    assert!(!is_taken(&body, &[]));
    assert!(!is_taken(&body, &[("x-hub-signature", &right)]), "the old header");
    assert!(!is_taken(&body, &[(HEADER, &right[..70])]));
    assert!(!is_taken(&body, &[(HEADER, &format!("{right}0"))]));
    assert!(!is_taken(&body, &[(HEADER, &right), (HEADER, &right)]));
}

// checklist 2; 3
#[test]
fn the_worked_examples_verify() {
    let page = "sha256=ef38a6e9c41ace959c92562bf8cae4e07b4dfff894a7337cdf42dd525c91988c";
    assert!(is_taken(br#"{"object":"page","entry":[]}"#, &[(HEADER, page)]));
    let escaped = "sha256=eca75ad8718c6286cc0500a52ebde965d572c605456377b640be5e0fd4de3162";
    assert!(is_taken(br#"{"text":"Gr\u00fc\u00dfe \ud83d\ude00 5<6"}"#, &[(HEADER, escaped)]));
    assert!(is_taken("{\"text\":\"Grüße 😀 5<6\"}".as_bytes(), &[(HEADER, escaped)]), "undone by a proxy");
    assert!(!is_taken("{\"text\":\"Grüße 😀 5<7\"}".as_bytes(), &[(HEADER, escaped)]));
}

// checklist 3
#[test]
fn a_body_with_escaped_slashes_is_hashed_as_it_came() {
    let body = br#"{"object":"page","entry":[],"u":"https:\/\/example.org\u003C\u0025\u0040"}"#;
    assert!(is_taken(body, &[(HEADER, &signature(SECRET, body))]));
}

// checklist 4
#[test]
fn an_account_of_instagram_login_is_signed_with_the_instagram_apps_secret() {
    let mut by_instagram = credential_with(&[("app_secret", "instagram-app-secret")]);
    by_instagram.vendor = Some("instagram".to_owned());
    let body = fixture("ig_text");
    let with = |secret: &str| Messenger.verify(&by_instagram, &post(&body, &[(HEADER, &signature(secret, &body))])).is_ok();
    assert!(with("instagram-app-secret"));
    assert!(!with(SECRET), "the Facebook app's secret is another");
    let mut both = credential_with(&[("app_secret", SECRET), ("app_secret", "instagram-app-secret")]);
    both.vendor = None;
    assert!(
        Messenger.verify(&both, &post(&body, &[(HEADER, &signature("instagram-app-secret", &body))])).is_ok(),
        "where one path serves both"
    );
}

#[test]
fn a_notification_is_acknowledged_with_the_customary_words() {
    assert_eq!(Messenger.acknowledgement(&notification(b"{}")), Answer::plain("EVENT_RECEIVED"));
}

/// A request of the scheme that tells of removed apps and of data to be deleted.
fn signed_request(kind: &str, secret: &str, claims: &Value) -> RawRequest {
    let payload = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(mac::hmac_sha256_joined(secret.as_bytes(), &[payload.as_bytes()]));
    let mut request = post(format!("signed_request={signature}.{payload}").as_bytes(), &[]);
    request.kind = kind.to_owned();
    request.url = format!("https://support.example.org/api/webhooks/messenger/1/{kind}");
    request
}

fn claims() -> Value {
    json!({"algorithm": "HMAC-SHA256", "user_id": "218471", "issued_at": 1_760_000_000})
}

// checklist 29
#[test]
fn a_removed_app_is_told_by_a_signed_request_and_revokes_the_token() {
    let Ok(Verified::Notification(told)) = Messenger.verify(&credential(), &signed_request("deauthorize", SECRET, &claims())) else {
        panic!("refused")
    };
    let news = Messenger.parse(&credential(), &told).unwrap().remove(0);
    assert!(
        matches!(news.what, Happening::Channel(news) if news.kind == ChannelNewsKind::TokenRevoked && news.detail.contains("removed the app"))
    );
    assert_eq!(Messenger.acknowledgement(&told), Answer::plain("EVENT_RECEIVED"));
}

// checklist 29
#[test]
fn a_deletion_request_is_answered_with_an_address_and_a_code_that_can_be_followed() {
    let Ok(Verified::Notification(told)) = Messenger.verify(&credential(), &signed_request("data-deletion", SECRET, &claims())) else {
        panic!("refused")
    };
    let answer = Messenger.acknowledgement(&told);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let code = body["confirmation_code"].as_str().unwrap();
    assert_eq!(body["url"], format!("https://support.example.org/api/webhooks/messenger/1/data-deletion?code={code}"));
    assert_eq!((answer.status, answer.content_type), (200, "application/json"));
    let follow = |query: &str| {
        let mut request = get(query);
        request.kind = "data-deletion".to_owned();
        Messenger.verify(&credential(), &request)
    };
    assert!(matches!(follow(&format!("code={code}")), Ok(Verified::Handshake(page)) if page.body.contains(code)));
    assert!(matches!(follow("code=<script>"), Err(Refusal::Malformed(_))));
}

// checklist 29
#[test]
fn a_signed_request_that_is_not_right_is_refused() {
    let refused = |request: &RawRequest| matches!(Messenger.verify(&credential(), request), Err(Refusal::Malformed(_)));
    let other = |name: &str, value: &str| {
        let mut claims = claims();
        claims[name] = json!(value);
        signed_request("deauthorize", SECRET, &claims)
    };
    assert!(refused(&signed_request("deauthorize", "another", &claims())));
    assert!(refused(&other("algorithm", "none")) && refused(&other("algorithm", "HMAC-SHA1")));
    assert!(!refused(&other("user_id", "x")));
    let right = String::from_utf8(signed_request("deauthorize", SECRET, &claims()).body).unwrap();
    for body in [
        right.replace('.', ""),
        right.replace("signed_request", "request"),
        format!("{right}A"),
        right.replace('=', "=A"),
        String::new(),
        "signed_request=.".to_owned(),
    ] {
        assert!(refused(&RawRequest { body: body.into_bytes(), ..signed_request("deauthorize", SECRET, &claims()) }));
    }
    // This scheme opens no other door.
    assert!(matches!(Messenger.verify(&credential(), &signed_request("", SECRET, &claims())), Err(Refusal::Unauthentic(_))));
    assert!(matches!(
        Messenger.verify(&credential_with(&[]), &signed_request("deauthorize", SECRET, &claims())),
        Err(Refusal::Unconfigured("app_secret"))
    ));
}
