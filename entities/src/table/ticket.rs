//! Tickets. Written by the journal alone.

use sea_orm::entity::prelude::*;

/// A row of table `ticket`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub number: i64,
    /// As the noun has it.
    pub conversation_id: Uuid,
    /// As the noun has it.
    pub contact_id: Uuid,
    /// As the noun has it.
    pub subject: String,
    /// See [`crate::ConversationStatus`].
    pub status: String,
    /// See [`crate::Priority`].
    pub priority: String,
    /// As the noun has it.
    pub assignee_id: Option<Uuid>,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
    /// As the noun has it.
    pub updated_at: DateTimeUtc,
    /// As the noun has it.
    pub resolved_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
