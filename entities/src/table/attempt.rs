//! Attempts at deliveries. Instants are microseconds since 1970.

use sea_orm::entity::prelude::*;

/// A row of table `attempt`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempt")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: Uuid,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// As the noun has it.
    pub trigger_kind: String,
    /// As the noun has it.
    pub started_at: i64,
    /// As the noun has it.
    pub dns_ms: Option<i64>,
    /// As the noun has it.
    pub connect_ms: Option<i64>,
    /// As the noun has it.
    pub tls_ms: Option<i64>,
    /// As the noun has it.
    pub first_byte_ms: Option<i64>,
    /// As the noun has it.
    pub total_ms: i64,
    /// As the noun has it.
    pub address: Option<String>,
    /// As the noun has it.
    pub http_status: Option<i64>,
    /// JSON array of pairs.
    pub response_headers: String,
    /// As the noun has it.
    pub response_body: Option<String>,
    /// Null exactly when it was delivered.
    pub error_class: Option<String>,
    /// As the noun has it.
    pub error: Option<String>,
    /// As the noun has it.
    pub next_due_at: Option<i64>,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
