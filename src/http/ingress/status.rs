//! A channel's status, changed by what its provider says: the row, and the event that tells of it.

use actors::port::{Body, CommitError, NewEvent, StoreError, Write};
use entities::{Change, Changes, ChannelId, ChannelStatus, EventId, EventKind, TenantId};
use serde::Serialize;
use serde_json::json;

use crate::{
    http::{App, channels},
    store::{read, settings},
};

/// Sets the status and its words, and tells of it where that changes anything (`channel.failed` where it is disconnected, else
/// `channel.updated`). The row is written first; a crash in between leaves the change told of by the row alone.
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
    let Some(before) = read::channel::find(&app.db, tenant_id, channel_id).await? else { return Ok(()) };
    if before.status == status && before.status_detail.as_deref() == detail {
        return Ok(());
    }
    settings::provider::set_status(&app.db, tenant_id, channel_id, status, detail).await?;
    let Some(after) = read::channel::find(&app.db, tenant_id, channel_id).await? else { return Ok(()) };
    let mut changes = Changes::new();
    changes.insert("status", Change { from: json!(before.status), to: json!(after.status) });
    changes.insert("status_detail", Change { from: json!(before.status_detail), to: json!(after.status_detail) });
    tell(app, tenant_id, &channels::wire(after), changes, status).await
}

async fn tell(
    app: &App,
    tenant_id: TenantId,
    channel: &channels::wire::Channel,
    changes: Changes,
    status: ChannelStatus,
) -> Result<(), StoreError> {
    #[derive(Serialize)]
    struct Changed<'a> {
        #[serde(flatten)]
        channel: &'a channels::wire::Channel,
        changes: Changes,
    }
    let odd = |error: serde_json::Error| StoreError::Unavailable(error.to_string().into());
    let data = serde_json::value::to_raw_value(&Changed { channel, changes }).map_err(odd)?;
    let kind = if status == ChannelStatus::Disconnected { EventKind::ChannelFailed } else { EventKind::ChannelUpdated };
    let event = NewEvent {
        id: EventId::new(app.clock.new_id()),
        kind,
        place: None,
        visitor_visible: false,
        body: Body::Settings(data.into()),
        at: app.clock.now(),
    };
    let write = Write { tenant_id, contact: None, conversation: None, webhook: None, events: vec![event] };
    match app.journal.commit(write).await {
        Ok(_committed) => Ok(()),
        Err(CommitError::Busy) => Err(StoreError::Unavailable("the journal is busy".into())),
        Err(CommitError::Unavailable(why)) => Err(StoreError::Unavailable(why)),
        Err(CommitError::Conflict | CommitError::Duplicate { .. }) => Err(StoreError::Conflict("a channel's event was refused")),
    }
}
