//! What the workspace's events tell of a run's messages.

use std::collections::HashMap;

use serde_json::Value;

use super::{super::http::Http, LoadError, Plan, customers::number};

const READ: &str = "read the events";

/// The cursor behind the last event so far.
pub async fn latest(plan: &Plan) -> Result<String, LoadError> {
    let page = page(&mut Http::new(&plan.url)?, plan, "latest").await?;
    cursor(&page)
}

/// How often each message of the run was told of since then, by its number.
pub async fn count(plan: &Plan, since: &str, run: u32) -> Result<HashMap<u64, u32>, LoadError> {
    let mut http = Http::new(&plan.url)?;
    let (mut told, mut after) = (HashMap::new(), since.to_owned());
    loop {
        let page = page(&mut http, plan, &after).await?;
        for envelope in page.get("data").and_then(Value::as_array).into_iter().flatten() {
            let text = envelope.pointer("/data/content_text").and_then(Value::as_str).unwrap_or_default();
            if let Some(number) = number(run, text) {
                *told.entry(number).or_default() += 1;
            }
        }
        after = cursor(&page)?;
        if page.get("caught_up").and_then(Value::as_bool) != Some(false) {
            return Ok(told);
        }
    }
}

async fn page(http: &mut Http, plan: &Plan, after: &str) -> Result<Value, LoadError> {
    let path = format!("/api/v1/events?types=conversation.message_created&limit=100&after={after}");
    http.ask(READ, "GET", &path, Some(&plan.workspace.api_token), None).await
}

fn cursor(page: &Value) -> Result<String, LoadError> {
    let unreadable = || LoadError::Unreadable { what: READ, answer: page.to_string() };
    page.get("next_cursor").and_then(Value::as_str).map(str::to_owned).ok_or_else(unreadable)
}
