//! Agents: people who sign in.

use sea_orm::entity::prelude::*;

/// A row of table `member`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// Lower case; unique in a tenant.
    pub email: String,
    /// In the PHC form.
    pub password_hash: String,
    /// As the noun has it.
    pub name: String,
    /// See [`crate::Role`].
    pub role: String,
    /// As the noun has it.
    pub avatar_url: Option<String>,
    /// As the noun has it.
    pub disabled_at: Option<DateTimeUtc>,
    /// How many open conversations they can have; null for as many as the tenant says.
    pub capacity: Option<i64>,
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
