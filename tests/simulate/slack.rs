//! The Slack simulator (specification `slack`, part 14).

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use switchboard::{
    crypto::mac,
    simulate::{
        Simulated,
        faults::{Injected, Switch, When},
        provider::Act,
        world::{Side, Status},
    },
};

use super::stage::{BEGINNING_MS, Heard, Stage};

const TOKEN: &str = "xoxb-simulated-bot-token";
const DIRECT: &str = "D0CUSTOMER1";

async fn stage() -> Stage {
    Stage::new(Simulated::Slack).await
}

async fn api(stage: &Stage, method: &str, body: Value) -> Value {
    stage.call("POST", &format!("/api/{method}"), Some(TOKEN), &body).await.1
}

fn extra(stage: &Stage, name: &str) -> Option<String> {
    stage.sim().act(&stage.dana(), &Act::Extra { name: name.to_owned() }).unwrap()
}

fn ts(id: &str) -> &str {
    id.split_once(':').unwrap().1
}

/// Whether a notification carries the signature of its bytes and its timestamp.
fn is_signed(heard: &Heard) -> bool {
    let timestamp = heard.header("x-slack-request-timestamp").unwrap();
    let parts: [&[u8]; 4] = [b"v0:", timestamp.as_bytes(), b":", &heard.body];
    let wanted = hex::encode(mac::hmac_sha256_joined(b"simulated0signing0secret0slack00", &parts));
    heard.header("x-slack-signature") == Some(&format!("v0={wanted}"))
}

#[actix_web::test]
async fn a_direct_message_is_a_signed_event_in_its_envelope() {
    let stage = stage().await;
    let (id, heard) = stage.writes("Hello & welcome <3").await;
    assert!(is_signed(&heard));
    assert_eq!(heard.header("x-slack-request-timestamp"), Some((BEGINNING_MS / 1_000).to_string().as_str()));
    assert_eq!(heard.header("x-slack-retry-num"), None);
    let told = heard.json();
    assert_eq!(
        (&told["type"], &told["team_id"], &told["api_app_id"]),
        (&json!("event_callback"), &json!("T0EXAMPLE01"), &json!("A0EXAMPLE01"))
    );
    assert_eq!(told["authorizations"][0]["user_id"], "U0OURBOT001");
    let event = &told["event"];
    assert_eq!((&event["type"], &event["user"], &event["channel_type"]), (&json!("message"), &json!("U0CUSTOMER1"), &json!("im")));
    assert_eq!((&event["text"], &event["channel"], &event["ts"]), (&json!("Hello &amp; welcome &lt;3"), &json!(DIRECT), &json!(ts(&id))));
    stage.switch(Switch::WrongSignature, true);
    assert!(!is_signed(&stage.writes("wrong").await.1));
    stage.switch(Switch::Unsigned, true);
    assert_eq!(stage.writes("none").await.1.header("x-slack-signature"), None);
}

#[actix_web::test]
async fn the_handshake_is_signed_and_wants_the_challenge() {
    let stage = stage().await;
    let (_, said) = stage.call("POST", "/simulator/handshake", None, &Value::Null).await;
    let heard = stage.heard().await;
    assert!(is_signed(&heard) && said["verified"] == true && heard.json()["type"] == "url_verification");
}

#[actix_web::test]
async fn a_post_reaches_the_customer_and_comes_back_as_the_bots_own() {
    let stage = stage().await;
    stage.writes("hello").await;
    let metadata = json!({"event_type": "desk_outbound", "event_payload": {"id": "out_1"}});
    let answer = api(&stage, "chat.postMessage", json!({
        "channel": DIRECT, "text": "Hi &amp; <https://example.org|welcome>", "username": "Alex Agent", "icon_url": "https://example.org/a.png", "metadata": metadata,
    })).await;
    assert_eq!((&answer["ok"], &answer["channel"], &answer["message"]["bot_id"]), (&json!(true), &json!(DIRECT), &json!("B0OURBOT001")));
    let echo = stage.heard().await.json();
    assert_eq!(
        (&echo["event"]["app_id"], &echo["event"]["ts"], &echo["event"]["metadata"]),
        (&json!("A0EXAMPLE01"), &answer["ts"], &metadata)
    );
    let id = format!("{DIRECT}:{}", answer["ts"].as_str().unwrap());
    stage.until_status(&id, Status::Delivered).await;
    let shown = stage.sim().look(|world| world.customers[0].message(&id).cloned().unwrap());
    assert_eq!((shown.author.as_str(), shown.text.as_str()), ("Alex Agent", "Hi & welcome (https://example.org)"));
    let history = api(&stage, "conversations.history", json!({"channel": DIRECT, "include_all_metadata": true, "limit": 1})).await;
    assert_eq!((&history["messages"][0]["metadata"], &history["has_more"]), (&metadata, &json!(true)));
    assert!(stage.rest().await.is_empty(), "no receipts");
}

#[actix_web::test]
async fn threads_keep_their_root_in_both_directions() {
    let stage = stage().await;
    let root = extra(&stage, "channel").unwrap();
    stage.heard().await;
    let answer = api(&stage, "chat.postMessage", json!({"channel": "C0SUPPORT01", "thread_ts": ts(&root), "text": "yes"})).await;
    assert_eq!(answer["message"]["thread_ts"], json!(ts(&root)));
    assert_eq!(stage.heard().await.json()["event"]["thread_ts"], json!(ts(&root)));
    let reply_to = format!("C0SUPPORT01:{}", answer["ts"].as_str().unwrap());
    stage.acts(json!({"do": "write", "text": "thanks", "reply_to": reply_to})).await;
    let event = stage.heard().await.json()["event"].clone();
    assert_eq!(
        (&event["thread_ts"], &event["channel"], &event["channel_type"]),
        (&json!(ts(&root)), &json!("C0SUPPORT01"), &json!("channel"))
    );
    let replies = api(&stage, "conversations.replies", json!({"channel": "C0SUPPORT01", "ts": ts(&root)})).await;
    assert_eq!(replies["messages"].as_array().unwrap().len(), 3);
    let lost = api(&stage, "chat.postMessage", json!({"channel": "C0SUPPORT01", "thread_ts": "1.000001", "text": "?"})).await;
    assert_eq!(lost["error"], "thread_not_found");
}

#[actix_web::test]
async fn a_mention_comes_as_two_events_of_one_message() {
    let stage = stage().await;
    extra(&stage, "mention");
    let (first, second) = (stage.heard().await.json(), stage.heard().await.json());
    assert_eq!((&first["event"]["type"], &second["event"]["type"]), (&json!("message"), &json!("app_mention")));
    assert_eq!(first["event"]["ts"], second["event"]["ts"]);
    assert_eq!(first["event"]["text"], "<@U0OURBOT001> help please");
    assert_ne!(first["event_id"], second["event_id"]);
}

#[actix_web::test]
async fn edits_deletions_and_reactions_are_events_about_the_message() {
    let stage = stage().await;
    let (id, _) = stage.writes("orignal").await;
    stage.acts(json!({"do": "edit", "message_id": id, "text": "corrected"})).await;
    let event = stage.heard().await.json()["event"].clone();
    assert_eq!(
        (&event["subtype"], &event["message"]["text"], &event["message"]["ts"]),
        (&json!("message_changed"), &json!("corrected"), &json!(ts(&id)))
    );
    assert_eq!(event["previous_message"]["text"], "orignal");
    stage.acts(json!({"do": "react", "message_id": id, "emoji": "👍"})).await;
    let event = stage.heard().await.json()["event"].clone();
    assert_eq!((&event["type"], &event["reaction"], &event["item"]["ts"]), (&json!("reaction_added"), &json!("+1"), &json!(ts(&id))));
    stage.acts(json!({"do": "react", "message_id": id, "emoji": ""})).await;
    assert_eq!(stage.heard().await.json()["event"]["type"], "reaction_removed");
    stage.acts(json!({"do": "write", "text": "an answer", "reply_to": id})).await;
    stage.heard().await;
    stage.acts(json!({"do": "delete", "message_id": id})).await;
    assert_eq!(stage.heard().await.json()["event"]["message"]["subtype"], "tombstone", "a root with answers leaves a stone");
    let (other, _) = stage.writes("oops").await;
    stage.acts(json!({"do": "delete", "message_id": other})).await;
    let event = stage.heard().await.json()["event"].clone();
    assert_eq!((&event["subtype"], &event["deleted_ts"]), (&json!("message_deleted"), &json!(ts(&other))));
}

#[actix_web::test]
async fn tokens_and_scopes_are_checked() {
    let stage = Stage::with(Simulated::Slack, &[("scopes", "chat:write,im:write")]).await;
    for (bearer, wanted) in [(None, "not_authed"), (Some("xoxb-another"), "invalid_auth")] {
        assert_eq!(stage.call("POST", "/api/auth.test", bearer, &Value::Null).await.1["error"], wanted);
    }
    let identity = api(&stage, "auth.test", json!({})).await;
    assert_eq!(
        (&identity["team_id"], &identity["user_id"], &identity["bot_id"]),
        (&json!("T0EXAMPLE01"), &json!("U0OURBOT001"), &json!("B0OURBOT001"))
    );
    let refused = api(&stage, "users.info", json!({"user": "U0CUSTOMER1"})).await;
    assert_eq!(
        (&refused["error"], &refused["needed"], &refused["provided"]),
        (&json!("missing_scope"), &json!("users:read"), &json!("chat:write,im:write"))
    );
    stage.switch(Switch::TokenExpired, true);
    assert_eq!(api(&stage, "auth.test", json!({})).await["error"], "token_expired");
}

#[actix_web::test]
async fn the_limits_of_a_post_hold() {
    let stage = stage().await;
    let section = |length: usize| json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(length)}});
    for (mut body, wanted) in [
        (json!({"text": ""}), Some("no_text")),
        (json!({"text": "x", "blocks": vec![section(1); 50]}), None),
        (json!({"text": "x", "blocks": vec![section(1); 51]}), Some("invalid_blocks")),
        (json!({"text": "x", "blocks": vec![section(3_000); 5]}), Some("msg_blocks_too_long")),
        (json!({"text": "x", "metadata": {"event_type": "x".repeat(17_000)}}), Some("metadata_too_large")),
        (json!({"text": "x", "channel": "C0PUBLIC001"}), Some("not_in_channel")),
        (json!({"text": "x", "channel": "C0ARCHIVED1"}), Some("is_archived")),
        (json!({"text": "x", "channel": "C0NOWHERE01"}), Some("channel_not_found")),
        (json!({"text": "x", "channel": "D0NOBODY"}), Some("channel_not_found")),
        (json!({"text": "x", "channel": "U0CUSTOMER1"}), None),
    ] {
        let fields = body.as_object_mut().unwrap();
        fields.entry("channel").or_insert(DIRECT.into());
        let answer = api(&stage, "chat.postMessage", body.clone()).await;
        assert_eq!(answer["error"].as_str(), wanted, "{body}");
    }
    let long = api(&stage, "chat.postMessage", json!({"channel": DIRECT, "text": "x".repeat(40_001)})).await;
    assert_eq!(long["message"]["text"].as_str().unwrap().len(), 40_000, "cut off without a word");
    assert_eq!(api(&stage, "conversations.join", json!({"channel": "C0PUBLIC001"})).await["ok"], true);
    assert_eq!(api(&stage, "chat.postMessage", json!({"channel": "C0PUBLIC001", "text": "x"})).await["ok"], true);
}

#[actix_web::test]
async fn more_than_a_burst_a_second_is_answered_429_with_the_wait() {
    let stage = stage().await;
    for _ in 0..10 {
        assert_eq!(api(&stage, "chat.postMessage", json!({"channel": DIRECT, "text": "x"})).await["ok"], true);
    }
    let body = json!({"channel": DIRECT, "text": "x"});
    let (status, answer) = stage.call("POST", "/api/chat.postMessage", Some(TOKEN), &body).await;
    assert_eq!((status, &answer["error"]), (429, &json!("ratelimited")));
    stage.pass(1);
    assert_eq!(api(&stage, "chat.postMessage", body.clone()).await["ok"], true);
    stage.switch(Switch::RateLimit, true);
    let request = stage
        .client
        .post(format!("{}/api/chat.postMessage", stage.running.url))
        .insert_header(("authorization", format!("Bearer {TOKEN}")));
    let response = request.send_json(&body).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().get("retry-after").unwrap().to_str().unwrap()), (429, "1"));
}

#[actix_web::test]
async fn every_error_can_be_asked_for() {
    let stage = stage().await;
    for fault in stage.sim().provider.profile().faults {
        stage.sim().change(|world| world.injected.push_back(Injected { code: fault.code.to_owned(), times: 1, when: When::Answer }));
        let (status, answer) = stage.call("POST", "/api/chat.postMessage", Some(TOKEN), &json!({"channel": DIRECT, "text": "x"})).await;
        assert_eq!((status, &answer["ok"], answer["error"].as_str()), (fault.http, &json!(false), Some(fault.code)));
    }
}

#[actix_web::test]
async fn what_is_answered_badly_comes_three_times_more_with_its_number_and_reason() {
    let stage = stage().await;
    stage.answer_next(&[500, 404, 302]);
    let (id, first) = stage.writes("hello").await;
    for number in ["1", "2", "3"] {
        let heard = stage.heard().await;
        assert_eq!((heard.header("x-slack-retry-num"), heard.header("x-slack-retry-reason")), (Some(number), Some("http_error")));
        assert!(heard.body == first.body && is_signed(&heard));
    }
    stage.until_status(&id, Status::Delivered).await;
    stage.answer_next(&[500; 4]);
    let (id, _) = stage.writes("lost").await;
    stage.until_status(&id, Status::Failed).await;
    assert_eq!(stage.rest().await.len(), 3);
}

#[actix_web::test]
async fn a_file_of_a_customer_is_behind_the_token_and_else_a_page_to_sign_in() {
    let stage = stage().await;
    let file_id = stage.sim().add_file("image/png", "shot.png", vec![5, 6].into());
    stage.acts(json!({"do": "write", "text": "see", "file_id": file_id})).await;
    let event = stage.heard().await.json()["event"].clone();
    let file = &event["files"][0];
    assert_eq!((&event["subtype"], &file["size"], &file["mode"]), (&json!("file_share"), &json!(2), &json!("hosted")));
    let fetch = async |token: Option<&str>| {
        let mut request = stage.client.get(file["url_private_download"].as_str().unwrap());
        if let Some(token) = token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        let mut response = request.send().await.unwrap();
        (response.headers().get("content-type").unwrap().to_str().unwrap().to_owned(), response.body().await.unwrap())
    };
    assert_eq!(fetch(Some(TOKEN)).await, ("image/png".to_owned(), vec![5, 6].into()));
    for token in [None, Some("xoxb-another")] {
        assert!(fetch(token).await.0.starts_with("text/html"));
    }
    assert_eq!(api(&stage, "files.info", json!({"file": file["id"]})).await["file"]["name"], "shot.png");
}

#[actix_web::test]
async fn a_file_is_uploaded_in_three_steps_and_shared_by_an_event() {
    let stage = stage().await;
    let (root, _) = stage.writes("hello").await;
    let address = api(&stage, "files.getUploadURLExternal", json!({"filename": "invoice.pdf", "length": 4})).await;
    let put = async |bytes: &'static [u8]| {
        let mut response = stage.client.post(address["upload_url"].as_str().unwrap()).send_body(bytes).await.unwrap();
        (response.status().as_u16(), response.body().await.unwrap())
    };
    assert_eq!(put(b"%PD").await.0, 400);
    assert_eq!(put(b"%PDF").await, (200, "OK - 4".into()));
    let files = json!([{"id": address["file_id"], "title": "invoice.pdf"}]);
    let complete = json!({"files": files, "channel_id": DIRECT, "thread_ts": ts(&root), "initial_comment": "Invoice attached"});
    assert_eq!(api(&stage, "files.completeUploadExternal", complete).await["files"], files);
    let event = stage.heard().await.json()["event"].clone();
    assert_eq!(
        (&event["subtype"], &event["bot_id"], &event["files"][0]["id"]),
        (&json!("file_share"), &json!("B0OURBOT001"), &address["file_id"])
    );
    let newest = stage.sim().look(|world| world.customers[0].messages.back().cloned().unwrap());
    assert_eq!((newest.from, newest.text.as_str(), newest.files[0].name.as_str()), (Side::Business, "Invoice attached", "invoice.pdf"));
    for body in [json!({"filename": "empty.txt", "length": 0}), json!({"length": 4})] {
        assert_eq!(api(&stage, "files.getUploadURLExternal", body).await["ok"], false);
    }
}

#[actix_web::test]
async fn buttons_and_the_slash_command_come_as_signed_forms() {
    let stage = stage().await;
    let button = json!({"type": "button", "action_id": "solved_yes", "value": "conv_42", "text": {"type": "plain_text", "text": "Yes"}});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    let answer = api(&stage, "chat.postMessage", json!({"channel": DIRECT, "text": "Solved?", "blocks": blocks})).await;
    stage.heard().await;
    let id = format!("{DIRECT}:{}", answer["ts"].as_str().unwrap());
    stage.acts(json!({"do": "press", "message_id": id, "button_id": "solved_yes\nconv_42"})).await;
    let heard = stage.heard().await;
    let payload: Value = serde_json::from_str(&heard.form()["payload"]).unwrap();
    assert!(is_signed(&heard));
    assert_eq!(
        (&payload["type"], &payload["actions"][0]["action_id"], &payload["actions"][0]["value"]),
        (&json!("block_actions"), &json!("solved_yes"), &json!("conv_42"))
    );
    assert_eq!(payload["container"]["message_ts"], answer["ts"]);
    extra(&stage, "slash");
    let heard = stage.heard().await;
    assert!(is_signed(&heard) && heard.form()["command"] == "/desk");
}

#[actix_web::test]
async fn what_happens_to_the_app_and_the_channel_is_told() {
    let stage = stage().await;
    extra(&stage, "channel");
    stage.heard().await;
    for extra in stage.sim().provider.profile().extras {
        stage.acts(json!({"do": "extra", "name": extra.name})).await;
    }
    let kinds: Vec<String> = stage
        .rest()
        .await
        .iter()
        .filter(|heard| heard.header("content-type") == Some("application/json"))
        .map(|heard| {
            let told = heard.json();
            let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            [text("/type"), text("/event/type"), text("/event/subtype")].join(" ").replace("event_callback ", "").trim().to_owned()
        })
        .collect();
    let wanted = [
        "message",
        "message",
        "app_mention",
        "message thread_broadcast",
        "message message_changed",
        "message bot_message",
        "message channel_join",
        "message file_share",
        "app_uninstalled",
        "tokens_revoked",
        "app_rate_limited",
    ];
    assert_eq!(kinds, wanted);
}

#[actix_web::test]
async fn the_bot_changes_deletes_and_reacts() {
    let stage = stage().await;
    let (id, _) = stage.writes("hello").await;
    let posted = api(&stage, "chat.postMessage", json!({"channel": DIRECT, "text": "hi"})).await;
    let update = api(&stage, "chat.update", json!({"channel": DIRECT, "ts": posted["ts"], "text": "hi!"})).await;
    assert_eq!(update["ok"], true);
    assert_eq!(api(&stage, "chat.update", json!({"channel": DIRECT, "ts": ts(&id), "text": "no"})).await["error"], "cant_update_message");
    let react = json!({"channel": DIRECT, "timestamp": ts(&id), "name": "eyes"});
    for (method, wanted) in [
        ("reactions.add", None),
        ("reactions.add", Some("already_reacted")),
        ("reactions.remove", None),
        ("reactions.remove", Some("no_reaction")),
    ] {
        assert_eq!(api(&stage, method, react.clone()).await["error"].as_str(), wanted);
    }
    assert_eq!(api(&stage, "chat.delete", json!({"channel": DIRECT, "ts": posted["ts"]})).await["ok"], true);
    assert!(stage.sim().look(|world| world.customers[0].messages.back().unwrap().deleted));
    let user = api(&stage, "users.info", json!({"user": "U0CUSTOMER1"})).await;
    assert_eq!(user["user"]["profile"]["email"], "dana.field@example.org");
    assert_eq!(api(&stage, "conversations.open", json!({"users": "U0CUSTOMER1"})).await["channel"]["id"], DIRECT);
}

#[actix_web::test]
async fn installing_gives_tokens_that_are_refreshed_once_each() {
    let stage = Stage::with(Simulated::Slack, &[("rotation", "on")]).await;
    let authorize = format!(
        "{}/oauth/v2/authorize?client_id=1000.2000&scope=chat:write&state=s1&redirect_uri=https%3A%2F%2Fchat.example.org%2Fback&simulate=allow",
        stage.running.url
    );
    let response = stage.client.get(&authorize).send().await.unwrap();
    let location = response.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert!(location.ends_with("&state=s1"));
    let access = async |form: &[(&str, &str)]| {
        let basic = BASE64_STANDARD.encode("1000.2000:simulated-client-secret-slack");
        let request = stage
            .client
            .post(format!("{}/api/oauth.v2.access", stage.running.url))
            .insert_header(("authorization", format!("Basic {basic}")));
        request.send_form(&form).await.unwrap().json::<Value>().await.unwrap()
    };
    let back = "https://chat.example.org/back";
    assert_eq!(access(&[("code", &code), ("redirect_uri", "https://elsewhere.example")]).await["error"], "bad_redirect_uri");
    let first = access(&[("code", &code), ("redirect_uri", back)]).await;
    assert_eq!((&first["expires_in"], &first["team"]["id"]), (&json!(43_200), &json!("T0EXAMPLE01")));
    assert_eq!(access(&[("code", &code), ("redirect_uri", back)]).await["error"], "invalid_code");
    let refresh = first["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let second = access(&form).await;
    assert_eq!(access(&form).await["error"], "invalid_refresh_token");
    let (_, identity) = stage.call("POST", "/api/auth.test", second["access_token"].as_str(), &json!({})).await;
    assert_eq!(identity["ok"], true);
}

/// Messages that somebody wrote to the bot alone, a second apart; their timestamps.
async fn written(stage: &Stage, count: usize) -> Vec<String> {
    let mut written = Vec::new();
    for number in 0..count {
        stage.pass(1);
        written.push(ts(&stage.writes(&format!("message {number}")).await.0).to_owned());
    }
    written
}

fn listed(answer: &Value) -> Vec<String> {
    answer["messages"].as_array().unwrap_or(&Vec::new()).iter().map(|message| message["ts"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_history_is_read_page_by_page_from_its_newest_or_from_an_instant_on() {
    let stage = stage().await;
    let all = written(&stage, 7).await;
    let of = |more: Value| {
        let mut asked = json!({"channel": DIRECT, "limit": 3});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked
    };
    let newest = api(&stage, "conversations.history", of(json!({}))).await;
    assert_eq!(listed(&newest), [&*all[6], &all[5], &all[4]]);
    let cursor = newest["response_metadata"]["next_cursor"].clone();
    let older = api(&stage, "conversations.history", of(json!({"cursor": cursor}))).await;
    assert_eq!(listed(&older), [&*all[3], &all[2], &all[1]]);

    // With the earlier end alone, what is next to it comes first.
    let since = json!({"oldest": all[1], "inclusive": true});
    let first = api(&stage, "conversations.history", of(since.clone())).await;
    assert_eq!((listed(&first), &first["has_more"]), (vec![all[3].clone(), all[2].clone(), all[1].clone()], &json!(true)));
    let mut behind = since.clone();
    behind["cursor"] = first["response_metadata"]["next_cursor"].clone();
    let second = api(&stage, "conversations.history", of(behind)).await;
    assert_eq!((listed(&second), &second["has_more"]), (vec![all[6].clone(), all[5].clone(), all[4].clone()], &json!(false)));
    assert!(second["response_metadata"].is_null());
    let exclusive = api(&stage, "conversations.history", of(json!({"oldest": all[5]}))).await;
    assert_eq!(listed(&exclusive), [&*all[6]]);
    let wrong = api(&stage, "conversations.history", of(json!({"cursor": "nothing"}))).await;
    assert_eq!(wrong["error"], "invalid_cursor");
    let foreign = api(&stage, "conversations.history", json!({"channel": "C0PUBLIC001"})).await;
    assert_eq!(foreign["error"], "not_in_channel");
}

#[actix_web::test]
async fn a_channels_history_has_its_roots_and_a_threads_replies_begin_with_the_root() {
    let stage = stage().await;
    let root = extra(&stage, "channel").unwrap();
    stage.heard().await;
    let mut answers = Vec::new();
    for text in ["one", "two", "three"] {
        stage.pass(1);
        let said = stage.acts(json!({"do": "write", "text": text, "reply_to": root})).await;
        answers.push(ts(said["message_id"].as_str().unwrap()).to_owned());
        stage.heard().await;
    }
    let history = api(&stage, "conversations.history", json!({"channel": "C0SUPPORT01"})).await;
    let only = &history["messages"][0];
    assert_eq!(history["messages"].as_array().unwrap().len(), 1);
    assert_eq!((&only["thread_ts"], &only["reply_count"], &only["latest_reply"]), (&json!(ts(&root)), &json!(3), &json!(answers[2])));
    let late = json!({"channel": "C0SUPPORT01", "ts": ts(&root), "oldest": answers[1], "inclusive": true, "limit": 2});
    let first = api(&stage, "conversations.replies", late.clone()).await;
    assert_eq!(listed(&first), [ts(&root), &answers[1]]);
    let mut behind = late;
    behind["cursor"] = first["response_metadata"]["next_cursor"].clone();
    assert_eq!(listed(&api(&stage, "conversations.replies", behind).await), [&*answers[2]]);
    let none = api(&stage, "conversations.replies", json!({"channel": "C0SUPPORT01", "ts": "1.000001"})).await;
    assert_eq!(none["error"], "thread_not_found");
}

#[actix_web::test]
async fn an_app_that_is_sold_reads_fifteen_objects_once_a_minute_and_our_own_fifty_times() {
    let sold = Stage::with(Simulated::Slack, &[("distribution", "commercial")]).await;
    let all = written(&sold, 20).await;
    let ask = json!({"channel": DIRECT, "limit": 200});
    let first = api(&sold, "conversations.history", ask.clone()).await;
    assert_eq!((listed(&first).len(), &first["has_more"]), (15, &json!(true)));
    let (status, again) = sold.call("POST", "/api/conversations.history", Some(TOKEN), &ask).await;
    assert_eq!((status, &again["error"]), (429, &json!("ratelimited")));
    let replies = api(&sold, "conversations.replies", json!({"channel": DIRECT, "ts": all[0]})).await;
    assert_eq!(replies["ok"], true, "each method has a limit of its own");
    sold.pass(61);
    assert_eq!(listed(&api(&sold, "conversations.history", ask.clone()).await).len(), 15);

    let own = stage().await;
    written(&own, 1).await;
    for _call in 0..50 {
        assert_eq!(api(&own, "conversations.history", ask.clone()).await["ok"], true);
    }
    assert_eq!(own.call("POST", "/api/conversations.history", Some(TOKEN), &ask).await.0, 429);
}

#[actix_web::test]
async fn the_channels_that_the_bot_is_in_are_listed_by_kind_and_page() {
    let stage = stage().await;
    stage.writes("hello").await;
    let both = json!({"types": "public_channel,private_channel,im", "limit": 1});
    let first = api(&stage, "users.conversations", both.clone()).await;
    assert_eq!((&first["channels"][0]["id"], &first["channels"][0]["is_member"]), (&json!("C0SUPPORT01"), &json!(true)));
    let mut behind = both;
    behind["cursor"] = first["response_metadata"]["next_cursor"].clone();
    let second = api(&stage, "users.conversations", behind).await;
    assert_eq!((&second["channels"][0]["id"], &second["response_metadata"]["next_cursor"]), (&json!(DIRECT), &json!("")));
    let public = api(&stage, "users.conversations", json!({})).await;
    assert_eq!(public["channels"].as_array().unwrap().len(), 1);
}
