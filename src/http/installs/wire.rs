//! What installs look like on the REST API.

use entities::{ChannelId, InstallId, Provider, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// What came of connecting an account by consent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198a1fd-fc00-7000-8000-000000000001", "provider": "slack", "status": "connected",
    "detail": "connected: Northwind", "channel_ids": ["0198a1fd-fc00-7000-8000-000000000002"], "created_at": "2026-03-26T14:30:00Z"}))]
pub struct Install {
    /// The install's id.
    pub id: InstallId,
    /// At which provider.
    pub provider: Provider,
    /// How far it has come: `begun`, `connected`, or `failed`, which it also is if only a part was connected.
    #[schema(example = "connected")]
    pub status: &'static str,
    /// What came of it, in words.
    pub detail: Option<String>,
    /// The channels that it connected.
    pub channel_ids: Vec<ChannelId>,
    /// When it began.
    pub created_at: Timestamp,
}
