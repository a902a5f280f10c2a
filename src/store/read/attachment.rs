//! Finding uploaded files, and what they may belong to.

use actors::port::StoreError;
use entities::{
    AttachmentId, AttachmentRef, ConversationId, TenantId, TicketId, Timestamp,
    table::{attachment, conversation, ticket},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid};

use crate::store::{Database, journal::read::rows, unavailable};

/// Who uploaded a file: the kind of author, and for a visitor its visitor id, which stays when contacts are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploader {
    /// A visitor, an agent or a service account.
    pub kind: entities::AuthorKind,
    /// Its id.
    pub id: Uuid,
}

/// A file as the table knows it.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// What messages show of it.
    pub shown_as: AttachmentRef,
    /// Where it may be used; `None` for anywhere by its uploader.
    pub conversation_id: Option<ConversationId>,
    /// Who uploaded it.
    pub uploader_kind: String,
    /// Its id.
    pub uploader_id: Option<Uuid>,
    /// Where its bytes lie below the attachments folder.
    pub storage_key: String,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// It came with a message rather than with a note.
    pub shown: bool,
}

impl Attachment {
    /// Whether it was uploaded by this one.
    #[must_use]
    pub fn is_by(&self, uploader: Uploader) -> bool {
        self.uploader_kind == uploader.kind.as_str() && self.uploader_id == Some(uploader.id)
    }
}

impl From<attachment::Model> for Attachment {
    fn from(row: attachment::Model) -> Self {
        Self {
            shown_as: AttachmentRef {
                id: AttachmentId::new(row.id),
                filename: row.filename,
                size: row.size as u64,
                media_type: row.media_type,
            },
            conversation_id: row.conversation_id.map(ConversationId::new),
            uploader_kind: row.uploader_kind,
            uploader_id: row.uploader_id,
            storage_key: row.storage_key,
            sha256: row.sha256,
            shown: row.shown,
        }
    }
}

/// Finds a file of the tenant.
pub async fn find(db: &Database, tenant_id: TenantId, id: AttachmentId) -> Result<Option<Attachment>, StoreError> {
    let row = attachment::Entity::find_by_id(id.uuid())
        .filter(attachment::Column::TenantId.eq(tenant_id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(Attachment::from))
}

/// Whether the tenant has this conversation, and in whose personal inbox it is.
pub async fn find_conversation_owner(
    db: &Database,
    tenant_id: TenantId,
    id: ConversationId,
) -> Result<Option<Option<entities::AgentId>>, StoreError> {
    let row = conversation::Entity::find_by_id(id.uuid())
        .filter(conversation::Column::TenantId.eq(tenant_id.uuid()))
        .filter(conversation::Column::ErasedAt.is_null())
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(|row| row.owner_id.map(entities::AgentId::new)))
}

/// The conversation of a ticket of the tenant.
pub async fn find_ticket_conversation(db: &Database, tenant_id: TenantId, id: TicketId) -> Result<Option<ConversationId>, StoreError> {
    let row = ticket::Entity::find_by_id(id.uuid())
        .filter(ticket::Column::TenantId.eq(tenant_id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(|row| ConversationId::new(row.conversation_id)))
}

/// How it stands with a file that is to be fetched from its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// When it is looked for next; `None`: it was given up.
    pub due_at: Option<Timestamp>,
    /// Why it did not come the last time.
    pub error: Option<String>,
}

/// How it stands with a file of the tenant; `None` if it is not to be fetched.
pub async fn find_fetching(db: &Database, tenant_id: TenantId, id: AttachmentId) -> Result<Option<Fetching>, StoreError> {
    const FIND: &str = "SELECT due_at, error FROM media_fetch WHERE attachment_id = $1 AND tenant_id = $2";
    let found = rows(db, FIND, [id.uuid().into(), tenant_id.uuid().into()]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let due_at: Option<i64> = row.try_get("", "due_at").map_err(unavailable)?;
    Ok(Some(Fetching { due_at: due_at.map(Timestamp::from_micros), error: row.try_get("", "error").map_err(unavailable)? }))
}
