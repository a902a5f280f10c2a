//! The workspace itself.

use entities::{Permission, Role};
use serde_json::json;

use crate::support::api::{Api, tidy};

#[actix_web::test]
async fn a_workspace_is_read_listed_and_renamed() {
    let api = Api::start().await;
    let path = format!("/api/v1/workspaces/{}", api.home.id);
    let read = api.get(&api.home.token, &path).await;
    assert_eq!((read.status, read.headers["etag"].as_str()), (200, "\"1\""));
    assert_eq!(
        tidy(&read.body),
        json!({
            "id": "id 1", "name": "Northwind Cycles", "plan": "default", "version": 1, "created_at": "at",
            "limits": {"agents": 20, "webhooks": 50, "requests_per_minute_token": 1_000_000, "requests_per_minute_workspace": 1_000_000},
        })
    );
    let list = api.get(&api.home.token, "/api/v1/workspaces").await;
    assert_eq!(list.body, json!({"data": [read.body], "next_cursor": null}));
    let renamed = api.send("PATCH", &api.home.token, &path, json!({"name": " Northwind "}), &[("if-match", "\"1\"")]).await;
    assert_eq!(json!([renamed.status, renamed.body["name"], renamed.body["version"]]), json!([200, "Northwind", 2]));
    assert_eq!(api.get(&api.home.token, &path).await.body, renamed.body);
    let stale = api.send("PATCH", &api.home.token, &path, json!({"name": "x"}), &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
}

#[actix_web::test]
async fn strangers_see_no_workspace_and_agents_rename_none() {
    let api = Api::start().await;
    let path = format!("/api/v1/workspaces/{}", api.home.id);
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&api.away.token, &path, json!({"name": "x"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.get(&api.away.token, "/api/v1/workspaces").await.ids(), [api.away.id.to_string()]);
    let header = [("authorization", &*format!("Bearer {}", api.home.token)), ("x-workspace-id", &*api.away.id.to_string())];
    assert_eq!(api.call("GET", "/api/v1/workspaces", &header, None).await.refusal(), json!([404, "not_found", []]));
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&agent, &path).await.status, 200);
    assert_eq!(api.patch(&agent, &path, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    let narrow = api.token(&[Permission::ContactsRead]).await;
    assert_eq!(api.get(&narrow, &path).await.refusal(), json!([403, "forbidden", []]));
    let empty = api.patch(&api.home.token, &path, json!({"name": ""})).await;
    assert_eq!(empty.refusal(), json!([422, "validation_failed", ["/name empty"]]));
    let foreign_cursor = api.get(&api.home.token, "/api/v1/workspaces?cursor=x").await;
    assert_eq!(foreign_cursor.refusal(), json!([400, "invalid_request", ["?cursor invalid"]]));
}
