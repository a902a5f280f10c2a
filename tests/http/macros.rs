//! Macros: what they may do, and what running one does to a conversation, or to many.

use entities::{Permission, Role};
use serde_json::{Value, json};

use crate::support::api::{self, Api, tidy};

const ALL: &str = "/api/v1/macros";

/// Makes a macro that is everybody's and answers its path.
async fn made(api: &Api, actions: Value) -> String {
    let body = json!({"name": format!("Macro {}", actions.to_string().len()), "actions": actions});
    let made = api.post(&api.home.token, ALL, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    format!("{ALL}/{}", made.body["id"].as_str().unwrap())
}

/// Begins a conversation and answers its id.
async fn conversation(api: &Api, visitor: &str) -> Value {
    api.visitor_says(visitor, "Hello").await;
    json!(api.of(visitor).0)
}

/// What was said in a conversation, the oldest first.
async fn said(api: &Api, id: &Value) -> Value {
    let list = api.get(&api.home.token, &format!("/api/v1/conversations/{}/messages?order=asc", id.as_str().unwrap())).await;
    list.body["data"].as_array().unwrap().iter().map(|row| json!([row["kind"], row["author"]["name"], row["content_text"]])).collect()
}

#[actix_web::test]
async fn a_macro_is_made_changed_and_removed() {
    let api = Api::start().await;
    let (noor, token) = api.agent(Role::Agent, "Noor").await;
    let actions = json!([
        {"type": "assign", "assignee_id": noor}, {"type": "add_labels", "labels": ["VIP"]}, {"type": "remove_labels", "labels": ["new"]},
        {"type": "set_status", "status": "pending"}, {"type": "set_priority", "priority": "high"},
        {"type": "send_message", "text": " Hi {{contact.first_name}} "}, {"type": "note", "text": "by {{agent.name}}"},
    ]);
    let made = api.post(&token, ALL, json!({"name": "Mine", "actions": actions, "owner_id": noor})).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 2", "name": "Mine", "owner_id": "id 1", "version": 1, "created_at": "at", "updated_at": "at",
            "actions": [
                {"type": "assign", "assignee_id": "id 1"}, {"type": "add_labels", "labels": ["vip"]}, {"type": "remove_labels", "labels": ["new"]},
                {"type": "set_status", "status": "pending"}, {"type": "set_priority", "priority": "high"},
                {"type": "send_message", "text": "Hi {{contact.first_name}}"}, {"type": "note", "text": "by {{agent.name}}"},
            ],
        })
    );
    let path = format!("{ALL}/{}", made.body["id"].as_str().unwrap());
    let changed = api.patch(&token, &path, json!({"actions": [{"type": "assign", "assignee_id": null}]})).await;
    assert_eq!(
        json!([changed.body["name"], changed.body["actions"], changed.body["version"]]),
        json!(["Mine", [{"type": "assign", "assignee_id": null}], 2])
    );
    assert_eq!(api.get(&api.home.token, &path).await.refusal(), json!([404, "not_found", []]));
    let run = api.post(&api.home.token, &format!("{path}/run"), json!({"conversation_ids": [noor]})).await;
    assert_eq!(run.refusal(), json!([404, "not_found", []]), "another's own is not there to be run");
    assert_eq!(api.delete(&token, &path).await.status, 204);
}

#[actix_web::test]
async fn what_cannot_be_a_macro_is_refused_with_every_field() {
    let api = Api::start().await;
    for (body, fields) in [
        (json!({}), json!(["/name missing_field", "/actions missing_field"])),
        (json!({"name": "", "actions": []}), json!(["/name empty", "/actions empty"])),
        (json!({"name": "x", "actions": vec![json!({"type": "note", "text": "x"}); 21]}), json!(["/actions too_many"])),
        (
            json!({"name": "x", "actions": [
                {"type": "assign", "assignee_id": api.away.owner}, {"type": "add_labels", "labels": []},
                {"type": "remove_labels", "labels": vec!["x"; 51]}, {"type": "send_message", "text": "{{x}}"}, {"type": "note", "text": " "},
            ]}),
            json!([
                "/actions/0/assignee_id not_found",
                "/actions/1/labels empty",
                "/actions/2/labels too_many",
                "/actions/3/text unknown_placeholder",
                "/actions/4/text empty",
            ]),
        ),
        (
            json!({"name": "x", "actions": [
                {"type": "set_team", "team_id": api.home.id}, {"type": "set_status", "status": "open", "snoozed_for_s": 60},
                {"type": "set_status", "status": "snoozed", "snoozed_for_s": 0}, {"type": "set_status", "status": "snoozed", "snoozed_for_s": 31_622_401},
            ]}),
            json!([
                "/actions/0/team_id not_found",
                "/actions/1/snoozed_for_s invalid_value",
                "/actions/2/snoozed_for_s out_of_range",
                "/actions/3/snoozed_for_s out_of_range",
            ]),
        ),
        (json!({"name": "x", "actions": [{"type": "set_team"}]}), json!(["/actions/0/team_id missing_field"])),
        (json!({"name": "x", "actions": [{"type": "assign"}]}), json!(["/actions/0/assignee_id missing_field"])),
        (json!({"name": "x", "actions": [{"type": "explode"}]}), json!(["/actions/0/type unknown_value"])),
        (json!({"name": "x", "actions": [{"type": "note", "text": "x", "to": "y"}]}), json!(["/actions/0/to unknown_field"])),
        (json!({"name": "x", "actions": [{"type": "set_status", "status": "closed"}]}), json!(["/actions/0 unknown_value"])),
        (json!({"name": "x", "actions": {}}), json!(["/actions wrong_type"])),
    ] {
        assert_eq!(api.post(&api.home.token, ALL, body.clone()).await.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
}

async fn runs(api: Api) {
    let (noor, token) = api.agent(Role::Agent, "Noor Haddad").await;
    let (jane, bob) = (conversation(&api, "Jane Doe").await, conversation(&api, "Bob").await);
    let path = |id: &Value| format!("/api/v1/conversations/{}", id.as_str().unwrap());
    assert_eq!(api.patch(&token, &path(&bob), json!({"labels": ["new", "kept"]})).await.status, 200);
    let run = made(
        &api,
        json!([
            {"type": "send_message", "text": "Hi {{contact.first_name}}, {{agent.first_name}} here"},
            {"type": "assign", "assignee_id": noor}, {"type": "add_labels", "labels": ["refund"]}, {"type": "remove_labels", "labels": ["new"]},
            {"type": "set_priority", "priority": "high"}, {"type": "set_status", "status": "resolved"},
            {"type": "note", "text": "{{contact.name}} by {{agent.name}}"},
        ]),
    )
    .await
        + "/run";
    api.visitor_says_to(&api.away, "Theirs", "Hello").await;
    let theirs = json!(entities::thread::derive_ids(api.away.channel, "Theirs").conversation_id);
    let body = json!({"conversation_ids": [bob, theirs, jane]});
    let done = api.send("POST", &token, &run, body.clone(), &[("idempotency-key", "run-1")]).await;
    let missing = json!({"code": "not_found", "detail": "no such conversation"});
    assert_eq!(
        json!([done.status, done.body]),
        json!([200, {"data": [
            {"conversation_id": bob, "status": "done"}, {"conversation_id": theirs, "status": "failed", "error": missing},
            {"conversation_id": jane, "status": "done"},
        ]}])
    );
    let heard = json!([
        ["message", "Jane Doe", "Hello"],
        ["message", "Noor Haddad", "Hi Jane, Noor here"],
        ["note", "Noor Haddad", "Jane Doe by Noor Haddad"]
    ]);
    assert_eq!(said(&api, &jane).await, heard);
    for (id, labels) in [(&jane, json!(["refund"])), (&bob, json!(["kept", "refund"]))] {
        let shown = api.get(&token, &path(id)).await.body;
        assert_eq!(
            json!([shown["assignee_id"], shown["labels"], shown["priority"], shown["status"]]),
            json!([noor, labels, "high", "resolved"])
        );
    }
    let again = api.send("POST", &token, &run, body.clone(), &[("idempotency-key", "run-1")]).await;
    assert_eq!((again.body, again.headers["idempotent-replay"].as_str()), (done.body.clone(), "true"));
    forget_answers(&api).await;
    let after_a_crash = api.send("POST", &token, &run, body.clone(), &[("idempotency-key", "run-1")]).await;
    assert_eq!(after_a_crash.body, done.body);
    assert_eq!(said(&api, &jane).await, heard, "nothing is said twice");
    assert_eq!(api.send("POST", &token, &run, body, &[("idempotency-key", "run-2")]).await.status, 200);
    assert_eq!(said(&api, &jane).await.as_array().unwrap().len(), 5, "another run says it again");
}

#[actix_web::test]
async fn a_macro_snoozes_for_a_while_and_gives_to_a_team() {
    let api = Api::start().await;
    let jane = conversation(&api, "Jane").await;
    let team = api.post(&api.home.token, "/api/v1/teams", json!({"name": "Billing"})).await.body["id"].clone();
    let actions = json!([{"type": "set_team", "team_id": team}, {"type": "set_status", "status": "snoozed", "snoozed_for_s": 31_536_000}]);
    let run = made(&api, actions).await + "/run";
    let done = api.post(&api.home.token, &run, json!({"conversation_ids": [jane]})).await;
    assert_eq!(done.body["data"][0], json!({"conversation_id": jane, "status": "done"}), "{done:?}");
    let path = format!("/api/v1/conversations/{}", jane.as_str().unwrap());
    let shown = api.get(&api.home.token, &path).await.body;
    assert_eq!(json!([shown["team_id"], shown["status"]]), json!([team, "snoozed"]));
    assert!(shown["snoozed_until"].is_string(), "{shown}");
    let wake = made(&api, json!([{"type": "set_team", "team_id": null}, {"type": "set_status", "status": "open"}])).await + "/run";
    assert_eq!(api.post(&api.home.token, &wake, json!({"conversation_ids": [jane]})).await.body["data"][0]["status"], "done");
    let shown = api.get(&api.home.token, &path).await.body;
    assert_eq!(json!([shown["team_id"], shown["status"], shown["snoozed_until"]]), json!([null, "open", null]));
}

/// What a process does not know that died before it kept its answer.
async fn forget_answers(api: &Api) {
    use entities::table::idempotency_key::Entity;
    use sea_orm::EntityTrait;
    let forget = async |transaction: &sea_orm::DatabaseTransaction| {
        Entity::delete_many().exec(transaction).await.map_err(switchboard::store::unavailable).map(|_gone| ())
    };
    api.db().write(forget).await.unwrap();
}

#[actix_web::test]
async fn a_macro_runs_over_many_conversations_and_says_nothing_twice() {
    runs(Api::start().await).await;
}

#[actix_web::test]
async fn a_macro_runs_over_many_conversations_and_says_nothing_twice_on_postgres() {
    runs(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn each_runs_what_they_may_where_they_may() {
    let api = Api::start().await;
    let (noor, token) = api.agent(Role::Agent, "Noor").await;
    let (_, viewer) = api.agent(Role::Viewer, "Vera").await;
    let jane = conversation(&api, "Jane").await;
    let (assigns, speaks) = (
        made(&api, json!([{"type": "assign", "assignee_id": noor}])).await + "/run",
        made(&api, json!([{"type": "note", "text": "seen"}])).await + "/run",
    );
    let body = json!({"conversation_ids": [jane]});
    assert_eq!(api.post(&viewer, &assigns, body.clone()).await.refusal(), json!([403, "forbidden", []]));
    let mute = api.token(&[Permission::ConversationsRead, Permission::ConversationsWrite]).await;
    assert_eq!(api.post(&mute, &speaks, body.clone()).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.post(&mute, &assigns, body.clone()).await.body["data"][0]["status"], "done");
    assert_eq!(api.post(&api.away.token, &assigns, body.clone()).await.refusal(), json!([404, "not_found", []]));
    let (id, _) = api.of("Jane");
    api::own(api.db(), id, api.home.owner).await;
    let outcome = api.post(&token, &assigns, body.clone()).await.body["data"][0].clone();
    assert_eq!(outcome["error"]["code"], "not_found", "what is in another's personal inbox");
    assert_eq!(api.patch(&api.home.token, &format!("/api/v1/agents/{noor}"), json!({"disabled": true})).await.status, 200);
    let outcome = api.post(&api.home.token, &assigns, body).await.body["data"][0].clone();
    assert_eq!(outcome["error"], json!({"code": "validation_failed", "detail": "is no member of this workspace who may sign in"}));
    for (ids, fields) in [
        (json!([]), json!(["/conversation_ids empty"])),
        (json!(vec![jane.clone(); 101]), json!(["/conversation_ids too_many"])),
        (json!([jane, jane, jane]), json!(["/conversation_ids/1 duplicate", "/conversation_ids/2 duplicate"])),
        (json!(["x"]), json!(["/conversation_ids/0 invalid_value"])),
        (json!("x"), json!(["/conversation_ids wrong_type"])),
    ] {
        let refused = api.post(&api.home.token, &assigns, json!({"conversation_ids": ids})).await.refusal();
        assert_eq!(refused, json!([422, "validation_failed", fields]), "{ids}");
    }
}
