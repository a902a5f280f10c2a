//! Handshakes and signatures. They are the same as WhatsApp's, whose tests try every byte; here is what the specification of Messenger lists.

use switchboard::channels::{
    adapter::{Adapter, Refusal, Verified},
    messenger::Messenger,
    request::Answer,
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

// checklist 2
#[test]
fn the_worked_examples_verify() {
    let page = "sha256=ef38a6e9c41ace959c92562bf8cae4e07b4dfff894a7337cdf42dd525c91988c";
    assert!(is_taken(br#"{"object":"page","entry":[]}"#, &[(HEADER, page)]));
    let escaped = "sha256=eca75ad8718c6286cc0500a52ebde965d572c605456377b640be5e0fd4de3162";
    assert!(is_taken(br#"{"text":"Gr\u00fc\u00dfe \ud83d\ude00 5<6"}"#, &[(HEADER, escaped)]));
    // checklist 3
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
