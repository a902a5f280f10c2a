//! The rules by which waiting conversations find an agent, and how much an agent takes on.

use entities::{Permission, Role};
use serde_json::json;

use crate::support::api::{Api, tidy};

const ROUTING: &str = "/api/v1/routing";

async fn rules(api: Api) {
    let owner = api.sign_in(api.home.owner).await;
    let read = api.get(&owner, ROUTING).await;
    let usual = json!({"mode": "manual", "when_away": "give_back_unanswered", "away_after_ms": 300_000, "capacity": 10, "version": 1});
    assert_eq!((read.status, read.headers["etag"].as_str(), &read.body), (200, "\"1\"", &usual));
    let same = api.patch(&owner, ROUTING, json!({"mode": "manual"})).await;
    assert_eq!((same.status, &same.body), (200, &usual), "what changes nothing is no change");
    let body = json!({"mode": "by_load", "capacity": 2});
    let changed = api.send("PATCH", &owner, ROUTING, body, &[("if-match", "\"1\"")]).await;
    let after = json!({"mode": "by_load", "when_away": "give_back_unanswered", "away_after_ms": 300_000, "capacity": 2, "version": 2});
    assert_eq!((changed.status, changed.headers["etag"].as_str(), &changed.body), (200, "\"2\"", &after));
    let again = json!({"mode": "round_robin", "when_away": "keep", "away_after_ms": 1_000});
    let changed = api.send("PATCH", &owner, &format!("/api/v1/workspaces/{}/routing", api.home.id), again, &[]).await;
    let after = json!({"mode": "round_robin", "when_away": "keep", "away_after_ms": 1_000, "capacity": 2, "version": 3});
    assert_eq!((changed.status, &changed.body), (200, &after));
    assert_eq!(api.get(&owner, ROUTING).await.body, after);
    for version in ["\"1\"", "\"2\""] {
        let stale = api.send("PATCH", &owner, ROUTING, json!({"mode": "manual"}), &[("if-match", version)]).await;
        assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
    }
    assert_eq!(api.get(&api.away.token, ROUTING).await.body, usual, "another workspace has its own");
    let log = api.get(&owner, "/api/v1/audit-log").await.body["data"].clone();
    assert_eq!(log.as_array().unwrap().len(), 2);
    assert_eq!(
        tidy(&json!([log[0]["action"], log[0]["target"], log[0]["detail"]])),
        json!([
            "routing.updated",
            {"type": "routing", "id": "id 1"},
            {"changed": ["mode", "when_away", "away_after_ms"], "mode": "round_robin"}
        ])
    );
}

#[actix_web::test]
async fn the_rules_are_there_from_the_beginning_and_are_changed() {
    rules(Api::start().await).await;
}

#[actix_web::test]
async fn the_rules_are_there_from_the_beginning_and_are_changed_on_postgres() {
    rules(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn who_may_not_change_the_workspace_reads_the_rules_alone() {
    let api = Api::start().await;
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&agent, ROUTING).await.status, 200);
    assert_eq!(api.patch(&agent, ROUTING, json!({"mode": "by_load"})).await.refusal(), json!([403, "forbidden", []]));
    let narrow = api.token(&[Permission::ContactsRead]).await;
    assert_eq!(api.get(&narrow, ROUTING).await.refusal(), json!([403, "forbidden", []]));
    let foreign = format!("/api/v1/workspaces/{}/routing", api.home.id);
    assert_eq!(api.get(&api.away.token, &foreign).await.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn what_cannot_be_a_rule_is_refused() {
    let api = Api::start().await;
    for (body, refusal) in [
        (json!({"mode": "lottery"}), json!([422, "validation_failed", ["/mode unknown_value"]])),
        (
            json!({"capacity": 0, "away_after_ms": 999}),
            json!([422, "validation_failed", ["/away_after_ms out_of_range", "/capacity out_of_range"]]),
        ),
        (
            json!({"capacity": 1_001, "away_after_ms": 86_400_001}),
            json!([422, "validation_failed", ["/away_after_ms out_of_range", "/capacity out_of_range"]]),
        ),
        (json!({"capacities": 1}), json!([422, "validation_failed", ["/capacities unknown_field"]])),
    ] {
        assert_eq!(api.patch(&api.home.token, ROUTING, body.clone()).await.refusal(), refusal, "{body}");
    }
    assert_eq!(api.get(&api.home.token, ROUTING).await.body["version"], 1);
}

#[actix_web::test]
async fn an_agent_takes_on_as_much_as_is_said_of_them() {
    let api = Api::start().await;
    let (noor, token) = api.agent(Role::Agent, "Noor").await;
    let path = format!("/api/v1/agents/{noor}");
    assert_eq!(api.get(&token, &path).await.body["capacity"], json!(null));
    assert_eq!(api.patch(&token, &path, json!({"capacity": 3})).await.refusal(), json!([403, "forbidden", []]));
    let set = api.patch(&api.home.token, &path, json!({"capacity": 0})).await;
    assert_eq!(json!([set.status, set.body["capacity"], set.body["version"]]), json!([200, 0, 2]));
    let kept = api.patch(&api.home.token, &path, json!({"name": "Noor B"})).await;
    assert_eq!(json!([kept.body["capacity"], kept.body["version"]]), json!([0, 3]));
    let unset = api.patch(&api.home.token, &path, json!({"capacity": null})).await;
    assert_eq!(json!([unset.body["capacity"], unset.body["version"]]), json!([null, 4]));
    let refused = api.patch(&api.home.token, &path, json!({"capacity": 1_001})).await;
    assert_eq!(refused.refusal(), json!([422, "validation_failed", ["/capacity out_of_range"]]));
}
