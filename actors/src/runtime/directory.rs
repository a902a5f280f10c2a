//! The directory: finds a conversation's actor or starts it, and notices when one dies.
//!
//! Guarantees: at most one actor a conversation on this node; a command that an actor had not begun when it stopped goes to a fresh one;
//! three deaths within [`DEATHS_WITHIN_MS`] put the conversation aside for [`ASIDE_MS`], so that one poisoned conversation cannot keep a
//! thread busy. Bounds: commands under way per node and per conversation, and actors awake.
//!
//! Does not: decide which node runs a conversation. Two nodes may; the row's version arbitrates.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, prelude::SendError};
use entities::{ConversationId, TenantId, Timestamp};
use tokio::sync::oneshot;

use super::{
    admission::{Gate, Permit},
    observe::{Busy, Observed},
    shard::Shards,
};
use crate::{
    conversation::{AskError, Command, Reply, actor::ConversationActor, message::Ask},
    port::{Clock, Journal},
};

/// Deaths that put a conversation aside.
const DEATHS_MAX: usize = 3;
/// Within this many milliseconds.
const DEATHS_WITHIN_MS: i64 = 60_000;
/// For how long it is put aside.
const ASIDE_MS: i64 = 30_000;
/// What a full node or conversation asks for.
const FULL_RETRY_MS: u64 = 500;
/// How many of the busiest conversations an observer sees.
const BUSIEST_MAX: usize = 20;

/// The directory's bounds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Conversations awake on this node.
    pub awake_max: usize,
    /// Commands under way on this node.
    pub under_way_max: usize,
    /// Commands under way in one conversation.
    pub under_way_each_max: usize,
    /// A conversation sleeps after one to two of these without a command.
    pub idle_check: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { awake_max: 100_000, under_way_max: 65_536, under_way_each_max: 512, idle_check: Duration::from_secs(30) }
    }
}

/// Hands commands to conversations. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    shards: Arc<Shards>,
    limits: Limits,
    /// One map a shard, so that threads seldom meet at a lock. Bounded by `limits.awake_max` in all.
    maps: Vec<Mutex<HashMap<ConversationId, Entry>>>,
    /// Recent deaths: only conversations that died lately, pruned at each death.
    deaths: Mutex<HashMap<ConversationId, Vec<Timestamp>>>,
    node: Arc<Gate>,
    awake: AtomicUsize,
    generation: AtomicU64,
    /// The process is ending: actors that vanish now were stopped, not killed.
    draining: AtomicBool,
    death_count: AtomicU64,
    sleep_count: AtomicU64,
}

struct Entry {
    tenant_id: TenantId,
    addr: Addr<ConversationActor>,
    /// Commands under way here; nobody can begin to ask without holding the map's lock.
    own: Arc<Gate>,
    /// Tells this actor from one started later for the same conversation.
    generation: u64,
}

impl Directory {
    /// A directory over these threads. Must be called inside an actix system.
    #[must_use]
    pub fn start(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, shards: Arc<Shards>, limits: Limits) -> Self {
        let maps = (0..shards.count()).map(|_| Mutex::default()).collect();
        let inner = Inner {
            journal,
            clock,
            shards,
            limits,
            maps,
            deaths: Mutex::default(),
            node: Gate::new(limits.under_way_max),
            awake: AtomicUsize::new(0),
            generation: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            death_count: AtomicU64::new(0),
            sleep_count: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Asks a conversation for something and waits for the answer, which comes after the commit.
    ///
    /// # Errors
    /// [`AskError`]: the rules said no, too much at once, or the database is away; then nothing was written. The one exception: an actor
    /// that dies of a bug with a commit in flight leaves an unknown outcome, and the answer is `Unavailable`; a command with a `client_id`
    /// can be asked again safely and is, once.
    pub async fn ask(&self, tenant_id: TenantId, id: ConversationId, command: Command) -> Result<Reply, AskError> {
        self.hand_in(tenant_id, id, command).await?.answer().await
    }

    /// Hands a command in and returns as soon as it stands in the conversation's queue: whoever hands in two, one after the other, has them
    /// taken in that order.
    ///
    /// # Errors
    /// As [`Directory::ask`]; nothing was written.
    pub async fn hand_in(&self, tenant_id: TenantId, id: ConversationId, command: Command) -> Result<Pending, AskError> {
        self.hand_in_again(tenant_id, id, Arc::new(command)).await
    }

    async fn hand_in_again(&self, tenant_id: TenantId, id: ConversationId, command: Arc<Command>) -> Result<Pending, AskError> {
        for _attempt in 0..2 {
            let (addr, permit) = self.inner.find_or_start(tenant_id, id)?;
            let (answer, answered) = oneshot::channel();
            let taken = Arc::new(AtomicBool::new(false));
            let pending = Pending { directory: self.clone(), tenant_id, id, command: command.clone(), answered, taken: taken.clone() };
            match addr.try_send(Ask { command: command.clone(), answer, taken, permit }) {
                Ok(()) => return Ok(pending),
                Err(SendError::Full(ask)) => {
                    if addr.send(ask).await.is_ok() {
                        return Ok(pending);
                    }
                }
                // It went to sleep as we came: the next attempt starts a fresh one.
                Err(SendError::Closed(_)) => {}
            }
        }
        Err(AskError::Busy { retry_after_ms: FULL_RETRY_MS })
    }

    /// Counts and ids for operators.
    #[must_use]
    pub fn observe(&self) -> Observed {
        let inner = &self.inner;
        let mut busiest = Vec::new();
        for map in &inner.maps {
            let busy = lock(map)
                .iter()
                .map(|(id, entry)| (entry.own.inside(), *id, entry.tenant_id))
                .filter(|(count, ..)| *count > 0)
                .collect::<Vec<_>>();
            busiest.extend(busy);
        }
        busiest.sort_by(|a, b| b.cmp(a));
        busiest.truncate(BUSIEST_MAX);
        let now = inner.clock.now();
        let set_aside = lock(&inner.deaths).values().filter(|deaths| aside_ms(deaths, now).is_some()).count();
        Observed {
            awake: inner.awake.load(Ordering::Relaxed),
            awake_max: inner.limits.awake_max,
            under_way: inner.node.inside(),
            deaths: inner.death_count.load(Ordering::Relaxed),
            slept: inner.sleep_count.load(Ordering::Relaxed),
            set_aside,
            busiest: busiest
                .into_iter()
                .map(|(under_way, conversation_id, workspace_id)| Busy { workspace_id, conversation_id, under_way })
                .collect(),
        }
    }

    /// Waits until no command is under way, at most `limit`; whether that came to be. For ending the process: whoever calls this lets
    /// no new commands in.
    pub async fn drain(&self, limit: Duration) -> bool {
        self.inner.draining.store(true, Ordering::Release);
        let quiet = async {
            while self.inner.node.inside() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(limit, quiet).await.is_ok()
    }
}

/// A command in a conversation's queue.
pub struct Pending {
    directory: Directory,
    tenant_id: TenantId,
    id: ConversationId,
    command: Arc<Command>,
    answered: oneshot::Receiver<Result<Reply, AskError>>,
    taken: Arc<AtomicBool>,
}

impl Pending {
    /// Waits for the answer, which comes after the commit.
    ///
    /// # Errors
    /// As [`Directory::ask`].
    pub async fn answer(self) -> Result<Reply, AskError> {
        if let Ok(answer) = self.answered.await {
            return answer;
        }
        // The actor stopped with the command in its hands.
        if self.taken.load(Ordering::Acquire) && !is_safe_to_repeat(&self.command) {
            return Err(AskError::Unavailable("the conversation's actor died with the command in flight".into()));
        }
        let again = self.directory.hand_in_again(self.tenant_id, self.id, self.command).await?;
        again.answered.await.unwrap_or(Err(AskError::Busy { retry_after_ms: FULL_RETRY_MS }))
    }
}

/// A repeat of it, should the first have been committed, does nothing.
fn is_safe_to_repeat(command: &Command) -> bool {
    match command {
        Command::Post(post) => post.client_id.is_some(),
        Command::Update(update) => update.expected_version.is_none(),
        Command::ForJob { command, .. } => is_safe_to_repeat(command),
        Command::Trash { expected_version } | Command::Restore { expected_version } => expected_version.is_none(),
        Command::Reschedule(change) => change.expected_version.is_none(),
        // What is gone already is not found.
        Command::Unschedule { .. } | Command::Erase { .. } => false,
        // A repeat finds the conversation no longer as it was seen.
        Command::Assign(_)
        | Command::Receive(_)
        | Command::Settle(_)
        | Command::MarkRead { .. }
        | Command::ChangeContact { .. }
        | Command::React { .. }
        | Command::FileFetched { .. }
        | Command::Resend { .. }
        | Command::Wake
        | Command::Schedule(_)
        | Command::Fire { .. } => true,
    }
}

impl Inner {
    fn find_or_start(self: &Arc<Self>, tenant_id: TenantId, id: ConversationId) -> Result<(Addr<ConversationActor>, Permit), AskError> {
        let full = || AskError::Busy { retry_after_ms: FULL_RETRY_MS };
        let place = self.shards.place(&id);
        let (Some(map), Some(arbiter)) = (self.maps.get(place), self.shards.arbiter(place)) else { return Err(full()) };
        let mut map = lock(map);
        if let Some(entry) = map.get(&id) {
            // Ids are unique across tenants, so an entry of another tenant means the asker's conversation does not exist.
            if entry.tenant_id != tenant_id {
                return Err(AskError::Rejected(crate::conversation::Rejection::NotFound));
            }
            let permit = Permit::enter(&self.node, &entry.own).ok_or_else(full)?;
            return Ok((entry.addr.clone(), permit));
        }
        if let Some(retry_after_ms) = self.aside(id) {
            return Err(AskError::Busy { retry_after_ms });
        }
        if self.awake.load(Ordering::Relaxed) >= self.limits.awake_max {
            return Err(full());
        }
        let own = Gate::new(self.limits.under_way_each_max);
        let permit = Permit::enter(&self.node, &own).ok_or_else(full)?;
        let generation = self.generation.fetch_add(1, Ordering::Relaxed);
        let registration = Registration { inner: self.clone(), id, generation, left: false };
        let (journal, clock, idle_check) = (self.journal.clone(), self.clock.clone(), self.limits.idle_check);
        let addr = ConversationActor::start_in_arbiter(arbiter, move |_ctx| {
            ConversationActor::new(tenant_id, id, journal, clock, idle_check, registration)
        });
        map.insert(id, Entry { tenant_id, addr: addr.clone(), own, generation });
        self.awake.fetch_add(1, Ordering::Relaxed);
        Ok((addr, permit))
    }

    /// How long the conversation still is put aside.
    fn aside(&self, id: ConversationId) -> Option<u64> {
        lock(&self.deaths).get(&id).and_then(|deaths| aside_ms(deaths, self.clock.now()))
    }

    fn record_death(&self, id: ConversationId) {
        self.death_count.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now();
        let mut deaths = lock(&self.deaths);
        deaths.retain(|_, times| times.last().is_some_and(|last| now.ms_since(*last) < DEATHS_WITHIN_MS));
        let times = deaths.entry(id).or_default();
        times.retain(|time| now.ms_since(*time) < DEATHS_WITHIN_MS);
        times.push(now);
        tracing::error!(conversation.id = %id, deaths = times.len(), "a conversation's actor died and will be started again from the journal");
    }
}

fn aside_ms(deaths: &[Timestamp], now: Timestamp) -> Option<u64> {
    let last = deaths.last().filter(|_| deaths.len() >= DEATHS_MAX)?;
    let left = ASIDE_MS - now.ms_since(*last);
    u64::try_from(left).ok().filter(|left| *left > 0)
}

/// An actor's place in the directory; dropping it without having left means that the actor died.
pub struct Registration {
    inner: Arc<Inner>,
    id: ConversationId,
    generation: u64,
    left: bool,
}

impl Registration {
    /// Leaves the directory, unless somebody is about to ask: then the actor must stay awake.
    pub fn leave(&mut self) -> bool {
        let left = self.remove(|entry| entry.own.inside() == 0);
        if left {
            self.left = true;
            self.inner.sleep_count.fetch_add(1, Ordering::Relaxed);
        }
        left
    }

    fn remove(&self, may: impl Fn(&Entry) -> bool) -> bool {
        let Some(map) = self.inner.maps.get(self.inner.shards.place(&self.id)) else { return false };
        let mut map = lock(map);
        let mine = map.get(&self.id).is_some_and(|entry| entry.generation == self.generation && may(entry));
        if mine {
            map.remove(&self.id);
            self.inner.awake.fetch_sub(1, Ordering::Relaxed);
        }
        mine
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.left && self.remove(|_| true) && !self.inner.draining.load(Ordering::Acquire) {
            self.inner.record_death(self.id);
        }
    }
}

/// The maps hold no invariant that a panic could break half-way: a poisoned lock is taken all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
