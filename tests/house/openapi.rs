//! The API's shape changes on purpose only: its operations, parameters and schemas are compared with the snapshot beside this file.
//!
//! To accept a change: `UPDATE_SNAPSHOTS=1 cargo nextest run house::openapi`, and read the difference.

use std::{fs, path::Path};

use serde_json::Value;

#[test]
fn the_api_is_as_the_snapshot_says() {
    let document = switchboard::http::openapi::document().expect("write the description");
    let mut lines = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        // The second mount repeats the first.
        if path.starts_with("/api/v1/workspaces/{workspace_id}/") {
            continue;
        }
        for (method, operation) in item.as_object().expect("operations") {
            lines.push(operation_line(path, method, operation));
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        lines.push(schema_line(name, schema));
    }
    let now = lines.join("\n") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/openapi.snapshot");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &now).expect("write the snapshot");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let added: Vec<_> = now.lines().filter(|line| !kept.lines().any(|known| known == *line)).collect();
    let removed: Vec<_> = kept.lines().filter(|line| !now.lines().any(|known| known == *line)).collect();
    assert!(now == kept, "the API has changed; if that is meant, run with UPDATE_SNAPSHOTS=1\nadded: {added:#?}\nremoved: {removed:#?}");
}

fn operation_line(path: &str, method: &str, operation: &Value) -> String {
    let parameter = |value: &Value| {
        let mark = if value["required"] == true { "!" } else { "" };
        format!("{}:{}{mark}", value["in"].as_str().unwrap_or_default(), value["name"].as_str().unwrap_or_default())
    };
    let mut parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().map(parameter).collect();
    parameters.sort();
    let statuses: Vec<_> = operation["responses"].as_object().into_iter().flatten().map(|(status, _)| status.as_str()).collect();
    let body = operation["requestBody"]["content"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, content)| shape(&content["schema"]))
        .collect::<Vec<_>>();
    format!("{} {path} [{}] ({}) -> {}", method.to_uppercase(), parameters.join(" "), body.join(" "), statuses.join(" "))
}

fn schema_line(name: &str, schema: &Value) -> String {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mark = |field: &str| if required.contains(&field) { "!" } else { "" };
    let fields: Vec<_> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, value)| format!("{field}{}: {}", mark(field), shape(value)))
        .collect();
    if fields.is_empty() { format!("{name} = {}", shape(schema)) } else { format!("{name} {{ {} }}", fields.join(", ")) }
}

fn shape(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.as_str().unwrap_or("null").to_owned()).collect::<Vec<_>>().join("|");
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(shapes) = schema[several].as_array() {
            return shapes.iter().map(shape).collect::<Vec<_>>().join(if several == "allOf" { " & " } else { " | " });
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"),
        kind => kind.as_str().unwrap_or("any").to_owned(),
    };
    if kind.starts_with("array") { format!("[{}]", shape(&schema["items"])) } else { kind }
}
