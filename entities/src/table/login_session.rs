//! Sign-ins of members, as hashes.

use sea_orm::entity::prelude::*;

/// A row of table `login_session`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_session")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub member_id: Uuid,
    /// SHA-256 of the session token; unique.
    pub hash: Vec<u8>,
    /// As the noun has it.
    pub user_agent: Option<String>,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
    /// As the noun has it.
    pub last_seen_at: DateTimeUtc,
    /// As the noun has it.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
