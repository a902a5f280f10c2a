//! Files to be fetched from providers.

use actors::port::StoreError;
use entities::{AttachmentRef, AuthorKind, ChannelId, ConversationId, InboundMedia, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::store::{Database, unavailable};

/// A file that is to be fetched.
#[derive(Debug, Clone)]
pub struct Wished {
    /// What its message shows of it.
    pub shown_as: AttachmentRef,
    /// The provider's id of the message.
    pub provider_id: String,
    /// What the provider told of it.
    pub media: InboundMedia,
}

/// Notes files to be fetched, with their rows; what is noted already stays.
pub async fn wish(
    db: &Database,
    tenant_id: TenantId,
    (channel_id, conversation_id): (ChannelId, ConversationId),
    wished: &[Wished],
    now: Timestamp,
) -> Result<(), StoreError> {
    const ADD_FILE: &str = "INSERT INTO attachment (id, tenant_id, conversation_id, uploader_kind, filename, media_type, size, sha256, \
        storage_key, created_at, used_at, shown) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $9, $10) ON CONFLICT DO NOTHING";
    const ADD_FETCH: &str = "INSERT INTO media_fetch (attachment_id, tenant_id, channel_id, conversation_id, provider_id, media, tries, \
        due_at, created_at) SELECT $1, $2, $3, $4, $5, $6, 0, $7, $7 WHERE EXISTS (SELECT 1 FROM attachment WHERE id = $1 \
        AND storage_key = '') ON CONFLICT DO NOTHING";
    let odd = |error: serde_json::Error| StoreError::Unavailable(error.to_string().into());
    let mut statements = Vec::with_capacity(wished.len() * 2);
    for file in wished {
        let shown = &file.shown_as;
        let row: [Value; 10] = [
            shown.id.uuid().into(),
            tenant_id.uuid().into(),
            conversation_id.uuid().into(),
            AuthorKind::Visitor.as_str().into(),
            shown.filename.as_str().into(),
            shown.media_type.as_str().into(),
            shown.size.cast_signed().into(),
            Vec::<u8>::new().into(),
            now.utc().into(),
            true.into(),
        ];
        statements.push(Statement::from_sql_and_values(db.backend(), ADD_FILE, row));
        let fetch: [Value; 7] = [
            shown.id.uuid().into(),
            tenant_id.uuid().into(),
            channel_id.uuid().into(),
            conversation_id.uuid().into(),
            file.provider_id.as_str().into(),
            serde_json::to_string(&file.media).map_err(odd)?.into(),
            now.micros().into(),
        ];
        statements.push(Statement::from_sql_and_values(db.backend(), ADD_FETCH, fetch));
    }
    db.write(async |transaction| {
        for statement in statements {
            transaction.execute_raw(statement).await.map_err(unavailable)?;
        }
        Ok(())
    })
    .await
}
