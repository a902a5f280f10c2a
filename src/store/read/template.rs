//! Message templates: an account's list, and the one that somebody wants to send.

use actors::port::StoreError;
use entities::{CredentialId, Provider, Remote, TenantId, Timestamp, template::Template};
use sea_orm::{QueryResult, Value};
use serde::{Deserialize, Serialize};

use super::page::{Listed, cut};
use crate::store::{Database, journal::read::rows, unavailable};

/// Where a page of an account's templates ended: name and language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatePlace(String, String);

/// What is known of the last time that an account's templates were listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synced {
    /// When that went well for the last time.
    pub at: Option<Timestamp>,
    /// Why it did not, in words, if it failed since.
    pub error: Option<String>,
}

/// Where a conversation's messages go, and the template that is to be sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Who carries the conversation's messages; `None`: nobody does.
    pub provider: Option<Provider>,
    /// The other side.
    pub remote: Option<Remote>,
    /// The template, if the account has it.
    pub template: Option<Template>,
}

/// Lists a page of an account's templates by name and language, of one status if that is given.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    credential_id: CredentialId,
    status: Option<&str>,
    after: Option<TemplatePlace>,
    limit: u64,
) -> Result<Listed<Template, TemplatePlace>, StoreError> {
    let TemplatePlace(name, language) = after.unwrap_or(TemplatePlace(String::new(), String::new()));
    let values: [Value; 6] = [
        tenant_id.uuid().into(),
        credential_id.uuid().into(),
        name.into(),
        language.into(),
        status.map(str::to_owned).into(),
        (limit + 1).cast_signed().into(),
    ];
    let rows = rows(db, LIST, values).await?;
    let mut templates = rows.iter().map(template).collect::<Result<Vec<_>, _>>()?;
    let next = cut(&mut templates, limit, |template| TemplatePlace(template.name.clone(), template.language.clone()));
    Ok(Listed { data: templates, next })
}

/// A page of the templates of account `$2` behind `$3`, `$4`.
pub const LIST: &str = "SELECT template, status FROM message_template WHERE tenant_id = $1 AND credential_id = $2 AND (name, language) > ($3, $4) \
     AND (CAST($5 AS TEXT) IS NULL OR status = $5) ORDER BY name, language LIMIT $6";

/// When an account's templates were last listed.
pub async fn synced(db: &Database, tenant_id: TenantId, credential_id: CredentialId) -> Result<Synced, StoreError> {
    const FIND: &str = "SELECT synced_at, error FROM template_sync WHERE credential_id = $1 AND tenant_id = $2";
    let found = rows(db, FIND, [credential_id.uuid().into(), tenant_id.uuid().into()]).await?;
    let Some(row) = found.first() else { return Ok(Synced::default()) };
    let at: Option<i64> = row.try_get("", "synced_at").map_err(unavailable)?;
    Ok(Synced { at: at.map(Timestamp::from_micros), error: row.try_get("", "error").map_err(unavailable)? })
}

/// Finds the template that is to be sent in a conversation; `None` if the tenant has no such conversation.
pub async fn find_for(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: entities::ConversationId,
    name: &str,
    language: &str,
) -> Result<Option<Wanted>, StoreError> {
    let values: [Value; 4] = [tenant_id.uuid().into(), conversation_id.uuid().into(), name.into(), language.into()];
    let found = rows(db, FIND, values).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let kind: String = row.try_get("", "kind").map_err(unavailable)?;
    let remote: Option<String> = row.try_get("", "remote").map_err(unavailable)?;
    let has_template: Option<String> = row.try_get("", "template").map_err(unavailable)?;
    Ok(Some(Wanted {
        provider: entities::ChannelKind::parse(&kind).and_then(Provider::of),
        remote: remote.map(|remote| serde_json::from_str(&remote)).transpose().map_err(odd)?,
        template: has_template.map(|_there| template(row)).transpose()?,
    }))
}

/// Where the messages of conversation `$2` go, with the template `$3` in language `$4` of the account there.
pub const FIND: &str = "SELECT c.kind, v.remote, t.template, t.status FROM conversation v JOIN channel c ON c.id = v.channel_id \
     LEFT JOIN message_template t ON t.tenant_id = v.tenant_id AND t.credential_id = c.credential_id AND t.name = $3 AND t.language = $4 \
     WHERE v.tenant_id = $1 AND v.id = $2";

fn template(row: &QueryResult) -> Result<Template, StoreError> {
    let json: String = row.try_get("", "template").map_err(unavailable)?;
    let template: Template = serde_json::from_str(&json).map_err(odd)?;
    Ok(Template { status: row.try_get("", "status").map_err(unavailable)?, ..template })
}

fn odd(error: serde_json::Error) -> StoreError {
    StoreError::Unavailable(format!("a template's JSON: {error}").into())
}
