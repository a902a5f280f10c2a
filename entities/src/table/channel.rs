//! Connected widgets, numbers, pages and mailboxes.

use sea_orm::entity::prelude::*;

/// A row of table `channel`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// See [`crate::ChannelKind`].
    pub kind: String,
    /// As the noun has it.
    pub name: String,
    /// The account at the provider; unique for a kind in a tenant.
    pub address: Option<String>,
    /// As the noun has it.
    pub credential_id: Option<Uuid>,
    /// As the noun has it.
    pub owner_id: Option<Uuid>,
    /// See [`crate::ChannelStatus`].
    pub status: String,
    /// As the noun has it.
    pub status_detail: Option<String>,
    /// JSON object.
    pub settings: String,
    /// The public key of a widget; repeats what `settings` say. Unique everywhere.
    pub api_key: Option<String>,
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
