//! What tokens and the service accounts behind them look like on the REST API.

use entities::{Permission, ServiceAccountId, Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// The token's id.
    pub id: TokenId,
    /// The service account that it speaks for.
    pub service_account_id: ServiceAccountId,
    /// What it is for.
    #[schema(example = "Order import")]
    pub name: String,
    /// Its last characters, to tell it from others.
    #[schema(example = "Y2xl")]
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it ends by itself; null for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; null while it lives.
    pub revoked_at: Option<Timestamp>,
    /// Until when the text before the last rotation works, too.
    pub previous_until: Option<Timestamp>,
    /// When it was last used, to within minutes; null for never.
    pub last_used_at: Option<Timestamp>,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A fresh token: the only time that its text is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreshToken {
    /// What can be read of it later, too.
    #[serde(flatten)]
    pub about: Token,
    /// The token itself, for `Authorization: Bearer`.
    #[schema(example = "sb_dGhpcy1pcy1hbi1leGFtcGxl")]
    pub token: String,
}

/// A program that uses the API.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceAccount {
    /// The service account's id.
    pub id: ServiceAccountId,
    /// What it is called; its messages show this name.
    #[schema(example = "Order import")]
    pub name: String,
    /// Its tokens do not work.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A service account and its token, to be made together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Order import", "scopes": ["contacts:read", "contacts:write"], "expires_in_days": 90}))]
pub struct CreateToken {
    /// What it is called.
    #[schema(max_length = 200)]
    pub name: String,
    /// What it may do: nothing that the caller may not.
    #[schema(min_items = 1)]
    pub scopes: Vec<Permission>,
    /// After how many days it ends by itself; never, if left out.
    #[schema(minimum = 1, maximum = 3650)]
    pub expires_in_days: Option<u32>,
}

/// How to replace a token.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct RotateToken {
    /// How long the old token goes on working, in hours; 24 unless said, 0 ends it at once.
    #[schema(minimum = 0, maximum = 168)]
    pub overlap_hours: Option<u32>,
}
