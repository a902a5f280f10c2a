//! Jobs over many conversations: what is taken, how it is done to the end, and what becomes of those that cannot be.

use actors::{
    conversation::{Command, Update},
    port::Clock as _,
};
use entities::{AgentId, BulkJobId, ConversationId, NodeId, Permission, Role};
use serde_json::{Value, json};
use switchboard::{
    http::bulk_jobs::work,
    store::{read::bulk as read, read::bulk::Requester, settings::bulk},
};
use uuid::Uuid;

use crate::support::api::{Answer, Api};

const PATH: &str = "/api/v1/conversations/bulk";

/// Conversations with these people.
async fn talks(api: &Api, people: &[&str]) -> Vec<ConversationId> {
    let mut ids = Vec::new();
    for name in people {
        api.visitor_says(name, "Hello").await;
        ids.push(api.of(name).0);
    }
    ids
}

/// The job when nothing is left of it. The server works it, and so does this: whoever comes first.
async fn finished(api: &Api, token: &str, id: &Value) -> Value {
    let node = NodeId::new(api.clock.new_id());
    for _round in 0..2_000 {
        work::round(&api.server.app, node).await.unwrap();
        let job = api.get(token, &format!("/api/v1/bulk-jobs/{}", id.as_str().unwrap())).await;
        assert_eq!(job.status, 200, "{job:?}");
        if !job.body["finished_at"].is_null() {
            return job.body;
        }
    }
    panic!("it was never finished");
}

async fn ask(api: &Api, token: &str, body: Value) -> Value {
    let made = api.post(token, PATH, body).await;
    assert_eq!(made.status, 202, "{made:?}");
    finished(api, token, &made.body["id"]).await
}

fn summary(job: &Value) -> Value {
    json!([job["status"], job["total"], job["done"], job["failed"]])
}

/// A job as if it had been asked for, which nobody works yet; and its items.
async fn stored(api: &Api, by: Requester, conversations: Vec<ConversationId>) -> BulkJobId {
    let id = BulkJobId::new(api.clock.new_id());
    let action = json!({"type": "set_priority", "priority": "high"}).to_string();
    let new = bulk::NewJob { id, by, action, conversations, created_at: api.clock.now() };
    bulk::create(api.db(), api.home.id, &new).await.unwrap();
    id
}

async fn it_is_done(api: Api) {
    let ids = talks(&api, &["Jane", "Kim", "Lee"]).await;
    let (_, token) = api.agent(Role::Agent, "Noor").await;
    let job = ask(&api, &token, json!({"conversation_ids": ids, "action": {"type": "add_labels", "labels": ["billing"]}})).await;
    assert_eq!((summary(&job), &job["errors"]), (json!(["done", 3, 3, 0]), &json!([])));
    assert_eq!(job["action"], json!({"type": "add_labels", "labels": ["billing"]}));
    for id in &ids {
        let shown = api.get(&token, &format!("/api/v1/conversations/{id}")).await;
        assert_eq!(shown.body["labels"], json!(["billing"]));
    }
    let again = ask(&api, &token, json!({"conversation_ids": ids, "action": {"type": "add_labels", "labels": ["billing"]}})).await;
    assert_eq!(summary(&again), json!(["done", 3, 3, 0]), "what is so already is done");
    let trashed = ask(&api, &token, json!({"filter": {"label": "billing"}, "action": {"type": "trash"}})).await;
    assert_eq!(summary(&trashed), json!(["done", 3, 3, 0]));
    assert_eq!(api.get(&token, "/api/v1/conversations").await.ids().len(), 0);
    let restored = ask(&api, &token, json!({"filter": {"trashed": true}, "action": {"type": "restore"}})).await;
    assert_eq!(summary(&restored), json!(["done", 3, 3, 0]));
    assert_eq!(api.get(&token, "/api/v1/conversations").await.ids().len(), 3);
    let nothing = api.post(&token, PATH, json!({"filter": {"status": "resolved"}, "action": {"type": "trash"}})).await;
    assert_eq!((nothing.status, summary(&nothing.body)), (202, json!(["done", 0, 0, 0])));
    assert_eq!(api.get(&token, "/api/v1/bulk-jobs").await.ids().len(), 5);
}

#[actix_web::test]
async fn a_job_is_done_with_each_conversation() {
    it_is_done(Api::start().await).await;
}

#[actix_web::test]
async fn a_job_is_done_with_each_conversation_on_postgresql() {
    it_is_done(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_is_not_there_fails_by_itself_and_says_so() {
    let api = Api::start().await;
    let ids = talks(&api, &["Jane"]).await;
    api.visitor_says_to(&api.away, "Zoe", "Hello").await;
    let missing = ConversationId::new(api.clock.new_id());
    let job =
        ask(&api, &api.home.token, json!({"conversation_ids": [missing, ids[0]], "action": {"type": "set_status", "status": "pending"}}))
            .await;
    assert_eq!(summary(&job), json!(["done", 2, 1, 1]));
    let error = json!({"conversation_id": missing, "error": {"code": "not_found", "detail": "no such conversation"}});
    assert_eq!(job["errors"], json!([error]));
    let all = ask(&api, &api.home.token, json!({"conversation_ids": [missing], "action": {"type": "trash"}})).await;
    assert_eq!(summary(&all), json!(["failed", 1, 0, 1]));
}

#[actix_web::test]
async fn what_cannot_be_a_job_is_refused() {
    let api = Api::start().await;
    let ids = talks(&api, &["Jane"]).await;
    let trash = json!({"type": "trash"});
    let too_many: Vec<Uuid> = (0..1_001).map(Uuid::from_u128).collect();
    let refusal = async |body: Value| api.post(&api.home.token, PATH, body).await.refusal();
    let refused = |fields: &[&str]| json!([422, "validation_failed", fields]);
    assert_eq!(refusal(json!({"action": trash})).await, refused(&["/conversation_ids invalid_value"]));
    let both = json!({"conversation_ids": ids, "filter": {}, "action": trash});
    assert_eq!(refusal(both).await, refused(&["/conversation_ids invalid_value"]));
    assert_eq!(refusal(json!({"conversation_ids": [], "action": trash})).await, refused(&["/conversation_ids empty"]));
    assert_eq!(refusal(json!({"conversation_ids": too_many, "action": trash})).await, refused(&["/conversation_ids too_many"]));
    let twice = json!({"conversation_ids": [ids[0], ids[0]], "action": trash});
    assert_eq!(refusal(twice).await, refused(&["/conversation_ids/1 duplicate"]));
    let says = json!({"conversation_ids": ids, "action": {"type": "note", "text": "hello"}});
    assert_eq!(refusal(says).await, refused(&["/action/type invalid_value"]));
    let stranger = json!({"conversation_ids": ids, "action": {"type": "assign", "assignee_id": api.away.owner}});
    assert_eq!(refusal(stranger).await, refused(&["/action/assignee_id not_found"]));
    let (_, viewer) = api.agent(Role::Viewer, "Vera").await;
    let reader = api.token(&[Permission::ConversationsRead]).await;
    for token in [&viewer, &reader] {
        let asked = api.post(token, PATH, json!({"conversation_ids": ids, "action": trash})).await;
        assert_eq!(asked.refusal(), json!([403, "forbidden", []]));
    }
}

#[actix_web::test]
async fn a_job_is_seen_by_who_asked_by_admins_and_by_no_other_workspace() {
    let api = Api::start().await;
    let ids = talks(&api, &["Jane"]).await;
    let (_, noor) = api.agent(Role::Agent, "Noor").await;
    let (_, omar) = api.agent(Role::Agent, "Omar").await;
    let (_, ada) = api.agent(Role::Admin, "Ada").await;
    let job = ask(&api, &noor, json!({"conversation_ids": ids, "action": {"type": "set_priority", "priority": "low"}})).await;
    let path = format!("/api/v1/bulk-jobs/{}", job["id"].as_str().unwrap());
    let read = async |token: &str| api.get(token, &path).await.status;
    assert_eq!((read(&noor).await, read(&ada).await, read(&omar).await, read(&api.away.token).await), (200, 200, 404, 404));
    let listed = async |token: &str| api.get(token, "/api/v1/bulk-jobs").await.ids().len();
    assert_eq!((listed(&noor).await, listed(&ada).await, listed(&omar).await, listed(&api.away.token).await), (1, 1, 0, 0));
}

#[actix_web::test]
async fn whoever_may_no_more_gets_nothing_done() {
    let api = Api::start().await;
    let ids = talks(&api, &["Jane", "Kim"]).await;
    let gone = Requester::Agent(AgentId::new(api.clock.new_id()));
    let id = stored(&api, gone, ids.clone()).await;
    let job = finished(&api, &api.home.token, &json!(id)).await;
    assert_eq!((summary(&job), &job["errors"][0]["error"]["code"]), (json!(["failed", 2, 0, 2]), &json!("forbidden")));
    let (viewer, _) = api.agent(Role::Viewer, "Vera").await;
    let id = stored(&api, Requester::Agent(viewer), ids.clone()).await;
    assert_eq!(summary(&finished(&api, &api.home.token, &json!(id)).await), json!(["failed", 2, 0, 2]));
    let shown = api.get(&api.home.token, &format!("/api/v1/conversations/{}", ids[0])).await;
    assert_eq!(shown.body["priority"], "none");
}

/// A node died between the change and whatever it would have noted: the change took the item along, so nobody does it again.
#[actix_web::test]
async fn an_item_leaves_with_its_change_so_that_a_crash_doubles_nothing() {
    let api = Api::start().await;
    let ids = talks(&api, &["Jane", "Kim"]).await;
    let dead = NodeId::new(api.clock.new_id());
    let mut claimed = None;
    // The server's own round may come first: another is made then.
    for _try in 0..100 {
        let id = stored(&api, Requester::Agent(api.home.owner), ids.clone()).await;
        let now = api.clock.now();
        if bulk::claim(api.db(), id, dead, now, now.plus_ms(work::LEASE_MS)).await.unwrap() {
            claimed = Some(id);
            break;
        }
        finished(&api, &api.home.token, &json!(id)).await;
    }
    let id = claimed.unwrap();
    for id in &ids {
        assert_eq!(api.patch(&api.home.token, &format!("/api/v1/conversations/{id}"), json!({"priority": "none"})).await.status, 200);
    }
    let update = Update { priority: Some(entities::Priority::High), ..Update::default() };
    let command = Command::ForJob { job: id, command: Box::new(Command::Update(Box::new(update))) };
    api.server.app.directory.ask(api.home.id, ids[0], command).await.unwrap();
    let left: Vec<_> = read::items(api.db(), id, None, 10).await.unwrap().iter().map(|item| item.conversation_id).collect();
    assert_eq!(left, [ids[1]], "it went with the change");
    let path = format!("/api/v1/conversations/{}", ids[0]);
    assert_eq!(api.patch(&api.home.token, &path, json!({"priority": "low"})).await.status, 200);
    bulk::release(api.db(), id, dead).await.unwrap();
    let job = finished(&api, &api.home.token, &json!(id)).await;
    assert_eq!(summary(&job), json!(["done", 2, 2, 0]));
    let priority = async |id: ConversationId| -> Answer { api.get(&api.home.token, &format!("/api/v1/conversations/{id}")).await };
    assert_eq!(priority(ids[0]).await.body["priority"], "low", "what somebody else did since was not undone");
    assert_eq!(priority(ids[1]).await.body["priority"], "high");
}
