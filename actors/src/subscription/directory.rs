//! The subscriptions' directory: finds a webhook's actor or starts it, and notices when one dies.
//!
//! Guarantees: at most one actor a webhook on this node; a hint that an actor had not heard when it stopped keeps it; one that dies of a panic is
//! started again at once, but for three deaths within [`DEATHS_WITHIN_MS`]: then the webhook is put aside for [`ASIDE_MS`]. Bound: the actors awake.
//!
//! Does not: decide which node works a webhook. The lease does.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use actix::{
    Addr, Context,
    dev::{ContextFut, channel},
};
use entities::{Timestamp, WebhookId};

use super::{
    actor::{Doors, SubscriptionActor},
    message::Tell,
};
use crate::runtime::shard::Shards;

/// Deaths that put a webhook aside.
const DEATHS_MAX: usize = 3;
/// Within this many milliseconds.
const DEATHS_WITHIN_MS: i64 = 60_000;
/// For how long it is put aside.
const ASIDE_MS: i64 = 30_000;
/// Slots of a mailbox before its actor has begun and sets its own bound.
const MAILBOX_FIRST: usize = 16;

pub(super) struct Directory {
    pub doors: Arc<Doors>,
    shards: Arc<Shards>,
    awake_max: usize,
    /// One map a shard. Bounded by `awake_max` in all.
    maps: Vec<Mutex<HashMap<WebhookId, Entry>>>,
    /// Recent deaths: only webhooks whose actor died lately, pruned at each death.
    deaths: Mutex<HashMap<WebhookId, Vec<Timestamp>>>,
    awake: AtomicUsize,
    generation: AtomicU64,
    draining: AtomicBool,
    death_count: AtomicU64,
    put_off_count: AtomicU64,
}

struct Entry {
    addr: Addr<SubscriptionActor>,
    /// Told and not yet heard. Changed under the map's lock only, or to false by the actor.
    stirred: Arc<AtomicBool>,
    generation: u64,
}

impl Directory {
    pub fn new(doors: Arc<Doors>, shards: Arc<Shards>, awake_max: usize) -> Arc<Self> {
        let maps = (0..shards.count()).map(|_| Mutex::default()).collect();
        Arc::new(Self {
            doors,
            shards,
            awake_max,
            maps,
            deaths: Mutex::default(),
            awake: AtomicUsize::new(0),
            generation: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            death_count: AtomicU64::new(0),
            put_off_count: AtomicU64::new(0),
        })
    }

    /// Wakes a webhook, or tells the one awake that something is due now, if it is.
    pub fn wake(self: &Arc<Self>, id: WebhookId, is_due_now: bool) {
        let place = self.shards.place(&id);
        let (Some(map), Some(arbiter)) = (self.maps.get(place), self.shards.arbiter(place)) else { return };
        let mut map = lock(map);
        if self.draining.load(Ordering::Acquire) {
            return;
        }
        if let Some(entry) = map.get(&id) {
            if is_due_now && !entry.stirred.swap(true, Ordering::AcqRel) && entry.addr.try_send(Tell::Stir).is_err() {
                // Dying: its registration takes the entry away, and whoever comes then starts a fresh one.
                entry.stirred.store(false, Ordering::Release);
                tracing::warn!(webhook.id = %id, "a webhook's actor takes no hints; the sweep will repair what it misses");
            }
            return;
        }
        if self.awake.load(Ordering::Relaxed) >= self.awake_max || self.is_aside(id) {
            self.put_off_count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let generation = self.generation.fetch_add(1, Ordering::Relaxed);
        let stirred = Arc::new(AtomicBool::new(false));
        let registration = Registration { directory: self.clone(), id, generation, stirred: stirred.clone(), left: false };
        let (sender, receiver) = channel::channel(MAILBOX_FIRST);
        map.insert(id, Entry { addr: Addr::new(sender), stirred, generation });
        self.awake.fetch_add(1, Ordering::Relaxed);
        // Not under the lock: a thread that has ended drops the registration here, and that takes the entry away.
        drop(map);
        let doors = self.doors.clone();
        arbiter.spawn_fn(move || {
            let context: Context<SubscriptionActor> = Context::with_receiver(receiver);
            let running: ContextFut<_, _> = context.into_future(SubscriptionActor::new(id, doors, registration));
            actix::spawn(running);
        });
    }

    /// Lets nobody in any more, and tells everybody who is.
    pub fn tell_all(&self, tell: Tell) {
        self.draining.store(true, Ordering::Release);
        for map in &self.maps {
            for (id, entry) in lock(map).iter() {
                if entry.addr.try_send(tell).is_err() {
                    tracing::warn!(webhook.id = %id, ?tell, "a webhook's actor could not be told; its lease ends by itself");
                }
            }
        }
    }

    pub fn awake(&self) -> usize {
        self.awake.load(Ordering::Relaxed)
    }

    pub fn deaths(&self) -> u64 {
        self.death_count.load(Ordering::Relaxed)
    }

    pub fn put_off(&self) -> u64 {
        self.put_off_count.load(Ordering::Relaxed)
    }

    fn is_aside(&self, id: WebhookId) -> bool {
        let now = self.doors.clock.now();
        let deaths = lock(&self.deaths);
        let last = deaths.get(&id).filter(|times| times.len() >= DEATHS_MAX).and_then(|times| times.last());
        last.is_some_and(|last| now.ms_since(*last) < ASIDE_MS)
    }

    fn record_death(&self, id: WebhookId) {
        self.death_count.fetch_add(1, Ordering::Relaxed);
        let now = self.doors.clock.now();
        let mut deaths = lock(&self.deaths);
        deaths.retain(|_, times| times.last().is_some_and(|last| now.ms_since(*last) < DEATHS_WITHIN_MS));
        let times = deaths.entry(id).or_default();
        times.retain(|time| now.ms_since(*time) < DEATHS_WITHIN_MS);
        times.push(now);
        tracing::error!(webhook.id = %id, deaths = times.len(), "a webhook's actor died and will be started again; what was under way is due again");
    }
}

/// An actor's place in the directory; dropping it without having left means that the actor died, or that its thread has ended.
pub(super) struct Registration {
    directory: Arc<Directory>,
    id: WebhookId,
    generation: u64,
    stirred: Arc<AtomicBool>,
    left: bool,
}

impl Registration {
    /// A hint was heard.
    pub fn heard(&self) {
        self.stirred.store(false, Ordering::Release);
    }

    /// Leaves the directory, unless there is a hint that was not heard: then the actor must stay.
    pub fn leave(&mut self) -> bool {
        let draining = self.directory.draining.load(Ordering::Acquire);
        self.left = self.remove(|entry| draining || !entry.stirred.load(Ordering::Acquire));
        self.left
    }

    fn remove(&self, may: impl Fn(&Entry) -> bool) -> bool {
        let Some(map) = self.directory.maps.get(self.directory.shards.place(&self.id)) else { return false };
        let mut map = lock(map);
        let mine = map.get(&self.id).is_some_and(|entry| entry.generation == self.generation && may(entry));
        if mine {
            map.remove(&self.id);
            self.directory.awake.fetch_sub(1, Ordering::Relaxed);
        }
        mine
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // Without a panic it is the thread that ends, and there is nothing to be started again.
        if !self.left && self.remove(|_| true) && std::thread::panicking() {
            self.directory.record_death(self.id);
            self.directory.wake(self.id, true);
        }
    }
}

/// The maps hold no invariant that a panic could break half-way: a poisoned lock is taken all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
