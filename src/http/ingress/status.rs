//! A channel's status, changed by what its provider says.

use actors::port::StoreError;
use entities::{ChannelId, ChannelStatus, TenantId};

use crate::http::App;

/// Sets the status and its words, and tells of it where that changes anything: `channel.failed` where it is disconnected, else
/// `channel.updated`. A channel that is gone has no status.
///
/// # Errors
/// [`StoreError`].
pub async fn set(
    app: &App,
    tenant_id: TenantId,
    channel_id: ChannelId,
    status: ChannelStatus,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    match app.changer(None).set_status(tenant_id, channel_id, status, detail).await {
        Err(StoreError::NotFound) => Ok(()),
        done => done,
    }
}
