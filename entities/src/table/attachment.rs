//! Uploaded files.

use sea_orm::entity::prelude::*;

/// A row of table `attachment`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub conversation_id: Option<Uuid>,
    /// As the noun has it.
    pub ticket_id: Option<Uuid>,
    /// See [`crate::AuthorKind`].
    pub uploader_kind: String,
    /// As the noun has it.
    pub uploader_id: Option<Uuid>,
    /// As the noun has it.
    pub filename: String,
    /// As the noun has it.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// As the noun has it.
    pub sha256: Vec<u8>,
    /// Where the bytes lie below the attachments folder.
    pub storage_key: String,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
    /// When a message was first about to show it.
    pub used_at: Option<DateTimeUtc>,
    /// It came with a message rather than with a note.
    pub shown: bool,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
