//! The catalogue of events, held against what is really sent.

use std::collections::BTreeMap;

use entities::{EventKind, Permission};
use jsonschema::Validator;
use serde_json::{Value, json};
use switchboard::http::event_types;

use crate::support::{
    api::Api,
    receiver::{Manner, Receiver},
};

fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

fn faults(schema: &Value, document: &Value) -> Vec<String> {
    validator(schema).iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[actix_web::test]
async fn every_event_is_in_the_catalogue_and_its_example_fits() {
    let api = Api::start().await;
    let nothing = api.token(&[Permission::ContactsRead]).await;
    let listed = api.get(&nothing, "/api/v1/event-types").await.body;
    assert_eq!(listed["next_cursor"], Value::Null);
    let scoped = format!("/api/v1/workspaces/{}/event-types", api.home.id);
    assert_eq!(api.get(&nothing, &scoped).await.body, listed);
    assert_eq!(api.get("", "/api/v1/event-types").await.refusal(), json!([401, "unauthenticated", []]));
    let entries = listed["data"].as_array().unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(names, EventKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    for entry in entries {
        assert_eq!((&entry["version"], &entry["example"]["event"]), (&json!(1), &entry["event"]));
        assert!(entry["description"].as_str().is_some_and(|text| text.ends_with('.')));
        assert_eq!(faults(&entry["schema"], &entry["example"]), Vec::<String>::new(), "{}", entry["event"]);
    }
}

#[test]
fn a_schema_refuses_what_is_not_the_event() {
    let example = event_types::example(EventKind::TicketCreated);
    let of = |data: Value| {
        json!({"id": "0198a1fd-fc00-7000-8000-000000000001", "event": "ticket.created", "version": 1,
        "timestamp": "2026-03-26T14:30:00Z", "workspace_id": "0198a1fd-fc00-7000-8000-000000000001", "position": 1, "data": data})
    };
    let schema = event_types::envelope_schema(EventKind::TicketCreated);
    assert!(faults(&schema, &of(example.clone())).is_empty());
    for (pointer, wrong) in
        [("/status", json!("ajar")), ("/number", json!("42")), ("/contact", json!({"id": 7})), ("/created_at", json!("today"))]
    {
        let mut data = example.clone();
        *data.pointer_mut(pointer).unwrap() = wrong;
        assert!(!faults(&schema, &of(data)).is_empty(), "{pointer}");
    }
    let mut other = of(example);
    other["event"] = json!("ticket.updated");
    assert!(!faults(&schema, &other).is_empty());
}

/// Does everything that makes events, and holds each against its schema.
#[actix_web::test]
async fn what_is_stored_fits_its_schema() {
    let api = Api::start().await;
    api.visitor_says("Jane", "I cannot open the **dashboard**").await;
    let (conversation, contact) = api.of("Jane");
    let (agent, agent_token) = api.agent(entities::Role::Agent, "Noor").await;
    let path = format!("/api/v1/conversations/{conversation}");
    let answers = [
        api.patch(&api.home.token, &path, json!({"assignee_id": agent, "priority": "high", "labels": ["bug"]})).await,
        api.post(&agent_token, &format!("{path}/messages"), json!({"text": "Which browser is it?", "client_id": "a-1"})).await,
        api.post(&agent_token, &format!("{path}/messages"), json!({"content": rich(), "kind": "note"})).await,
        api.patch(&api.home.token, &path, json!({"status": "resolved", "assignee_id": null})).await,
        api.patch(
            &api.home.token,
            &format!("/api/v1/contacts/{contact}"),
            json!({"name": "Jane Doe", "custom_attributes": {"plan": ["gold", 1]}}),
        )
        .await,
        api.post(&api.home.token, "/api/v1/contacts", json!({"email": "new@example.com", "phone": "+4930123456"})).await,
    ];
    for answer in answers {
        assert!(answer.status < 300, "{answer:?}");
    }
    let mut seen = BTreeMap::<&str, usize>::new();
    for event in api.server.app.journal.events_after(api.home.id, 0, 1_000).await.unwrap() {
        let envelope: Value = serde_json::from_str(&event.envelope().unwrap()).unwrap();
        let schema = event_types::envelope_schema(event.kind);
        assert_eq!(faults(&schema, &envelope), Vec::<String>::new(), "{envelope}");
        *seen.entry(event.kind.as_str()).or_default() += 1;
    }
    let kinds: Vec<_> = seen.keys().copied().collect();
    assert_eq!(
        kinds,
        [
            "contact.created",
            "contact.updated",
            "conversation.assigned",
            "conversation.created",
            "conversation.message_created",
            "conversation.updated",
            "ticket.created",
            "ticket.message_created",
            "ticket.updated",
        ]
    );
}

/// Every kind of block and mark.
fn rich() -> Value {
    let text = |text: &str| json!({"type": "text", "text": text});
    let item = |words: &str| json!({"type": "listItem", "content": [{"type": "paragraph", "content": [text(words)]}]});
    json!({"type": "doc", "content": [
        {"type": "paragraph", "content": [
            {"type": "text", "text": "bold", "marks": [{"type": "bold"}, {"type": "italic"}]},
            {"type": "hardBreak"},
            {"type": "text", "text": "link", "marks": [{"type": "link", "attrs": {"href": "https://example.com/"}}]},
        ]},
        {"type": "bulletList", "content": [item("one"), item("two")]},
    ]})
}

#[actix_web::test]
async fn what_is_sent_fits_its_schema() {
    let api = Api::start_with(&["--allow-insecure-webhooks", "--webhook-allow-cidr", "127.0.0.0/8"]).await;
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let body = json!({"url": format!("http://{}/", receiver.address), "events": ["webhook.test"]});
    let made = api.post(&api.home.token, "/api/v1/webhooks", body).await;
    let path = format!("/api/v1/webhooks/{}/test", made.body["id"].as_str().unwrap());
    for kind in EventKind::ALL {
        let tried = api.post(&api.home.token, &path, json!({"event": kind})).await;
        assert_eq!((tried.status, &tried.body["delivered"]), (200, &json!(true)), "{tried:?}");
        let sent: Value = serde_json::from_slice(&receiver.received().pop().unwrap().body).unwrap();
        assert_eq!(faults(&event_types::envelope_schema(*kind), &sent), Vec::<String>::new(), "{sent}");
    }
}
