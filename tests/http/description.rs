//! The API's description: whole, and without doubles.

use std::collections::BTreeSet;

use serde_json::Value;
use switchboard::http::openapi;

fn walk<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().filter(|_| key == name) {
                    Some(text) => found.push(text),
                    None => walk(value, name, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, name, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document = openapi::document().unwrap();
    let mut references = Vec::new();
    walk(&document, "$ref", &mut references);
    let dangling: BTreeSet<_> =
        references.into_iter().filter(|reference| document.pointer(reference.trim_start_matches('#')).is_none()).collect();
    assert_eq!(dangling, BTreeSet::new());
    let mut names = Vec::new();
    walk(&document["paths"], "operationId", &mut names);
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}

#[test]
fn words_are_described_as_they_are_written() {
    let document = openapi::document().unwrap();
    assert_eq!(document["components"]["schemas"]["Role"]["enum"], serde_json::json!(["owner", "admin", "agent", "viewer"]));
}

#[test]
fn every_resource_is_described_in_both_mounts() {
    let document = openapi::document().unwrap();
    for path in [
        "conversations",
        "conversations/{conversation_id}",
        "conversations/{conversation_id}/messages",
        "conversations/{conversation_id}/messages/{message_id}",
        "conversations/{conversation_id}/scheduled-messages",
        "conversations/{conversation_id}/scheduled-messages/{scheduled_message_id}",
        "contacts",
        "contacts/{contact_id}",
        "channels",
        "channels/{channel_id}",
        "channels/{channel_id}/identity-secret",
        "channels/{channel_id}/identity-secret/{key_id}",
        "agents",
        "agents/{agent_id}",
        "tokens",
        "tokens/{token_id}",
        "tokens/{token_id}/rotate",
        "service-accounts",
        "audit-log",
        "canned-responses",
        "canned-responses/{canned_response_id}",
        "invitations",
        "invitations/{invitation_id}",
        "labels",
        "labels/{label_id}",
        "macros",
        "macros/{macro_id}",
        "macros/{macro_id}/run",
        "views",
        "views/{view_id}",
    ] {
        for mount in ["/api/v1", "/api/v1/workspaces/{workspace_id}"] {
            assert!(document["paths"][format!("{mount}/{path}")].is_object(), "{mount}/{path}");
        }
    }
    assert!(document["paths"]["/api/v1/workspaces"].is_object() && document["paths"]["/api/v1/workspaces/{workspace_id}"].is_object());
}
