//! Webhooks. Instants are microseconds since 1970; headers and secrets are sealed (`crypto::webhook`).

use sea_orm::entity::prelude::*;

/// A row of table `webhook`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub url: String,
    /// As the noun has it.
    pub description: String,
    /// JSON array of patterns.
    pub events: String,
    /// JSON object.
    pub filter: String,
    /// Sealed JSON object; null for none.
    pub headers: Option<Vec<u8>>,
    /// As the noun has it.
    pub ordered: bool,
    /// As the noun has it.
    pub rate_limit_per_second: Option<i64>,
    /// Sealed.
    pub secret: Vec<u8>,
    /// Sealed.
    pub previous_secret: Option<Vec<u8>>,
    /// As the noun has it.
    pub previous_until: Option<i64>,
    /// As the noun has it.
    pub status: String,
    /// As the noun has it.
    pub disabled_reason: Option<String>,
    /// As the noun has it.
    pub failing_since: Option<i64>,
    /// As the noun has it.
    pub warned_at: Option<i64>,
    /// As the noun has it.
    pub paused_until: Option<i64>,
    /// Attempts that failed in a row.
    pub failures: i64,
    /// Deliveries that failed for good since the last success.
    pub exhausted: i64,
    /// Deliveries that arrived.
    pub delivered: i64,
    /// Deliveries that failed for good.
    pub failed: i64,
    /// As the noun has it.
    pub last_success_at: Option<i64>,
    /// As the noun has it.
    pub lease_owner: Option<Uuid>,
    /// As the noun has it.
    pub lease_until: Option<i64>,
    /// As the noun has it.
    pub version: i64,
    /// As the noun has it.
    pub created_at: i64,
    /// As the noun has it.
    pub updated_at: i64,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
