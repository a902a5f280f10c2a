//! One conversation: reading and changing it.

use actors::port::Clock as _;
use entities::Role;
use serde_json::json;

use crate::support::api::{Api, tidy};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[actix_web::test]
async fn a_conversation_is_shown_with_its_contact_ticket_unread_count_and_last_message() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    api.visitor_says("Jane", "Is anybody there?").await;
    let (id, _) = api.of("Jane");
    let answer = api.get(&api.home.token, &format!("/api/v1/conversations/{id}")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["etag"], format!("\"{}\"", answer.body["version"]));
    assert_eq!(
        tidy(&answer.body),
        json!({
            "id": "id 3", "channel_id": "id 1",
            "contact": {"id": "id 2", "name": "Jane", "email": "jane@example.com", "avatar_url": null},
            "status": "open", "snoozed_until": null, "priority": "none", "assignee_id": null, "team_id": null, "owner_id": null, "labels": [],
            "ticket": {"id": "id 5", "number": 1, "subject": "Hello", "status": "open"},
            "unread_count": 2,
            "last_message": {
                "id": "id 4", "conversation_id": "id 3", "ticket_id": "id 5", "seq": 5, "kind": "message", "direction": "in",
                "author": {"type": "visitor", "id": "id 2", "name": "Jane", "avatar_url": null},
                "content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Is anybody there?"}]}]},
                "content_text": "Is anybody there?", "attachments": [], "reactions": [], "status": "sent", "created_at": "at",
            },
            "scheduled_count": 0, "trashed_at": null, "seq": 6, "version": 6, "created_at": "at", "updated_at": "at",
        })
    );
    let in_workspace = api.get(&api.home.token, &format!("/api/v1/workspaces/{}/conversations/{id}", api.home.id)).await;
    assert_eq!(in_workspace.body, answer.body);
}

#[actix_web::test]
async fn a_change_shows_in_the_answer_and_takes_the_ticket_with_it() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let (id, _) = api.of("Jane");
    let path = format!("/api/v1/conversations/{id}");
    let body = json!({"status": "pending", "assignee_id": api.home.owner, "priority": "high", "labels": ["VIP", "billing", "vip"]});
    let answer = api.patch(&api.home.token, &path, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = &answer.body;
    assert_eq!(
        json!([shown["status"], shown["assignee_id"], shown["priority"], shown["labels"], shown["ticket"]["status"]]),
        json!(["pending", api.home.owner, "high", ["billing", "vip"], "pending"])
    );
    assert_eq!(api.get(&api.home.token, &path).await.body, answer.body);
    let answer = api.patch(&api.home.token, &path, json!({"assignee_id": null})).await;
    assert_eq!(json!([answer.body["assignee_id"], answer.body["priority"]]), json!([null, "high"]));
    let unchanged = api.patch(&api.home.token, &path, json!({})).await;
    assert_eq!((unchanged.status, unchanged.body), (200, answer.body));
}

#[actix_web::test]
async fn a_snooze_shows_its_time_and_ends_with_any_other_status_or_when_the_contact_writes() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let path = format!("/api/v1/conversations/{}", api.of("Jane").0);
    let until = api.clock.now().plus_ms(DAY_MS).to_string();
    let snooze = json!({"status": "snoozed", "snoozed_until": until});
    let stands = |body: &serde_json::Value| json!([body["status"], body["snoozed_until"], body["ticket"]["status"]]);
    for status in ["open", "pending", "resolved"] {
        let snoozed = api.patch(&api.home.token, &path, snooze.clone()).await;
        assert_eq!((snoozed.status, stands(&snoozed.body)), (200, json!(["snoozed", until, "snoozed"])), "{snoozed:?}");
        let kept = api.patch(&api.home.token, &path, json!({"priority": "high"})).await;
        assert_eq!(stands(&kept.body), json!(["snoozed", until, "snoozed"]));
        let ended = api.patch(&api.home.token, &path, json!({"status": status, "snoozed_until": null})).await;
        assert_eq!(stands(&ended.body), json!([status, null, status]));
    }
    assert_eq!(api.patch(&api.home.token, &path, snooze.clone()).await.status, 200);
    let until_it_writes = api.patch(&api.home.token, &path, json!({"status": "snoozed"})).await;
    assert_eq!(stands(&until_it_writes.body), json!(["snoozed", null, "snoozed"]));
    assert_eq!(api.patch(&api.home.token, &path, snooze).await.status, 200);
    api.visitor_says("Jane", "Is anybody there?").await;
    assert_eq!(stands(&api.get(&api.home.token, &path).await.body), json!(["open", null, "open"]));
    let told = api.get(&api.home.token, "/api/v1/events?types=conversation.updated&limit=100").await;
    let last = told.body["data"].as_array().unwrap().last().unwrap()["data"]["changes"].clone();
    assert_eq!(last, json!({"status": {"from": "snoozed", "to": "open"}, "snoozed_until": {"from": until, "to": null}}));
}

#[actix_web::test]
async fn a_change_that_cannot_be_is_refused_with_the_field() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let (id, _) = api.of("Jane");
    let (disabled, _) = api.agent(Role::Agent, "Gone").await;
    assert_eq!(api.patch(&api.home.token, &format!("/api/v1/agents/{disabled}"), json!({"disabled": true})).await.status, 200);
    let path = format!("/api/v1/conversations/{id}");
    let ms = |ms| api.clock.now().plus_ms(ms).to_string();
    for (body, refusal) in [
        (json!({"status": "closed"}), json!([422, "validation_failed", ["/status unknown_value"]])),
        (json!({"status": 1}), json!([422, "validation_failed", ["/status wrong_type"]])),
        (json!({"assignee_id": "me"}), json!([422, "validation_failed", ["/assignee_id invalid_value"]])),
        (json!({"assignee_id": api.away.owner}), json!([422, "validation_failed", ["/assignee_id not_found"]])),
        (json!({"assignee_id": disabled}), json!([422, "validation_failed", ["/assignee_id not_found"]])),
        (json!({"team_id": api.home.id}), json!([422, "validation_failed", ["/team_id not_found"]])),
        (json!({"labels": ["a\nb"]}), json!([422, "validation_failed", ["/labels/0 invalid_value"]])),
        (json!({"labels": vec!["x"; 51]}), json!([422, "validation_failed", ["/labels too_many"]])),
        (json!({"subject": "x"}), json!([422, "validation_failed", ["/subject unknown_field"]])),
        (json!({"status": "snoozed", "snoozed_until": "tomorrow"}), json!([422, "validation_failed", ["/snoozed_until invalid_value"]])),
        (json!({"status": "snoozed", "snoozed_until": ms(0)}), json!([422, "validation_failed", ["/snoozed_until out_of_range"]])),
        (
            json!({"status": "snoozed", "snoozed_until": ms(367 * DAY_MS)}),
            json!([422, "validation_failed", ["/snoozed_until out_of_range"]]),
        ),
        (json!({"status": "pending", "snoozed_until": ms(DAY_MS)}), json!([422, "validation_failed", ["/snoozed_until invalid_value"]])),
        (json!({"snoozed_until": ms(DAY_MS)}), json!([422, "validation_failed", ["/snoozed_until invalid_value"]])),
        (json!([]), json!([422, "validation_failed", [" wrong_type"]])),
    ] {
        assert_eq!(api.patch(&api.home.token, &path, body.clone()).await.refusal(), refusal, "{body}");
    }
}

#[actix_web::test]
async fn a_change_meant_for_another_version_is_refused() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let (id, _) = api.of("Jane");
    let path = format!("/api/v1/conversations/{id}");
    let version = api.get(&api.home.token, &path).await.headers["etag"].clone();
    let resolve = json!({"status": "resolved"});
    let first = api.send("PATCH", &api.home.token, &path, resolve.clone(), &[("if-match", &version)]).await;
    assert_eq!(first.status, 200);
    let second = api.send("PATCH", &api.home.token, &path, resolve.clone(), &[("if-match", &version)]).await;
    assert_eq!(second.refusal(), json!([412, "stale_version", []]));
    let odd = api.send("PATCH", &api.home.token, &path, resolve, &[("if-match", "7")]).await;
    assert_eq!(odd.refusal(), json!([400, "invalid_request", []]));
}

#[actix_web::test]
async fn another_workspace_and_another_agents_personal_inbox_answer_404() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let (id, _) = api.of("Jane");
    let (maya, maya_token) = api.agent(Role::Agent, "Maya").await;
    let (_, other_token) = api.agent(Role::Agent, "Noor").await;
    let (_, admin_token) = api.agent(Role::Admin, "Ada").await;
    let path = format!("/api/v1/conversations/{id}");
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&api.away.token, &path, json!({"status": "open"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(
        api.get(&api.home.token, &format!("/api/v1/workspaces/{}/conversations/{id}", api.away.id)).await.refusal(),
        json!([404, "not_found", []])
    );
    crate::support::api::own(api.db(), id, maya).await;
    assert_eq!(api.get(&other_token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&other_token, &path, json!({"status": "open"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.get(&other_token, "/api/v1/conversations").await.ids(), Vec::<String>::new());
    for token in [&maya_token, &admin_token, &api.home.token] {
        assert_eq!(api.get(token, &path).await.status, 200);
        assert_eq!(api.get(token, "/api/v1/conversations").await.ids(), [id.to_string()]);
    }
}

#[actix_web::test]
async fn only_who_may_changes_a_conversation() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let (id, _) = api.of("Jane");
    let path = format!("/api/v1/conversations/{id}");
    let (_, viewer) = api.agent(Role::Viewer, "Vic").await;
    let narrow = api.token(&[entities::Permission::ContactsRead]).await;
    assert_eq!(api.get(&viewer, &path).await.status, 200);
    assert_eq!(api.patch(&viewer, &path, json!({})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.get(&narrow, &path).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.get("sb_nonsense", &path).await.refusal(), json!([401, "unauthenticated", []]));
}
