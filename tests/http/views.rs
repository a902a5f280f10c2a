//! Saved views: what they may filter by, and whose they are.

use entities::Role;
use serde_json::json;

use crate::support::api::{Api, tidy};

const ALL: &str = "/api/v1/views";

async fn saved_changed_and_shared(api: Api) {
    let (_, admin) = api.agent(Role::Admin, "Ada").await;
    let (vera, viewer) = api.agent(Role::Viewer, "Vera").await;
    let filter = json!({"status": "open", "assignee_id": "me", "channel_id": api.home.channel, "label": "VIP", "priority": "urgent"});
    let made = api.post(&viewer, ALL, json!({"name": "Mine", "filter": filter, "owner_id": vera})).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 2", "name": "Mine", "owner_id": "id 3", "version": 1, "created_at": "at", "updated_at": "at", "sort": "-updated_at",
            "filter": {"status": "open", "assignee_id": "me", "channel_id": "id 1", "label": "vip", "priority": "urgent"},
        })
    );
    let path = format!("{ALL}/{}", made.body["id"].as_str().unwrap());
    let team = api.post(&admin, "/api/v1/teams", json!({"name": "Billing"})).await.body["id"].clone();
    let change = json!({"filter": {"assignee_id": "none", "team_id": team}, "sort": "priority"});
    let changed = api.patch(&viewer, &path, change).await;
    assert_eq!(
        json!([changed.body["filter"], changed.body["sort"], changed.body["version"]]),
        json!([{"assignee_id": "none", "team_id": team}, "priority", 2]),
        "a filter replaces the one before"
    );
    assert_eq!(api.patch(&viewer, &path, json!({"owner_id": null})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.get(&admin, &path).await.refusal(), json!([404, "not_found", []]));
    let shared = api.post(&admin, ALL, json!({"name": "Mine", "filter": {}})).await;
    assert_eq!(json!([shared.status, shared.body["filter"]]), json!([201, {}]));
    let again = api.post(&admin, ALL, json!({"name": "MINE", "filter": {}})).await;
    assert_eq!(again.refusal(), json!([409, "conflict", ["/name taken"]]));
    assert_eq!(api.get(&viewer, ALL).await.ids().len(), 2);
    assert_eq!(api.get(&api.away.token, ALL).await.ids().len(), 0);
    assert_eq!(api.delete(&viewer, &path).await.status, 204);
}

#[actix_web::test]
async fn views_are_saved_changed_and_shared() {
    saved_changed_and_shared(Api::start().await).await;
}

#[actix_web::test]
async fn views_are_saved_changed_and_shared_on_postgres() {
    saved_changed_and_shared(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_cannot_be_a_view_is_refused_with_every_field() {
    let api = Api::start().await;
    for (body, fields) in [
        (json!({}), json!(["/name missing_field", "/filter missing_field"])),
        (
            json!({"name": "", "filter": {"channel_id": api.away.channel, "team_id": api.home.id, "assignee_id": api.away.owner}}),
            json!(["/name empty", "/filter/channel_id not_found", "/filter/team_id not_found", "/filter/assignee_id not_found"]),
        ),
        (json!({"name": "x", "filter": {"assignee_id": "nobody"}}), json!(["/filter/assignee_id invalid_value"])),
        (json!({"name": "x", "filter": {"status": "closed"}}), json!(["/filter/status unknown_value"])),
        (json!({"name": "x", "filter": {"label": ""}}), json!(["/filter/label invalid_value"])),
        (json!({"name": "x", "filter": {"q": "x"}}), json!(["/filter/q unknown_field"])),
        (json!({"name": "x", "filter": {}, "sort": "name"}), json!(["/sort unknown_value"])),
        (json!({"name": "x", "filter": "open"}), json!(["/filter wrong_type"])),
    ] {
        assert_eq!(api.post(&api.home.token, ALL, body.clone()).await.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
}
