//! Keeping uploaded files, marking those that are used, and forgetting those that never were.

use std::collections::BTreeMap;

use actors::port::StoreError;
use entities::{AttachmentId, AttachmentRef, ConversationId, TenantId, TicketId, Timestamp, table::attachment};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::{Expr, Uuid},
};

use crate::store::{
    Database,
    read::attachment::{Attachment, Uploader},
    unavailable,
};

/// A file whose bytes are on disk.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// What messages will show of it.
    pub shown_as: AttachmentRef,
    /// Where it may be used; `None` for anywhere by its uploader.
    pub conversation_id: Option<ConversationId>,
    /// The ticket it was uploaded for.
    pub ticket_id: Option<TicketId>,
    /// Who uploaded it.
    pub uploader: Uploader,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Where its bytes lie below the attachments folder.
    pub storage_key: String,
    /// When it came.
    pub created_at: Timestamp,
}

/// Keeps a file.
pub async fn create(db: &Database, tenant_id: TenantId, new: NewAttachment) -> Result<(), StoreError> {
    let row = attachment::ActiveModel {
        id: Set(new.shown_as.id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        conversation_id: Set(new.conversation_id.map(ConversationId::uuid)),
        ticket_id: Set(new.ticket_id.map(TicketId::uuid)),
        uploader_kind: Set(new.uploader.kind.as_str().to_owned()),
        uploader_id: Set(Some(new.uploader.id)),
        filename: Set(new.shown_as.filename),
        media_type: Set(new.shown_as.media_type),
        size: Set(new.shown_as.size as i64),
        sha256: Set(new.sha256.to_vec()),
        storage_key: Set(new.storage_key),
        created_at: Set(new.created_at.utc()),
        used_at: Set(None),
        shown: Set(false),
    };
    db.write(async |transaction| {
        attachment::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        Ok(())
    })
    .await
}

/// Marks files as used by a message (`shown`) or a note of this conversation, and answers what the message shows of them, in the order
/// asked for. Doing it again changes nothing.
///
/// # Errors
/// [`StoreError::NotFound`] if one of them is not there, was uploaded by somebody else, or belongs to another conversation.
pub async fn mark_used(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    uploader: Uploader,
    ids: &[AttachmentId],
    shown: bool,
    now: Timestamp,
) -> Result<Vec<AttachmentRef>, StoreError> {
    db.write(async |transaction| {
        let rows = attachment::Entity::find()
            .filter(attachment::Column::TenantId.eq(tenant_id.uuid()))
            .filter(attachment::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(transaction)
            .await
            .map_err(unavailable)?;
        let mut found: BTreeMap<Uuid, Attachment> = rows.into_iter().map(|row| (row.id, row.into())).collect();
        found.retain(|_, file| file.is_by(uploader) && file.conversation_id.is_none_or(|bound| bound == conversation_id));
        let refs: Option<Vec<AttachmentRef>> = ids.iter().map(|id| found.get(&id.uuid()).map(|file| file.shown_as.clone())).collect();
        let refs = refs.ok_or(StoreError::NotFound)?;
        let mut update = attachment::Entity::update_many()
            .col_expr(attachment::Column::ConversationId, Expr::value(conversation_id.uuid()))
            .col_expr(attachment::Column::UsedAt, Expr::value(now.utc()))
            .filter(attachment::Column::TenantId.eq(tenant_id.uuid()))
            .filter(attachment::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        if shown {
            update = update.col_expr(attachment::Column::Shown, Expr::value(true));
        }
        let updated = update.exec(transaction).await.map_err(unavailable)?;
        // The sweep may have taken one since it was read, on PostgreSQL.
        if updated.rows_affected == found.len() as u64 { Ok(refs) } else { Err(StoreError::NotFound) }
    })
    .await
}

/// Forgets files that came before `before` and were never used, at most `limit`, and answers where their bytes lie. For every tenant:
/// the sweep asks, not a caller.
pub async fn forget_unused(db: &Database, before: Timestamp, limit: u64) -> Result<Vec<String>, StoreError> {
    db.write(async |transaction| {
        let unused = || Condition::all().add(attachment::Column::UsedAt.is_null()).add(attachment::Column::CreatedAt.lt(before.utc()));
        let rows = attachment::Entity::find()
            .filter(unused())
            .order_by_asc(attachment::Column::CreatedAt)
            .limit(limit)
            .all(transaction)
            .await
            .map_err(unavailable)?;
        // The condition again: between the two statements PostgreSQL lets a message take one of them.
        let gone = attachment::Entity::delete_many()
            .filter(attachment::Column::Id.is_in(rows.iter().map(|row| row.id)))
            .filter(unused())
            .exec_with_returning(transaction)
            .await
            .map_err(unavailable)?;
        Ok(gone.into_iter().map(|row| row.storage_key).collect())
    })
    .await
}
