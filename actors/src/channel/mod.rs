//! Channels: what is to be sent on each is sent by one actor, on one node, while there is something to send.
//!
//! Guarantees: a dispatch is marked as begun before anything of it is sent, and its end is told to its conversation, which writes it; so after a
//! crash it is known which may have been sent, and those are not sent blindly again. Of a conversation one is in hand at a time, in the order of
//! their wishes. A channel keeps the pace that its provider allows, and rests as long as the provider asks: the channel, a contact or a
//! conversation alone. A channel without anything due costs nothing.
//!
//! Does not: make dispatches or end them (conversations do, through the journal), or talk to providers (the gateway does).
//!
//! Start reading at [`state`] (the rules), then [`verdict`] (what an outcome means), [`pace`], `actor` (the sequence), `runtime::shares`
//! (fairness) and `runtime::roster` (who is awake). What is said of who is typing takes another way: `typing`.

mod actor;
pub mod message;
pub mod pace;
pub mod state;
#[cfg(test)]
mod tests;
mod typing;
pub mod verdict;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use entities::{Address, ChannelId, ConversationId, NodeId, TenantId, Timestamp};

pub use message::{Came, Limits, Observed, Told};

use self::{
    actor::{ChannelActor, Doors},
    message::NEAR,
};
use crate::{
    conversation::{AskError, Command, message::Settled},
    port::{Clock, Dispatches, Gateway, Promise, StoreError},
    runtime::{
        Directory,
        roster::{Roster, Tell},
        shard::Shards,
        shares::Shares,
    },
    sweep::Chore,
};

/// Most channels that one sweep wakes.
const SWEEP_MAX: usize = 1_000;
/// How often a drain looks whether it is done.
const DRAIN_LOOK: Duration = Duration::from_millis(5);

/// Who hears how a dispatch ended.
pub trait Conversations: Send + Sync + 'static {
    /// Has a conversation write that one of its dispatches is over. A repeat does nothing. `also` are addresses of the contact that the provider
    /// told us of by the way.
    ///
    /// # Errors
    /// [`AskError`]: nothing was written, or that is not known.
    fn settle(&self, tenant_id: TenantId, id: ConversationId, settled: Settled, also: Vec<Address>) -> Promise<'_, Result<(), AskError>>;
}

impl Conversations for Directory {
    fn settle(&self, tenant_id: TenantId, id: ConversationId, settled: Settled, also: Vec<Address>) -> Promise<'_, Result<(), AskError>> {
        if !also.is_empty() {
            // The same are told with what the contact writes, and are kept then.
            tracing::debug!(conversation.id = %id, addresses = also.len(), "a provider's answer told of further addresses");
        }
        Box::pin(async move { self.ask(tenant_id, id, Command::Settle(Box::new(settled))).await.map(|_reply| ()) })
    }
}

/// What channels reach the world by.
pub struct World {
    /// What waits to be sent.
    pub dispatches: Arc<dyn Dispatches>,
    /// Sends it.
    pub gateway: Arc<dyn Gateway>,
    /// Hear how it ended.
    pub conversations: Arc<dyn Conversations>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Hears of each send.
    pub told: Told,
    /// Hears of each time that the other side was to see somebody typing.
    pub typing_told: Told,
}

/// Reaches the channels at work on this node. Cheap to clone.
#[derive(Clone)]
pub struct Channels {
    roster: Arc<Roster<ChannelActor>>,
    doors: Arc<Doors>,
    /// Leases that end before were taken before this process began.
    began_until: Timestamp,
}

impl Channels {
    /// Those of a node, spread over these threads; none is awake yet. Leases are held in the name of `node_id`, which no other process that lives
    /// has. A node that comes back under its name goes on at once with what it had under way.
    #[must_use]
    pub fn start(world: World, node_id: NodeId, shards: Arc<Shards>, limits: Limits) -> Self {
        let World { dispatches, gateway, conversations, clock, told, typing_told } = world;
        let shares = Shares::new(limits.node_in_flight_max, limits.tenant_in_flight_max);
        let began_until = clock.now().plus_ms(state::LEASE_MS);
        let indicators = Mutex::default();
        let doors =
            Arc::new(Doors { dispatches, gateway, conversations, clock: clock.clone(), shares, node_id, told, typing_told, indicators });
        Self { roster: Roster::new(doors.clone(), clock, shards, limits.awake_max), doors, began_until }
    }

    /// Tells that a channel may have something due. A hint: never waits, and may be lost; the sweep finds what is.
    pub fn wake(&self, id: ChannelId) {
        self.roster.wake(id, true);
    }

    /// One of ours began or stopped typing: what shows that to the other side, if it is to be shown now. Nothing waits for it, and it ends by
    /// itself; to be polled on the thread that asked.
    pub fn show_typing(&self, tenant_id: TenantId, id: ConversationId, on: bool) -> Option<impl Future<Output = ()> + use<>> {
        let is_wished = typing::lock(&self.doors.indicators).wish(id, on, self.doors.clock.now());
        is_wished.then(|| typing::show(self.doors.clone(), tenant_id, id, on))
    }

    /// Wakes the channels that have something due, or will soon, and that nobody works; how many. Safe on several nodes at once. To be called
    /// when the node starts, and again and again, at least twice in [`NEAR`].
    ///
    /// # Errors
    /// [`StoreError`] if they could not be read.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let soon = now.plus_ms(NEAR.as_millis() as i64);
        // A lease from before the beginning may be this node's own, left by a crash. It is not waited for: if it is another's, the claim is refused.
        let neglected = self.roster.doors().dispatches.neglected(now.max(self.began_until), soon, SWEEP_MAX).await?;
        for channel in &neglected {
            self.roster.wake(channel.id, channel.due_at <= now);
        }
        Ok(neglected.len())
    }

    /// Begins nothing more, waits for what is under way and gives the leases back, within `limit`; whether that came to be. Of a send that takes
    /// too long it is not known then whether the provider has it.
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

impl Chore for Channels {
    fn name(&self) -> &'static str {
        "wake channels"
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(async move { self.sweep(now).await.map(|woken| woken as u64) })
    }
}
