//! Contacts: making, reading, changing, finding.

use entities::Permission;
use serde_json::{Value, json};

use crate::support::api::{Api, tidy};

async fn events(api: &Api, kind: &str) -> Vec<Value> {
    let events = api.server.app.journal.events_after(api.home.id, 0, 1000).await.unwrap();
    let of_kind = events.iter().filter(|event| event.kind.as_str() == kind);
    of_kind.map(|event| serde_json::from_str(event.data.get()).unwrap()).collect()
}

#[actix_web::test]
async fn a_contact_is_made_read_and_told_of() {
    let api = Api::start().await;
    let body = json!({
        "name": "Jane Doe", "email": " Jane@Example.com", "phone": "+49 30 123456", "avatar_url": "https://example.com/jane.png",
        "custom_attributes": {"plan": "gold"},
    });
    let made = api.post(&api.home.token, "/api/v1/contacts", body).await;
    assert_eq!((made.status, made.headers["etag"].as_str()), (201, "\"1\""));
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 1", "name": "Jane Doe", "email": "jane@example.com", "phone": "+4930123456",
            "avatar_url": "https://example.com/jane.png", "verified": false,
            "addresses": [{"kind": "email", "value": "jane@example.com"}, {"kind": "phone", "value": "+4930123456"}],
            "custom_attributes": {"plan": "gold"}, "country": null, "blocked": false, "version": 1, "created_at": "at", "updated_at": "at",
        })
    );
    let path = format!("/api/v1/contacts/{}", made.body["id"].as_str().unwrap());
    assert_eq!(api.get(&api.home.token, &path).await.body, made.body);
    assert_eq!(events(&api, "contact.created").await, [made.body]);
}

async fn change(api: Api) {
    api.visitor_says("Jane", "Hello").await;
    let (conversation, contact) = api.of("Jane");
    let path = format!("/api/v1/contacts/{contact}");
    let body =
        json!({"name": "Jane Doe", "email": "jd@example.com", "custom_attributes": {"plan": "gold", "trial": null}, "blocked": true});
    let changed = api.patch(&api.home.token, &path, body.clone()).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let shown = &changed.body;
    assert_eq!(
        json!([shown["name"], shown["email"], shown["custom_attributes"], shown["blocked"], shown["version"]]),
        json!(["Jane Doe", "jd@example.com", {"plan": "gold"}, true, 2])
    );
    assert!(shown["addresses"].as_array().unwrap().contains(&json!({"kind": "email", "value": "jd@example.com"})));
    assert_eq!(api.get(&api.home.token, &path).await.body, changed.body);
    let event = events(&api, "contact.updated").await.pop().unwrap();
    assert_eq!(event["changes"]["name"], json!({"from": "Jane", "to": "Jane Doe"}));
    assert_eq!(event["version"], 2);
    let listed = api.get(&api.home.token, "/api/v1/conversations").await;
    assert_eq!(listed.body["data"][0]["contact"]["name"], "Jane Doe");
    let event = events(&api, "conversation.updated").await.pop().unwrap();
    assert_eq!((&event["id"], &event["contact"]["name"]), (&json!(conversation), &json!("Jane Doe")));
    let same = api.patch(&api.home.token, &path, body).await;
    assert_eq!((same.status, same.body), (200, changed.body));
    let emptied = api.patch(&api.home.token, &path, json!({"name": null, "email": null, "custom_attributes": {"plan": null}})).await;
    assert_eq!(
        json!([emptied.body["name"], emptied.body["email"], emptied.body["custom_attributes"], emptied.body["version"]]),
        json!([null, null, {}, 3])
    );
    assert!(!emptied.body["addresses"].to_string().contains("jd@example.com"));
}

#[actix_web::test]
async fn a_change_is_told_to_lists_timelines_and_integrators() {
    change(Api::start().await).await;
}

#[actix_web::test]
async fn a_change_is_told_the_same_on_postgres() {
    change(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn a_change_meant_for_another_version_is_refused() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let path = format!("/api/v1/contacts/{}", api.of("Jane").1);
    let change = async |name: &str| api.send("PATCH", &api.home.token, &path, json!({"name": name}), &[("if-match", "\"1\"")]).await;
    assert_eq!(change("Jane Doe").await.status, 200);
    assert_eq!(change("Janet").await.refusal(), json!([412, "stale_version", []]));
}

#[actix_web::test]
async fn changes_at_once_all_take_place() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let path = format!("/api/v1/contacts/{}", api.of("Jane").1);
    let set = |name: &'static str| api.patch(&api.home.token, &path, json!({"custom_attributes": {name: true}}));
    let (a, b, c) = tokio::join!(set("a"), set("b"), set("c"));
    assert_eq!([a.status, b.status, c.status], [200, 200, 200]);
    let contact = api.get(&api.home.token, &path).await.body;
    assert_eq!(contact["custom_attributes"], json!({"a": true, "b": true, "c": true}));
    assert_eq!(contact["version"], 4);
}

#[actix_web::test]
async fn two_contacts_never_have_one_address() {
    let api = Api::start().await;
    let jane = api.post(&api.home.token, "/api/v1/contacts", json!({"email": "jane@example.com"})).await;
    let twin = api.post(&api.home.token, "/api/v1/contacts", json!({"email": "JANE@example.com"})).await;
    assert_eq!(twin.refusal(), json!([409, "conflict", []]));
    assert_eq!(twin.body["contact_id"], jane.body["id"]);
    let john = api.post(&api.home.token, "/api/v1/contacts", json!({"name": "John", "phone": "+4930123456"})).await;
    let path = format!("/api/v1/contacts/{}", john.body["id"].as_str().unwrap());
    let taken = api.patch(&api.home.token, &path, json!({"email": "jane@example.com"})).await;
    assert_eq!(taken.refusal(), json!([409, "conflict", []]));
    let make = || api.post(&api.home.token, "/api/v1/contacts", json!({"email": "rush@example.com"}));
    let (a, b, c) = tokio::join!(make(), make(), make());
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    assert_eq!(api.post(&api.away.token, "/api/v1/contacts", json!({"email": "jane@example.com"})).await.status, 201);
}

#[actix_web::test]
async fn what_cannot_be_known_of_a_contact_is_refused_with_the_field() {
    let api = Api::start().await;
    for (body, fields) in [
        (json!({}), json!([" missing_field"])),
        (
            json!({"name": "a\nb", "email": "jane", "phone": "123", "avatar_url": "http://x"}),
            json!(["/name control_character", "/email malformed", "/phone malformed", "/avatar_url malformed"]),
        ),
        (json!({"name": "x".repeat(201)}), json!(["/name too_long"])),
        (json!({"name": "x", "custom_attributes": {"": 1}}), json!(["/custom_attributes/ empty"])),
        (json!({"name": "x", "custom_attributes": {"a": "x".repeat(20_000)}}), json!(["/custom_attributes too_long"])),
        (json!({"name": "x", "custom_attributes": []}), json!(["/custom_attributes wrong_type"])),
        (json!({"name": "x", "verified": true}), json!(["/verified unknown_field"])),
    ] {
        let answer = api.post(&api.home.token, "/api/v1/contacts", body.clone()).await;
        assert_eq!(answer.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    api.visitor_says("Jane", "Hello").await;
    let path = format!("/api/v1/contacts/{}", api.of("Jane").1);
    let answer = api.patch(&api.home.token, &path, json!({"name": "", "blocked": "yes"})).await;
    assert_eq!(answer.refusal(), json!([422, "validation_failed", ["/blocked wrong_type"]]));
    let answer = api.patch(&api.home.token, &path, json!({"name": "", "phone": "x"})).await;
    assert_eq!(answer.refusal(), json!([422, "validation_failed", ["/name empty", "/phone malformed"]]));
}

async fn lists(api: Api) {
    for (name, email) in [("Ann Ash", "ann@a.example"), ("Bob Birch", "bob@b.example"), ("Cid_Cedar", "cid@c.example")] {
        let made = api.post(&api.home.token, "/api/v1/contacts", json!({"name": name, "email": email})).await;
        assert_eq!(made.status, 201);
    }
    let names = async |query: &str| -> (Vec<String>, Option<String>) {
        let answer = api.get(&api.home.token, &format!("/api/v1/contacts?{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let names = answer.body["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
        (names.collect(), answer.body["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(names("").await, (vec!["Cid_Cedar".into(), "Bob Birch".into(), "Ann Ash".into()], None));
    assert_eq!(names("q=BIRCH").await.0, ["Bob Birch"]);
    assert_eq!(names("q=%40a.").await.0, ["Ann Ash"]);
    assert_eq!(names("q=d_c").await.0, ["Cid_Cedar"]);
    assert_eq!(names("q=b_b").await.0, Vec::<String>::new());
    let (first, cursor) = names("limit=2").await;
    assert_eq!(first, ["Cid_Cedar", "Bob Birch"]);
    api.post(&api.home.token, "/api/v1/contacts", json!({"name": "Dee"})).await;
    assert_eq!(names(&format!("limit=2&cursor={}", cursor.unwrap())).await, (vec!["Ann Ash".into()], None));
    let away = api.get(&api.away.token, "/api/v1/contacts").await;
    assert_eq!(away.body, json!({"data": [], "next_cursor": null}));
}

#[actix_web::test]
async fn contacts_are_listed_and_found() {
    lists(Api::start().await).await;
}

#[actix_web::test]
async fn contacts_are_listed_and_found_on_postgres() {
    lists(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn strangers_find_no_contact_and_readers_change_none() {
    let api = Api::start().await;
    api.visitor_says("Jane", "Hello").await;
    let path = format!("/api/v1/contacts/{}", api.of("Jane").1);
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&api.away.token, &path, json!({"name": "x"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(
        api.get(&api.home.token, "/api/v1/contacts/x").await.refusal(),
        json!([400, "invalid_request", ["{contact_id} not_a_uuid"]])
    );
    let reader = api.token(&[Permission::ContactsRead]).await;
    assert_eq!(api.get(&reader, &path).await.status, 200);
    assert_eq!(api.patch(&reader, &path, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.post(&reader, "/api/v1/contacts", json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    let writer = api.token(&[Permission::ContactsWrite]).await;
    assert_eq!(api.get(&writer, "/api/v1/contacts").await.refusal(), json!([403, "forbidden", []]));
}
