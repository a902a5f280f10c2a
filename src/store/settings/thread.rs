//! Leading a visitor's thread elsewhere. New threads are written by the journal, with the conversation that they lead to.

use actors::port::StoreError;
use entities::{ChannelId, TenantId, table::thread, thread::ThreadIds};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::store::{Database, unavailable};

/// Makes a channel's thread lead to this contact and conversation, whatever it led to before. The conversation need not have begun.
pub async fn lead(db: &Database, tenant_id: TenantId, channel_id: ChannelId, key: &str, to: ThreadIds) -> Result<(), StoreError> {
    let row = thread::ActiveModel {
        tenant_id: Set(tenant_id.uuid()),
        channel_id: Set(channel_id.uuid()),
        thread_key: Set(key.to_owned()),
        contact_id: Set(to.contact_id.uuid()),
        conversation_id: Set(to.conversation_id.uuid()),
    };
    let upsert = OnConflict::columns([thread::Column::TenantId, thread::Column::ChannelId, thread::Column::ThreadKey])
        .update_columns([thread::Column::ContactId, thread::Column::ConversationId])
        .to_owned();
    db.write(async |transaction| {
        thread::Entity::insert(row).on_conflict(upsert).exec_without_returning(transaction).await.map_err(unavailable)?;
        Ok(())
    })
    .await
}
