//! A channel's message templates: what its provider has approved to be said at any time.
//!
//! Guarantees: what is listed is what the provider listed when it was last asked, with the statuses that it has told of since. It is asked when a
//! channel is made or connected, when the provider tells of a change, when a template turned out not to be as known, on request, and every
//! six hours.
//!
//! Does not: make or change templates; that is done at the provider.

mod keeper;
mod list;
mod sync;
mod wire;

use actors::port::StoreError;
use entities::{Capabilities, ChannelId, ChannelKind, CredentialId, TenantId, Timestamp, inbound::ChannelNews};

pub use keeper::Keeper;
pub(super) use list::list_templates;
pub(super) use sync::sync_templates;

use super::find;
use crate::{
    http::{
        App,
        problem::{Answer, Code, Problem},
    },
    store::{
        read,
        settings::template::{self, Holder},
    },
};

/// So long after a change that a provider tells of its templates are listed. A provider allows 200 lists an hour.
const SETTLED_MS: i64 = 30_000;

/// The account whose templates a channel's are.
async fn holder(app: &App, tenant_id: TenantId, id: ChannelId) -> Answer<Holder> {
    let channel = find(app, tenant_id, id).await?;
    let has = Capabilities::of(channel.kind).is_some_and(|able| able.templates);
    let credential_id = channel.credential_id.filter(|_| has);
    let none = || Problem::new(Code::Conflict).detail(format!("a channel of kind {} has no templates", channel.kind));
    Ok(Holder { tenant_id, credential_id: credential_id.map(CredentialId::new).ok_or_else(none)? })
}

/// Takes in what a provider tells of a template: its new status now, and the rest by listing the account's again, shortly after, so that many
/// changes at once are one list.
///
/// # Errors
/// In words: it is to be told again.
pub(in crate::http) async fn changed(app: &App, tenant_id: TenantId, id: ChannelId, news: &ChannelNews) -> Result<(), String> {
    let words = |error: StoreError| error.to_string();
    let channel = read::channel::find(&app.db, tenant_id, id).await.map_err(words)?;
    let Some(credential_id) = channel.and_then(|channel| channel.credential_id).map(CredentialId::new) else { return Ok(()) };
    let of = Holder { tenant_id, credential_id };
    let told = |key| news.data.as_ref().and_then(|data| data.get(key)).and_then(serde_json::Value::as_str);
    if let (Some(name), Some(language), Some(status)) = (told("name"), told("language"), told("status")) {
        template::set_status(&app.db, of, (name, language), status).await.map_err(words)?;
    }
    tracing::info!(channel.id = %id, detail = %news.detail, "a provider has changed a template");
    template::wish(&app.db, of, app.clock.now().plus_ms(SETTLED_MS)).await.map_err(words)
}

/// Has an account's templates listed soon, if it has such. A hint that fails costs nothing but time.
pub(in crate::http) async fn wish(app: &App, kind: ChannelKind, of: Holder, due_at: Timestamp) {
    if !Capabilities::of(kind).is_some_and(|able| able.templates) {
        return;
    }
    let wished: Result<(), StoreError> = template::wish(&app.db, of, due_at).await;
    if let Err(error) = wished {
        tracing::warn!(credential.id = %of.credential_id, %error, "templates are listed later than was wished");
    }
}
