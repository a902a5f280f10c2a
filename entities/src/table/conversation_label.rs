//! A row for each label of a conversation, for the list's filter. Written by the journal alone.

use sea_orm::entity::prelude::*;

/// A row of table `conversation_label`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_label")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub label: String,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
