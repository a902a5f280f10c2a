//! The bus of a single node: straight to this process's hubs and routers.
//!
//! The journal needs a bus to be opened and the hubs need the journal to be started; so the bus is made first and connected last.
//! What is published before that reaches nobody, and nobody is there to miss it.

use std::sync::OnceLock;

use actors::{
    hub::Hubs,
    port::{Bus, Published, Signal},
    routing::Routers,
};
use entities::{ChannelId, TenantId, WebhookId};

/// Fan-out within the process.
#[derive(Default)]
pub struct LocalBus {
    hubs: OnceLock<Hubs>,
    routers: OnceLock<Routers>,
    wake: OnceLock<Wake>,
    wake_channels: OnceLock<WakeChannels>,
    feed: OnceLock<Tell>,
}

/// Wakes those who work a webhook; never waits.
pub type Wake = Box<dyn Fn(&[WebhookId]) + Send + Sync>;

/// Wakes those who work a channel; never waits.
pub type WakeChannels = Box<dyn Fn(&[ChannelId]) + Send + Sync>;

/// Tells those who read the event feed that a tenant has new events; never waits.
pub type Tell = Box<dyn Fn(TenantId) + Send + Sync>;

impl LocalBus {
    /// Connects the hubs; false if that was done before.
    pub fn connect(&self, hubs: Hubs) -> bool {
        self.hubs.set(hubs).is_ok()
    }

    /// Connects those who give out what waits; false if that was done before.
    pub fn connect_routers(&self, routers: Routers) -> bool {
        self.routers.set(routers).is_ok()
    }

    /// Connects those who work webhooks; false if that was done before.
    pub fn connect_webhooks(&self, wake: Wake) -> bool {
        self.wake.set(wake).is_ok()
    }

    /// Connects those who work channels; false if that was done before.
    pub fn connect_channels(&self, wake: WakeChannels) -> bool {
        self.wake_channels.set(wake).is_ok()
    }

    /// Connects those who read the event feed; false if that was done before.
    pub fn connect_feed(&self, tell: Tell) -> bool {
        self.feed.set(tell).is_ok()
    }
}

impl Bus for LocalBus {
    fn publish(&self, published: Published) {
        if let Some(tell) = self.feed.get() {
            tell(published.tenant_id);
        }
        if let Some(routers) = self.routers.get() {
            routers.published(&published);
        }
        if let Some(hubs) = self.hubs.get() {
            hubs.publish(published);
        }
    }

    fn signal(&self, tenant_id: TenantId, signal: Signal) {
        if let Some(routers) = self.routers.get() {
            routers.signalled(tenant_id, &signal);
        }
        if let Some(hubs) = self.hubs.get() {
            hubs.signal(tenant_id, signal);
        }
    }

    fn wake(&self, webhooks: &[WebhookId]) {
        if let Some(wake) = self.wake.get() {
            wake(webhooks);
        }
    }

    fn wake_channels(&self, channels: &[ChannelId]) {
        if let Some(wake) = self.wake_channels.get() {
            wake(channels);
        }
    }
}
