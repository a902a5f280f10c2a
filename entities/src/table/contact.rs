//! Contacts. Written by the journal alone.

use sea_orm::entity::prelude::*;

/// A row of table `contact`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub name: Option<String>,
    /// As the noun has it.
    pub email: Option<String>,
    /// As the noun has it.
    pub phone: Option<String>,
    /// As the noun has it.
    pub avatar_url: Option<String>,
    /// As the noun has it.
    pub verified: bool,
    /// JSON object.
    pub custom_attributes: String,
    /// As the noun has it.
    pub country: Option<String>,
    /// As the noun has it.
    pub blocked: bool,
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
