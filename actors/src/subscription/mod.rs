//! Subscriptions: each webhook is worked by one actor, on one node, while it has something to deliver.
//!
//! Guarantees: a delivery is attempted until it is delivered or its schedule is used up, and every attempt is recorded before the next of its
//! delivery is begun; whatever was under way in a crash is due again when the lease has ended. One webhook's trouble is its own: places for
//! attempts are shared so that none can take another's. A webhook without anything due costs nothing.
//!
//! Does not: make deliveries (the journal does), or send them (the courier does).
//!
//! Start reading at [`state`] (the rules), then `actor` (the sequence), `runtime::shares` (fairness) and `runtime::roster` (who is awake).

mod actor;
pub mod attempt;
pub mod message;
mod queue;
pub mod state;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use entities::{NodeId, Timestamp, WebhookId};

pub use message::{Limits, Observed};

use self::{
    actor::{Doors, SubscriptionActor},
    message::NEAR,
};
use crate::{
    port::{Clock, Courier, Deliveries, Promise, StoreError},
    runtime::{
        roster::{Roster, Tell},
        shard::Shards,
        shares::Shares,
    },
    sweep::Chore,
};

/// Most webhooks that one sweep wakes.
const SWEEP_MAX: usize = 1_000;
/// How often a drain looks whether it is done.
const DRAIN_LOOK: Duration = Duration::from_millis(5);

/// Reaches the webhooks at work on this node. Cheap to clone.
#[derive(Clone)]
pub struct Subscriptions {
    roster: Arc<Roster<SubscriptionActor>>,
    /// Leases that end before were taken before this process began.
    began_until: Timestamp,
}

impl Subscriptions {
    /// Those of a node, spread over these threads; none is awake yet. Leases are held in the name of `node_id`, which no other process that lives
    /// has. A node that comes back under its name goes on at once with what it had under way.
    #[must_use]
    pub fn start(
        deliveries: Arc<dyn Deliveries>,
        courier: Arc<dyn Courier>,
        clock: Arc<dyn Clock>,
        node_id: NodeId,
        shards: Arc<Shards>,
        limits: Limits,
    ) -> Self {
        let shares = Shares::new(limits.node_in_flight_max, limits.tenant_in_flight_max);
        let (deadline, schedule) = (limits.deadline, Arc::new(limits.schedule));
        let began_until = clock.now().plus_ms(state::lease_ms(deadline));
        let doors = Arc::new(Doors { deliveries, courier, clock: clock.clone(), shares, node_id, deadline, schedule });
        Self { roster: Roster::new(doors, clock, shards, limits.awake_max), began_until }
    }

    /// Tells that a webhook may have something due. A hint: never waits, and may be lost; the sweep finds what is.
    pub fn wake(&self, id: WebhookId) {
        self.roster.wake(id, true);
    }

    /// Wakes the webhooks that have something due, or will soon, and that nobody works; how many. Safe on several nodes at once. To be called
    /// when the node starts, and again and again, at least twice in [`NEAR`].
    ///
    /// # Errors
    /// [`StoreError`] if they could not be read.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let soon = now.plus_ms(NEAR.as_millis() as i64);
        // A lease from before the beginning may be this node's own, left by a crash. It is not waited for: if it is another's, the claim is refused.
        let neglected = self.roster.doors().deliveries.neglected(now.max(self.began_until), soon, SWEEP_MAX).await?;
        for webhook in &neglected {
            self.roster.wake(webhook.id, webhook.due_at <= now);
        }
        Ok(neglected.len())
    }

    /// Begins nothing more, waits for what is under way and gives the leases back, within `limit`; whether that came to be. Attempts that take
    /// too long are abandoned and will be due again.
    pub async fn drain(&self, limit: Duration) -> bool {
        let patience = limit.mul_f64(0.75);
        self.roster.tell_all(Tell::Drain);
        if self.all_left_within(patience).await {
            return true;
        }
        self.roster.tell_all(Tell::Abandon);
        self.all_left_within(limit.saturating_sub(patience)).await
    }

    /// Counts for operators.
    #[must_use]
    pub fn observe(&self) -> Observed {
        Observed {
            awake: self.roster.awake(),
            in_flight: self.roster.doors().shares.used(),
            deaths: self.roster.deaths(),
            put_off: self.roster.put_off(),
        }
    }

    async fn all_left_within(&self, limit: Duration) -> bool {
        let left = async {
            while self.roster.awake() > 0 {
                tokio::time::sleep(DRAIN_LOOK).await;
            }
        };
        tokio::time::timeout(limit, left).await.is_ok()
    }
}

impl Chore for Subscriptions {
    fn name(&self) -> &'static str {
        "wake webhooks"
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(async move { self.sweep(now).await.map(|woken| woken as u64) })
    }
}
