//! The simulator of text messages by Twilio (specification `sms`, part A).

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use switchboard::{
    crypto::mac,
    simulate::{
        Simulated,
        faults::{Injected, Switch, When},
        provider::Act,
        world::{Phone, Status},
    },
};

use super::stage::{Heard, Stage};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "simulated0auth0token0of0twilio00";
const MESSAGES: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";

type Form<'a> = Vec<(&'a str, &'a str)>;

async fn stage() -> Stage {
    Stage::new(Simulated::Sms).await
}

/// A call with these credentials; status, headers, JSON.
async fn call(
    stage: &Stage,
    method: &str,
    path: &str,
    user: (&str, &str),
    form: &[(&str, &str)],
) -> (u16, BTreeMap<String, String>, Value) {
    let basic = BASE64_STANDARD.encode(format!("{}:{}", user.0, user.1));
    let request = stage.client.request(method.parse().unwrap(), format!("{}{path}", stage.running.url));
    let request = request.insert_header(("authorization", format!("Basic {basic}")));
    let mut response = if form.is_empty() { request.send().await } else { request.send_form(&form).await }.unwrap();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = response.body().await.unwrap();
    (response.status().as_u16(), headers, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Sends with these fields besides the usual ones.
async fn send(stage: &Stage, more: &[(&str, &str)]) -> (u16, Value) {
    let mut form = vec![("To", "+15005550001"), ("From", "+15005550006")];
    form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    form.extend(more);
    form.retain(|(_, value)| !value.is_empty());
    let (status, _, answer) = call(stage, "POST", MESSAGES, (ACCOUNT, TOKEN), &form).await;
    (status, answer)
}

/// Whether a notification carries the signature that its address and parameters have.
fn is_signed(stage: &Stage, heard: &Heard) -> bool {
    let hook = stage.sim().look(|world| world.hook_url.clone());
    let url = format!("{}{}", hook.trim_end_matches("/api/webhooks/sms"), heard.url);
    let signed = heard.form().iter().fold(url, |signed, (name, value)| signed + name + value);
    heard.header("x-twilio-signature") == Some(&BASE64_STANDARD.encode(mac::hmac_sha1_joined(TOKEN.as_bytes(), &[signed.as_bytes()])))
}

#[actix_web::test]
async fn a_text_is_notified_as_a_signed_form() {
    let stage = stage().await;
    let (id, heard) = stage.writes("Hi & bye: 50% off? ☂").await;
    assert!(is_signed(&stage, &heard));
    assert!(heard.header("i-twilio-idempotency-token").is_some());
    let form = heard.form();
    for (name, value) in [
        ("MessageSid", id.as_str()),
        ("SmsSid", &id),
        ("AccountSid", ACCOUNT),
        ("From", "+15005550001"),
        ("To", "+15005550006"),
        ("Body", "Hi & bye: 50% off? ☂"),
        ("NumMedia", "0"),
        ("SmsStatus", "received"),
    ] {
        assert_eq!(form[name], value, "{name}");
    }
    assert!(id.len() == 34 && id.starts_with("SM"));
    stage.switch(Switch::WrongSignature, true);
    assert!(!is_signed(&stage, &stage.writes("wrong").await.1));
    stage.switch(Switch::Unsigned, true);
    assert_eq!(stage.writes("none").await.1.header("x-twilio-signature"), None);
}

#[actix_web::test]
async fn an_answer_is_taken_and_its_statuses_go_to_the_address_that_came_with_it() {
    let stage = stage().await;
    let hook = stage.sim().look(|world| world.hook_url.clone());
    let callback = format!("{hook}/c1/status?mid=out_1");
    let (status, answer) = send(&stage, &[("Body", "Hello"), ("StatusCallback", &callback)]).await;
    assert_eq!((status, &answer["status"], &answer["direction"]), (201, &"queued".into(), &"outbound-api".into()));
    for word in ["sent", "delivered"] {
        let heard = stage.heard().await;
        assert_eq!(heard.url, "/api/webhooks/sms/c1/status?mid=out_1");
        assert!(is_signed(&stage, &heard));
        let form = heard.form();
        assert_eq!((&form["MessageStatus"], &form["MessageSid"]), (&word.to_owned(), &answer["sid"].as_str().unwrap().to_owned()));
    }
    stage.until_status(answer["sid"].as_str().unwrap(), Status::Delivered).await;
    assert!(stage.rest().await.is_empty(), "nobody knows whether a text was read");
}

#[actix_web::test]
async fn without_a_callback_no_status_is_told() {
    let stage = stage().await;
    let (_, answer) = send(&stage, &[("Body", "Hello")]).await;
    stage.until_status(answer["sid"].as_str().unwrap(), Status::Delivered).await;
    assert!(stage.rest().await.is_empty());
}

#[actix_web::test]
async fn both_the_accounts_token_and_an_api_key_are_taken_and_nothing_else() {
    let stage = stage().await;
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}.json");
    for (user, wanted) in [
        ((ACCOUNT, TOKEN), 200),
        (("SK00000000000000000000000000000001", "simulated-api-key-secret"), 200),
        ((ACCOUNT, "simulated-api-key-secret"), 401),
        (("", ""), 401),
    ] {
        assert_eq!(call(&stage, "GET", &path, user, &[]).await.0, wanted, "{user:?}");
    }
    stage.switch(Switch::TokenExpired, true);
    assert_eq!(call(&stage, "GET", &path, (ACCOUNT, TOKEN), &[]).await.2["code"], 20_003);
}

#[actix_web::test]
async fn the_limits_of_a_send_hold() {
    let stage = stage().await;
    let (fits, long) = ("x".repeat(1_600), "x".repeat(1_601));
    let files = [("MediaUrl", "https://files.example.org/a.jpg"); 11];
    let cases: Vec<(Form<'_>, Option<u64>)> = vec![
        (vec![("Body", &fits)], None),
        (vec![("Body", &long)], Some(21_617)),
        (vec![("Body", "")], Some(21_602)),
        (vec![("Body", "x"), ("To", "")], Some(21_604)),
        (vec![("Body", "x"), ("To", "+15a")], Some(21_211)),
        (vec![("Body", "x"), ("From", "")], Some(21_603)),
        (vec![("Body", "x"), ("From", "+15005550007")], Some(21_606)),
        (vec![("Body", "x"), ("StatusCallback", "here")], Some(21_609)),
        (vec![("MediaUrl", "ftp://files.example.org/a.jpg")], Some(21_620)),
        (files[..10].to_vec(), None),
        (files.to_vec(), Some(21_623)),
        (vec![("ContentSid", "HX1")], None),
    ];
    for (form, wanted) in cases {
        let (status, answer) = send(&stage, &form).await;
        assert_eq!((status != 201).then(|| answer["code"].as_u64().unwrap()), wanted, "{form:?} {answer}");
    }
}

#[actix_web::test]
async fn who_says_stop_is_not_written_to_until_start() {
    let stage = stage().await;
    for (word, refused) in [("please stop", false), (" stop ", true), ("YES", false), ("QUIT", true), ("START", false)] {
        stage.writes(word).await;
        let (status, answer) = send(&stage, &[("Body", "news")]).await;
        assert_eq!((status == 400, answer["code"] == 21_610), (refused, refused), "{word}: {answer}");
    }
    stage.sim().act(&stage.dana(), &Act::Extra { name: "stop_advanced".to_owned() }).unwrap();
    assert_eq!(stage.heard().await.form()["OptOutType"], "STOP");
}

#[actix_web::test]
async fn a_file_is_reached_by_a_redirect_with_the_credentials() {
    let stage = stage().await;
    let file_id = stage.sim().add_file("image/jpeg", "a.jpg", vec![7, 8, 9].into());
    stage.sim().act(&stage.dana(), &Act::Write { text: String::new(), file_id: Some(file_id), reply_to: None }).unwrap();
    let form = stage.heard().await.form();
    assert_eq!((form["NumMedia"].as_str(), form["MediaContentType0"].as_str(), form["Body"].as_str()), ("1", "image/jpeg", ""));
    let path = form["MediaUrl0"].strip_prefix(&stage.running.url).unwrap();
    assert_eq!(call(&stage, "GET", path, ("", ""), &[]).await.0, 401);
    let (status, headers, _) = call(&stage, "GET", path, (ACCOUNT, TOKEN), &[]).await;
    assert_eq!(status, 307);
    let fetch = async || {
        let mut response = stage.client.get(&headers["location"]).send().await.unwrap();
        (response.status().as_u16(), response.body().await.unwrap())
    };
    assert_eq!(fetch().await, (200, vec![7, 8, 9].into()));
    stage.pass(301);
    assert_eq!(fetch().await.0, 403);
}

#[actix_web::test]
async fn every_code_can_be_asked_for_and_carriers_refusals_are_called_undelivered() {
    let stage = stage().await;
    let hook = stage.sim().look(|world| world.hook_url.clone());
    for fault in stage.sim().provider.profile().faults {
        for when in [When::Answer, When::Status] {
            stage.sim().change(|world| world.injected.push_back(Injected { code: fault.code.to_owned(), times: 1, when }));
        }
        let (status, answer) = send(&stage, &[("Body", "x"), ("StatusCallback", &hook)]).await;
        assert_eq!((status, answer["code"].to_string().as_str()), (fault.http, fault.code));
        send(&stage, &[("Body", "x"), ("StatusCallback", &hook)]).await;
        let form = stage.heard().await.form();
        let wanted = if fault.code.starts_with("30") { "undelivered" } else { "failed" };
        assert_eq!((form["MessageStatus"].as_str(), form["ErrorCode"].as_str()), (wanted, fault.code));
    }
}

#[actix_web::test]
async fn a_rate_limit_names_the_wait() {
    let stage = stage().await;
    stage.switch(Switch::RateLimit, true);
    let form = [("To", "+15005550001"), ("From", "+15005550006"), ("Body", "x")];
    let (status, headers, answer) = call(&stage, "POST", MESSAGES, (ACCOUNT, TOKEN), &form).await;
    assert_eq!((status, headers["retry-after"].as_str(), &answer["code"]), (429, "1", &20_429.into()));
}

#[actix_web::test]
async fn what_is_answered_badly_is_not_sent_again() {
    let stage = stage().await;
    stage.answer_next(&[503]);
    let (id, _) = stage.writes("lost").await;
    stage.until_status(&id, Status::Failed).await;
    assert!(stage.rest().await.is_empty());
}

#[actix_web::test]
async fn a_lost_text_is_found_in_the_list_of_messages() {
    let stage = stage().await;
    let ids: Vec<_> =
        ["one", "two"].map(|_| stage.sim().act(&stage.dana(), &Act::Extra { name: "lost".to_owned() }).unwrap().unwrap()).into();
    assert!(stage.rest().await.is_empty());
    let path = format!("{MESSAGES}?To=%2B15005550006&PageSize=1");
    let (_, _, first) = call(&stage, "GET", &path, (ACCOUNT, TOKEN), &[]).await;
    let (_, _, second) = call(&stage, "GET", first["next_page_uri"].as_str().unwrap(), (ACCOUNT, TOKEN), &[]).await;
    let found = [&second, &first].map(|page| page["messages"][0]["sid"].as_str().unwrap().to_owned());
    assert_eq!((found.to_vec(), &second["next_page_uri"]), (ids, &Value::Null));
}

#[actix_web::test]
async fn the_fallback_address_gets_the_same_message_with_the_error_signed_in() {
    let stage = stage().await;
    stage.sim().act(&stage.dana(), &Act::Extra { name: "fallback".to_owned() }).unwrap();
    let heard = stage.heard().await;
    assert!(is_signed(&stage, &heard) && heard.form()["ErrorCode"] == "11200");
}

#[actix_web::test]
async fn the_number_can_be_pointed_at_switchboard() {
    let stage = stage().await;
    let list = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json");
    let (_, _, numbers) = call(&stage, "GET", &list, (ACCOUNT, TOKEN), &[]).await;
    let number = &numbers["incoming_phone_numbers"][0];
    assert_eq!(number["phone_number"], "+15005550006");
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{}.json", number["sid"].as_str().unwrap());
    call(&stage, "POST", &path, (ACCOUNT, TOKEN), &[("SmsUrl", "https://chat.example.org/x")]).await;
    assert_eq!(call(&stage, "GET", &path, (ACCOUNT, TOKEN), &[]).await.2["sms_url"], "https://chat.example.org/x");
}

#[actix_web::test]
async fn a_phone_that_is_off_gets_its_texts_later() {
    let stage = stage().await;
    let hook = stage.sim().look(|world| world.hook_url.clone());
    stage.sim().set_phone(&stage.dana(), Phone::Off).unwrap();
    send(&stage, &[("Body", "x"), ("StatusCallback", &hook)]).await;
    assert_eq!(stage.heard().await.form()["MessageStatus"], "sent");
    stage.sim().set_phone(&stage.dana(), Phone::Reading).unwrap();
    assert_eq!(stage.heard().await.form()["MessageStatus"], "delivered");
}
