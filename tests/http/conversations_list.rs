//! The list of conversations: filters, orders, search, pages.

use entities::Role;
use serde_json::json;

use crate::support::api::{Answer, Api};

/// Four conversations: Ann's is resolved and urgent, Bob's is Maya's and labelled, Cid's and Dee's are as they came.
async fn furnished(api: &Api) -> [String; 4] {
    for (visitor, text) in [("Ann", "An invoice 100% wrong"), ("Bob", "Where is my parcel?"), ("Cid", "hello"), ("Dee", "hello")] {
        api.visitor_says(visitor, text).await;
    }
    let ids = ["Ann", "Bob", "Cid", "Dee"].map(|visitor| api.of(visitor).0.to_string());
    let token = &api.home.token;
    let ann = format!("/api/v1/conversations/{}", ids[0]);
    let bob = format!("/api/v1/conversations/{}", ids[1]);
    assert_eq!(api.patch(token, &ann, json!({"status": "resolved", "priority": "urgent"})).await.status, 200);
    assert_eq!(api.patch(token, &bob, json!({"assignee_id": api.home.owner, "labels": ["parcel"], "priority": "low"})).await.status, 200);
    ids
}

async fn found(api: &Api, token: &str, query: &str) -> Vec<String> {
    let answer = api.get(token, &format!("/api/v1/conversations?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.ids()
}

async fn filters_and_orders(api: Api) {
    let [ann, bob, cid, dee] = &furnished(&api).await;
    let owner = api.sign_in(api.home.owner).await;
    let contact = api.of("Cid").1;
    for (query, ids) in [
        ("", vec![bob, ann, dee, cid]),
        ("sort=-updated_at", vec![bob, ann, dee, cid]),
        ("sort=updated_at", vec![cid, dee, ann, bob]),
        ("sort=created_at", vec![ann, bob, cid, dee]),
        ("sort=-created_at", vec![dee, cid, bob, ann]),
        ("sort=priority", vec![cid, dee, bob, ann]),
        ("sort=-priority", vec![ann, bob, dee, cid]),
        ("status=resolved", vec![ann]),
        ("status=open&sort=created_at", vec![bob, cid, dee]),
        ("priority=urgent", vec![ann]),
        ("priority=none&sort=created_at", vec![cid, dee]),
        ("assignee_id=me", vec![bob]),
        ("assignee_id=none&sort=created_at", vec![ann, cid, dee]),
        (&format!("assignee_id={}", api.home.owner), vec![bob]),
        (&format!("contact_id={contact}"), vec![cid]),
        (&format!("channel_id={}&sort=-created_at", api.home.channel), vec![dee, cid, bob, ann]),
        (&format!("channel_id={}", api.away.channel), vec![]),
        ("label=Parcel", vec![bob]),
        ("label=parce", vec![]),
        ("q=INVOICE", vec![ann]),
        ("q=100%25+wrong", vec![ann]),
        ("q=100_", vec![]),
        ("q=bob%40example.com", vec![bob]),
        ("q=dee", vec![dee]),
        ("q=%233", vec![cid]),
        ("q=hello&sort=updated_at", vec![cid, dee]),
        ("q=hello&status=resolved", vec![]),
        ("q=%27%3B--", vec![]),
    ] {
        let expected: Vec<String> = ids.into_iter().cloned().collect();
        assert_eq!(found(&api, &owner, query).await, expected, "{query}");
    }
    for path in ["conversations", "contacts", "channels", "agents", "tokens", "service-accounts", "audit-log"] {
        let answer = api.get(&api.away.token, &format!("/api/v1/{path}?limit=100")).await;
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.body.to_string();
        for foreign in [ann, bob, &contact.to_string(), &api.home.channel.to_string(), &api.home.owner.to_string()] {
            assert!(!text.contains(foreign.as_str()), "{path} shows {foreign}: {text}");
        }
    }
}

#[actix_web::test]
async fn filters_and_orders_show_what_they_say() {
    filters_and_orders(Api::start().await).await;
}

#[actix_web::test]
async fn filters_and_orders_show_the_same_on_postgres() {
    filters_and_orders(Api::start_on_postgres().await).await;
}

async fn walk(api: &Api, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    for page in 0..100 {
        let answer = api.get(&api.home.token, &format!("/api/v1/conversations?{query}{cursor}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        ids.extend(answer.ids());
        match answer.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
        between(page).await;
    }
    panic!("the list has no end");
}

async fn pages(api: Api) {
    for n in 0..12 {
        let posted = api.visitor_says(&format!("Visitor{n:02}"), "hello").await;
        let priority = ["none", "high", "urgent"][n % 3];
        let path = format!("/api/v1/conversations/{}", posted.conversation_id);
        assert_eq!(api.patch(&api.home.token, &path, json!({"priority": priority})).await.status, 200);
    }
    for sort in ["updated_at", "-updated_at", "created_at", "-created_at", "priority", "-priority"] {
        for filter in ["", "&status=open", "&priority=high"] {
            let whole = walk(&api, &format!("limit=100&sort={sort}{filter}"), async |_| ()).await;
            assert_eq!(whole.len(), if filter == "&priority=high" { 4 } else { 12 });
            assert_eq!(walk(&api, &format!("limit=5&sort={sort}{filter}"), async |_| ()).await, whole, "{sort}{filter}");
            assert_eq!(walk(&api, &format!("limit=1&sort={sort}{filter}"), async |_| ()).await, whole, "{sort}{filter}");
        }
    }
    for sort in ["-updated_at", "-created_at", "-priority"] {
        let before = walk(&api, &format!("limit=100&sort={sort}"), async |_| ()).await;
        // Newcomers come before what was already shown, so nothing is shown twice or left out.
        let during = walk(&api, &format!("limit=3&sort={sort}"), async |page| {
            api.visitor_says(&format!("Newcomer{sort}{page}"), "hello").await;
        })
        .await;
        let shown: Vec<_> = during.iter().filter(|id| before.contains(id)).cloned().collect();
        assert_eq!(shown, before, "{sort}");
    }
}

#[actix_web::test]
async fn pages_neither_repeat_nor_miss_while_conversations_begin() {
    pages(Api::start().await).await;
}

#[actix_web::test]
async fn pages_neither_repeat_nor_miss_on_postgres() {
    pages(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn unread_counts_are_the_readers_own_and_for_programs_everybodys() {
    let api = Api::start().await;
    let (maya, maya_token) = api.agent(Role::Agent, "Maya").await;
    let (_, noor_token) = api.agent(Role::Agent, "Noor").await;
    api.visitor_says("Jane", "one").await;
    let posted = api.visitor_says("Jane", "two").await;
    let command = actors::conversation::Command::MarkRead { reader: actors::conversation::Reader::Agent(maya), seq: posted.seq };
    api.server.app.directory.ask(api.home.id, posted.conversation_id, command).await.unwrap();
    api.visitor_says("Jane", "three").await;
    let count = |answer: &Answer| answer.body["data"][0]["unread_count"].clone();
    assert_eq!(count(&api.get(&maya_token, "/api/v1/conversations").await), 1);
    assert_eq!(count(&api.get(&noor_token, "/api/v1/conversations").await), 3);
    assert_eq!(count(&api.get(&api.home.token, "/api/v1/conversations").await), 1);
}

#[actix_web::test]
async fn a_query_that_cannot_be_read_is_refused() {
    let api = Api::start().await;
    api.visitor_says("Ann", "hello").await;
    api.visitor_says("Bob", "hello").await;
    let page = api.get(&api.home.token, "/api/v1/conversations?limit=1").await;
    let cursor = page.body["next_cursor"].as_str().unwrap().to_owned();
    for (query, field) in [
        ("status=closed", "?status invalid"),
        ("priority=1", "?priority invalid"),
        ("sort=name", "?sort invalid"),
        ("color=red", "?color invalid"),
        ("limit=x", "?limit invalid"),
        ("limit=1&limit=2", "?limit invalid"),
        ("limit=0", "?limit out_of_range"),
        ("limit=101", "?limit out_of_range"),
        ("assignee_id=me", "?assignee_id invalid"),
        ("assignee_id=you", "?assignee_id invalid"),
        ("label=", "?label invalid"),
        ("cursor=nonsense", "?cursor invalid"),
        (&format!("status=open&cursor={cursor}"), "?cursor invalid"),
        (&format!("sort=created_at&cursor={cursor}"), "?cursor invalid"),
        ("q=a&sort=priority", "?sort invalid"),
        ("q=%00", "?q invalid"),
        (&format!("q={}", "x".repeat(201)), "?q invalid"),
    ] {
        let answer = api.get(&api.home.token, &format!("/api/v1/conversations?{query}")).await;
        assert_eq!(answer.refusal(), json!([400, "invalid_request", [field]]), "{query}");
    }
    let elsewhere = api.get(&api.away.token, &format!("/api/v1/conversations?limit=1&cursor={cursor}")).await;
    assert_eq!(elsewhere.refusal(), json!([400, "invalid_request", ["?cursor invalid"]]));
}
