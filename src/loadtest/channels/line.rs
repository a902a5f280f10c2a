//! The channel of a run: made as its owner would, unless an earlier run made it.

use serde_json::{Map, Value, json};

use super::{super::http::Http, LoadError, Plan};
use crate::simulate::provider::Provider;

/// Makes the credential and the channel, without asking a provider that is not there.
pub async fn connect(plan: &Plan, provider: &dyn Provider) -> Result<(), LoadError> {
    let mut http = Http::new(&plan.url)?;
    let token = Some(plan.workspace.api_token.as_str());
    let (kind, account) = (plan.provider.name(), provider.account());
    let channels = http.ask("list the channels", "GET", "/api/v1/channels?limit=100", token, None).await?;
    let is_it = |channel: &Value| {
        channel.get("kind").is_some_and(|is| is == kind) && channel.get("address").is_some_and(|is| is == account.as_str())
    };
    if channels.get("data").and_then(Value::as_array).is_some_and(|channels| channels.iter().any(is_it)) {
        return Ok(());
    }
    let secrets: Map<String, Value> =
        provider.credentials().into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
    let mut credential = json!({"provider": kind, "name": "Load", "secrets": secrets, "check": false});
    if let (Some(vendor), Some(fields)) = (provider.profile().vendor, credential.as_object_mut()) {
        fields.insert("vendor".to_owned(), vendor.into());
    }
    let credential = http.post("make a credential", "/api/v1/credentials", token, &credential).await?;
    let channel = json!({"kind": kind, "name": "Load", "address": account, "credential_id": credential.get("id")});
    http.post("make a channel", "/api/v1/channels", token, &channel).await.map(drop)
}
