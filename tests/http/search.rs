//! Search: over what was said, contacts, and ticket numbers.

use entities::{Permission, Role};
use serde_json::{Value, json};

use crate::support::{
    api::{Answer, Api, tidy},
    mangle::{some, text},
};

const SEARCH: &str = "/api/v1/search";

async fn search(api: &Api, token: &str, query: &str) -> Answer {
    api.get(token, &format!("{SEARCH}?{query}")).await
}

/// Each hit's type and its excerpt, hits in brackets.
fn hits(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let part = |part: &Value| {
        let text = part["text"].as_str().unwrap();
        if part["hit"] == true { format!("[{text}]") } else { text.to_owned() }
    };
    let shown = |hit: &Value| hit["excerpt"].as_array().unwrap().iter().map(part).collect::<String>();
    answer.body["data"].as_array().unwrap().iter().map(|hit| format!("{}: {}", hit["type"].as_str().unwrap(), shown(hit))).collect()
}

async fn finds(api: Api) {
    api.visitor_says("Ann", "Where is my <b>parcel</b>?").await;
    api.visitor_says("Parcelina", "The parcel 2 was lost").await;
    api.visitor_says_to(&api.away, "Parcelo", "A parcel elsewhere").await;
    let (owner, viewer) = (api.sign_in(api.home.owner).await, api.agent(Role::Viewer, "Vera").await.1);
    for token in [&owner, &viewer, &api.home.token] {
        let all = search(&api, token, "q=parcel").await;
        assert_eq!(
            hits(&all),
            ["contact: [Parcelina] · [parcelina]@example.com", "message: The [parcel] 2 was lost", "message: Where is my <b>[parcel]</b>?",]
        );
        assert_eq!(all.body["next_cursor"], Value::Null);
    }
    let (conversation, contact) = api.of("Parcelina");
    let one = search(&api, &owner, "q=2").await;
    assert_eq!(
        tidy(&one.body["data"]),
        json!([
            {
                "type": "conversation", "conversation_id": "id 2", "message_id": null, "seq": null, "contact_id": "id 1",
                "contact_name": "Parcelina", "number": 2, "created_at": "at",
                "excerpt": [{"text": "#2", "hit": true}, {"text": " The parcel 2 was lost", "hit": false}],
            },
            {
                "type": "message", "conversation_id": "id 2", "message_id": "id 3", "seq": 3, "contact_id": "id 1",
                "contact_name": "Parcelina", "number": 2, "created_at": "at",
                "excerpt": [{"text": "The parcel ", "hit": false}, {"text": "2", "hit": true}, {"text": " was lost", "hit": false}],
            },
        ])
    );
    assert_eq!(one.body["data"][0]["conversation_id"], json!(conversation));
    let person = search(&api, &owner, "q=parcelina&type=contacts").await;
    assert_eq!(json!([person.body["data"][0]["contact_id"], person.body["data"][0]["conversation_id"]]), json!([contact, conversation]));
    assert_eq!(hits(&search(&api, &owner, "q=%231").await), ["conversation: [#1] Where is my <b>parcel</b>?"]);
    assert_eq!(hits(&search(&api, &owner, "q=%231&type=messages").await), Vec::<String>::new());
    assert_eq!(hits(&search(&api, &owner, "q=1&type=messages").await), Vec::<String>::new());
    assert_eq!(hits(&search(&api, &owner, "q=ann&type=contacts").await), ["contact: [Ann] · [ann]@example.com"]);
    assert_eq!(hits(&search(&api, &owner, "q=ann&type=messages").await), Vec::<String>::new());
    let mut walked = Vec::new();
    let mut cursor = String::new();
    while walked.len() < 10 {
        let page = search(&api, &owner, &format!("q=parcel&limit=1{cursor}")).await;
        walked.extend(hits(&page));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, hits(&search(&api, &owner, "q=parcel").await));
    assert_eq!(hits(&search(&api, &api.away.token, "q=parcel").await).len(), 2, "the other workspace's own");
    let elsewhere = format!("/api/v1/workspaces/{}/search?q=parcel", api.home.id);
    assert_eq!(api.get(&api.away.token, &elsewhere).await.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn what_was_said_who_said_it_and_tickets_are_found() {
    finds(Api::start().await).await;
}

#[actix_web::test]
async fn what_was_said_who_said_it_and_tickets_are_found_on_postgres() {
    finds(Api::start_on_postgres().await).await;
}

async fn anything(api: Api) {
    api.visitor_says("Ann", "Where is my parcel?").await;
    let known = [
        "\"",
        "\"\"",
        "*",
        "NEAR(",
        "a NEAR/2 b",
        "AND",
        "a\0b",
        "🙂",
        "שלום",
        "{a}:b",
        "a:b",
        "^a",
        "(",
        ")",
        "'",
        "''",
        "\\",
        "<->",
        "!",
        "|",
        "&",
        ":*",
        "a:*",
        "%",
        "_",
        "0x",
        "-1",
        "99999999999999999999",
        "#",
        "#a",
        "ⓐ",
        "ﷺ",
        "\u{301}",
        "e\u{301}",
        "ŉ",
        "＇",
        "\"a",
    ];
    for q in known.into_iter().map(str::to_owned).chain(some("searches", 60, &text())) {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &q).finish();
        let answer = search(&api, &api.home.token, &query).await;
        let fits = (1..=256).contains(&q.chars().count()) && !q.trim().is_empty();
        assert_eq!(answer.status, if fits { 200 } else { 400 }, "{q:?}: {answer:?}");
    }
    assert_eq!(hits(&search(&api, &api.home.token, "q=%22%22+parcel+*").await), ["message: Where is my [parcel]?"]);
}

#[actix_web::test]
async fn whatever_is_typed_is_plain_text() {
    anything(Api::start().await).await;
}

#[actix_web::test]
async fn whatever_is_typed_is_plain_text_on_postgres() {
    anything(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_cannot_be_searched_for_is_refused_with_the_parameter() {
    let api = Api::start().await;
    for (query, fields) in [
        ("", json!(["?q invalid"])),
        ("q=", json!(["?q empty"])),
        ("q=%20%0A", json!(["?q empty"])),
        (&format!("q={}", "x".repeat(257)), json!(["?q too_long"])),
        ("q=a&type=tickets", json!(["?type invalid"])),
        ("q=a&limit=101", json!(["?limit out_of_range"])),
        ("q=a&cursor=x", json!(["?cursor invalid"])),
    ] {
        assert_eq!(search(&api, &api.home.token, query).await.refusal(), json!([400, "invalid_request", fields]), "{query}");
    }
    assert_eq!(search(&api, &api.home.token, &format!("q={}", "x".repeat(256))).await.status, 200);
}

#[actix_web::test]
async fn who_may_not_see_it_does_not_find_it() {
    let api = Api::start().await;
    api.visitor_says("Ann", "Where is Ann's parcel?").await;
    let contacts = api.token(&[Permission::ContactsRead]).await;
    assert_eq!(search(&api, &contacts, "q=ann").await.refusal(), json!([403, "forbidden", []]));
    let conversations = api.token(&[Permission::ConversationsRead]).await;
    assert_eq!(hits(&search(&api, &conversations, "q=ann").await), ["message: Where is [Ann]'s parcel?"]);
    assert_eq!(search(&api, &conversations, "q=ann&type=contacts").await.refusal(), json!([403, "forbidden", []]));
}

async fn trash(api: Api) {
    api.visitor_says("Jane", "A parcel for the trash").await;
    let path = format!("/api/v1/conversations/{}", api.of("Jane").0);
    let post = async |to: &str| {
        let bearer = format!("Bearer {}", api.home.token);
        assert_eq!(api.call("POST", &format!("{path}/{to}"), &[("authorization", &bearer)], None).await.status, 200, "{to}");
    };
    let found = async || hits(&search(&api, &api.home.token, "q=parcel").await);
    post("trash").await;
    assert_eq!(found().await, Vec::<String>::new(), "what lies in the trash is not found");
    assert_eq!(hits(&search(&api, &api.home.token, "q=%231").await), Vec::<String>::new());
    post("restore").await;
    assert_eq!(found().await, ["message: A [parcel] for the trash"]);
    post("trash").await;
    assert_eq!(api.delete(&api.home.token, &path).await.status, 204);
    assert_eq!(found().await, Vec::<String>::new());
    api.visitor_says("Jane", "Another parcel").await;
    assert_eq!(found().await, ["message: Another [parcel]"], "who was deleted for good begins again");
}

#[actix_web::test]
async fn what_lies_in_the_trash_or_was_deleted_is_not_found() {
    trash(Api::start().await).await;
}

#[actix_web::test]
async fn what_lies_in_the_trash_or_was_deleted_is_not_found_on_postgres() {
    trash(Api::start_on_postgres().await).await;
}
