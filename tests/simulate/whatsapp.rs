//! The WhatsApp simulator (specification `whatsapp`, part 16).

use serde_json::{Value, json};
use switchboard::simulate::{
    Simulated,
    faults::{Injected, Switch, When},
    world::{Phone, Side, Status},
};

use super::stage::{BEGINNING_MS, Stage, multipart};

const TOKEN: &str = "EAAsimulatedWhatsAppAccessToken";
const MESSAGES: &str = "/v25.0/106000000000001/messages";

async fn stage() -> Stage {
    Stage::new(Simulated::Whatsapp).await
}

async fn send(stage: &Stage, mut body: Value) -> (u16, Value) {
    body.as_object_mut().unwrap().insert("messaging_product".to_owned(), "whatsapp".into());
    stage.call("POST", MESSAGES, Some(TOKEN), &body).await
}

fn words(to: &str, text: &str) -> Value {
    json!({"to": to, "type": "text", "text": {"body": text}})
}

fn code(answer: &Value) -> u64 {
    answer.pointer("/error/code").and_then(Value::as_u64).unwrap_or_else(|| panic!("no error: {answer}"))
}

fn id(answer: &Value) -> String {
    answer.pointer("/messages/0/id").and_then(Value::as_str).unwrap_or_else(|| panic!("not taken: {answer}")).to_owned()
}

fn value(notification: &Value) -> &Value {
    notification.pointer("/entry/0/changes/0/value").unwrap()
}

/// The words of the next notifications that tell of statuses.
async fn statuses(stage: &Stage, count: usize) -> Vec<String> {
    let mut words = Vec::new();
    while words.len() < count {
        let heard = stage.heard().await.json();
        words.extend(value(&heard).get("statuses").into_iter().map(|statuses| statuses[0]["status"].as_str().unwrap().to_owned()));
    }
    words
}

#[actix_web::test]
async fn what_a_customer_writes_is_notified_in_the_providers_shape() {
    let stage = stage().await;
    let (id, heard) = stage.writes("Hello, is the blue one in stock? 👋").await;
    assert_eq!((heard.method.as_str(), heard.url.as_str()), ("POST", "/api/webhooks/whatsapp"));
    assert_eq!(
        heard.json(),
        json!({"object": "whatsapp_business_account", "entry": [{"id": "102000000000001", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550100001", "phone_number_id": "106000000000001"},
            "contacts": [{"profile": {"name": "Dana Field"}, "wa_id": "15550109999", "user_id": "US.130000000015550109999"}],
            "messages": [{
                "from": "15550109999", "from_user_id": "US.130000000015550109999", "id": id, "timestamp": (BEGINNING_MS / 1_000).to_string(),
                "type": "text", "text": {"body": "Hello, is the blue one in stock? 👋"},
            }],
        }}]}]})
    );
    assert!(heard.body.is_ascii(), "everything beyond ASCII is escaped, as Meta does it");
}

#[actix_web::test]
async fn the_signature_is_that_of_the_specifications_example() {
    let stage = Stage::with(Simulated::Whatsapp, &[("app_secret", "example-app-secret-01")]).await;
    stage.call("POST", "/simulator/notifications", None, &json!({"text": "Grüße 😀 5<6"})).await;
    let heard = stage.heard().await;
    assert_eq!(heard.body.as_ref(), br#"{"text":"Gr\u00fc\u00dfe \ud83d\ude00 5<6"}"#);
    let signature = heard.header("x-hub-signature-256").unwrap();
    assert_eq!(signature, "sha256=eca75ad8718c6286cc0500a52ebde965d572c605456377b640be5e0fd4de3162");
}

#[actix_web::test]
async fn unsigned_and_wrongly_signed_notifications_come_on_request() {
    let stage = stage().await;
    let right = stage.writes("one").await.1.header("x-hub-signature-256").unwrap().to_owned();
    stage.switch(Switch::WrongSignature, true);
    let wrong = stage.writes("one").await.1.header("x-hub-signature-256").unwrap().to_owned();
    assert_eq!((right.len(), wrong.len()), (71, 71));
    stage.switch(Switch::Unsigned, true);
    assert_eq!(stage.writes("two").await.1.header("x-hub-signature-256"), None);
}

#[actix_web::test]
async fn the_handshake_asks_for_the_challenge_with_the_verify_token() {
    let stage = stage().await;
    let (_, said) = stage.call("POST", "/simulator/handshake", None, &Value::Null).await;
    assert_eq!(said["verified"], true);
    let url = stage.heard().await.url;
    assert!(
        url.starts_with("/api/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=")
            && url.ends_with("&hub.verify_token=simulated-verify-token"),
        "{url}"
    );
    stage.answer_next(&[403]);
    assert_eq!(stage.call("POST", "/simulator/handshake", None, &Value::Null).await.1["verified"], false);
}

#[actix_web::test]
async fn an_answer_travels_to_the_phone_and_its_ticks_come_back_in_order() {
    let stage = stage().await;
    stage.writes("hello").await;
    let (status, answer) =
        send(&stage, json!({"to": "+15550109999", "type": "text", "text": {"body": "Hi Dana"}, "biz_opaque_callback_data": "out_1"})).await;
    assert_eq!(
        (status, &answer["contacts"]),
        (200, &json!([{"input": "15550109999", "wa_id": "15550109999", "user_id": "US.130000000015550109999"}]))
    );
    let first = stage.heard().await.json();
    assert_eq!(value(&first)["statuses"][0]["biz_opaque_callback_data"], "out_1");
    assert_eq!(value(&first)["statuses"][0]["id"], json!(id(&answer)));
    assert_eq!(value(&first)["statuses"][0]["status"], "sent");
    assert_eq!(statuses(&stage, 2).await, ["delivered", "read"]);
    stage.until_status(&id(&answer), Status::Read).await;
}

#[actix_web::test]
async fn a_phone_that_is_off_gets_nothing_until_it_is_on_and_reads_when_it_is_taken_out() {
    let stage = stage().await;
    stage.writes("hello").await;
    stage.sim().set_phone(&stage.dana(), Phone::Off).unwrap();
    let (_, answer) = send(&stage, words("15550109999", "are you there?")).await;
    assert_eq!(statuses(&stage, 1).await, ["sent"]);
    stage.until_status(&id(&answer), Status::Sent).await;
    stage.sim().set_phone(&stage.dana(), Phone::Pocket).unwrap();
    assert_eq!(statuses(&stage, 1).await, ["delivered"]);
    stage.sim().set_phone(&stage.dana(), Phone::Reading).unwrap();
    assert_eq!(statuses(&stage, 1).await, ["read"]);
}

#[actix_web::test]
async fn calls_without_the_token_or_with_a_wrong_proof_are_refused() {
    let stage = Stage::with(Simulated::Whatsapp, &[("app_secret", "example-app-secret-01"), ("access_token", "EXAMPLE_TOKEN")]).await;
    let own = "/v25.0/106000000000001";
    for (bearer, path, wanted) in [
        (None, own.to_owned(), 401),
        (Some("another"), own.to_owned(), 401),
        (Some("EXAMPLE_TOKEN"), own.to_owned(), 200),
        (None, format!("{own}?access_token=EXAMPLE_TOKEN"), 200),
        // The worked example of section 2.
        (Some("EXAMPLE_TOKEN"), format!("{own}?appsecret_proof=321cc61ee03b2d502f4fc19a51f769aa57adbbd7575ad3df11b9657865e11bd3"), 200),
        (Some("EXAMPLE_TOKEN"), format!("{own}?appsecret_proof=321c"), 400),
    ] {
        let (status, answer) = stage.call("GET", &path, bearer, &Value::Null).await;
        assert_eq!(status, wanted, "{bearer:?} {path} {answer}");
    }
    stage.switch(Switch::TokenExpired, true);
    let (status, answer) = stage.call("GET", own, Some("EXAMPLE_TOKEN"), &Value::Null).await;
    assert_eq!((status, code(&answer), &answer["error"]["error_subcode"]), (401, 190, &json!(463)));
}

#[actix_web::test]
async fn free_text_outside_the_window_fails_and_a_template_goes_through() {
    let stage = stage().await;
    stage.writes("hello").await;
    stage.pass(24 * 3_600);
    let (_, answer) = send(&stage, words("15550109999", "just in time")).await;
    stage.until_status(&id(&answer), Status::Read).await;
    stage.pass(1);
    stage.rest().await;
    let (status, answer) = send(&stage, words("15550109999", "too late")).await;
    assert_eq!(status, 200, "the window is judged later: {answer}");
    let failed = stage.heard().await.json();
    assert_eq!(value(&failed)["statuses"][0]["status"], "failed");
    assert_eq!(value(&failed)["statuses"][0]["errors"][0]["code"], 131_047);
    let hello = json!({"to": "15550109999", "type": "template", "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    let (_, answer) = send(&stage, hello).await;
    stage.until_status(&id(&answer), Status::Read).await;
}

#[actix_web::test]
async fn a_reaction_opens_the_window_and_an_edit_does_not() {
    let stage = stage().await;
    let (first, _) = stage.writes("hello").await;
    stage.pass(25 * 3_600);
    stage.acts(json!({"do": "edit", "message_id": first, "text": "hello!"})).await;
    assert_eq!(value(&stage.heard().await.json())["messages"][0]["edit"]["original_message_id"], json!(first));
    let (_, answer) = send(&stage, words("15550109999", "closed")).await;
    stage.until_status(&id(&answer), Status::Failed).await;
    stage.acts(json!({"do": "react", "message_id": id(&answer), "emoji": "👍"})).await;
    let (_, answer) = send(&stage, words("15550109999", "open")).await;
    stage.until_status(&id(&answer), Status::Read).await;
}

#[actix_web::test]
async fn the_limits_of_a_message_hold() {
    let stage = stage().await;
    stage.writes("hello").await;
    let button = |title: &str| json!({"type": "reply", "reply": {"id": title, "title": title}});
    let buttons = |titles: &[&str]| {
        let buttons: Vec<_> = titles.iter().map(|title| button(title)).collect();
        json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"}, "action": {"buttons": buttons}}})
    };
    let list = |rows: usize| {
        let rows: Vec<_> = (0..rows).map(|row| json!({"id": row.to_string(), "title": "row"})).collect();
        json!({"type": "interactive", "interactive": {"type": "list", "body": {"text": "?"}, "action": {"button": "Pick", "sections": [{"rows": rows}]}}})
    };
    let text = |length: usize| json!({"type": "text", "text": {"body": "x".repeat(length)}});
    let order = |parameters: Value| {
        let components = json!([{"type": "body", "parameters": parameters}]);
        json!({"type": "template", "template": {"name": "order_update", "language": {"code": "en_US"}, "components": components}})
    };
    let named = json!([{"type": "text", "parameter_name": "first_name", "text": "Dana"}, {"type": "text", "parameter_name": "order", "text": "#42"}]);
    let cases = [
        (text(4_096), None),
        (text(4_097), Some(100)),
        (text(0), Some(131_008)),
        (buttons(&["a", "b", "c"]), None),
        (buttons(&["a", "b", "c", "d"]), Some(131_009)),
        (buttons(&["twenty-one characters"]), Some(100)),
        (list(10), None),
        (list(11), Some(131_009)),
        (json!({"type": "poll"}), Some(131_051)),
        (json!({"type": "image", "image": {"link": "https://files.example.org/a.jpg", "caption": "x".repeat(1_025)}}), Some(100)),
        (json!({"type": "audio", "audio": {"link": "https://files.example.org/a.ogg", "caption": "no"}}), Some(100)),
        (json!({"type": "image", "image": {"id": "404"}}), Some(100)),
        (order(named), None),
        (order(json!([{"type": "text", "parameter_name": "first_name", "text": "Dana"}])), Some(132_000)),
        (
            order(
                json!([{"type": "text", "parameter_name": "first_name", "text": "Da\nna"}, {"type": "text", "parameter_name": "order", "text": "1"}]),
            ),
            Some(132_012),
        ),
        (json!({"type": "template", "template": {"name": "nowhere", "language": {"code": "en_US"}}}), Some(132_001)),
        (json!({"type": "template", "template": {"name": "summer_sale", "language": {"code": "en_US"}}}), Some(132_015)),
        (json!({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x".repeat(513)}), Some(100)),
    ];
    for (mut body, wanted) in cases {
        body.as_object_mut().unwrap().insert("to".to_owned(), "15550109999".into());
        let (status, answer) = send(&stage, body.clone()).await;
        let found = (status != 200).then(|| code(&answer));
        assert_eq!(found, wanted, "{body} {answer}");
        // So that the limit a customer is not met.
        stage.pass(10);
    }
}

#[actix_web::test]
async fn too_many_messages_to_one_customer_are_refused_for_that_customer_alone() {
    let stage = stage().await;
    for _ in 0..45 {
        assert_eq!(send(&stage, words("15550109999", "again")).await.0, 200);
    }
    assert_eq!(code(&send(&stage, words("15550109999", "again")).await.1), 131_056);
    assert_eq!(send(&stage, words("15550108888", "hello")).await.0, 200);
    stage.pass(6);
    assert_eq!(send(&stage, words("15550109999", "again")).await.0, 200);
}

#[actix_web::test]
async fn every_code_can_be_asked_for_in_the_answer_and_as_a_status() {
    let stage = stage().await;
    let profile = stage.sim().provider.profile();
    assert!(profile.faults.len() > 50);
    for fault in profile.faults {
        stage.writes("hello").await;
        let main: u64 = fault.code.split('/').next().unwrap().parse().unwrap();
        for when in [When::Answer, When::Status] {
            stage.sim().change(|world| world.injected.push_back(Injected { code: fault.code.to_owned(), times: 1, when }));
        }
        let (status, answer) = send(&stage, words("15550109999", "one")).await;
        assert_eq!((status, code(&answer)), (fault.http, main));
        let (_, answer) = send(&stage, words("15550109999", "two")).await;
        let failed = stage.heard().await.json();
        assert_eq!(value(&failed)["statuses"][0]["errors"][0]["code"], json!(main), "{answer}");
        stage.pass(10);
    }
    let answer = send(&stage, words("15550109999", "three")).await;
    assert_eq!(answer.0, 200, "a failure comes as often as it was asked for: {}", answer.1);
}

#[actix_web::test]
async fn a_rate_limit_that_is_switched_on_refuses_every_send_and_nothing_else() {
    let stage = stage().await;
    let (first, _) = stage.writes("hello").await;
    stage.switch(Switch::RateLimit, true);
    assert_eq!(code(&send(&stage, words("15550109999", "one")).await.1), 130_429);
    assert_eq!(send(&stage, json!({"status": "read", "message_id": first})).await, (200, json!({"success": true})));
}

#[actix_web::test]
async fn what_is_not_answered_with_200_is_sent_again_until_it_is() {
    let stage = stage().await;
    stage.answer_next(&[503, 500, 404]);
    let (id, first) = stage.writes("hello").await;
    for _ in 0..3 {
        assert_eq!(stage.heard().await.body, first.body, "the same bytes, so the same signature");
    }
    stage.until_status(&id, Status::Delivered).await;
    assert!(stage.rest().await.is_empty());
    stage.switch(Switch::Redeliver, false);
    stage.answer_next(&[503]);
    let (id, _) = stage.writes("lost").await;
    stage.until_status(&id, Status::Failed).await;
    assert!(stage.rest().await.is_empty());
}

#[actix_web::test]
async fn notifications_come_twice_out_of_order_and_in_one_on_request() {
    let stage = stage().await;
    let write = |text: &str| switchboard::simulate::provider::Act::Write { text: text.to_owned(), file_id: None, reply_to: None };
    let texts = |body: &Value| -> Vec<String> {
        let changes = body.pointer("/entry/0/changes").unwrap().as_array().unwrap();
        changes.iter().map(|change| change["value"]["messages"][0]["text"]["body"].as_str().unwrap().to_owned()).collect()
    };
    stage.switch(Switch::Duplicate, true);
    let (_, first) = stage.writes("twice").await;
    assert_eq!(stage.heard().await.body, first.body);
    stage.switch(Switch::Duplicate, false);
    stage.switch(Switch::Reorder, true);
    for text in ["one", "two", "three"] {
        stage.sim().act(&stage.dana(), &write(text)).unwrap();
    }
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.extend(texts(&stage.heard().await.json()));
    }
    assert_eq!(heard, ["three", "two", "one"]);
    stage.switch(Switch::Reorder, false);
    stage.switch(Switch::Batch, true);
    for text in ["one", "two", "three"] {
        stage.sim().act(&stage.dana(), &write(text)).unwrap();
    }
    assert_eq!(texts(&stage.heard().await.json()), ["one", "two", "three"]);
}

#[actix_web::test]
async fn receipts_can_be_there_before_the_answer_to_the_send() {
    let stage = stage().await;
    stage.writes("hello").await;
    stage.switch(Switch::ReceiptsFirst, true);
    let (_, answer) = send(&stage, words("15550109999", "hi")).await;
    let told: Vec<_> = stage.rest().await.iter().map(|heard| value(&heard.json())["statuses"][0]["id"].clone()).collect();
    assert_eq!(told, vec![json!(id(&answer)); 3]);
}

#[actix_web::test]
async fn a_lost_answer_breaks_off_and_the_message_is_there_all_the_same() {
    let stage = stage().await;
    stage.writes("hello").await;
    stage.switch(Switch::LostAnswers, true);
    let request = stage.client.post(format!("{}{MESSAGES}", stage.running.url)).insert_header(("authorization", format!("Bearer {TOKEN}")));
    let body = json!({"messaging_product": "whatsapp", "to": "15550109999", "type": "text", "text": {"body": "hi"}});
    let lost = match request.send_json(&body).await {
        Ok(mut response) => response.body().await.is_err(),
        Err(_broken) => true,
    };
    assert!(lost);
    let newest = stage.sim().look(|world| world.customers[0].messages.back().unwrap().clone());
    assert_eq!((newest.from, newest.text.as_str()), (Side::Business, "hi"));
}

#[actix_web::test]
async fn a_customers_picture_is_fetched_in_two_steps_with_the_token_and_in_time() {
    let stage = stage().await;
    let file_id = stage.sim().add_file("image/png", "holiday.png", vec![1, 2, 3].into());
    stage.acts(json!({"do": "write", "text": "look", "file_id": file_id})).await;
    let told = stage.heard().await.json();
    let image = &value(&told)["messages"][0]["image"];
    assert_eq!((&image["caption"], &image["mime_type"]), (&json!("look"), &json!("image/png")));
    assert_eq!(image["sha256"], "A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc+4E=", "base64 in notifications");
    let path = format!("/v25.0/{}", image["id"].as_str().unwrap());
    let (_, located) = stage.call("GET", &path, Some(TOKEN), &Value::Null).await;
    assert_eq!(located["sha256"], "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81", "hexadecimal in the answer");
    assert_eq!(located["file_size"], "3");
    let fetch = async |bearer: Option<&str>, agent: Option<&str>| {
        let mut request = stage.client.get(located["url"].as_str().unwrap());
        let headers = bearer.map(|bearer| ("authorization", format!("Bearer {bearer}")));
        for header in headers.into_iter().chain(agent.map(|agent| ("user-agent", agent.to_owned()))) {
            request = request.insert_header(header);
        }
        let mut response = request.send().await.unwrap();
        (response.status().as_u16(), response.body().await.unwrap())
    };
    let us = Some("Switchboard");
    assert_eq!(fetch(Some(TOKEN), us).await, (200, vec![1, 2, 3].into()));
    assert_eq!(fetch(None, us).await.0, 401);
    assert_eq!(fetch(Some("another"), us).await.0, 401);
    assert_eq!(fetch(Some(TOKEN), None).await.0, 403, "some hosts want to know who asks");
    stage.pass(301);
    assert_eq!(fetch(Some(TOKEN), us).await.0, 404, "the address lives five minutes");
}

#[actix_web::test]
async fn an_uploaded_file_can_be_sent_and_one_of_a_wrong_type_cannot_be_uploaded() {
    let stage = stage().await;
    stage.writes("hello").await;
    let upload = async |mime: &str| {
        let (content_type, body) =
            multipart(&[("messaging_product", "whatsapp"), ("type", mime)], ("file", "a.bin", mime, b"\x00\r\n--edg\xff"));
        let request = stage.client.post(format!("{}/v25.0/106000000000001/media", stage.running.url));
        let request = request.insert_header(("authorization", format!("Bearer {TOKEN}"))).insert_header(("content-type", content_type));
        let mut response = request.send_body(body).await.unwrap();
        response.json::<Value>().await.unwrap()
    };
    let file = upload("image/jpeg").await["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.sim().look(|world| world.file(&file).unwrap().bytes.clone()).as_ref(), b"\x00\r\n--edg\xff");
    let (_, answer) = send(&stage, json!({"to": "15550109999", "type": "image", "image": {"id": file, "caption": "the blue one"}})).await;
    stage.until_status(&id(&answer), Status::Read).await;
    assert_eq!(code(&upload("image/tiff").await), 131_053);
    assert_eq!(code(&send(&stage, json!({"to": "15550109999", "type": "video", "video": {"id": file}})).await.1), 131_053);
}

#[actix_web::test]
async fn buttons_that_are_pressed_answer_with_what_the_business_called_them() {
    let stage = stage().await;
    stage.writes("hello").await;
    let action = json!({"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes please"}}]});
    let (_, answer) = send(
        &stage,
        json!({"to": "15550109999", "type": "interactive", "interactive": {"type": "button", "body": {"text": "Ship?"}, "action": action}}),
    )
    .await;
    stage.until_status(&id(&answer), Status::Read).await;
    stage.rest().await;
    stage.acts(json!({"do": "press", "message_id": id(&answer), "button_id": "yes"})).await;
    let told = stage.heard().await.json();
    let message = &value(&told)["messages"][0];
    assert_eq!(message["context"], json!({"from": "15550100001", "id": id(&answer)}));
    assert_eq!(message["interactive"], json!({"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes please"}}));
}

#[actix_web::test]
async fn read_marks_typing_and_reactions_of_the_business_show_on_the_phone() {
    let stage = stage().await;
    let (first, _) = stage.writes("hello").await;
    let typing = json!({"status": "read", "message_id": first, "typing_indicator": {"type": "text"}});
    assert_eq!(send(&stage, typing).await.0, 200);
    send(&stage, json!({"to": "15550109999", "type": "reaction", "reaction": {"message_id": first, "emoji": "✅"}})).await;
    stage.sim().look(|world| {
        let dana = &world.customers[0];
        let message = dana.message(&first).unwrap();
        assert_eq!((message.status, message.reactions[0].emoji.as_str()), (Status::Read, "✅"));
        assert_eq!(dana.typing_until_ms, BEGINNING_MS + 25_000);
    });
}

#[actix_web::test]
async fn a_customer_without_a_number_is_known_by_user_id_alone() {
    let stage = stage().await;
    let (status, customer) =
        stage.call("POST", "/simulator/customers", None, &json!({"name": "Robin", "address": "US.13491208655302741918"})).await;
    assert_eq!((status, &customer["key"]), (201, &json!("US.13491208655302741918")));
    let path = "/simulator/customers/US.13491208655302741918/acts";
    stage.call("POST", path, None, &json!({"do": "write", "text": "no number"})).await;
    let told = stage.heard().await.json();
    assert_eq!(value(&told)["contacts"], json!([{"profile": {"name": "Robin"}, "user_id": "US.13491208655302741918"}]));
    assert_eq!(value(&told)["messages"][0].get("from"), None);
    let (_, answer) = send(&stage, json!({"recipient": "US.13491208655302741918", "type": "text", "text": {"body": "hi"}})).await;
    stage.until_status(&id(&answer), Status::Read).await;
}

#[actix_web::test]
async fn everything_that_a_customer_can_do_besides_is_notified() {
    let stage = stage().await;
    let mut told = Vec::new();
    for extra in stage.sim().provider.profile().extras {
        stage.acts(json!({"do": "extra", "name": extra.name})).await;
        let heard = stage.heard().await.json();
        let change = heard.pointer("/entry/0/changes/0").unwrap();
        let kind = change.pointer("/value/messages/0/type").and_then(Value::as_str).unwrap_or_default();
        told.push(format!("{} {kind}", change["field"].as_str().unwrap()));
    }
    let wanted = [
        "messages location",
        "messages contacts",
        "messages unsupported",
        "messages text",
        "messages system",
        "user_preferences ",
        "user_preferences ",
        "smb_message_echoes ",
        "message_template_status_update ",
        "message_template_status_update ",
        "account_update ",
    ];
    assert_eq!(told, wanted);
}

#[actix_web::test]
async fn the_account_can_be_looked_at_registered_and_subscribed() {
    let stage = stage().await;
    let call = async |method: &str, path: &str, body: Value| stage.call(method, path, Some(TOKEN), &body).await;
    assert_eq!(call("GET", "/v25.0/102000000000001/phone_numbers", Value::Null).await.1["data"][0]["id"], "106000000000001");
    assert_eq!(call("POST", "/v25.0/102000000000001/subscribed_apps", json!({})).await, (200, json!({"success": true})));
    assert_eq!(call("POST", "/v25.0/106000000000001/register", json!({"messaging_product": "whatsapp", "pin": "123456"})).await.0, 200);
    assert_eq!(code(&call("POST", "/v25.0/106000000000001/register", json!({"pin": "12"})).await.1), 133_005);
    let (_, first) = call("GET", "/v25.0/102000000000001/message_templates?limit=3", Value::Null).await;
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, rest) = call("GET", &format!("/v25.0/102000000000001/message_templates?limit=3&after={after}"), Value::Null).await;
    assert_eq!((first["data"].as_array().unwrap().len(), rest["data"].as_array().unwrap().len()), (3, 2));
    assert!(first["paging"]["next"].is_string() && rest["paging"].get("next").is_none());
    assert_eq!(code(&call("GET", "/v25.0/999", Value::Null).await.1), 100);
}

#[actix_web::test]
async fn a_code_of_the_sign_up_is_good_once_and_the_token_can_be_inspected() {
    let stage = stage().await;
    let exchange = "/v25.0/oauth/access_token?client_id=1000000000000001&client_secret=simulated-app-secret-whatsapp&code=abc";
    assert_eq!(stage.call("GET", exchange, None, &Value::Null).await, (200, json!({"access_token": TOKEN, "token_type": "bearer"})));
    assert_eq!(stage.call("GET", exchange, None, &Value::Null).await.0, 400);
    let inspect = format!("/v25.0/debug_token?input_token={TOKEN}&access_token=1000000000000001%7Csimulated-app-secret-whatsapp");
    let (_, answer) = stage.call("GET", &inspect, None, &Value::Null).await;
    assert_eq!(
        (&answer["data"]["is_valid"], &answer["data"]["granular_scopes"][0]["target_ids"]),
        (&json!(true), &json!(["102000000000001"]))
    );
}
