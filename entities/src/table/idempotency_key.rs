//! Answers kept for repeated requests.

use sea_orm::entity::prelude::*;

/// A row of table `idempotency_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller: String,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of what was asked.
    pub fingerprint: Vec<u8>,
    /// Null while the first request is at work.
    pub status: Option<i64>,
    /// JSON object.
    pub headers: Option<String>,
    /// As the noun has it.
    pub body: Option<Vec<u8>>,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
    /// As the noun has it.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
