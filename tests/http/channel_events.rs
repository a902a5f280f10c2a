//! Changes of channels are told of: one event each, with what changed, and only if the change was made.

use serde_json::{Value, json};
use switchboard::http::event_types;

use crate::support::{
    api::Api,
    feed,
    receiver::{Manner, Receiver, answer},
};

/// What Slack says of a good token.
const GOOD: &str = r#"{"ok":true,"team":"Northwind","team_id":"T0001","bot_id":"B0001","user_id":"U0001"}"#;
const REVOKED: &str = r#"{"ok":false,"error":"token_revoked"}"#;

/// The events of channels so far, each held against its schema.
async fn told(api: &Api) -> Vec<Value> {
    let (envelopes, _cursor) = feed::read_all(api, &api.home.token, "types=channel.*", None).await;
    let envelopes: Vec<Value> = envelopes.iter().map(|envelope| serde_json::from_str(envelope).unwrap()).collect();
    for envelope in &envelopes {
        let kind = entities::EventKind::parse(envelope["event"].as_str().unwrap()).unwrap();
        let schema = jsonschema::options().should_validate_formats(true).build(&event_types::envelope_schema(kind)).unwrap();
        let faults: Vec<_> = schema.iter_errors(envelope).map(|fault| fault.to_string()).collect();
        assert_eq!(faults, [""; 0], "{envelope}");
    }
    envelopes
}

/// Each event's name and what it says has changed.
fn changes(envelopes: &[Value]) -> Value {
    envelopes.iter().map(|envelope| json!([envelope["event"], envelope["data"]["changes"]])).collect()
}

async fn widget_changes(api: Api) {
    let path = format!("/api/v1/channels/{}", api.home.channel);
    let before = api.get(&api.home.token, &path).await.body;
    let changed = api.patch(&api.home.token, &path, json!({"name": "Shop", "settings": {"header_text": "Hello"}})).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let events = told(&api).await;
    assert_eq!(
        changes(&events),
        json!([["channel.updated", {
            "name": {"from": before["name"], "to": "Shop"},
            "settings": {"from": before["settings"], "to": changed.body["settings"]},
        }]])
    );
    let mut shown = events[0]["data"].clone();
    shown.as_object_mut().unwrap().remove("changes");
    assert_eq!(shown, changed.body, "the channel as the API shows it");

    // What changes nothing, and what is refused, is not told of.
    assert_eq!(api.patch(&api.home.token, &path, json!({"name": "Shop"})).await.status, 200);
    assert_eq!(api.patch(&api.home.token, &path, json!({"name": ""})).await.status, 422);
    assert_eq!(api.send("PATCH", &api.home.token, &path, json!({"name": "x"}), &[("if-match", "\"1\"")]).await.status, 412);
    assert_eq!(told(&api).await.len(), 1);

    let secret = api.post(&api.home.token, &format!("{path}/identity-secret"), json!({})).await.body;
    assert_eq!(api.delete(&api.home.token, &format!("{path}/identity-secret/{}", secret["key_id"].as_str().unwrap())).await.status, 204);
    let events = told(&api).await;
    let keys = |event: &Value, side: &str| event["data"]["changes"]["settings"][side]["identity"]["key_ids"].clone();
    assert_eq!(json!([keys(&events[1], "from"), keys(&events[1], "to")]), json!([[], [secret["key_id"]]]));
    assert_eq!(json!([keys(&events[2], "from"), keys(&events[2], "to")]), json!([[secret["key_id"]], []]));
    assert!(!json!(events).to_string().contains(secret["secret"].as_str().unwrap()));
    assert_eq!(events[2]["data"]["version"], api.get(&api.home.token, &path).await.body["version"]);
    let (others, _cursor) = feed::read_all(&api, &api.away.token, "types=channel.*", None).await;
    assert_eq!(others, [""; 0]);
}

#[actix_web::test]
async fn a_change_of_a_widget_is_told_of_with_what_changed() {
    widget_changes(Api::start().await).await;
}

#[actix_web::test]
async fn a_change_of_a_widget_is_told_of_on_postgres() {
    widget_changes(Api::start_on_postgres().await).await;
}

/// Twenty changes at once: each one that was answered is told of once, in the order of the versions, each from where the one before went.
async fn side_by_side(api: Api) {
    let path = format!("/api/v1/channels/{}", api.home.channel);
    let before = api.get(&api.home.token, &path).await.body;
    let wishes = (0..20).map(|number| {
        let (api, path) = (&api, &path);
        async move { api.patch(&api.home.token, path, json!({"name": format!("Shop {number}")})).await }
    });
    let answers = futures_util::future::join_all(wishes).await;
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 503), "{answers:?}");
    let events = told(&api).await;
    assert_eq!(events.len(), made);
    let mut name = before["name"].clone();
    for (event, version) in events.iter().zip(2..) {
        assert_eq!((&event["data"]["changes"]["name"]["from"], &event["data"]["version"]), (&name, &json!(version)));
        name = event["data"]["changes"]["name"]["to"].clone();
    }
    assert_eq!(api.get(&api.home.token, &path).await.body["name"], name);
}

#[actix_web::test]
async fn changes_at_once_are_told_of_one_by_one() {
    side_by_side(Api::start().await).await;
}

#[actix_web::test]
async fn changes_at_once_are_told_of_one_by_one_on_postgres() {
    side_by_side(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_a_check_of_its_credential_says_of_a_channel_is_told_of() {
    let json_answer = |body| answer("200 OK", &["content-type: application/json"], body);
    let slack = Receiver::plain(Manner::Unless("Bearer xoxb-revoked-0000-000".to_owned(), json_answer(GOOD), json_answer(REVOKED))).await;
    let api = Api::start_with(&["--provider-base-url", &format!("slack=http://{}", slack.address)]).await;
    let secrets = json!({"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5", "bot_token": "xoxb-1234-5678-abcdefgh", "app_id": "A0001"});
    let credential =
        api.post(&api.home.token, "/api/v1/credentials", json!({"provider": "slack", "name": "S", "secrets": secrets})).await.body;
    let channel = json!({"kind": "slack", "name": "Slack", "address": "T0001", "credential_id": credential["id"]});
    let channel = api.post(&api.home.token, "/api/v1/channels", channel).await;
    assert_eq!(channel.status, 201, "{channel:?}");
    let path = format!("/api/v1/channels/{}", channel.body["id"].as_str().unwrap());
    let check = format!("/api/v1/credentials/{}/check", credential["id"].as_str().unwrap());

    let tokens = format!("/api/v1/credentials/{}/secrets/bot_token", credential["id"].as_str().unwrap());
    let revoked = json!({"value": "xoxb-revoked-0000-000", "check": false});
    assert_eq!(api.post(&api.home.token, &tokens, revoked).await.status, 201);
    assert_eq!(api.post(&api.home.token, &check, json!({})).await.body["ok"], json!(false));
    let shown = api.get(&api.home.token, &path).await.body;
    assert_eq!(shown["status"], "degraded", "{shown}");
    assert_eq!(api.post(&api.home.token, &check, json!({})).await.body["ok"], json!(false), "what is so already is not told of again");
    assert_eq!(api.post(&api.home.token, &tokens, json!({"value": "xoxb-1234-5678-abcdefgh"})).await.status, 201);
    assert_eq!(api.post(&api.home.token, &check, json!({})).await.body["ok"], json!(true));
    assert_eq!(api.post(&api.home.token, &format!("{path}/disconnect"), json!({})).await.status, 200);
    assert_eq!(api.post(&api.home.token, &format!("{path}/connect"), json!({})).await.status, 200);
    let events = told(&api).await;
    let statuses: Value = events.iter().map(|event| json!([event["event"], event["data"]["changes"]["status"]["to"]])).collect();
    let updated = |to: &str| json!(["channel.updated", to]);
    assert_eq!(statuses, json!([updated("degraded"), updated("connected"), updated("disconnected"), updated("connected")]));
}
