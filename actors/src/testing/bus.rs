//! A bus that remembers what it was told.

use std::sync::{Mutex, PoisonError};

use entities::{ChannelId, StoredEvent, TenantId};

use crate::port::{Bus, Published, Signal};

/// A bus that remembers what it was told, in the order in which it was told.
#[derive(Debug, Default)]
pub struct RecordingBus {
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    published: Vec<Published>,
    signals: Vec<(TenantId, Signal)>,
    woken: Vec<ChannelId>,
}

impl RecordingBus {
    /// Every event of the tenant that was published, as it came.
    #[must_use]
    pub fn events(&self, tenant_id: TenantId) -> Vec<StoredEvent> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let batches = told.published.iter().filter(|published| published.tenant_id == tenant_id);
        batches.flat_map(|published| published.events.iter().cloned()).collect()
    }

    /// Every signal to the tenant, as it came.
    #[must_use]
    pub fn signals(&self, tenant_id: TenantId) -> Vec<Signal> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.signals.iter().filter(|(to, _)| *to == tenant_id).map(|(_, signal)| signal.clone()).collect()
    }

    /// Every channel that was told to have something to send, as it came.
    #[must_use]
    pub fn woken_channels(&self) -> Vec<ChannelId> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).woken.clone()
    }
}

impl Bus for RecordingBus {
    fn publish(&self, published: Published) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).published.push(published);
    }

    fn signal(&self, tenant_id: TenantId, signal: Signal) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).signals.push((tenant_id, signal));
    }

    fn wake(&self, _webhooks: &[entities::WebhookId]) {}

    fn wake_channels(&self, channels: &[ChannelId]) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).woken.extend_from_slice(channels);
    }
}
