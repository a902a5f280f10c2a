//! Secrets of credentials, sealed. Several of one name may be alive; ids rise, so the last is the newest.

use sea_orm::entity::prelude::*;

/// A row of table `credential_secret`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential_secret")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub credential_id: Uuid,
    /// Part of the primary key: the field that it is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// The value, sealed.
    pub sealed: String,
    /// What people may see of it.
    pub hint: String,
    /// Microseconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
