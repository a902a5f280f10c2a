//! Who is in which team.

use sea_orm::entity::prelude::*;

/// A row of table `team_member`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_member")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
