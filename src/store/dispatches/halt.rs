//! A channel that cannot send until somebody does something: its row says so, and so do the tenant's events.

use actors::port::{ChannelLease, StoreError};
use entities::{ChannelStatus, TenantId, Timestamp};

use super::{SqlDispatches, get};
use crate::store::settings::channel_change::Changer;

impl SqlDispatches {
    pub(super) async fn halt_now(&self, lease: ChannelLease, reason: String, now: Timestamp) -> Result<(), StoreError> {
        let held = "SELECT tenant_id FROM channel WHERE id = $1 AND lease_owner = $2 AND status <> 'disconnected'";
        let held = super::rows(&self.db, held, [lease.channel_id.uuid().into(), lease.owner.uuid().into()]).await?;
        // Another's, disconnected meanwhile, or gone: then there is nothing to say.
        let Some(row) = held.first() else { return Ok(()) };
        let tenant_id = TenantId::new(get(row, "tenant_id")?);
        let changer = Changer { db: &self.db, journal: self.journal.as_ref(), doer: None, event_id: (self.new_event_id)(), at: now };
        match changer.set_status(tenant_id, lease.channel_id, ChannelStatus::Disconnected, Some(&reason)).await {
            Err(StoreError::NotFound) => Ok(()),
            done => done,
        }
    }
}
