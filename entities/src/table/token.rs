//! Tokens of service accounts, as hashes.

use sea_orm::entity::prelude::*;

/// A row of table `token`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub service_account_id: Uuid,
    /// As the noun has it.
    pub name: String,
    /// SHA-256 of the token as shown; unique.
    pub hash: Vec<u8>,
    /// The last characters, for people to tell tokens apart.
    pub hint: String,
    /// The token before the last rotation.
    pub previous_hash: Option<Vec<u8>>,
    /// Until when the previous one counts.
    pub previous_until: Option<DateTimeUtc>,
    /// JSON array of permissions.
    pub scopes: String,
    /// As the noun has it.
    pub expires_at: Option<DateTimeUtc>,
    /// As the noun has it.
    pub revoked_at: Option<DateTimeUtc>,
    /// As the noun has it.
    pub last_used_at: Option<DateTimeUtc>,
    /// As the noun has it.
    pub version: i64,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
