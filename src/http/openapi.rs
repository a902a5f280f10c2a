//! The API's description, OpenAPI 3.1, generated from the handlers.
//!
//! Guarantees: a path is described if and only if it is served: both come from the same table ([`super::routes`]). Every v1 resource is
//! there in both mounts, with operation ids of their own; every operation names its security and the problems it may answer with.

use actix_web::App as ActixApp;
use entities::content::ListItem;
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};
use utoipa_actix_web::AppExt;

use super::{access::SESSION_COOKIE, problem::FieldError, routes};

/// The methods that a path of the description may have.
const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];
/// Where the resources are mounted beside `/api/v1`.
const WORKSPACE: &str = "/api/v1/workspaces/{workspace_id}";

/// Writes outside of `/api/v1` that honour an `Idempotency-Key`.
const KEYED: [&str; 3] = ["/api/widget/message", "/api/widget/contact", "/api/upload"];

/// A refusal or failure, as RFC 9457 has it.
#[derive(Debug, serde::Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "/docs/errors#not_found", format = "uri-reference")]
    pub kind: String,
    /// A short sentence, always the same for a code.
    #[schema(example = "Not found")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What happened this time.
    #[schema(example = "no such conversation")]
    pub detail: String,
    /// The stable code.
    #[schema(example = "not_found")]
    pub code: String,
    /// The request's id, to be named when asking for help.
    #[schema(example = "0198a1fd-fc00-7000-8000-000000000001")]
    pub request_id: String,
    /// The bad fields, for 400 and 422.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldError>>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = "Self-hosted, real-time customer messaging. Bodies are JSON; errors are RFC 9457 problems; lists are paged by cursor.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact()
    ),
    components(schemas(ProblemDocument, FieldError, ListItem))
)]
struct Frame;

/// The description of everything that is served.
///
/// # Errors
/// What `serde_json` says, which for a description is never.
pub fn document() -> Result<Value, serde_json::Error> {
    let (_app, api) = ActixApp::new().into_utoipa_app().openapi(Frame::openapi()).configure(routes::api).split_for_parts();
    let mut document = serde_json::to_value(api)?;
    let schemes = json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "A service token (sb_…), or the token of an agent's session."},
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE, "description": "An agent's session, set by signing in."},
        "visitor": {"type": "http", "scheme": "bearer", "description": "A visitor's session: `sessionToken` of POST /api/widget/init."},
        "operator": {"type": "http", "scheme": "bearer", "description": "The operator's token (--operator-token); not needed on the server's own machine where none is set."},
    });
    if let Some(components) = document.pointer_mut("/components").and_then(Value::as_object_mut) {
        components.insert("securitySchemes".into(), schemes);
    }
    if let Some(paths) = document.pointer_mut("/paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            // A handler of both GET and HEAD has one name; an operation needs one of its own.
            let named_alike = item.pointer("/get/operationId") == item.pointer("/head/operationId");
            if let Some(Value::String(id)) = item.pointer_mut("/head/operationId").filter(|_| named_alike) {
                id.push_str("_head");
            }
            for method in METHODS {
                if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                    finish(path, method, operation);
                }
            }
        }
    }
    Ok(document)
}

/// The paths of a description with their methods in capitals.
#[must_use]
pub fn methods(document: &Value) -> Vec<(String, Vec<String>)> {
    let of = |item: &Value| METHODS.iter().filter(|method| item.get(method).is_some()).map(|method| method.to_uppercase()).collect();
    document["paths"].as_object().into_iter().flatten().map(|(path, item)| (path.clone(), of(item))).collect()
}

/// Adds what is true of every operation alike, so that no handler has to repeat it.
fn finish(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let is_v1 = path.starts_with("/api/v1/");
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let has = |parameters: &[Value], name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
    let tag = operation.get("tags").and_then(|tags| tags.get(0)?.as_str()).unwrap_or("other").replace([' ', '-'], "_");
    if let Some(Value::String(id)) = operation.get_mut("operationId") {
        // Handlers are named as their file's reader needs it (`list`, `get`): with the resource before it the id is unique and readable.
        let mount = if path.starts_with(WORKSPACE) { "_in_workspace" } else { "" };
        *id = format!("{tag}_{id}{mount}");
    }
    if path.starts_with(WORKSPACE) {
        if !has(&parameters, "workspace_id") {
            parameters.push(json!({
                "name": "workspace_id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"},
                "description": "The workspace that the token belongs to; another one answers 404.",
            }));
        }
    } else if is_v1 {
        parameters.push(json!({
            "name": "X-Workspace-Id", "in": "header", "required": false, "schema": {"type": "string", "format": "uuid"},
            "description": "The workspace that the token belongs to; another one answers 404.",
        }));
    }
    if (is_v1 || KEYED.contains(&path)) && matches!(method, "post" | "patch") {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "description": "A repeat with the same key and body within 24 hours is answered with the first answer.",
        }));
    }
    if !parameters.is_empty() {
        operation.insert("parameters".into(), Value::Array(parameters));
    }
    operation.entry("security").or_insert_with(|| json!([{"bearer": []}, {"session": []}]));
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let problem = json!({
        "description": "A problem; its code says which.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    if let Some(responses) = responses.as_object_mut() {
        responses.insert("default".into(), problem);
    }
}
