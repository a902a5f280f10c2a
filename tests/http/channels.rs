//! Channels: widgets, their settings, and the secrets that vouch for visitors.

use entities::{Permission, Role};
use serde_json::{Value, json};

use crate::support::api::{Api, tidy};

fn without_key(channel: &Value) -> Value {
    let mut channel = tidy(channel);
    let key = channel["settings"]["api_key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("wk_") && key.len() > 20, "{key}");
    channel["settings"]["api_key"] = json!("key");
    channel
}

#[actix_web::test]
async fn a_widget_is_made_with_defaults_and_changed_field_by_field() {
    let api = Api::start().await;
    let made = api.post(&api.home.token, "/api/v1/channels", json!({"kind": "widget", "name": "Shop"})).await;
    assert_eq!((made.status, made.headers["etag"].as_str()), (201, "\"1\""));
    assert_eq!(
        without_key(&made.body),
        json!({
            "id": "id 1", "kind": "widget", "name": "Shop", "address": null, "credential_id": null, "owner_id": null,
            "status": "connected", "status_detail": null, "version": 1, "created_at": "at",
            "settings": {
                "api_key": "key", "allowed_origins": [], "theme": {}, "header_text": "", "pre_chat_form": [], "allow_file_uploads": false,
                "identity": {"required": false, "key_ids": []},
            },
        })
    );
    let path = format!("/api/v1/channels/{}", made.body["id"].as_str().unwrap());
    let body = json!({"name": "Store", "settings": {
        "allowed_origins": ["https://Shop.example/", "https://*.shop.example", "http://localhost:3000"],
        "theme": {"primaryColor": "#1f5eff", "position": "bottom-left"}, "header_text": "We answer within the hour",
        "pre_chat_form": [{"name": "order", "label": "Order number", "type": "text", "required": true}],
        "allow_file_uploads": true, "identity": {"required": true},
    }});
    let changed = api.patch(&api.home.token, &path, body).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        json!([changed.body["name"], changed.body["version"], without_key(&changed.body)["settings"]]),
        json!(["Store", 2, {
            "api_key": "key", "allowed_origins": ["https://shop.example", "https://*.shop.example", "http://localhost:3000"],
            "theme": {"primaryColor": "#1f5eff", "position": "bottom-left"}, "header_text": "We answer within the hour",
            "pre_chat_form": [{"name": "order", "label": "Order number", "type": "text", "required": true}],
            "allow_file_uploads": true, "identity": {"required": true, "key_ids": []},
        }])
    );
    assert_eq!(changed.body["settings"]["api_key"], made.body["settings"]["api_key"]);
    let cleared = api.patch(&api.home.token, &path, json!({"settings": {"header_text": ""}})).await;
    assert_eq!(json!([cleared.body["settings"]["header_text"], cleared.body["settings"]["allow_file_uploads"]]), json!(["", true]));
    let same = api.patch(&api.home.token, &path, json!({"name": "Store"})).await;
    assert_eq!((same.status, &same.body), (200, &cleared.body));
    assert_eq!(api.get(&api.home.token, &path).await.body, cleared.body);
    let list = api.get(&api.home.token, "/api/v1/channels").await;
    assert_eq!(list.ids(), [api.home.channel.to_string(), made.body["id"].as_str().unwrap().to_owned()]);
    assert_eq!(api.get(&api.away.token, "/api/v1/channels").await.ids(), [api.away.channel.to_string()]);
}

#[actix_web::test]
async fn settings_that_cannot_be_are_refused_with_the_field() {
    let api = Api::start().await;
    for (body, fields) in [
        (json!({"kind": "email", "name": "x"}), json!(["/kind unsupported"])),
        (json!({"kind": "fax", "name": "x"}), json!(["/kind unknown_value"])),
        (json!({"kind": "widget"}), json!(["/name missing_field"])),
        (json!({"kind": "widget", "name": " "}), json!(["/name empty"])),
        (json!({"kind": "widget", "name": "x", "api_key": "wk_mine"}), json!(["/api_key unknown_field"])),
        (json!({"kind": "widget", "name": "x", "settings": {"api_key": "wk_mine"}}), json!(["/settings/api_key unknown_field"])),
        (
            json!({"kind": "widget", "name": "x", "settings": {"allowed_origins": ["https://a.example", "a.example", "https://b.example/x"]}}),
            json!(["/settings/allowed_origins/1 malformed", "/settings/allowed_origins/2 malformed"]),
        ),
        (
            json!({"kind": "widget", "name": "x", "settings": {"allowed_origins": vec!["https://a.example"; 101]}}),
            json!(["/settings/allowed_origins too_many"]),
        ),
        (
            json!({"kind": "widget", "name": "x", "settings": {"theme": {"primaryColor": "red;}"}}}),
            json!(["/settings/theme/primaryColor malformed"]),
        ),
        (json!({"kind": "widget", "name": "x", "settings": {"theme": {"position": "top"}}}), json!(["/settings/theme/position malformed"])),
        (json!({"kind": "widget", "name": "x", "settings": {"theme": {"x": "y".repeat(5000)}}}), json!(["/settings/theme too_long"])),
        (
            json!({"kind": "widget", "name": "x", "settings": {"pre_chat_form": [
                {"name": "a b", "label": "A", "type": "text"}, {"name": "a", "label": "", "type": "text"}]}}),
            json!(["/settings/pre_chat_form/0/name malformed", "/settings/pre_chat_form/1/label empty"]),
        ),
        (
            json!({"kind": "widget", "name": "x", "settings": {"pre_chat_form": [{"name": "a", "label": "A", "type": "date"}]}}),
            json!(["/settings/pre_chat_form/0/type unknown_value"]),
        ),
        (
            json!({"kind": "widget", "name": "x", "settings": {"identity": {"key_ids": []}}}),
            json!(["/settings/identity/key_ids unknown_field"]),
        ),
    ] {
        let answer = api.post(&api.home.token, "/api/v1/channels", body.clone()).await;
        assert_eq!(answer.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    assert_eq!(api.get(&api.home.token, "/api/v1/channels").await.ids().len(), 1);
}

async fn secrets(api: Api) {
    let path = format!("/api/v1/channels/{}", api.home.channel);
    let secrets = format!("{path}/identity-secret");
    let first = api.call("POST", &secrets, &[("authorization", &format!("Bearer {}", api.home.token))], None).await;
    assert_eq!(first.status, 201, "{first:?}");
    let (key_id, secret) = (first.body["key_id"].as_str().unwrap(), first.body["secret"].as_str().unwrap());
    assert!(key_id.starts_with("ik_") && secret.starts_with("is_") && secret.len() > 40);
    let second = api.post(&api.home.token, &secrets, json!({})).await;
    let other = second.body["key_id"].as_str().unwrap();
    let channel = api.get(&api.home.token, &path).await;
    assert_eq!(channel.body["settings"]["identity"]["key_ids"], json!([key_id, other]));
    assert!(!channel.body.to_string().contains(secret));
    let sealed = switchboard::store::read::identity::list_secrets(api.db(), api.home.id, api.home.channel).await.unwrap();
    let sealed = sealed.into_iter().find(|row| row.key_id == key_id).unwrap();
    let text = String::from_utf8(sealed.sealed).unwrap();
    let opened = api.server.app.keys.open(api.home.id, switchboard::http::widget::identify::SEALED_COLUMN, &text).unwrap();
    assert_eq!(opened.as_slice(), secret.as_bytes());
    assert_eq!(api.delete(&api.away.token, &format!("{secrets}/{key_id}")).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.delete(&api.home.token, &format!("{secrets}/{key_id}")).await.status, 204);
    assert_eq!(api.delete(&api.home.token, &format!("{secrets}/{key_id}")).await.refusal(), json!([404, "not_found", []]));
    let channel = api.get(&api.home.token, &path).await;
    assert_eq!(channel.body["settings"]["identity"]["key_ids"], json!([other]));
    for _ in 0..9 {
        assert_eq!(api.post(&api.home.token, &secrets, json!({})).await.status, 201);
    }
    assert_eq!(api.post(&api.home.token, &secrets, json!({})).await.refusal(), json!([403, "quota_exceeded", []]));
}

#[actix_web::test]
async fn identity_secrets_are_shown_once_and_lie_sealed() {
    secrets(Api::start().await).await;
}

#[actix_web::test]
async fn identity_secrets_lie_sealed_on_postgres() {
    secrets(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn strangers_see_no_channel_and_agents_change_none() {
    let api = Api::start().await;
    let path = format!("/api/v1/channels/{}", api.home.channel);
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&api.away.token, &path, json!({"name": "x"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.post(&api.away.token, &format!("{path}/identity-secret"), json!({})).await.refusal(), json!([404, "not_found", []]));
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&agent, &path).await.status, 200);
    assert_eq!(api.patch(&agent, &path, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    let reader = api.token(&[Permission::ChannelsRead]).await;
    assert_eq!(api.post(&reader, &format!("{path}/identity-secret"), json!({})).await.refusal(), json!([403, "forbidden", []]));
    let stale = api.send("PATCH", &api.home.token, &path, json!({"name": "x"}), &[("if-match", "\"9\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
}
