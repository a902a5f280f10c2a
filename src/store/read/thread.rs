//! Which contact and conversation a visitor's thread leads to.

use actors::port::StoreError;
use entities::{
    Address, ChannelId, ContactId, ConversationId, TenantId,
    table::{contact_address, conversation},
    thread::ThreadIds,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::{Database, unavailable};

/// The row of a thread, if there is one; without one the ids are [`entities::thread::derive_ids`].
pub async fn find(db: &Database, tenant_id: TenantId, channel_id: ChannelId, key: &str) -> Result<Option<ThreadIds>, StoreError> {
    let row = entities::table::thread::Entity::find_by_id((tenant_id.uuid(), channel_id.uuid(), key.to_owned()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(|row| ThreadIds { contact_id: ContactId::new(row.contact_id), conversation_id: ConversationId::new(row.conversation_id) }))
}

/// The contact that is known by an address.
pub async fn find_contact_by_address(db: &Database, tenant_id: TenantId, address: &Address) -> Result<Option<ContactId>, StoreError> {
    let row = contact_address::Entity::find_by_id((tenant_id.uuid(), address.kind.as_str().to_owned(), address.value.clone()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(|row| ContactId::new(row.contact_id)))
}

/// The conversation of a contact on a channel in which something happened last.
pub async fn find_latest_conversation(
    db: &Database,
    tenant_id: TenantId,
    channel_id: ChannelId,
    contact_id: ContactId,
) -> Result<Option<ConversationId>, StoreError> {
    let id: Option<sea_orm::prelude::Uuid> = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(conversation::Column::TenantId.eq(tenant_id.uuid()))
        .filter(conversation::Column::ContactId.eq(contact_id.uuid()))
        .filter(conversation::Column::ChannelId.eq(channel_id.uuid()))
        .order_by_desc(conversation::Column::UpdatedAt)
        .order_by_desc(conversation::Column::Id)
        .into_tuple()
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(id.map(ConversationId::new))
}
