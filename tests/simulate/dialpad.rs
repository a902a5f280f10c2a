//! The Dialpad simulator (specification `dialpad`, part 13).

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use switchboard::{
    crypto::mac,
    simulate::{
        Simulated,
        faults::{Injected, Switch, When},
        provider::Act,
        world::Status,
    },
};

use super::stage::{BEGINNING_MS, Heard, Stage};

const KEY: &str = "simulated-dialpad-api-key";
const SECRET: &str = "simulated-dialpad-webhook-secret";

async fn stage() -> Stage {
    Stage::new(Simulated::Dialpad).await
}

async fn api(stage: &Stage, method: &str, path: &str, body: Value) -> (u16, Value) {
    stage.call(method, &format!("/api/v2/{path}"), Some(KEY), &body).await
}

fn text(words: &str) -> Value {
    json!({"from_number": "+15005550006", "to_numbers": ["+15005550001"], "text": words})
}

/// The claims of a notification that is signed with this secret.
fn claims_by(heard: &Heard, secret: &str) -> Option<Value> {
    let body = std::str::from_utf8(&heard.body).unwrap();
    let (signed, signature) = body.rsplit_once('.')?;
    let wanted = BASE64_URL_SAFE_NO_PAD.encode(mac::hmac_sha256_joined(secret.as_bytes(), &[signed.as_bytes()]));
    let (head, claims) = signed.split_once('.')?;
    let head: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    let right = signature == wanted && head["alg"] == "HS256" && heard.header("content-type") == Some("application/jwt");
    right.then(|| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap())
}

fn claims(heard: &Heard) -> Value {
    claims_by(heard, SECRET).expect("it is signed")
}

/// Plays a scenario and answers with its events.
async fn play(stage: &Stage, scenario: &str) -> Vec<Value> {
    stage.sim().act(&stage.dana(), &Act::Extra { name: scenario.to_owned() }).unwrap();
    stage.rest().await.iter().map(claims).collect()
}

fn states(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["state"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_text_is_told_as_a_jwt_with_numbers_that_a_float_cannot_hold() {
    let stage = stage().await;
    let (id, heard) = stage.writes("Hello, ist Größe M da? 😀").await;
    let event = claims(&heard);
    assert_eq!(
        (&event["direction"], &event["message_status"], &event["text"]),
        (&json!("inbound"), &json!("pending"), &json!("Hello, ist Größe M da? 😀"))
    );
    assert_eq!((&event["from_number"], &event["to_number"]), (&json!("+15005550001"), &json!(["+15005550006"])));
    assert_eq!((event["id"].as_u64().unwrap().to_string(), &event["created_date"]), (id, &json!(BEGINNING_MS)));
    assert!(event["id"].as_u64().unwrap() > 1 << 53);
    assert_eq!(event["target"]["phone_number"], "(500) 555-0006", "not to be relied on");
}

#[actix_web::test]
async fn wrong_signatures_and_plain_json_come_on_request() {
    let stage = stage().await;
    stage.switch(Switch::WrongSignature, true);
    assert_eq!(claims_by(&stage.writes("wrong").await.1, SECRET), None);
    stage.switch(Switch::Unsigned, true);
    let (_, heard) = stage.writes("plain").await;
    assert_eq!((heard.header("content-type"), &heard.json()["text"]), (Some("application/json"), &json!("plain")));
}

#[actix_web::test]
async fn an_answer_is_told_as_outbound_and_then_as_taken_by_the_carrier() {
    let stage = stage().await;
    let (status, answer) = api(&stage, "POST", "sms", text("Yes, you can collect it.")).await;
    assert_eq!(
        (status, &answer["message_status"], &answer["created_date"]),
        (200, &json!("pending"), &json!("2025-10-09T08:53:20.000000"))
    );
    let (pending, taken) = (claims(&stage.heard().await), claims(&stage.heard().await));
    assert_eq!((&pending["direction"], &pending["message_status"]), (&json!("outbound"), &json!("pending")));
    assert_eq!((&taken["message_status"], &taken["message_delivery_result"]), (&json!("success"), &json!("accepted")));
    assert_eq!((taken["id"].to_string().as_str(), &pending["id"]), (answer["id"].as_str().unwrap(), &taken["id"]));
    stage.until_status(answer["id"].as_str().unwrap(), Status::Delivered).await;
}

#[actix_web::test]
async fn the_limits_of_a_send_hold() {
    let stage = stage().await;
    let media = |bytes: usize| BASE64_STANDARD.encode(vec![0x89; bytes]);
    for (body, wanted) in [
        (text("x"), 200),
        (text(""), 400),
        (json!({"from_number": "+15005550006", "to_numbers": [], "text": "x"}), 400),
        (json!({"from_number": "+15005550006", "to_numbers": ["15005550001"], "text": "x"}), 400),
        (json!({"from_number": "+15005550007", "to_numbers": ["+15005550001"], "text": "x"}), 400),
        (json!({"user_id": 5_990_000_000_000_001_u64, "to_numbers": ["+15005550001"], "text": "x"}), 200),
        (json!({"from_number": "+15005550006", "to_numbers": ["+15005550001"], "media": media(500 * 1024)}), 200),
        (json!({"from_number": "+15005550006", "to_numbers": ["+15005550001"], "media": media(500 * 1024 + 1)}), 400),
        (json!({"from_number": "+15005550006", "to_numbers": ["+15005550001"], "media": "?"}), 400),
    ] {
        let (status, answer) = api(&stage, "POST", "sms", body.clone()).await;
        assert_eq!(status, wanted, "{answer}");
    }
    while api(&stage, "POST", "sms", text("x")).await.0 == 200 {}
    let sent = stage.sim().look(|world| world.customers[0].messages.len());
    assert!((90..=100).contains(&sent), "a hundred a minute, the refused ones counted: {sent}");
    stage.pass(60);
    assert_eq!(api(&stage, "POST", "sms", text("x")).await.0, 200);
}

#[actix_web::test]
async fn keys_are_checked_and_every_failure_can_be_asked_for() {
    let stage = stage().await;
    for bearer in [None, Some("another")] {
        assert_eq!(stage.call("GET", "/api/v2/users/me", bearer, &Value::Null).await.0, 401);
    }
    assert_eq!(api(&stage, "GET", "users/me", Value::Null).await.1["display_name"], "Alex Agent");
    for fault in stage.sim().provider.profile().faults {
        stage.sim().change(|world| world.injected.push_back(Injected { code: fault.code.to_owned(), times: 1, when: When::Answer }));
        let (status, answer) = api(&stage, "POST", "sms", text("x")).await;
        assert_eq!((status, &answer["error"]["code"]), (fault.http, &json!(fault.http)));
    }
    for result in ["invalid_destination", "rejected_spam"] {
        stage.sim().change(|world| world.injected.push_back(Injected { code: result.to_owned(), times: 1, when: When::Status }));
        api(&stage, "POST", "sms", text("x")).await;
        let (_, failed) = (stage.heard().await, claims(&stage.heard().await));
        assert_eq!((&failed["message_status"], &failed["message_delivery_result"]), (&json!("failed"), &json!(result)));
    }
    stage.switch(Switch::RateLimit, true);
    assert_eq!(api(&stage, "POST", "sms", text("x")).await.0, 429);
    stage.switch(Switch::TokenExpired, true);
    assert_eq!(api(&stage, "GET", "users/me", Value::Null).await.0, 401);
}

#[actix_web::test]
async fn a_server_error_is_followed_by_ten_attempts_for_a_text_and_three_for_a_call_and_a_client_error_by_none() {
    let stage = stage().await;
    stage.answer_next(&[503; 11]);
    let (id, _) = stage.writes("hello").await;
    stage.until_status(&id, Status::Failed).await;
    assert_eq!(stage.rest().await.len(), 10);
    stage.answer_next(&[429]);
    let (id, _) = stage.writes("lost").await;
    stage.until_status(&id, Status::Failed).await;
    assert!(stage.rest().await.is_empty());
    stage.answer_next(&[500; 8]);
    stage.sim().act(&stage.dana(), &Act::Extra { name: "call_abandoned".to_owned() }).unwrap();
    for _ in 0..8 {
        stage.heard().await;
    }
    assert_eq!(
        stage.sim().look(|world| world
            .deliveries
            .iter()
            .filter(|delivery| delivery.about.starts_with("call") && delivery.attempt > 4)
            .count()),
        0
    );
}

#[actix_web::test]
async fn calls_go_from_ringing_to_their_recording() {
    let stage = stage().await;
    let events = play(&stage, "call_answered").await;
    assert_eq!(states(&events), ["ringing", "connected", "hangup", "recording", "recap_summary"]);
    assert!(events.iter().all(|event| event["call_id"] == events[0]["call_id"]));
    let times: Vec<i64> = events.iter().map(|event| event["event_timestamp"].as_i64().unwrap()).collect();
    assert!(times.is_sorted());
    assert_eq!((&events[2]["duration"], &events[1]["target"]["type"]), (&json!(90_000.0), &json!("user")));
    assert_eq!(events[3]["recording_details"][0]["recording_type"], "callrecording");
    let id = events[0]["call_id"].to_string();
    let (_, transcript) = api(&stage, "GET", &format!("transcripts/{id}"), Value::Null).await;
    assert_eq!((&transcript["call_id"], transcript["lines"].as_array().unwrap().len()), (&json!(id), 3));
    assert_eq!(api(&stage, "GET", "transcripts/1", Value::Null).await.0, 404);
    assert_eq!(api(&stage, "GET", &format!("call/{id}"), Value::Null).await.1["state"], "hangup");
}

#[actix_web::test]
async fn the_legs_of_a_queued_call_name_each_other() {
    let stage = stage().await;
    let events = play(&stage, "call_queue").await;
    assert_eq!(states(&events), ["connected", "ringing", "connected", "hangup", "hangup"]);
    let (agent, root, queue) = (&events[0], &events[1], &events[2]);
    assert_eq!(agent["entry_point_call_id"], queue["call_id"]);
    assert_eq!((&queue["master_call_id"], &queue["operator_call_id"]), (&root["call_id"], &agent["call_id"]));
    let events = play(&stage, "call_transfer").await;
    assert_eq!((&events[3]["master_call_id"], &events[3]["target"]["name"]), (&events[0]["call_id"], &json!("Sam Second")));
}

#[actix_web::test]
async fn calls_that_nobody_answers_say_so() {
    let stage = stage().await;
    let missed = play(&stage, "call_missed").await;
    assert_eq!((states(&missed), &missed[2]["date_connected"]), (vec!["ringing", "missed", "hangup"], &Value::Null));
    let abandoned = play(&stage, "call_abandoned").await;
    assert_eq!((states(&abandoned), &abandoned[1]["total_duration"]), (vec!["ringing", "hangup"], &json!(8_951.03)));
    let voicemail = play(&stage, "call_voicemail").await;
    assert_eq!(states(&voicemail), ["ringing", "voicemail", "voicemail_uploaded", "transcription"]);
    assert!(voicemail[2]["voicemail_link"].is_string() && voicemail[3]["transcription_text"].is_string());
    assert_eq!(play(&stage, "call_anonymous").await[0]["external_number"], Value::Null);
}

#[actix_web::test]
async fn a_call_that_the_business_starts_carries_its_own_data() {
    let stage = stage().await;
    let body = json!({"phone_number": "+15005550001", "user_id": 5_990_000_000_000_001_u64, "custom_data": "out_1"});
    let (status, answer) = api(&stage, "POST", "call", body).await;
    let events: Vec<Value> = stage.rest().await.iter().map(claims).collect();
    assert_eq!((status, states(&events)), (200, vec!["calling", "connected", "hangup"]));
    assert!(events.iter().all(|event| event["custom_data"] == "out_1" && event["direction"] == "outbound"));
    assert_eq!(events[0]["call_id"].to_string(), answer["call_id"].as_str().unwrap());
}

#[actix_web::test]
async fn what_the_business_subscribed_to_goes_where_it_wanted_with_that_secret() {
    let stage = stage().await;
    let hook = format!("{}/mine", stage.sim().look(|world| world.hook_url.clone()));
    let (_, webhook) = api(&stage, "POST", "webhooks", json!({"hook_url": hook, "secret": "mine"})).await;
    assert_eq!(webhook["signature"]["algo"], "HS256");
    assert_eq!(api(&stage, "POST", "webhooks", json!({"hook_url": hook, "secret": "mine"})).await.0, 409);
    let inbound = json!({"direction": "inbound", "enabled": true, "endpoint_id": webhook["id"], "status": false});
    let (_, subscription) = api(&stage, "POST", "subscriptions/sms", inbound.clone()).await;
    assert_eq!(api(&stage, "POST", "subscriptions/sms", json!({"direction": "all", "endpoint_id": "404"})).await.0, 400);
    let (_, heard) = stage.writes("hello").await;
    assert_eq!(heard.url, "/api/webhooks/dialpad/mine");
    assert!(claims_by(&heard, "mine").is_some() && claims_by(&heard, SECRET).is_none());
    api(&stage, "POST", "sms", text("not told")).await;
    assert!(stage.rest().await.is_empty(), "only what comes in was subscribed to");
    api(&stage, "POST", "subscriptions/sms", inbound).await;
    stage.writes("twice").await;
    stage.heard().await;
    let path = format!("subscriptions/sms/{}", subscription["id"].as_str().unwrap());
    api(&stage, "PATCH", &path, json!({"enabled": false})).await;
    stage.writes("once").await;
    assert!(stage.rest().await.is_empty());
    assert_eq!(api(&stage, "DELETE", &path, Value::Null).await.0, 200);
    assert_eq!(api(&stage, "GET", "subscriptions/sms", Value::Null).await.1["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn words_are_left_out_without_the_scope_and_stop_is_remembered() {
    let stage = Stage::with(Simulated::Dialpad, &[("text_scope", "off")]).await;
    assert_eq!(claims(&stage.writes("hello").await.1).get("text"), None);
    stage.writes("STOP").await;
    let list = async || api(&stage, "GET", "company/5500000000000001/smsoptout", Value::Null).await.1["items"][0].clone();
    let out = list().await;
    assert_eq!(out, json!({"external_endpoint": "+15005550001", "opt_out_state": "opted_out", "date": BEGINNING_MS}));
    assert_eq!(api(&stage, "GET", "company/1/smsoptout", Value::Null).await.0, 404);
    stage.writes("START").await;
    assert_eq!(list().await["opt_out_state"], "opted_back_in");
    stage.writes("STOP").await;
    api(&stage, "POST", "sms", text("news")).await;
    let (_, failed) = (stage.heard().await, claims(&stage.heard().await));
    assert_eq!(failed["message_delivery_result"], "rejected");
}

#[actix_web::test]
async fn a_file_of_a_customer_is_behind_the_key() {
    let stage = stage().await;
    let file_id = stage.sim().add_file("image/png", "a.png", vec![1, 2, 3].into());
    stage.sim().act(&stage.dana(), &Act::Write { text: String::new(), file_id: Some(file_id), reply_to: None }).unwrap();
    let event = claims(&stage.heard().await);
    let url = event["mms_url"].as_str().unwrap();
    assert_eq!(event["mms"], true);
    let fetch = async |key: &str| {
        let request = stage.client.get(url).insert_header(("authorization", format!("Bearer {key}")));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((fetch(KEY).await, fetch("another").await), (200, 401));
}

#[actix_web::test]
async fn everything_that_happens_besides_is_told() {
    let stage = stage().await;
    for extra in stage.sim().provider.profile().extras {
        let events = play(&stage, extra.name).await;
        assert!(!events.is_empty(), "{}", extra.name);
    }
    assert_eq!(play(&stage, "group").await[0]["to_number"].as_array().unwrap().len(), 3);
    assert_eq!(play(&stage, "agent_answer").await[0]["direction"], "outbound");
}

#[actix_web::test]
async fn installing_checks_the_verifier_and_refreshes_each_token_once() {
    let stage = stage().await;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(mac::sha256(b"verifier"));
    let authorize = format!(
        "{}/oauth2/authorize?response_type=code&client_id=simulated-client&state=s1&code_challenge={challenge}&code_challenge_method=S256&redirect_uri=https%3A%2F%2Fchat.example.org%2Fback&simulate=allow",
        stage.running.url
    );
    let code = async || {
        let response = stage.client.get(&authorize).send().await.unwrap();
        let location = response.headers().get("location").unwrap().to_str().unwrap().to_owned();
        location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()
    };
    let token = async |more: Value| {
        let mut body = json!({
            "client_id": "simulated-client", "client_secret": "simulated-client-secret-dialpad", "redirect_uri": "https://chat.example.org/back",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.call("POST", "/oauth2/token", None, &body).await
    };
    let wrong = json!({"grant_type": "authorization_code", "code": code().await, "code_verifier": "another"});
    assert_eq!(token(wrong).await.0, 400);
    let (_, first) = token(json!({"grant_type": "authorization_code", "code": code().await, "code_verifier": "verifier"})).await;
    let refresh = json!({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]});
    let (_, second) = token(refresh.clone()).await;
    assert_eq!(token(refresh).await.0, 400);
    let whose = async |pair: &Value| stage.call("GET", "/api/v2/users/me", pair["access_token"].as_str(), &Value::Null).await.0;
    assert_eq!((whose(&first).await, whose(&second).await), (401, 200), "the pair before is dead");
    let elsewhere = json!({"code": code().await, "code_verifier": "verifier", "grant_type": "authorization_code", "redirect_uri": "https://evil.example"});
    assert_eq!(token(elsewhere).await.0, 400);
    stage.pass(7_200);
    assert_eq!(whose(&second).await, 401, "a token ends");
    let unproved = authorize.replace("code_challenge=", "code_chall=");
    assert_eq!(stage.client.get(&unproved).send().await.unwrap().status().as_u16(), 400, "nothing is given without a challenge");
}
