//! Apps and accounts at providers. Instants are microseconds since 1970; their secrets are in `credential_secret`.

use sea_orm::entity::prelude::*;

/// A row of table `credential`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// See [`crate::Provider`].
    pub provider: String,
    /// The vendor, for providers that have several.
    pub vendor: Option<String>,
    /// As the noun has it.
    pub name: String,
    /// The account at the provider, as entered.
    pub account: Option<String>,
    /// See [`crate::CredentialStatus`].
    pub status: String,
    /// What is wrong, in words.
    pub status_detail: Option<String>,
    /// When the provider was last asked.
    pub checked_at: Option<i64>,
    /// The account at the provider that consent was given for, if it was made by consent.
    pub installed_for: Option<String>,
    /// When its token ends, if that is known.
    pub expires_at: Option<i64>,
    /// When its token is to be renewed.
    pub renew_at: Option<i64>,
    /// Rises with every change, of its secrets too.
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
