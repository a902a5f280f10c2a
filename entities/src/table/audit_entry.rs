//! Who did what.

use sea_orm::entity::prelude::*;

/// A row of table `audit_entry`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: DateTimeUtc,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub actor_kind: String,
    /// As the noun has it.
    pub actor_id: Option<Uuid>,
    /// As the noun has it.
    pub actor_name: Option<String>,
    /// As the noun has it.
    pub action: String,
    /// As the noun has it.
    pub target_kind: Option<String>,
    /// As the noun has it.
    pub target_id: Option<Uuid>,
    /// JSON object; no secrets, no message text.
    pub detail: String,
    /// As the noun has it.
    pub request_id: Option<String>,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
