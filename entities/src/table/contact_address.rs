//! Addresses by which contacts are known. Written by the journal alone.

use sea_orm::entity::prelude::*;

/// A row of table `contact_address`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_address")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    /// As the noun has it.
    pub contact_id: Uuid,
    /// Its place among the contact's addresses.
    pub place: i64,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
