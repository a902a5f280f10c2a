//! The trash: what is put there, what comes back, and what is deleted for good.

use actors::port::Clock as _;
use entities::{Permission, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use switchboard::http::conversations::empty_trash;

use crate::support::api::{Answer, Api};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn jane(api: &Api) -> String {
    api.visitor_says("Jane", "Hello").await;
    format!("/api/v1/conversations/{}", api.of("Jane").0)
}

async fn post(api: &Api, path: &str) -> Answer {
    api.call("POST", path, &[("authorization", &format!("Bearer {}", api.home.token))], None).await
}

async fn listed(api: &Api, query: &str) -> usize {
    let page = api.get(&api.home.token, &format!("/api/v1/conversations{query}")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body["data"].as_array().unwrap().len()
}

/// Every event of the workspace.
async fn events(api: &Api) -> Vec<Value> {
    let page = api.get(&api.home.token, "/api/v1/events?limit=100").await;
    assert_eq!((page.status, &page.body["caught_up"]), (200, &json!(true)), "{page:?}");
    page.body["data"].as_array().unwrap().clone()
}

fn told(events: &[Value]) -> Vec<Value> {
    let about = |event: &&Value| event["event"].as_str().unwrap().ends_with(".deleted");
    events.iter().filter(about).map(|event| json!([event["event"], event["data"]["permanent"]])).collect()
}

async fn count(api: &Api, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    let row = api.db().read().query_one_raw(Statement::from_string(api.db().backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

async fn it_goes_and_comes_back(api: Api) {
    let path = jane(&api).await;
    api.visitor_says("Kim", "Hi").await;
    let trashed = post(&api, &format!("{path}/trash")).await;
    assert_eq!(trashed.status, 200, "{trashed:?}");
    assert!(trashed.body["trashed_at"].is_string());
    assert_eq!(trashed.headers["etag"], format!("\"{}\"", trashed.body["version"]));
    assert_eq!((listed(&api, "").await, listed(&api, "?status=open").await, listed(&api, "?trashed=true").await), (1, 1, 1));
    assert_eq!(api.get(&api.home.token, &path).await.body, trashed.body, "it can be looked at");
    assert_eq!(post(&api, &format!("{path}/trash")).await.body, trashed.body, "once");
    let said = api.post(&api.home.token, &format!("{path}/messages"), json!({"text": "Hello?"})).await;
    assert_eq!(said.refusal(), json!([409, "in_trash", []]));
    let restored = post(&api, &format!("{path}/restore")).await;
    assert_eq!((restored.status, &restored.body["trashed_at"]), (200, &Value::Null), "{restored:?}");
    assert_eq!((listed(&api, "").await, listed(&api, "?trashed=true").await), (2, 0));
    let events = events(&api).await;
    assert_eq!(told(&events), [json!(["conversation.deleted", false]), json!(["ticket.deleted", false])]);
    let updated: Vec<_> = events.iter().filter(|event| event["data"]["changes"]["trashed_at"]["to"] == json!(null)).collect();
    let names: Vec<_> =
        updated.iter().filter(|event| event["data"]["changes"]["trashed_at"].is_object()).map(|event| &event["event"]).collect();
    assert_eq!(names, ["conversation.updated", "ticket.updated"]);
    assert_eq!(api.delete(&api.home.token, &path).await.refusal(), json!([409, "conflict", []]), "not out of the lists");
}

#[actix_web::test]
async fn what_is_put_in_the_trash_is_in_no_list_but_its_own_until_it_comes_back() {
    it_goes_and_comes_back(Api::start().await).await;
}

#[actix_web::test]
async fn what_is_put_in_the_trash_is_in_no_list_but_its_own_until_it_comes_back_on_postgresql() {
    it_goes_and_comes_back(Api::start_on_postgres().await).await;
}

async fn it_is_gone(api: Api) {
    let path = jane(&api).await;
    api.visitor_says("Kim", "Hi").await;
    api.post(&api.home.token, &format!("{path}/messages"), json!({"text": "A secret"})).await;
    let send_at = api.clock.now().plus_ms(DAY_MS).to_string();
    let later = api.post(&api.home.token, &format!("{path}/scheduled-messages"), json!({"text": "Later", "send_at": send_at})).await;
    assert_eq!(later.status, 201, "{later:?}");
    api.patch(&api.home.token, &path, json!({"labels": ["billing"]})).await;
    let before = events(&api).await.len();
    assert_eq!(post(&api, &format!("{path}/trash")).await.status, 200);
    let gone = api.delete(&api.home.token, &path).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    for answer in [
        api.get(&api.home.token, &path).await,
        api.get(&api.home.token, &format!("{path}/messages")).await,
        api.delete(&api.home.token, &path).await,
        post(&api, &format!("{path}/restore")).await,
        post(&api, &format!("{path}/trash")).await,
        api.post(&api.home.token, &format!("{path}/messages"), json!({"text": "Hello?"})).await,
        api.patch(&api.home.token, &path, json!({"status": "open"})).await,
    ] {
        assert_eq!(answer.refusal(), json!([404, "not_found", []]));
    }
    assert_eq!((listed(&api, "").await, listed(&api, "?trashed=true").await), (1, 0));
    let found = api.get(&api.home.token, "/api/v1/search?q=secret").await;
    assert_eq!((found.status, found.ids()), (200, vec![]), "{found:?}");
    let tables = ["message", "ticket", "scheduled_message", "conversation_label"];
    let mut left = Vec::new();
    for table in tables {
        left.push(count(&api, table).await);
    }
    assert_eq!(left, [1, 1, 0, 0], "of another conversation alone: {tables:?}");
    let events = events(&api).await;
    assert_eq!(events.len(), before + 4, "its places in the history stay");
    assert_eq!(
        told(&events),
        [
            json!(["conversation.deleted", false]),
            json!(["ticket.deleted", false]),
            json!(["conversation.deleted", true]),
            json!(["ticket.deleted", true])
        ]
    );
    assert!(!events.iter().any(|event| event["data"]["content_text"] == "A secret"));
    assert_eq!(events.iter().filter(|event| event["data"] == json!({"erased": true})).count(), 4, "two messages, twice each");

    let id = api.of("Jane").0;
    let posted = api.visitor_says("Jane", "Hello again").await;
    assert_eq!(posted.conversation_id, id, "under the same id");
    let anew = api.get(&api.home.token, &path).await;
    assert_eq!(json!([anew.body["status"], anew.body["unread_count"], anew.body["labels"]]), json!(["open", 1, []]));
    let messages = api.get(&api.home.token, &format!("{path}/messages")).await;
    assert_eq!(messages.body["data"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn what_is_deleted_for_good_is_gone_and_begins_again_with_the_contact_s_next_message() {
    it_is_gone(Api::start().await).await;
}

#[actix_web::test]
async fn what_is_deleted_for_good_is_gone_and_begins_again_with_the_contact_s_next_message_on_postgresql() {
    it_is_gone(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn the_contact_s_next_message_takes_it_out() {
    let api = Api::start().await;
    let path = jane(&api).await;
    post(&api, &format!("{path}/trash")).await;
    api.visitor_says("Jane", "Is anybody there?").await;
    let shown = api.get(&api.home.token, &path).await.body;
    assert_eq!(json!([shown["trashed_at"], shown["status"]]), json!([null, "open"]));
    assert_eq!(listed(&api, "").await, 1);
}

#[actix_web::test]
async fn what_has_lain_there_long_enough_is_swept() {
    let api = Api::start_with(&["--trash-days", "7"]).await;
    let path = jane(&api).await;
    post(&api, &format!("{path}/trash")).await;
    let app = &api.server.app;
    let now = api.clock.now();
    assert_eq!(empty_trash(app, now.plus_ms(7 * DAY_MS - 60_000)).await.unwrap(), 0);
    assert_eq!(api.get(&api.home.token, &path).await.status, 200);
    assert_eq!(empty_trash(app, now.plus_ms(7 * DAY_MS + 60_000)).await.unwrap(), 1);
    assert_eq!(api.get(&api.home.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(empty_trash(app, now.plus_ms(9 * DAY_MS)).await.unwrap(), 0, "once");
}

#[actix_web::test]
async fn a_stale_version_another_workspace_and_who_may_only_read_are_refused() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let stale = api.send("POST", &api.home.token, &format!("{path}/trash"), Value::Null, &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
    let reader = api.token(&[Permission::ConversationsRead]).await;
    let (_, viewer) = api.agent(Role::Viewer, "Vera").await;
    for token in [&reader, &viewer] {
        assert_eq!(api.delete(token, &path).await.refusal(), json!([403, "forbidden", []]));
        assert_eq!(api.post(token, &format!("{path}/trash"), json!({})).await.refusal(), json!([403, "forbidden", []]));
    }
    for action in ["trash", "restore"] {
        assert_eq!(api.post(&api.away.token, &format!("{path}/{action}"), json!({})).await.refusal(), json!([404, "not_found", []]));
    }
    assert_eq!(api.delete(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert!(api.get(&api.home.token, &path).await.body["trashed_at"].is_null());
}
