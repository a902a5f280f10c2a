//! The simulator of Messenger and Instagram (specification `messenger`, part 15).

use serde_json::{Value, json};
use switchboard::simulate::{
    Simulated,
    faults::{Injected, Switch, When},
    provider::Act,
    world::{Phone, Status},
};

use super::stage::{BEGINNING_MS, Stage, multipart};

const TOKEN: &str = "EAAsimulatedPageAccessToken";
const MESSAGES: &str = "/v25.0/110000000000001/messages";

async fn stage() -> Stage {
    Stage::new(Simulated::Messenger).await
}

async fn post(stage: &Stage, body: Value) -> (u16, Value) {
    stage.call("POST", MESSAGES, Some(TOKEN), &body).await
}

fn to(stage: &Stage, more: Value) -> Value {
    let mut body = json!({"recipient": {"id": stage.dana()}, "messaging_type": "RESPONSE"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The answer's main code and subcode.
fn codes(answer: &Value) -> (u64, u64) {
    let number = |name: &str| answer["error"][name].as_u64().unwrap_or(0);
    (number("code"), number("error_subcode"))
}

fn event(notification: &Value) -> &Value {
    notification.pointer("/entry/0/messaging/0").unwrap_or_else(|| panic!("no event: {notification}"))
}

/// Somebody of Instagram; the key.
fn ines(stage: &Stage) -> String {
    stage.sim().add_customer("Ines Gram", Some("instagram")).unwrap().key
}

#[actix_web::test]
async fn a_message_is_notified_in_the_providers_shape_with_escaped_slashes() {
    let stage = stage().await;
    let (id, heard) = stage.writes("Grüße https://example.org").await;
    assert_eq!(
        heard.json(),
        json!({"object": "page", "entry": [{"id": "110000000000001", "time": BEGINNING_MS, "messaging": [{
            "sender": {"id": "7100000000000001"}, "recipient": {"id": "110000000000001"}, "timestamp": BEGINNING_MS,
            "message": {"mid": id, "text": "Grüße https://example.org"},
        }]}]})
    );
    let body = String::from_utf8(heard.body.to_vec()).unwrap();
    assert!(body.contains(r"Gr\u00fc\u00dfe https:\/\/example.org"), "{body}");
    assert_eq!(heard.header("x-hub-signature-256").unwrap().len(), 71);
}

#[actix_web::test]
async fn instagram_has_its_own_account_and_reads_by_message() {
    let stage = stage().await;
    let ines = ines(&stage);
    let act = Act::Write { text: "hi from IG".to_owned(), file_id: None, reply_to: None };
    stage.sim().act(&ines, &act).unwrap();
    let told = stage.heard().await.json();
    assert_eq!((&told["object"], &told["entry"][0]["id"]), (&json!("instagram"), &json!("17841400000000001")));
    let body = json!({"recipient": {"id": ines}, "messaging_type": "RESPONSE", "message": {"text": "hello"}});
    let (_, answer) = post(&stage, body).await;
    let echo = stage.heard().await.json();
    assert_eq!((&event(&echo)["message"]["is_echo"], &event(&echo)["sender"]["id"]), (&json!(true), &json!("17841400000000001")));
    assert_eq!(event(&stage.heard().await.json())["read"], json!({"mid": answer["message_id"]}));
}

#[actix_web::test]
async fn an_answer_is_echoed_delivered_and_read() {
    let stage = stage().await;
    stage.writes("hello").await;
    let (status, answer) = post(&stage, to(&stage, json!({"message": {"text": "Hi!", "metadata": "out_1"}}))).await;
    assert_eq!((status, &answer["recipient_id"]), (200, &json!("7100000000000001")));
    let echo = stage.heard().await.json();
    let wanted = json!({"is_echo": true, "app_id": 1_234_567_890, "mid": answer["message_id"], "text": "Hi!", "metadata": "out_1"});
    assert_eq!(event(&echo)["message"], wanted);
    assert_eq!(event(&stage.heard().await.json())["delivery"], json!({"mids": [answer["message_id"]], "watermark": BEGINNING_MS}));
    assert_eq!(event(&stage.heard().await.json())["read"], json!({"watermark": BEGINNING_MS}));
    stage.until_status(answer["message_id"].as_str().unwrap(), Status::Read).await;
}

#[actix_web::test]
async fn the_windows_of_a_day_and_of_seven_for_people_hold() {
    let stage = stage().await;
    let plain = to(&stage, json!({"message": {"text": "hi"}}));
    let tagged = |tag: &str| to(&stage, json!({"message": {"text": "hi"}, "messaging_type": "MESSAGE_TAG", "tag": tag}));
    assert_eq!(codes(&post(&stage, plain.clone()).await.1), (10, 2_018_278), "nobody has written yet");
    stage.writes("hello").await;
    stage.pass(24 * 3_600);
    assert_eq!(post(&stage, plain.clone()).await.0, 200);
    stage.pass(60);
    assert_eq!(codes(&post(&stage, plain.clone()).await.1), (10, 2_018_278));
    assert_eq!(post(&stage, tagged("HUMAN_AGENT")).await.0, 200);
    assert_eq!(codes(&post(&stage, tagged("ACCOUNT_UPDATE")).await.1).0, 100, "switched off in February 2026");
    stage.pass(6 * 24 * 3_600);
    assert_eq!(codes(&post(&stage, tagged("HUMAN_AGENT")).await.1), (10, 2_018_278));
    stage.writes("again").await;
    stage.switch(Switch::WindowClosed, true);
    assert_eq!(codes(&post(&stage, plain).await.1), (10, 2_018_278));
    assert_eq!(post(&stage, tagged("HUMAN_AGENT")).await.0, 200);
}

#[actix_web::test]
async fn the_limits_of_a_message_hold() {
    let stage = stage().await;
    stage.writes("hello").await;
    let replies = |count: usize, title: &str| {
        let reply = json!({"content_type": "text", "title": title, "payload": "P"});
        json!({"text": "?", "quick_replies": vec![reply; count]})
    };
    let buttons = |count: usize, words: usize| {
        let button = json!({"type": "postback", "title": "Yes", "payload": "Y"});
        let payload = json!({"template_type": "button", "text": "x".repeat(words), "buttons": vec![button; count]});
        json!({"attachment": {"type": "template", "payload": payload}})
    };
    let generic = |count: usize| {
        let payload = json!({"template_type": "generic", "elements": vec![json!({"title": "Blue chair"}); count]});
        json!({"attachment": {"type": "template", "payload": payload}})
    };
    let cases = [
        (json!({"text": "x".repeat(2_000)}), 0),
        (json!({"text": "😀".repeat(1_000)}), 0),
        (json!({"text": "x".repeat(2_001)}), 100),
        (json!({}), 100),
        (json!({"text": "x", "attachment": {"type": "image", "payload": {"url": "https://files.example.org/a.jpg"}}}), 100),
        (json!({"attachment": {"type": "image", "payload": {"url": "https://files.example.org/a.jpg"}}}), 0),
        (json!({"attachment": {"type": "image", "payload": {"attachment_id": "404"}}}), 100),
        (json!({"text": "x", "metadata": "x".repeat(1_001)}), 100),
        (replies(13, "Red"), 0),
        (replies(14, "Red"), 100),
        (replies(1, "twenty-one characters"), 100),
        (buttons(3, 640), 0),
        (buttons(4, 640), 100),
        (buttons(1, 641), 100),
        (generic(10), 0),
        (generic(11), 100),
    ];
    for (message, wanted) in cases {
        let (_, answer) = post(&stage, to(&stage, json!({"message": message}))).await;
        assert_eq!(codes(&answer).0, wanted, "{message} {answer}");
    }
    let (ines, nobody) = (ines(&stage), "7109999999999999");
    stage.sim().act(&ines, &Act::Write { text: "hi".to_owned(), file_id: None, reply_to: None }).unwrap();
    for (key, text, wanted) in [(ines.as_str(), "ü".repeat(500), 0), (&ines, "ü".repeat(501), 100), (nobody, "hi".to_owned(), 100)] {
        let (_, answer) = post(&stage, json!({"recipient": {"id": key}, "messaging_type": "RESPONSE", "message": {"text": text}})).await;
        assert_eq!(codes(&answer).0, wanted, "{answer}");
    }
}

#[actix_web::test]
async fn every_row_of_the_table_of_errors_can_be_asked_for() {
    let stage = stage().await;
    stage.writes("hello").await;
    for fault in stage.sim().provider.profile().faults {
        stage.sim().change(|world| world.injected.push_back(Injected { code: fault.code.to_owned(), times: 1, when: When::Answer }));
        let (status, answer) = post(&stage, to(&stage, json!({"message": {"text": "hi"}}))).await;
        let (main, subcode) = fault.code.split_once('/').unwrap_or((fault.code, "0"));
        assert_eq!((status, codes(&answer)), (fault.http, (main.parse().unwrap(), subcode.parse().unwrap())));
    }
    stage.switch(Switch::RateLimit, true);
    assert_eq!(codes(&post(&stage, to(&stage, json!({"message": {"text": "hi"}}))).await.1).0, 613);
}

#[actix_web::test]
async fn quick_replies_and_buttons_answer_with_their_payloads() {
    let stage = stage().await;
    stage.writes("hello").await;
    let message = json!({"text": "Pick one", "quick_replies": [{"content_type": "text", "title": "Red", "payload": "COLOR_RED"}]});
    let (_, quick) = post(&stage, to(&stage, json!({"message": message}))).await;
    let payload = json!({"template_type": "button", "text": "What next?", "buttons": [{"type": "postback", "title": "Talk to us", "payload": "HUMAN"}]});
    let (_, button) = post(&stage, to(&stage, json!({"message": {"attachment": {"type": "template", "payload": payload}}}))).await;
    for answer in [&quick, &button] {
        stage.until_status(answer["message_id"].as_str().unwrap(), Status::Read).await;
    }
    stage.rest().await;
    stage.acts(json!({"do": "press", "message_id": quick["message_id"], "button_id": "COLOR_RED"})).await;
    let told = stage.heard().await.json();
    assert_eq!(
        (&event(&told)["message"]["text"], &event(&told)["message"]["quick_reply"]),
        (&json!("Red"), &json!({"payload": "COLOR_RED"}))
    );
    stage.acts(json!({"do": "press", "message_id": button["message_id"], "button_id": "HUMAN"})).await;
    let told = stage.heard().await.json();
    assert_eq!((&event(&told)["postback"]["title"], &event(&told)["postback"]["payload"]), (&json!("Talk to us"), &json!("HUMAN")));
}

#[actix_web::test]
async fn reactions_edits_and_what_is_taken_back_are_notified() {
    let stage = stage().await;
    let (mine, _) = stage.writes("hello").await;
    stage.acts(json!({"do": "react", "message_id": mine, "emoji": "❤️"})).await;
    let react = json!({"mid": mine, "action": "react", "reaction": "love", "emoji": "❤️"});
    assert_eq!(event(&stage.heard().await.json())["reaction"], react);
    stage.acts(json!({"do": "react", "message_id": mine, "emoji": ""})).await;
    assert_eq!(event(&stage.heard().await.json())["reaction"], json!({"mid": mine, "action": "unreact"}));
    for (text, count) in [("hello!", 1), ("hello?", 2)] {
        stage.acts(json!({"do": "edit", "message_id": mine, "text": text})).await;
        assert_eq!(event(&stage.heard().await.json())["message_edit"], json!({"mid": mine, "text": text, "num_edit": count}));
    }
    assert!(stage.sim().act(&stage.dana(), &Act::Delete { message_id: mine }).is_err(), "only Instagram tells");
    let ines = ines(&stage);
    let theirs = stage.sim().act(&ines, &Act::Write { text: "oops".to_owned(), file_id: None, reply_to: None }).unwrap().unwrap();
    stage.heard().await;
    stage.sim().act(&ines, &Act::Delete { message_id: theirs.clone() }).unwrap();
    assert_eq!(event(&stage.heard().await.json())["message"], json!({"mid": theirs, "is_deleted": true}));
}

#[actix_web::test]
async fn a_picture_lies_at_an_address_that_needs_no_token_and_expires() {
    let stage = stage().await;
    let file_id = stage.sim().add_file("image/png", "ho li.png", vec![1, 2].into());
    stage.acts(json!({"do": "write", "text": "look", "file_id": file_id})).await;
    let (picture, words) = (stage.heard().await.json(), stage.heard().await.json());
    let attachment = &event(&picture)["message"]["attachments"][0];
    assert_eq!((&attachment["type"], &event(&words)["message"]["text"]), (&json!("image"), &json!("look")));
    let fetch = async || {
        let mut response = stage.client.get(attachment["payload"]["url"].as_str().unwrap()).send().await.unwrap();
        (response.status().as_u16(), response.body().await.unwrap())
    };
    assert_eq!(fetch().await, (200, vec![1, 2].into()));
    stage.pass(25 * 3_600);
    assert_eq!(fetch().await.0, 403);
}

#[actix_web::test]
async fn a_file_can_be_uploaded_before_or_with_the_message() {
    let stage = stage().await;
    stage.writes("hello").await;
    let attachment = r#"{"attachment":{"type":"image","payload":{"is_reusable":true}}}"#;
    let upload = async |path: &str, fields: &[(&str, &str)]| {
        let (content_type, body) = multipart(fields, ("filedata", "a.png", "image/png", b"\x89PNG"));
        let request = stage.client.post(format!("{}{path}", stage.running.url)).insert_header(("authorization", format!("Bearer {TOKEN}")));
        let mut response = request.insert_header(("content-type", content_type)).send_body(body).await.unwrap();
        response.json::<Value>().await.unwrap()
    };
    let before = upload("/v25.0/110000000000001/message_attachments", &[("message", attachment)]).await;
    let payload = json!({"attachment_id": before["attachment_id"]});
    assert_eq!(post(&stage, to(&stage, json!({"message": {"attachment": {"type": "image", "payload": payload}}}))).await.0, 200);
    let recipient = format!(r#"{{"id":"{}"}}"#, stage.dana());
    let with = upload(MESSAGES, &[("recipient", &recipient), ("messaging_type", "RESPONSE"), ("message", attachment)]).await;
    stage.until_status(with["message_id"].as_str().unwrap(), Status::Read).await;
}

#[actix_web::test]
async fn sender_actions_show_on_the_phone() {
    let stage = stage().await;
    let (mine, _) = stage.writes("hello").await;
    for action in ["mark_seen", "typing_on"] {
        assert_eq!(post(&stage, json!({"recipient": {"id": stage.dana()}, "sender_action": action})).await.0, 200);
    }
    let react = json!({"recipient": {"id": stage.dana()}, "sender_action": "react", "payload": {"message_id": mine, "reaction": "love"}});
    assert_eq!(post(&stage, react).await.0, 200);
    stage.sim().look(|world| {
        let message = world.customers[0].message(&mine).unwrap();
        assert_eq!((message.status, message.reactions[0].emoji.as_str()), (Status::Read, "❤️"));
        assert_eq!(world.customers[0].typing_until_ms, BEGINNING_MS + 20_000);
    });
}

#[actix_web::test]
async fn everything_that_happens_besides_is_notified() {
    let stage = stage().await;
    for extra in stage.sim().provider.profile().extras {
        stage.acts(json!({"do": "extra", "name": extra.name})).await;
        let told = stage.heard().await.json();
        assert!(told["entry"][0]["messaging"][0].is_object() || told["entry"][0]["standby"][0].is_object(), "{}: {told}", extra.name);
    }
}

#[actix_web::test]
async fn batches_hold_both_kinds_apart_and_a_phone_in_the_pocket_reads_later() {
    let stage = stage().await;
    let ines = ines(&stage);
    stage.switch(Switch::Batch, true);
    for key in [stage.dana(), ines, stage.dana()] {
        stage.sim().act(&key, &Act::Write { text: "hi".to_owned(), file_id: None, reply_to: None }).unwrap();
    }
    let (first, second) = (stage.heard().await.json(), stage.heard().await.json());
    assert_eq!((first["entry"].as_array().unwrap().len(), second["object"].as_str().unwrap()), (2, "instagram"));
    stage.switch(Switch::Batch, false);
    stage.sim().set_phone(&stage.dana(), Phone::Pocket).unwrap();
    let (_, answer) = post(&stage, to(&stage, json!({"message": {"text": "hi"}}))).await;
    stage.until_status(answer["message_id"].as_str().unwrap(), Status::Delivered).await;
    stage.rest().await;
    stage.sim().set_phone(&stage.dana(), Phone::Reading).unwrap();
    assert!(event(&stage.heard().await.json())["read"].is_object());
}

#[actix_web::test]
async fn redelivery_goes_on_until_200() {
    let stage = stage().await;
    stage.answer_next(&[500, 301]);
    let (id, first) = stage.writes("hello").await;
    assert_eq!((stage.heard().await.body, stage.heard().await.body), (first.body.clone(), first.body));
    stage.until_status(&id, Status::Delivered).await;
}

#[actix_web::test]
async fn people_can_be_looked_up_with_what_they_wrote() {
    let stage = stage().await;
    let (mine, _) = stage.writes("hello").await;
    let get = async |path: String| stage.call("GET", &path, Some(TOKEN), &Value::Null).await;
    let (_, profile) = get(format!("/v25.0/{}?fields=first_name,last_name", stage.dana())).await;
    assert_eq!((&profile["first_name"], &profile["last_name"]), (&json!("Dana"), &json!("Field")));
    let (_, found) = get(format!("/v25.0/110000000000001/conversations?platform=messenger&user_id={}", stage.dana())).await;
    let (_, conversation) = get(format!("/v25.0/{}?fields=messages", found["data"][0]["id"].as_str().unwrap())).await;
    assert_eq!(conversation["messages"]["data"][0]["id"], json!(mine));
    assert_eq!(get("/v25.0/7109999999999999".to_owned()).await.0, 400);
    assert_eq!(stage.call("GET", "/v25.0/me", None, &Value::Null).await.0, 401);
}

#[actix_web::test]
async fn signing_in_leads_to_a_page_token_and_a_code_is_good_once() {
    let stage = stage().await;
    let get = async |path: &str| {
        let mut response = stage.client.get(format!("{}{path}", stage.running.url)).send().await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), location, response.json::<Value>().await.unwrap_or(Value::Null))
    };
    let dialog = "/v25.0/dialog/oauth?client_id=1234567890&redirect_uri=https%3A%2F%2Fchat.example.org%2Fcallback&state=s1";
    let (status, _, page) = get(dialog).await;
    assert_eq!((status, page), (200, Value::Null), "without a decision it is a page");
    let (status, location, _) = get(&format!("{dialog}&simulate=allow")).await;
    let location = location.unwrap();
    assert!(status == 302 && location.ends_with("&state=s1#_=_"), "{location}");
    let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let secret = "client_id=1234567890&client_secret=simulated-app-secret-messenger";
    let back = "redirect_uri=https%3A%2F%2Fchat.example.org%2Fcallback";
    assert_eq!(get(&format!("/v25.0/oauth/access_token?{secret}&code={code}&redirect_uri=https%3A%2F%2Felsewhere.example")).await.0, 400);
    let exchange = format!("/v25.0/oauth/access_token?{secret}&code={code}&{back}");
    let short = get(&exchange).await.2["access_token"].as_str().unwrap().to_owned();
    assert_eq!(get(&exchange).await.0, 400);
    let long = format!("/v25.0/oauth/access_token?{secret}&grant_type=fb_exchange_token&fb_exchange_token={short}");
    let user = get(&long).await.2["access_token"].as_str().unwrap().to_owned();
    let (_, accounts) = stage.call("GET", "/v25.0/me/accounts", Some(&user), &Value::Null).await;
    assert_eq!((&accounts["data"][0]["id"], &accounts["data"][0]["tasks"][0]), (&json!("110000000000001"), &json!("MESSAGING")));
    let (_, location, _) = get(&format!("{dialog}&simulate=deny")).await;
    assert!(location.unwrap().contains("error=access_denied"));
}

#[actix_web::test]
async fn the_pages_events_can_be_subscribed_to() {
    let stage = stage().await;
    let path = "/v25.0/110000000000001/subscribed_apps";
    let subscribe = format!("{path}?subscribed_fields=messages,message_reads");
    assert_eq!(stage.call("POST", &subscribe, Some(TOKEN), &Value::Null).await.1, json!({"success": true}));
    let (_, known) = stage.call("GET", path, Some(TOKEN), &Value::Null).await;
    assert_eq!(known["data"][0]["subscribed_fields"], json!(["messages", "message_reads"]));
}
