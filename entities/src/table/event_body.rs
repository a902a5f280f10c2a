//! The bytes of events that are signed and sent, once for all webhooks. What was only tried out has positions below zero.

use sea_orm::entity::prelude::*;

/// A row of table `event_body`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_body")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// As the noun has it.
    pub body: String,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
