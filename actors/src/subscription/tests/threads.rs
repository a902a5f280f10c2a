//! A story on several threads, in real time: what is spread over them is done once and left in order.

use std::sync::Arc;

use entities::{DeliveryId, DeliveryStatus, EventId, NodeId, TenantId, WebhookId};
use tokio::sync::mpsc;

use crate::{
    port::Clock,
    runtime::shard::Shards,
    subscription::{Limits, Subscriptions},
    testing::{ManualClock, MemoryDeliveries, ScriptedCourier, courier::status},
};

#[actix::test]
async fn webhooks_are_spread_over_the_threads_and_each_delivery_is_made_once() {
    const WEBHOOKS: usize = 40;
    const EACH: usize = 50;
    let (clock, deliveries) = (Arc::new(ManualClock::default()), Arc::new(MemoryDeliveries::default()));
    let (told, mut heard) = mpsc::channel(WEBHOOKS * EACH + 1);
    let courier = Arc::new(ScriptedCourier::new(move |request| {
        told.try_send((request.event_id, std::thread::current().id())).expect("no more than there are");
        status(200)
    }));
    let node_id = NodeId::new(clock.new_id());
    let shards = Arc::new(Shards::start(3));
    let node = Subscriptions::start(deliveries.clone(), courier, clock.clone(), node_id, shards, Limits::default());
    let tenant_id = TenantId::new(clock.new_id());
    let hooks: Vec<WebhookId> = (0..WEBHOOKS).map(|_| WebhookId::new(clock.new_id())).collect();
    for hook in &hooks {
        deliveries.add(tenant_id, *hook, false);
        for position in 1..=EACH as i64 {
            let ids = (DeliveryId::new(clock.new_id()), EventId::new(clock.new_id()));
            deliveries.put(*hook, position, ids, "{}".to_owned(), clock.now());
            node.wake(*hook);
        }
    }
    let (mut events, mut threads) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    for _ in 0..WEBHOOKS * EACH {
        let (event_id, thread) = heard.recv().await.expect("the courier lives");
        assert!(events.insert(event_id), "once");
        threads.insert(thread);
    }
    assert_eq!(threads.len(), 3);
    assert!(node.drain(std::time::Duration::from_mins(1)).await);
    for hook in &hooks {
        assert!(deliveries.rows(*hook).iter().all(|row| row.status == DeliveryStatus::Delivered && row.attempts.len() == 1));
        assert_eq!(deliveries.lease(*hook), None);
    }
    assert_eq!((node.observe().awake, node.observe().in_flight, node.observe().deaths), (0, 0, 0));
}
