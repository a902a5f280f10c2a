//! Replays: events of the past that are to be sent again. Instants are microseconds since 1970.

use sea_orm::entity::prelude::*;

/// A row of table `replay`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replay")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub webhook_id: Uuid,
    /// As the noun has it.
    pub only_kind: String,
    /// As the noun has it.
    pub from_at: Option<i64>,
    /// As the noun has it.
    pub to_at: Option<i64>,
    /// The next to look at.
    pub next_position: i64,
    /// The last to look at.
    pub last_position: i64,
    /// The first that was looked at.
    pub first_position: i64,
    /// Deliveries that it made due.
    pub queued: i64,
    /// As the noun has it.
    pub status: String,
    /// As the noun has it.
    pub created_at: i64,
    /// As the noun has it.
    pub finished_at: Option<i64>,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
