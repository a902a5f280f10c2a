//! Teams.

use sea_orm::entity::prelude::*;

/// A row of table `team`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// Unique in a tenant, but for teams that are deleted.
    pub name: String,
    /// As the noun has it.
    pub description: String,
    /// As the noun has it.
    pub version: i64,
    /// As the noun has it.
    pub created_at: i64,
    /// As the noun has it.
    pub updated_at: i64,
    /// Since when it is gone, as far as anybody sees; the row stays until no conversation is its.
    pub deleted_at: Option<i64>,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
