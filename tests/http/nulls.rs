//! Where null may stand in a request: the description and the reader say the same.

use serde_json::{Value, json};
use switchboard::http::openapi;

use crate::support::server::TestServer;

/// A schema without its reference.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |reference| document.pointer(reference.trim_start_matches('#')).expect("a schema"))
}

/// Whether a schema takes null.
fn takes_null(schema: &Value) -> bool {
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let choices = ["oneOf", "anyOf"].iter().filter_map(|several| schema[several].as_array()).flatten();
    kinds.iter().any(|kind| kind == "null")
        || schema["enum"].as_array().is_some_and(|words| words.contains(&Value::Null))
        || choices.into_iter().any(takes_null)
}

/// The description's example of a body, or one made of its required fields.
fn example(document: &Value, schema: &Value) -> Value {
    let mut body = schema["example"].clone();
    if !body.is_object() {
        body = json!({});
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if body.get(name).is_none() {
            let field = resolved(document, &schema["properties"][name]);
            body[name] = match (field["enum"][0].as_str(), field["type"].as_str()) {
                (Some(word), _) => json!(word),
                (None, Some("array")) => json!([]),
                (None, Some("object")) => json!({}),
                (None, Some("boolean")) => json!(false),
                (None, Some("integer")) => json!(1),
                _ => json!("example"),
            };
        }
    }
    body
}

#[actix_web::test]
async fn a_field_takes_null_if_and_only_if_it_is_described_so() {
    let server = TestServer::start().await;
    let home = server.workspace("Acme").await;
    let document = openapi::document().unwrap();
    let (mut nullable, mut other) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        // The second mount has the same handlers; signing out ends what the next request needs.
        if path.starts_with("/api/v1/workspaces/{workspace_id}/") || path == "/api/auth/logout" {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let schema = resolved(&document, schema);
            let segments = path.split('/').map(|part| if part.starts_with('{') { "01980000-0000-7000-8000-000000000000" } else { part });
            let target = segments.collect::<Vec<_>>().join("/");
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let mut body = example(&document, schema);
                body[name] = Value::Null;
                let reply = server.request(&method.to_uppercase(), &target).bearer(&home.token).json(&body).send().await;
                let (status, answer) = (reply.status, reply.text());
                let refusals = serde_json::from_str::<Value>(&answer).unwrap_or_default()["errors"].as_array().cloned().unwrap_or_default();
                let pointer = format!("/{name}");
                // What must be given and is null is missing to some readers. What may be left out is missing where one of several is wanted.
                let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name));
                let refusal = |code: &Value| code == "wrong_type" || (required && code == "missing_field");
                let refused = refusals.iter().any(|error| error["pointer"] == pointer.as_str() && refusal(&error["code"]));
                let described = takes_null(resolved(&document, field)) || takes_null(field);
                assert_eq!(!refused, described, "{method} {path}: {name} is null, described as {field}: {status} {answer}");
                if described { nullable += 1 } else { other += 1 }
            }
        }
    }
    assert!(nullable > 10 && other > 10, "{nullable} and {other} fields were tried");
    server.stop().await;
}
