//! Teams, and conversations that are a team's.

use actors::port::Clock;
use entities::{Permission, Role, TeamId};
use serde_json::json;
use switchboard::{
    http::teams::release,
    store::{read, settings},
};

use crate::support::api::{Api, tidy};

const TEAMS: &str = "/api/v1/teams";

/// Makes a team without members and answers its path.
async fn team(api: &Api, name: &str) -> (String, String) {
    let made = api.post(&api.home.token, TEAMS, json!({"name": name})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.body["id"].as_str().unwrap().to_owned();
    (format!("{TEAMS}/{id}"), id)
}

async fn life(api: Api) {
    let owner = api.sign_in(api.home.owner).await;
    let (noor, _) = api.agent(Role::Agent, "Noor").await;
    let body = json!({"name": " Billing ", "description": "Invoices", "member_ids": [noor, api.home.owner, noor]});
    let made = api.post(&owner, TEAMS, body).await;
    assert_eq!((made.status, made.headers["etag"].as_str()), (201, "\"1\""), "{made:?}");
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 1", "name": "Billing", "description": "Invoices", "member_ids": ["id 2", "id 3"], "version": 1,
            "created_at": "at", "updated_at": "at",
        })
    );
    let path = format!("{TEAMS}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(api.get(&owner, &path).await.body, made.body);
    let (_, second) = team(&api, "Sales").await;
    let listed = api.get(&owner, TEAMS).await;
    assert_eq!(listed.ids(), [made.body["id"].as_str().unwrap(), &second]);
    assert_eq!(listed.body["data"][0], made.body);
    let first = api.get(&owner, "/api/v1/teams?limit=1").await;
    let next = api.get(&owner, &format!("/api/v1/teams?limit=1&cursor={}", first.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!([first.ids(), next.ids()].concat(), listed.ids());
    let change = json!({"name": "Money", "description": null, "member_ids": [noor]});
    let changed = api.send("PATCH", &owner, &path, change, &[("if-match", "\"1\"")]).await;
    assert_eq!(
        json!([changed.status, changed.body["name"], changed.body["description"], changed.body["member_ids"], changed.body["version"]]),
        json!([200, "Money", "", [noor], 2])
    );
    let same = api.patch(&owner, &path, json!({"member_ids": [noor, noor]})).await;
    assert_eq!(same.body, changed.body, "what changes nothing is no change");
    let stale = api.send("PATCH", &owner, &path, json!({"name": "x"}), &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
    assert_eq!(api.delete(&owner, &path).await.status, 204);
    assert_eq!(api.get(&owner, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.delete(&owner, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.get(&owner, TEAMS).await.ids(), [second]);
    team(&api, "Money").await;
    let log = api.get(&owner, "/api/v1/audit-log").await;
    let actions: Vec<_> = log.body["data"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["team.created", "team.deleted", "team.updated", "team.created", "team.created"]);
}

#[actix_web::test]
async fn a_team_is_made_listed_changed_and_removed() {
    life(Api::start().await).await;
}

#[actix_web::test]
async fn a_team_is_made_listed_changed_and_removed_on_postgres() {
    life(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_cannot_be_a_team_is_refused() {
    let api = Api::start().await;
    let (path, _) = team(&api, "Billing").await;
    let strangers = json!({"name": "Sales", "member_ids": [api.home.owner, api.away.owner, TeamId::new(api.home.id.uuid())]});
    for (body, refusal) in [
        (json!({"name": " "}), json!([422, "validation_failed", ["/name empty"]])),
        (json!({"name": "x", "description": "x".repeat(1_001)}), json!([422, "validation_failed", ["/description too_long"]])),
        (strangers, json!([422, "validation_failed", ["/member_ids/1 not_found", "/member_ids/2 not_found"]])),
        (json!({"name": "Billing"}), json!([409, "conflict", []])),
    ] {
        assert_eq!(api.post(&api.home.token, TEAMS, body.clone()).await.refusal(), refusal, "{body}");
    }
    team(&api, "Sales").await;
    assert_eq!(api.patch(&api.home.token, &path, json!({"name": "Sales"})).await.refusal(), json!([409, "conflict", []]));
    let stranger = json!({"member_ids": [api.away.owner]});
    assert_eq!(api.patch(&api.home.token, &path, stranger).await.refusal(), json!([422, "validation_failed", ["/member_ids/0 not_found"]]));
}

#[actix_web::test]
async fn another_workspace_has_its_own_teams_and_agents_change_none() {
    let api = Api::start().await;
    let (path, id) = team(&api, "Billing").await;
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&api.away.token, &path, json!({"name": "x"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.delete(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.get(&api.away.token, TEAMS).await.body, json!({"data": [], "next_cursor": null}));
    assert_eq!(api.post(&api.away.token, TEAMS, json!({"name": "Billing"})).await.status, 201, "a name is a workspace's own");
    let posted = api.visitor_says_to(&api.away, "Sam", "Hello").await;
    let theirs = format!("/api/v1/conversations/{}", posted.conversation_id);
    let refused = api.patch(&api.away.token, &theirs, json!({"team_id": id})).await;
    assert_eq!(refused.refusal(), json!([422, "validation_failed", ["/team_id not_found"]]));
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&agent, &path).await.status, 200);
    assert_eq!(api.post(&agent, TEAMS, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.patch(&agent, &path, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.delete(&agent, &path).await.refusal(), json!([403, "forbidden", []]));
    let narrow = api.token(&[Permission::ContactsRead]).await;
    assert_eq!(api.get(&narrow, TEAMS).await.refusal(), json!([403, "forbidden", []]));
}

async fn conversations(api: Api) {
    let token = &api.home.token;
    let (path, id) = team(&api, "Billing").await;
    let posted = api.visitor_says("Jane", "Hello").await;
    let other = api.visitor_says("Sam", "Hello").await;
    let conversation = format!("/api/v1/conversations/{}", posted.conversation_id);
    let given = api.patch(token, &conversation, json!({"team_id": id})).await;
    assert_eq!(json!([given.status, given.body["team_id"]]), json!([200, id]));
    let of_team = format!("/api/v1/conversations?team_id={id}");
    assert_eq!(api.get(token, &of_team).await.ids(), [posted.conversation_id.to_string()]);
    assert_eq!(api.get(token, &format!("{of_team}&status=resolved")).await.ids(), Vec::<String>::new());
    assert_eq!(api.get(&api.away.token, &of_team).await.ids(), Vec::<String>::new());
    assert_eq!(api.delete(token, &path).await.status, 204);
    assert_eq!(api.get(token, &conversation).await.body["team_id"], json!(null));
    let again = api.patch(token, &conversation, json!({"team_id": id})).await;
    assert_eq!(again.refusal(), json!([422, "validation_failed", ["/team_id not_found"]]));
    let events = api.get(token, "/api/v1/events?types=conversation.updated").await;
    let changes: Vec<_> = events.body["data"].as_array().unwrap().iter().map(|event| event["data"]["changes"].clone()).collect();
    assert_eq!(json!(changes), json!([{"team_id": {"from": null, "to": id}}, {"team_id": {"from": id, "to": null}}]));
    // What a crash has left behind, the sweep finds.
    let (_, second) = team(&api, "Sales").await;
    let third = format!("/api/v1/conversations/{}", other.conversation_id);
    assert_eq!(api.patch(token, &third, json!({"team_id": second})).await.status, 200);
    let doer = settings::audit::Doer {
        entry_id: entities::AuditEntryId::new(api.clock.new_id()),
        at: api.clock.now(),
        kind: "system",
        id: None,
        name: None,
        request_id: None,
    };
    let gone = TeamId::new(second.parse().unwrap());
    settings::team::delete(api.db(), api.home.id, &doer, gone).await.unwrap();
    assert_eq!(api.get(token, &third).await.body["team_id"], json!(second));
    let app = &api.server.app;
    assert_eq!(release::go_on(app, api.clock.now()).await.unwrap(), 1);
    assert_eq!(api.get(token, &third).await.body["team_id"], json!(null));
    assert_eq!(read::team::deleted(api.db(), 10).await.unwrap().len(), 2, "their rows stay for a minute");
    assert_eq!(release::go_on(app, api.clock.now().plus_ms(61_000)).await.unwrap(), 0);
    assert_eq!(read::team::deleted(api.db(), 10).await.unwrap(), []);
}

#[actix_web::test]
async fn conversations_are_a_team_s_until_it_is_removed() {
    conversations(Api::start().await).await;
}

#[actix_web::test]
async fn conversations_are_a_team_s_until_it_is_removed_on_postgres() {
    conversations(Api::start_on_postgres().await).await;
}
