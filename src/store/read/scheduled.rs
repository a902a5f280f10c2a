//! Messages that wait for their time.

use actors::port::StoreError;
use entities::{ConversationId, ScheduledMessage, ScheduledMessageId, TenantId};
use sea_orm::QueryResult;

use super::json;
use crate::store::{Database, journal::read::rows, unavailable};

/// The scheduled messages of a conversation, in the order of their ids; there are at most [`entities::scheduled::SCHEDULED_MAX`].
pub async fn list(db: &Database, tenant_id: TenantId, id: ConversationId) -> Result<Vec<ScheduledMessage>, StoreError> {
    const LIST: &str = "SELECT message FROM scheduled_message WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY id";
    rows(db, LIST, [tenant_id.uuid().into(), id.uuid().into()]).await?.iter().map(message).collect()
}

/// Finds one of a conversation.
pub async fn find(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    id: ScheduledMessageId,
) -> Result<Option<ScheduledMessage>, StoreError> {
    const FIND: &str = "SELECT message FROM scheduled_message WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3";
    let found = rows(db, FIND, [tenant_id.uuid().into(), conversation_id.uuid().into(), id.uuid().into()]).await?;
    found.first().map(message).transpose()
}

fn message(row: &QueryResult) -> Result<ScheduledMessage, StoreError> {
    let text: String = row.try_get("", "message").map_err(unavailable)?;
    json("scheduled_message.message", &text)
}
