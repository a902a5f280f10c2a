//! JSON web tokens: what verifies, what is refused, and what we sign.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::{
    channels::jwt::{Algorithm, JwtError, hmac_signed, hs256, rs256},
    crypto::mac,
};

const KEY: &[u8] = b"a-long-random-secret";
const NOW_SECS: i64 = 1_760_000_000;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW_SECS * 1_000_000)
}

fn signed_over(header: &Value, claims: &str, key: &[u8]) -> String {
    let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()), BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = match header["alg"].as_str() {
        Some("HS384") => mac::hmac_sha384_joined(key, &[message.as_bytes()]).to_vec(),
        Some("HS512") => mac::hmac_sha512_joined(key, &[message.as_bytes()]).to_vec(),
        _ => mac::hmac_sha256_joined(key, &[message.as_bytes()]).to_vec(),
    };
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn token(claims: &Value) -> String {
    signed_over(&json!({"alg": "HS256", "typ": "JWT"}), &claims.to_string(), KEY)
}

fn judged(token: &str) -> Result<Value, JwtError> {
    hs256(token, KEY, now(), 60).map(|claims| serde_json::from_slice(&claims).unwrap())
}

#[test]
fn the_example_of_rfc_7515_appendix_a_1_verifies_until_it_expires() {
    // RFC 7515, A.1: the key is given there in base64url; `exp` is 1300819380.
    let key =
        BASE64_URL_SAFE_NO_PAD.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow").unwrap();
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                 eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                 dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let before = Timestamp::from_micros(1_300_819_379 * 1_000_000);
    let claims = hs256(token, &key, before, 0).unwrap();
    assert!(claims.starts_with(b"{\"iss\":\"joe\",\r\n"));
    assert_eq!(hs256(token, &key, now(), 0), Err(JwtError::Expired));
}

#[test]
fn the_claims_are_the_very_bytes_that_were_signed() {
    let text = "{ \"a\" : 12345678901234567890123,\n\"b\":\"\\u00e4\" }";
    let token = signed_over(&json!({"alg": "HS256"}), text, KEY);
    assert_eq!(hs256(&token, KEY, now(), 60).unwrap(), text.as_bytes());
}

#[test]
fn only_the_algorithm_that_is_wanted_verifies_even_where_another_would_be_right_in_itself() {
    for alg in ["none", "", "None", "hs256", "HS384", "HS512", "RS256", "ES256", "HS256 "] {
        let token = signed_over(&json!({"alg": alg}), "{}", KEY);
        assert_eq!(judged(&token), Err(JwtError::Algorithm), "{alg:?}");
    }
    assert_eq!(judged(&signed_over(&json!({"typ": "JWT"}), "{}", KEY)), Err(JwtError::Algorithm));
    assert_eq!(judged(&signed_over(&json!({"alg": 256}), "{}", KEY)), Err(JwtError::Algorithm));
    assert_eq!(judged(&signed_over(&json!({"alg": "HS256", "crit": ["b64"]}), "{}", KEY)), Err(JwtError::Algorithm));
}

#[test]
fn a_sender_with_several_algorithms_may_use_each_of_them_and_no_other() {
    let allowed = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
    for alg in ["HS256", "HS384", "HS512"] {
        let token = signed_over(&json!({"alg": alg}), "{}", KEY);
        assert_eq!(hmac_signed(&token, KEY, &allowed, now(), 1).unwrap(), b"{}", "{alg}");
        assert_eq!(hmac_signed(&token, b"other", &allowed, now(), 1), Err(JwtError::Signature), "{alg}");
    }
    let token = signed_over(&json!({"alg": "RS256"}), "{}", KEY);
    assert_eq!(hmac_signed(&token, KEY, &allowed, now(), 1), Err(JwtError::Algorithm));
}

#[test]
fn keys_that_a_header_points_to_are_not_looked_at() {
    let header = json!({"alg": "HS256", "kid": "../../etc/passwd", "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"});
    assert!(judged(&signed_over(&header, "{}", KEY)).is_ok());
    assert_eq!(judged(&signed_over(&header, "{}", b"evil")), Err(JwtError::Signature));
}

#[test]
fn another_key_other_claims_another_header_or_a_cut_signature_does_not_verify() {
    let good = token(&json!({"event": "call"}));
    assert!(judged(&good).is_ok());
    assert_eq!(hs256(&good, b"another", now(), 60), Err(JwtError::Signature));

    let parts: Vec<&str> = good.split('.').collect();
    let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"event":"sms"}"#);
    assert_eq!(judged(&format!("{}.{claims}.{}", parts[0], parts[2])), Err(JwtError::Signature));
    let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    assert_eq!(judged(&format!("{header}.{}.{}", parts[1], parts[2])), Err(JwtError::Signature));
    assert_eq!(judged(&format!("{}.{}.", parts[0], parts[1])), Err(JwtError::Signature));
    assert_eq!(judged(&format!("{}.{}.{}", parts[0], parts[1], &parts[2][..40])), Err(JwtError::Signature));
}

#[test]
fn an_empty_key_verifies_nothing_not_even_what_was_signed_with_it() {
    let token = signed_over(&json!({"alg": "HS256"}), "{}", b"");
    assert_eq!(hs256(&token, b"", now(), 60), Err(JwtError::Signature));
}

#[test]
fn what_has_not_three_parts_of_base64url_is_no_token() {
    let good = token(&json!({}));
    let plus = good.replacen('.', "+.", 1);
    for text in ["", ".", "..", "...", "a.b", "a.b.c.d", "eyJ9", " ", &format!("{good}.x"), &plus, &format!(" {good}")] {
        assert_eq!(judged(text), Err(JwtError::Malformed), "{text:?}");
    }
    for claims in ["", "[]", "7", "null", "\"text\"", "{", "\u{0}"] {
        let token = signed_over(&json!({"alg": "HS256"}), claims, KEY);
        assert_eq!(judged(&token), Err(JwtError::Malformed), "{claims:?}");
    }
}

#[test]
fn padding_is_tolerated_and_the_other_alphabet_is_not() {
    let message = format!("{}==.{}", BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256" }"#), BASE64_URL_SAFE_NO_PAD.encode(b"{}"));
    let code = mac::hmac_sha256_joined(KEY, &[message.as_bytes()]);
    let padded = format!("{message}.{}=", BASE64_URL_SAFE_NO_PAD.encode(code));
    assert_eq!(judged(&padded), Ok(json!({})));

    // A signature in which the alphabets differ, found by counting.
    let other = (0..100).map(|n| token(&json!({ "n": n }))).find(|token| token.rsplit('.').next().unwrap().contains(['-', '_'])).unwrap();
    let (message, signature) = other.rsplit_once('.').unwrap();
    let standard = format!("{message}.{}", signature.replace('-', "+").replace('_', "/"));
    assert!(judged(&other).is_ok());
    assert_eq!(judged(&standard), Err(JwtError::Malformed));
}

#[test]
fn expiry_and_beginning_are_honoured_with_the_leeway_that_is_given() {
    let ends = |secs: i64| token(&json!({ "exp": NOW_SECS + secs }));
    let begins = |secs: i64| token(&json!({ "nbf": NOW_SECS + secs }));
    assert!(judged(&ends(-59)).is_ok());
    assert_eq!(judged(&ends(-60)), Err(JwtError::Expired));
    assert!(judged(&begins(60)).is_ok());
    assert_eq!(judged(&begins(61)), Err(JwtError::TooEarly));
    assert!(hs256(&ends(1), KEY, now(), 0).is_ok());
    assert_eq!(hs256(&ends(0), KEY, now(), 0), Err(JwtError::Expired));
    assert!(judged(&token(&json!({"exp": NOW_SECS as f64 + 0.5}))).is_ok());
    for odd in [json!("tomorrow"), json!(null), json!([])] {
        assert_eq!(judged(&token(&json!({ "exp": odd }))), Err(JwtError::Malformed));
    }
}

#[test]
fn what_we_sign_with_our_rsa_key_verifies_with_its_public_half() {
    let pem = include_str!("fixtures/sms/vonage_application_key_for_tests_only.pem");
    let claims = json!({"application_id": "a", "iat": NOW_SECS, "jti": "1"});
    let token = rs256(&claims, pem).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let part = |text: &str| -> Value { serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    assert_eq!(part(header), json!({"alg": "RS256", "typ": "JWT"}));
    assert_eq!(part(payload), claims);

    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::prelude::BASE64_STANDARD.decode(body).unwrap();
    let pair = ring::signature::RsaKeyPair::from_pkcs8(&der).unwrap();
    let public = ring::signature::UnparsedPublicKey::new(&ring::signature::RSA_PKCS1_2048_8192_SHA256, pair.public());
    public.verify(message.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();

    assert_eq!(rs256(&claims, &pem.replace('\n', "\\n")).as_ref(), Some(&token), "line breaks written as two characters");
    assert_eq!(rs256(&claims, &pem.replace('\n', " ")).as_ref(), Some(&token), "line breaks lost");
    assert_eq!(rs256(&claims, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"), None);
    assert_eq!(rs256(&claims, ""), None);
}

proptest! {
    #[test]
    fn whatever_comes_is_refused_without_a_panic(text in "\\PC*", parts in prop::collection::vec("[A-Za-z0-9_=-]{0,40}", 0..5)) {
        prop_assert!(judged(&text).is_err());
        prop_assert!(judged(&parts.join(".")).is_err());
    }

    #[test]
    fn a_token_with_one_letter_changed_is_refused(at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.-]") {
        let good = token(&json!({"event": "call", "n": 1}));
        let at = at.index(good.len() - 1); // The last letter's lowest bits belong to no byte.
        prop_assume!(good[at..=at] != letter);
        let mut changed = good;
        changed.replace_range(at..=at, &letter);
        prop_assert!(judged(&changed).is_err());
    }
}
