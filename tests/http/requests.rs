//! What every endpoint does with requests that cannot be read, or that name what is not there.

use serde_json::json;

use crate::support::api::Api;

const NOBODY: &str = "0198a1fd-fc00-7000-8000-000000000001";

/// Every operation that takes a body, with a path that names something real where it can.
fn writers(api: &Api) -> Vec<(&'static str, String)> {
    let (conversation, contact) = api.of("Jane");
    let (channel, owner, home) = (api.home.channel, api.home.owner, api.home.id);
    [
        ("PATCH", format!("conversations/{conversation}")),
        ("POST", format!("conversations/{conversation}/messages")),
        ("POST", "contacts".to_owned()),
        ("PATCH", format!("contacts/{contact}")),
        ("POST", "channels".to_owned()),
        ("PATCH", format!("channels/{channel}")),
        ("POST", "agents".to_owned()),
        ("PATCH", format!("agents/{owner}")),
        ("POST", "tokens".to_owned()),
        ("POST", format!("tokens/{NOBODY}/rotate")),
        ("PATCH", format!("workspaces/{home}")),
    ]
    .map(|(method, path)| (method, format!("/api/v1/{path}")))
    .to_vec()
}

#[actix_web::test]
async fn a_body_that_cannot_be_read_is_refused_everywhere() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let bearer = format!("Bearer {}", api.home.token);
    let json = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024)).into_bytes();
    let deep = "[".repeat(10_000).into_bytes();
    let broken = b"{\"name\": \"\xff\xfe\"}".to_vec();
    for (method, path) in writers(&api) {
        let call = async |headers: &[(&str, &str)], body: &[u8]| api.call(method, &path, headers, Some(body)).await.refusal();
        assert_eq!(call(&json, b"").await, json!([400, "invalid_json", []]), "{method} {path}");
        assert_eq!(call(&json, b"{").await, json!([400, "invalid_json", []]), "{method} {path}");
        assert_eq!(call(&json, &broken).await, json!([400, "invalid_json", []]), "{method} {path}");
        assert_eq!(call(&json, &deep).await[0].as_u64().unwrap() / 100, 4, "{method} {path}");
        assert_eq!(call(&json, b"[]").await, json!([422, "validation_failed", [" wrong_type"]]), "{method} {path}");
        assert_eq!(
            call(&json, b"{\"nonsense\": 1}").await,
            json!([422, "validation_failed", ["/nonsense unknown_field"]]),
            "{method} {path}"
        );
        assert_eq!(call(&json[..1], b"{}").await, json!([415, "unsupported_media_type", []]), "{method} {path}");
        assert_eq!(call(&json[1..], b"{}").await, json!([401, "unauthenticated", []]), "{method} {path}");
        assert_eq!(call(&json, &huge).await, json!([413, "payload_too_large", []]), "{method} {path}");
    }
}

#[actix_web::test]
async fn an_id_that_is_none_is_refused_and_one_that_nothing_has_is_not_found() {
    let api = Api::start().await;
    for (path, name) in
        [("conversations", "conversation"), ("contacts", "contact"), ("channels", "channel"), ("agents", "agent"), ("webhooks", "webhook")]
    {
        for text in ["%00", "xyz", "0198a1fd-fc00-7000-8000-00000000000", "%30198a1fd-fc00-7000-8000-00000000000z", "%ff"] {
            let odd = api.get(&api.home.token, &format!("/api/v1/{path}/{text}")).await;
            assert_eq!(odd.refusal(), json!([400, "invalid_request", [format!("{{{name}_id}} not_a_uuid")]]), "{path}/{text}");
        }
        let nobody = api.get(&api.home.token, &format!("/api/v1/{path}/{NOBODY}")).await;
        assert_eq!(nobody.refusal(), json!([404, "not_found", []]), "{path}");
    }
    let odd = api.get(&api.home.token, "/api/v1/webhooks/xyz").await;
    let sentence = format!("webhook_id in the path must be a UUID, such as {NOBODY}");
    assert_eq!(json!([odd.body["detail"], odd.body["errors"][0]["detail"]]), json!([sentence, sentence]));
    let put = api.send("PUT", &api.home.token, "/api/v1/contacts", json!({}), &[]).await;
    assert_eq!(put.refusal(), json!([405, "method_not_allowed", []]));
    assert_eq!(put.headers["allow"], "GET, POST");
    let deleted = api.delete(&api.home.token, &format!("/api/v1/tokens/{NOBODY}")).await;
    assert_eq!(deleted.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn every_part_of_a_path_that_is_no_id_is_named_and_no_other() {
    let api = Api::start().await;
    let home = format!("/api/v1/workspaces/{}", api.home.id);
    for (path, parts) in [
        (format!("webhooks/{NOBODY}/deliveries/7"), vec!["{delivery_id} not_a_uuid"]),
        (format!("webhooks/hook/deliveries/{NOBODY}"), vec!["{webhook_id} not_a_uuid"]),
        ("webhooks/hook/deliveries/7".to_owned(), vec!["{webhook_id} not_a_uuid", "{delivery_id} not_a_uuid"]),
        (format!("conversations/{NOBODY}/messages/last"), vec!["{message_id} not_a_uuid"]),
    ] {
        for mount in ["/api/v1", &home] {
            let odd = api.get(&api.home.token, &format!("{mount}/{path}")).await;
            assert_eq!(odd.refusal(), json!([400, "invalid_request", parts]), "{mount}/{path}");
        }
    }
    // A secret's name may be any text.
    let secret = api.delete(&api.home.token, "/api/v1/channels/widget/identity-secret/ik_1").await;
    assert_eq!(secret.refusal(), json!([400, "invalid_request", ["{channel_id} not_a_uuid"]]));
}

#[actix_web::test]
async fn every_answer_says_how_much_more_may_be_asked() {
    let api = Api::start().await;
    let answer = api.get(&api.home.token, "/api/v1/contacts").await;
    for name in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-request-id"] {
        assert!(answer.headers.contains_key(name), "{name}");
    }
}
