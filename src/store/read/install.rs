//! What came of a try to let our app in at a provider.

use actors::port::StoreError;
use entities::{ChannelId, InstallId, Provider, TenantId, Timestamp};
use uuid::Uuid;

use super::damaged;
use crate::store::{Database, journal::read::rows, unavailable};

/// How far a try has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The provider has not led back, or what it brought is being worked on.
    Begun,
    /// Something is connected.
    Connected,
    /// Nothing is, or not all of it.
    Failed,
}

impl Status {
    /// As it stands in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Connected => "connected",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Begun, Self::Connected, Self::Failed].into_iter().find(|status| status.as_str() == text)
    }
}

/// A try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// Its id.
    pub id: InstallId,
    /// At which provider.
    pub provider: Provider,
    /// How far it has come.
    pub status: Status,
    /// What came of it, in words.
    pub detail: Option<String>,
    /// The channels that it connected.
    pub channels: Vec<ChannelId>,
    /// When it began.
    pub created_at: Timestamp,
}

/// Finds one.
pub async fn find(db: &Database, tenant_id: TenantId, id: InstallId) -> Result<Option<Install>, StoreError> {
    const FIND: &str = "SELECT provider, status, detail, channel_ids, created_at FROM oauth_state WHERE id = $1 AND tenant_id = $2";
    let Some(row) = rows(db, FIND, [id.uuid().into(), tenant_id.uuid().into()]).await?.into_iter().next() else { return Ok(None) };
    let text = |column| row.try_get::<String>("", column).map_err(unavailable);
    let channels: Vec<Uuid> = serde_json::from_str(&text("channel_ids")?).map_err(|_unreadable| damaged("oauth_state.channel_ids"))?;
    Ok(Some(Install {
        id,
        provider: Provider::parse(&text("provider")?).ok_or_else(|| damaged("oauth_state.provider"))?,
        status: Status::parse(&text("status")?).ok_or_else(|| damaged("oauth_state.status"))?,
        detail: row.try_get("", "detail").map_err(unavailable)?,
        channels: channels.into_iter().map(ChannelId::new).collect(),
        created_at: Timestamp::from_micros(row.try_get("", "created_at").map_err(unavailable)?),
    }))
}
