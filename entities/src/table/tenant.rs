//! Customer organisations. `position` and `ticket_number` are raised by the journal alone.

use sea_orm::entity::prelude::*;

/// A row of table `tenant`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub name: String,
    /// As the noun has it.
    pub slug: Option<String>,
    /// As the noun has it.
    pub plan: String,
    /// JSON object: what the plan is overridden with.
    pub limits: String,
    /// JSON object.
    pub settings: String,
    /// The last position given to an event.
    pub position: i64,
    /// The last number given to a ticket.
    pub ticket_number: i64,
    /// As the noun has it.
    pub version: i64,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
    /// As the noun has it.
    pub updated_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
