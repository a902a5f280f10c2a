//! Canned responses: everybody's and one's own, and the texts that are refused.

use entities::{Permission, Role};
use serde_json::{Value, json};

use crate::support::api::{Answer, Api, tidy};

const ALL: &str = "/api/v1/canned-responses";

fn body(shortcut: &str) -> Value {
    json!({"shortcut": shortcut, "name": "How refunds work", "text": "Hello {{contact.first_name}}"})
}

fn of(answer: &Answer) -> String {
    format!("{ALL}/{}", answer.body["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")))
}

async fn everybodys_and_ones_own(api: Api) {
    let admin = api.sign_in(api.home.owner).await;
    let (noor, noor_token) = api.agent(Role::Agent, "Noor").await;
    let (_, viewer) = api.agent(Role::Viewer, "Vera").await;
    let made = api.post(&admin, ALL, body("refund")).await;
    assert_eq!((made.status, made.headers["etag"].as_str()), (201, "\"1\""), "{made:?}");
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 1", "shortcut": "refund", "name": "How refunds work",
            "content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello {{contact.first_name}}"}]}]},
            "content_text": "Hello {{contact.first_name}}", "owner_id": null, "version": 1, "created_at": "at", "updated_at": "at",
        })
    );
    let mut own = body("refund");
    own["owner_id"] = json!(noor);
    let own = api.post(&noor_token, ALL, own).await;
    assert_eq!(json!([own.status, own.body["owner_id"]]), json!([201, noor]), "the same shortcut, for oneself");
    let (shared, own) = (of(&made), of(&own));
    assert_eq!(api.get(&noor_token, ALL).await.body["data"].as_array().unwrap().len(), 2);
    for other in [&admin, &viewer, &api.home.token] {
        assert_eq!(api.get(other, ALL).await.ids().len(), 1, "another's own is seen by nobody");
        assert_eq!(api.get(other, &shared).await.body, made.body);
        assert_eq!(api.get(other, &own).await.refusal(), json!([404, "not_found", []]));
        assert_eq!(api.patch(other, &own, json!({"name": "x"})).await.refusal(), json!([404, "not_found", []]));
        assert_eq!(api.delete(other, &own).await.refusal(), json!([404, "not_found", []]));
    }
    assert_eq!(api.get(&api.away.token, ALL).await.ids().len(), 0);
    assert_eq!(api.get(&api.away.token, &shared).await.refusal(), json!([404, "not_found", []]));
    for (token, path) in [(&noor_token, &shared), (&viewer, &shared)] {
        assert_eq!(api.patch(token, path, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
        assert_eq!(api.delete(token, path).await.refusal(), json!([403, "forbidden", []]));
        assert_eq!(api.post(token, ALL, body("mine")).await.refusal(), json!([403, "forbidden", []]));
    }
    assert_eq!(api.delete(&noor_token, &own).await.status, 204);
    assert_eq!(api.get(&noor_token, &own).await.refusal(), json!([404, "not_found", []]));
}

async fn changed_page_by_page_and_logged(api: Api) {
    let admin = api.sign_in(api.home.owner).await;
    let mut made = Vec::new();
    for shortcut in ["c", "a", "b"] {
        made.push(api.post(&admin, ALL, body(shortcut)).await);
    }
    let first = api.get(&admin, &format!("{ALL}?limit=2")).await;
    let next = api.get(&admin, &format!("{ALL}?limit=2&cursor={}", first.body["next_cursor"].as_str().unwrap())).await;
    let expected: Vec<_> = made.iter().map(|made| made.body["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!([first.ids(), next.ids()].concat(), expected);
    assert_eq!(next.body["next_cursor"], Value::Null);
    let path = of(&made[0]);
    let unchanged = api.patch(&admin, &path, json!({"name": "How refunds work"})).await;
    assert_eq!(json!([unchanged.status, unchanged.body["version"]]), json!([200, 1]));
    let change = json!({"name": "Refunds", "text": "Hi {{agent.name}}"});
    let changed = api.send("PATCH", &admin, &path, change, &[("if-match", "\"1\"")]).await;
    assert_eq!(
        json!([changed.body["name"], changed.body["content_text"], changed.body["version"]]),
        json!(["Refunds", "Hi {{agent.name}}", 2])
    );
    for (method, body) in [("PATCH", json!({"name": "x"})), ("DELETE", json!(null))] {
        let stale = api.send(method, &admin, &path, body, &[("if-match", "\"1\"")]).await;
        assert_eq!(stale.refusal(), json!([412, "stale_version", []]), "{method}");
    }
    let taken = api.patch(&admin, &path, json!({"shortcut": "a"})).await;
    assert_eq!(taken.refusal(), json!([409, "conflict", ["/shortcut taken"]]));
    assert_eq!(api.post(&admin, ALL, body("b")).await.refusal(), json!([409, "conflict", ["/shortcut taken"]]));
    let mine = api.patch(&admin, &path, json!({"owner_id": api.home.owner, "shortcut": "b"})).await;
    assert_eq!(json!([mine.body["owner_id"], mine.body["shortcut"]]), json!([api.home.owner, "b"]), "one's own may be called as another");
    assert_eq!(api.patch(&admin, &path, json!({"name": "Quiet"})).await.status, 200);
    assert_eq!(api.patch(&admin, &path, json!({"owner_id": null})).await.refusal(), json!([409, "conflict", ["/shortcut taken"]]));
    assert_eq!(api.delete(&admin, &of(&made[1])).await.status, 204);
    let log = api.get(&admin, "/api/v1/audit-log").await;
    let lines: Vec<_> = log.body["data"].as_array().unwrap().iter().map(|row| json!([row["action"], row["detail"]])).collect();
    assert_eq!(
        json!(lines),
        json!([
            ["canned_response.deleted", {"name": "a"}],
            ["canned_response.updated", {"name": "b", "changed": ["owner_id", "shortcut"]}],
            ["canned_response.updated", {"name": "c", "changed": ["content", "content_text", "name"]}],
            ["canned_response.created", {"name": "b"}],
            ["canned_response.created", {"name": "a"}],
            ["canned_response.created", {"name": "c"}],
        ])
    );
}

#[actix_web::test]
async fn each_sees_everybodys_and_their_own() {
    everybodys_and_ones_own(Api::start().await).await;
}

#[actix_web::test]
async fn each_sees_everybodys_and_their_own_on_postgres() {
    everybodys_and_ones_own(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_is_everybodys_is_changed_page_by_page_and_logged() {
    changed_page_by_page_and_logged(Api::start().await).await;
}

#[actix_web::test]
async fn what_is_everybodys_is_changed_page_by_page_and_logged_on_postgres() {
    changed_page_by_page_and_logged(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_cannot_be_a_canned_response_is_refused_with_every_field() {
    let api = Api::start().await;
    let token = &api.home.token;
    let long = "x".repeat(10_001);
    for (body, fields) in [
        (json!({}), json!(["/shortcut missing_field", "/name missing_field", "/text missing_field"])),
        (json!({"shortcut": "Über", "name": " ", "text": long}), json!(["/shortcut malformed", "/name empty", "/text too_long"])),
        (json!({"shortcut": "-a", "name": "x".repeat(201), "text": "x"}), json!(["/shortcut malformed", "/name too_long"])),
        (
            json!({"shortcut": "a".repeat(33), "name": "a\nb", "text": "\u{7}"}),
            json!(["/shortcut too_long", "/name control_character", "/text control_character"]),
        ),
        (
            json!({"shortcut": "", "name": "x", "text": "{{contact.email}} {{contact.name}} {{ agent.name }} {{contact.email}} {{ open"}),
            json!(["/shortcut empty", "/text unknown_placeholder", "/text unknown_placeholder"]),
        ),
        (json!({"shortcut": "a", "name": "x", "text": "x", "content": {"type": "doc", "content": []}}), json!(["/content ambiguous"])),
        (
            json!({"shortcut": "a", "name": "x", "content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "{{x}}"}]}]}}),
            json!(["/content unknown_placeholder"]),
        ),
        (json!({"shortcut": "a", "name": "x", "text": "x", "owner_id": api.home.owner}), json!(["/owner_id not_yourself"])),
        (json!({"shortcut": "a", "name": "x", "text": "x", "owner_id": 7}), json!(["/owner_id wrong_type"])),
        (json!({"shortcut": 1}), json!(["/shortcut wrong_type"])),
        (json!({"shortcut": "a", "subject": "x"}), json!(["/subject unknown_field"])),
        (json!([]), json!([" wrong_type"])),
    ] {
        assert_eq!(api.post(token, ALL, body.clone()).await.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    let made = api.post(token, ALL, body("a")).await;
    let change = json!({"shortcut": "?", "text": "{{x}}"});
    let refused = api.patch(token, &of(&made), change).await.refusal();
    assert_eq!(refused, json!([422, "validation_failed", ["/shortcut malformed", "/text unknown_placeholder"]]));
    let huge = json!({"shortcut": "b", "name": "x", "text": "x".repeat(1024 * 1024)});
    assert_eq!(api.post(token, ALL, huge).await.refusal(), json!([413, "payload_too_large", []]));
    assert_eq!(
        api.get(token, &format!("{ALL}/seven")).await.refusal(),
        json!([400, "invalid_request", ["{canned_response_id} not_a_uuid"]])
    );
    assert_eq!(api.get(token, &format!("{ALL}?limit=101")).await.refusal(), json!([400, "invalid_request", ["?limit out_of_range"]]));
    let blind = api.token(&[Permission::ContactsRead]).await;
    assert_eq!(api.get(&blind, ALL).await.refusal(), json!([403, "forbidden", []]));
}

#[actix_web::test]
async fn a_repeated_request_makes_one() {
    let api = Api::start().await;
    let key = [("idempotency-key", "once")];
    let made = api.send("POST", &api.home.token, ALL, body("a"), &key).await;
    let again = api.send("POST", &api.home.token, ALL, body("a"), &key).await;
    assert_eq!((again.status, &again.body, again.headers["idempotent-replay"].as_str()), (201, &made.body, "true"));
    assert_eq!(api.get(&api.home.token, ALL).await.ids().len(), 1);
}
