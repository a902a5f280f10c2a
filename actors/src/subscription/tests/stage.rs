//! A node with webhooks, deliveries in memory, and a courier that the story directs.

use std::sync::Arc;
use std::{collections::HashMap, ops::RangeInclusive, sync::Mutex, time::Duration};

use entities::{DeliveryId, EventId, NodeId, TenantId, Timestamp, WebhookId};

use crate::{
    port::{Clock, Deliveries},
    runtime::shard::Shards,
    subscription::{Limits, Subscriptions},
    testing::{FollowingClock, MemoryDeliveries, ScriptedCourier, courier::status, deliveries::Row},
};

/// How often a story's sweep comes.
const SWEEP: Duration = Duration::from_secs(20);

pub struct Stage {
    pub deliveries: Arc<MemoryDeliveries>,
    pub courier: Arc<ScriptedCourier>,
    pub clock: Arc<FollowingClock>,
    pub node: Subscriptions,
    pub tenant_id: TenantId,
    events: Mutex<HashMap<EventId, i64>>,
}

impl Stage {
    /// A node whose receivers all say yes after a millisecond.
    pub fn set() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let (deliveries, clock) = (Arc::new(MemoryDeliveries::default()), Arc::new(FollowingClock::default()));
        let courier = Arc::new(ScriptedCourier::new(|_| status(200).after(Duration::from_millis(1))));
        let mut limits = Limits::default();
        change(&mut limits);
        let tenant_id = TenantId::new(clock.new_id());
        let node = start(NodeId::new(clock.new_id()), deliveries.clone(), &courier, &clock, limits);
        Self { deliveries, courier, clock, node, tenant_id, events: Mutex::default() }
    }

    /// Another node with the same database, or with what stands between it and the database.
    pub fn another_node(&self, deliveries: Arc<dyn Deliveries>) -> Subscriptions {
        self.node_named(NodeId::new(self.clock.new_id()), deliveries)
    }

    /// A node of this name.
    pub fn node_named(&self, node_id: NodeId, deliveries: Arc<dyn Deliveries>) -> Subscriptions {
        start(node_id, deliveries, &self.courier, &self.clock, Limits::default())
    }

    pub fn webhook(&self, ordered: bool) -> WebhookId {
        self.webhook_of(self.tenant_id, ordered)
    }

    pub fn webhook_of(&self, tenant_id: TenantId, ordered: bool) -> WebhookId {
        let id = WebhookId::new(self.clock.new_id());
        self.deliveries.add(tenant_id, id, ordered);
        id
    }

    /// Makes deliveries that are due now.
    pub fn put(&self, id: WebhookId, positions: RangeInclusive<i64>) {
        let mut events = self.events.lock().expect("lock");
        for position in positions {
            let ids = (DeliveryId::new(self.clock.new_id()), EventId::new(self.clock.new_id()));
            events.insert(ids.1, position);
            self.deliveries.put(id, position, ids, format!(r#"{{"position":{position}}}"#), self.now());
        }
    }

    pub fn position(&self, event_id: EventId) -> i64 {
        self.events.lock().expect("lock")[&event_id]
    }

    pub fn rows(&self, id: WebhookId) -> Vec<Row> {
        self.deliveries.rows(id)
    }

    /// The most attempts that were under way to a webhook at once.
    pub fn at_once(&self, id: WebhookId) -> usize {
        self.courier.most_at_once(&format!("https://{id}.example/hook"))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Lets time pass, with the sweep at work. A sweep that the store fails comes again.
    pub async fn pass_sweeping(&self, time: Duration) {
        let end = tokio::time::Instant::now() + time;
        while tokio::time::Instant::now() < end {
            let _ = self.node.sweep(self.now()).await;
            self.pass(SWEEP.min(end - tokio::time::Instant::now())).await;
        }
    }
}

fn start(
    node_id: NodeId,
    deliveries: Arc<dyn Deliveries>,
    courier: &Arc<ScriptedCourier>,
    clock: &Arc<FollowingClock>,
    limits: Limits,
) -> Subscriptions {
    Subscriptions::start(deliveries, courier.clone(), clock.clone(), node_id, Arc::new(Shards::here()), limits)
}

/// Runs a story under paused time.
pub fn story(told: impl Future<Output = ()>) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
    });
    system.block_on(told);
}
