//! For any body whatever, it is read or refused with a documented problem.

use std::collections::BTreeSet;

use actors::port::Clock as _;
use entities::Provider;
use proptest::{collection::vec, option, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use switchboard::{
    compose::SystemClock,
    http::{
        agents, auth, channels, contacts, conversations, extract, messages,
        problem::Code,
        tokens,
        widget::wire::{ContactRequest, InitRequest, PostRequest},
    },
};
use uuid::Uuid;

use crate::support::{
    fuzzed,
    mangle::{any_json, for_all, mangled, some, text},
    server::TestServer,
};

fn right() -> Vec<Value> {
    let id = "0198a1fd-fc00-7000-8000-000000000001";
    vec![
        json!({"apiKey": "wk_demo", "visitorId": id, "metadata": {"page_url": "https://northwind.example/"}, "identity": {"name": "Jane Doe"}}),
        json!({"sessionToken": "sbv_x", "message": "Hello", "attachments": [id], "clientId": "key-1"}),
        json!({"apiKey": "wk_demo", "name": "Jane Doe", "email": "jane@example.com", "message": "Hello", "customFields": {"order": 1}}),
        json!({"name": "Jane Doe", "email": "jane@example.com", "phone": "+4930123456", "custom_attributes": {"plan": "gold"}}),
        json!({"name": "Maya Chen", "email": "maya@example.com", "role": "agent", "password": "a long pass phrase"}),
        json!({"name": "Order import", "scopes": ["contacts:read"], "expires_in_days": 90}),
        json!({"status": "open", "assignee_id": id, "priority": "high", "labels": ["billing"]}),
        json!({"name": "Website", "settings": {"allowed_origins": ["https://example.com"], "identity": {"required": false}}}),
        json!({"text": "Hello", "client_id": "key-1", "last_seen_seq": 12, "attachments": [id], "kind": "note"}),
        json!({"content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]}}),
        json!({"type": "doc", "content": [{"type": "bulletList", "content": [{"type": "listItem", "content": []}]}]}),
    ]
}

/// It is read, and then written as it was; or it is refused with one of the two codes for bodies.
fn read_or_refused<T: DeserializeOwned + Serialize>(body: &[u8]) {
    match extract::parse::<T>(body) {
        Ok(value) => drop(serde_json::to_string(&value).unwrap()),
        Err(problem) => {
            assert!(matches!(problem.code(), Code::InvalidJson | Code::ValidationFailed), "{problem}");
            assert!(!problem.sentence().is_empty());
        }
    }
}

fn refused_or_not<T: DeserializeOwned>(body: &[u8]) {
    if let Err(problem) = extract::parse::<T>(body) {
        assert!(matches!(problem.code(), Code::InvalidJson | Code::ValidationFailed), "{problem}");
        assert!(!problem.sentence().is_empty());
    }
}

fn holds(body: &[u8]) {
    refused_or_not::<agents::wire::CreateAgent>(body);
    refused_or_not::<agents::wire::UpdateAgent>(body);
    refused_or_not::<auth::wire::LoginRequest>(body);
    refused_or_not::<channels::wire::UpdateChannel>(body);
    refused_or_not::<contacts::wire::CreateContact>(body);
    refused_or_not::<contacts::wire::UpdateContact>(body);
    refused_or_not::<conversations::wire::UpdateConversation>(body);
    refused_or_not::<messages::wire::PostMessage>(body);
    refused_or_not::<tokens::wire::CreateToken>(body);
    read_or_refused::<InitRequest>(body);
    read_or_refused::<PostRequest>(body);
    read_or_refused::<ContactRequest>(body);
    fuzzed::widget_body(body);
    fuzzed::document(body);
    fuzzed::cursor(body);
}

#[test]
fn any_bytes_are_read_or_refused() {
    for_all("any bytes", 2_000, vec(any::<u8>(), 0..2_000), |bytes| {
        holds(&bytes);
        fuzzed::file_name(&bytes);
        fuzzed::origin(&bytes);
        fuzzed::session_token(&bytes);
    });
    for_all("any text", 2_000, text(), |text| {
        holds(text.as_bytes());
        fuzzed::file_name(text.as_bytes());
        fuzzed::origin(text.as_bytes());
        fuzzed::session_token(text.as_bytes());
    });
}

#[test]
fn any_json_is_read_or_refused() {
    for_all("any JSON", 2_000, any_json(), |value| holds(value.to_string().as_bytes()));
}

#[test]
fn what_was_a_body_is_read_or_refused() {
    for_all("mangled bodies", 4_000, mangled(right()), |bytes| holds(&bytes));
}

fn members() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map(text(), any_json(), 0..4).prop_map(|members| members.into_iter().collect())
}

fn read_as_written<T: DeserializeOwned + Serialize>(body: &T) {
    let written = serde_json::to_vec(body).unwrap();
    let read = extract::parse::<T>(&written).unwrap_or_else(|problem| panic!("{}", problem.sentence()));
    assert_eq!(serde_json::to_vec(&read).unwrap(), written);
}

#[test]
fn a_body_is_read_as_it_was_written() {
    let init = (text(), option::of(text()), members(), option::of(members()))
        .prop_map(|(api_key, visitor_id, metadata, identity)| InitRequest { api_key, visitor_id, metadata, identity });
    for_all("init", 500, init, |body| read_as_written(&body));
    let files = vec(any::<u128>().prop_map(Uuid::from_u128), 0..4);
    let post = (option::of(text()), text(), files, option::of(text()))
        .prop_map(|(session_token, message, attachments, client_id)| PostRequest { session_token, message, attachments, client_id });
    for_all("message", 500, post, |body| read_as_written(&body));
    let contact = (text(), option::of(text()), text(), text(), option::of(text()), members()).prop_map(
        |(api_key, name, email, message, subject, custom_fields)| ContactRequest { api_key, name, email, message, subject, custom_fields },
    );
    for_all("contact", 500, contact, |body| read_as_written(&body));
}

/// What each operation of the description that takes JSON is sent: its example, mangled, and the like by its schema.
struct Operation {
    method: String,
    path: String,
    example: Value,
}

fn operations(document: &Value, ids: &[(&str, &str)]) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["post", "patch"] {
            let Some(operation) = item.get(method) else { continue };
            let mut schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if let Some(first) = schema.pointer("/oneOf/0") {
                schema = first;
            }
            if let Some(reference) = schema["$ref"].as_str() {
                schema = document.pointer(reference.trim_start_matches('#')).unwrap();
            }
            let path = ids.iter().fold(path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
            assert!(!path.contains('{'), "{path} names something that this test has not made");
            let mut example = if schema["example"].is_object() { schema["example"].clone() } else { json!({}) };
            // Members that the example leaves out are tried, too.
            for name in schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
                example.as_object_mut().unwrap().entry(name.clone()).or_insert(Value::Null);
            }
            all.push(Operation { method: method.to_uppercase(), path, example });
        }
    }
    all
}

#[actix_web::test]
async fn no_body_makes_any_post_or_patch_of_the_description_fail() {
    let unlimited = ["token", "workspace", "visitor", "prefix", "anonymous"].map(|rate| [format!("--rate-{rate}"), "1000000".to_owned()]);
    let near = ["--allow-insecure-webhooks", "--webhook-allow-cidr", "127.0.0.0/8", "--provider-base-url"];
    // Nobody listens there.
    let nowhere: Vec<String> = Provider::ALL.iter().map(|provider| format!("{provider}=http://127.0.0.1:9999")).collect();
    let nowhere = nowhere.join(",");
    let options: Vec<&str> = unlimited.iter().flatten().map(String::as_str).chain(near).chain([nowhere.as_str()]).collect();
    let server = TestServer::start_with(&options).await;
    let workspace = server.workspace("Northwind").await;
    let channels = server.get_as(&workspace.token, "/api/v1/channels").await.json();
    let channel = &channels["data"][0];
    let begun = server.post("/api/widget/init").json(&json!({"apiKey": channel["settings"]["api_key"]})).send().await.json();
    let visitor = begun["sessionToken"].as_str().unwrap();
    let said = server.post("/api/widget/message").json(&json!({"sessionToken": visitor, "message": "Hello"})).send().await.json();
    let contacts = server.get_as(&workspace.token, "/api/v1/contacts").await.json();
    let made = server.post("/api/v1/tokens").bearer(&workspace.token).json(&json!({"name": "x", "scopes": ["contacts:read"]}));
    let made = made.send().await.json();
    // Nobody listens there, so what is tried out fails at once.
    let hook = server
        .post("/api/v1/webhooks")
        .bearer(&workspace.token)
        .json(&json!({"url": "http://127.0.0.1:9999/", "events": ["webhook.test"]}));
    let hook = hook.send().await.json();
    let hook = hook["id"].as_str().unwrap();
    let tried = server.post(&format!("/api/v1/webhooks/{hook}/test")).bearer(&workspace.token).json(&json!({})).send().await.json();
    let secrets = json!({"signing_secret": "0123456789abcdef", "bot_token": "xoxb-1"});
    let credential = server.post("/api/v1/credentials").bearer(&workspace.token);
    let credential = credential.json(&json!({"provider": "slack", "name": "x", "secrets": secrets, "check": false})).send().await.json();
    let agent = server.member(workspace.tenant_id, "ben@northwind.example", entities::Role::Agent).await.to_string();
    let tenant = workspace.tenant_id.to_string();
    let conversation = said["conversationId"].as_str().unwrap();
    let make = async |path: &str, body: Value| {
        let reply = server.post(&format!("/api/v1/{path}")).bearer(&workspace.token).json(&body).send().await;
        assert_eq!(reply.status, 201, "{path}: {}", reply.text());
        reply.json()["id"].as_str().unwrap().to_owned()
    };
    let canned = make("canned-responses", json!({"shortcut": "refund", "name": "Refunds", "text": "Within five days."})).await;
    let label = make("labels", json!({"name": "billing", "color": "#112233"})).await;
    let view = make("views", json!({"name": "Open", "filter": {"status": "open"}})).await;
    let actions = json!([{"type": "set_status", "status": "resolved"}]);
    let of_steps = make("macros", json!({"name": "Done", "actions": actions})).await;
    let team = make("teams", json!({"name": "Support"})).await;
    let tomorrow = SystemClock::default().now().plus_ms(24 * 60 * 60 * 1_000);
    let later = make(&format!("conversations/{conversation}/scheduled-messages"), json!({"text": "Hello", "send_at": tomorrow})).await;
    let ids = [
        ("workspace_id", tenant.as_str()),
        ("channel_id", channel["id"].as_str().unwrap()),
        ("conversation_id", conversation),
        ("canned_response_id", canned.as_str()),
        ("label_id", label.as_str()),
        ("view_id", view.as_str()),
        ("macro_id", of_steps.as_str()),
        ("team_id", team.as_str()),
        ("scheduled_message_id", later.as_str()),
        ("message_id", said["messageId"].as_str().unwrap()),
        // No file is asked for again: there is none of this id.
        ("id", said["messageId"].as_str().unwrap()),
        ("contact_id", contacts["data"][0]["id"].as_str().unwrap()),
        ("token_id", made["id"].as_str().unwrap()),
        ("agent_id", agent.as_str()),
        ("webhook_id", hook),
        ("delivery_id", tried["delivery_id"].as_str().unwrap()),
        ("credential_id", credential["id"].as_str().unwrap()),
        ("name", "bot_token"),
    ];
    let document = server.get("/openapi.json").send().await.json();
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let (mut taken, mut refused) = (0, 0);
    for mut operation in operations(&document, &ids) {
        for (name, known) in [("apiKey", &channel["settings"]["api_key"]), ("sessionToken", &begun["sessionToken"])] {
            if let Some(member) = operation.example.get_mut(name) {
                *member = known.clone();
            }
        }
        let named = format!("{} {}", operation.method, operation.path);
        let mut bodies = some(&named, 20, &mangled(vec![operation.example]));
        bodies.extend(some(&named, 4, &any_json()).into_iter().map(|value| value.to_string().into_bytes()));
        for body in bodies {
            let request = server.request(&operation.method, &operation.path).header("Content-Type", "application/json");
            let request = if operation.path.starts_with("/api/widget/") { request } else { request.bearer(&workspace.token) };
            let reply = request.body(body.clone()).send().await;
            let shown = format!("{named} {} -> {} {}", String::from_utf8_lossy(&body), reply.status, reply.text());
            // A provider that is not there is nobody's mistake.
            assert!(reply.status < 500 || (reply.status == 502 && reply.problem().1 == "provider_unreachable"), "{shown}");
            if reply.status < 400 {
                taken += 1;
            } else {
                refused += 1;
                let (_, code) = reply.problem();
                assert!(codes.contains(code.as_str()), "{shown}");
            }
        }
    }
    assert!(taken > 20 && refused > 200, "{taken} were taken and {refused} refused");
    assert!(server.stop().await);
}
