//! Deliveries: an event for a webhook. Instants are microseconds since 1970.

use sea_orm::entity::prelude::*;

/// A row of table `delivery`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub id: Uuid,
    /// As the noun has it.
    pub event_id: Uuid,
    /// As the noun has it.
    pub kind: String,
    /// As the noun has it.
    pub status: String,
    /// The number of the last attempt.
    pub attempts: i64,
    /// The number after which the schedule counts.
    pub budget_from: i64,
    /// As the noun has it.
    pub next_trigger: String,
    /// As the noun has it.
    pub due_at: i64,
    /// When the event happened.
    pub at: i64,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
