//! The audit log: every change of settings leaves a line, and no secret in it.

use entities::Role;
use serde_json::json;

use crate::support::api::{Api, tidy};

async fn log(api: Api) {
    let owner = api.sign_in(api.home.owner).await;
    let channel = format!("/api/v1/channels/{}", api.home.channel);
    assert_eq!(api.patch(&owner, &channel, json!({"name": "Shop"})).await.status, 200);
    let secret = api.post(&owner, &format!("{channel}/identity-secret"), json!({})).await.body;
    let token = api.post(&owner, "/api/v1/tokens", json!({"name": "Import", "scopes": ["contacts:read"]})).await.body;
    let member = json!({"name": "Noor", "email": "noor@example.com", "role": "agent", "password": "a long pass phrase"});
    assert_eq!(api.post(&owner, "/api/v1/agents", member).await.status, 201);
    let workspace = format!("/api/v1/workspaces/{}", api.home.id);
    let headers = [("x-request-id", "rename-1")];
    assert_eq!(api.send("PATCH", &owner, &workspace, json!({"name": "Northwind"}), &headers).await.status, 200);
    let list = api.get(&owner, "/api/v1/audit-log").await;
    assert_eq!(list.status, 200, "{list:?}");
    let actions: Vec<_> = list.body["data"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["workspace.updated", "agent.created", "token.created", "channel.identity_secret_created", "channel.updated"]);
    assert_eq!(
        tidy(&list.body["data"][0]),
        json!({
            "id": "id 2", "actor": {"type": "agent", "id": "id 1", "name": "Maya Chen"}, "action": "workspace.updated",
            "target": {"type": "workspace", "id": "id 3"}, "detail": {"name": "Northwind"}, "request_id": "rename-1", "at": "at",
        })
    );
    let text = list.body.to_string();
    for hidden in [&secret["secret"], &token["token"], &json!("a long pass phrase")] {
        assert!(!text.contains(hidden.as_str().unwrap()));
    }
    let first = api.get(&owner, "/api/v1/audit-log?limit=3").await;
    let next = api.get(&owner, &format!("/api/v1/audit-log?limit=3&cursor={}", first.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!([first.ids(), next.ids()].concat(), list.ids());
    assert_eq!(api.get(&api.away.token, "/api/v1/audit-log").await.body, json!({"data": [], "next_cursor": null}));
    let (_, agent) = api.agent(Role::Agent, "Agent").await;
    assert_eq!(api.get(&agent, "/api/v1/audit-log").await.refusal(), json!([403, "forbidden", []]));
}

#[actix_web::test]
async fn each_change_of_settings_leaves_a_line() {
    log(Api::start().await).await;
}

#[actix_web::test]
async fn each_change_of_settings_leaves_a_line_on_postgres() {
    log(Api::start_on_postgres().await).await;
}
