//! A channel that cannot send until somebody does something: its row says so, and so do the tenant's events.
//!
//! The event is written first. Should the node die in between, the channel is found unable again and that is said once more: said twice, never
//! not at all.

use std::collections::BTreeMap;

use actors::port::{Body, ChannelLease, CommitError, NewEvent, StoreError, Write};
use entities::{
    AgentId, Change, ChannelId, ChannelKind, ChannelStatus, EventKind, TenantId, Timestamp,
    table::channel::{Column, Entity},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::SqlDispatches;
use crate::store::{
    read::channel::{Channel, Settings, channel},
    unavailable,
};

/// The data of `channel.failed`: the channel as the API shows it, and what changed.
#[derive(Serialize)]
struct Failed {
    id: ChannelId,
    kind: ChannelKind,
    name: String,
    address: Option<String>,
    credential_id: Option<Uuid>,
    owner_id: Option<AgentId>,
    status: ChannelStatus,
    status_detail: Option<String>,
    settings: Map<String, Value>,
    version: u64,
    created_at: Timestamp,
    changes: BTreeMap<&'static str, Change>,
}

impl SqlDispatches {
    pub(super) async fn halt_now(&self, lease: ChannelLease, reason: String, now: Timestamp) -> Result<(), StoreError> {
        const HALT: &str = "UPDATE channel SET status = 'disconnected', status_detail = $1, version = version + 1 WHERE id = $2 \
            AND status <> 'disconnected'";
        let held = "SELECT tenant_id FROM channel WHERE id = $1 AND lease_owner = $2 AND status <> 'disconnected'";
        let held = super::rows(&self.db, held, [lease.channel_id.uuid().into(), lease.owner.uuid().into()]).await?;
        // Another's, disconnected meanwhile, or gone: then there is nothing to say.
        if held.is_empty() {
            return Ok(());
        }
        let found = Entity::find().filter(Column::Id.eq(lease.channel_id.uuid())).one(self.db.read()).await.map_err(unavailable)?;
        let Some(row) = found else { return Ok(()) };
        let tenant_id = TenantId::new(row.tenant_id);
        self.tell(tenant_id, failed(channel(row)?, reason.clone()), now).await?;
        self.run(HALT, [reason.into(), lease.channel_id.uuid().into()]).await.map(|_written| ())
    }

    async fn tell(&self, tenant_id: TenantId, failed: Failed, at: Timestamp) -> Result<(), StoreError> {
        let data = serde_json::value::to_raw_value(&failed).map_err(super::odd)?;
        let (id, kind) = ((self.new_event_id)(), EventKind::ChannelFailed);
        let event = NewEvent { id, kind, place: None, visitor_visible: false, body: Body::Settings(data.into()), at };
        let write = Write { tenant_id, contact: None, conversation: None, webhook: None, events: vec![event] };
        match self.journal.commit(write).await {
            Ok(_committed) => Ok(()),
            Err(CommitError::Busy) => Err(StoreError::Unavailable("the journal is busy".into())),
            Err(CommitError::Unavailable(why)) => Err(StoreError::Unavailable(why)),
            Err(CommitError::Conflict | CommitError::Duplicate { .. }) => {
                Err(StoreError::Conflict("a channel was taken for a conversation"))
            }
        }
    }
}

fn failed(channel: Channel, reason: String) -> Failed {
    let settings = match channel.settings {
        Settings::Other(settings) => settings,
        // A widget needs no provider and is never halted.
        Settings::Widget(_) => Map::new(),
    };
    let change = |from: Value, to: Value| Change { from, to };
    let status = ChannelStatus::Disconnected;
    let changes = BTreeMap::from([
        ("status", change(channel.status.as_str().into(), status.as_str().into())),
        ("status_detail", change(channel.status_detail.into(), reason.clone().into())),
    ]);
    Failed {
        id: channel.id,
        kind: channel.kind,
        name: channel.name,
        address: channel.address,
        credential_id: channel.credential_id,
        owner_id: channel.owner_id,
        status,
        status_detail: Some(reason),
        settings,
        version: channel.version + 1,
        created_at: channel.created_at,
        changes,
    }
}
