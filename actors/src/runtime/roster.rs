//! The roster: of those that are awake only while there is work (webhooks, channels), finds one's actor or starts it, and notices when one dies.
//!
//! Guarantees: at most one actor an id on this node; a hint that an actor had not heard when it stopped keeps it; one that dies of a panic is
//! started again at once, but for three deaths within [`DEATHS_WITHIN_MS`]: then the id is put aside for [`ASIDE_MS`]. Bound: the actors awake.
//!
//! Does not: decide which node works an id. The lease does.

use std::{
    collections::HashMap,
    fmt::Display,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use actix::{
    Actor, Addr, Context, Handler,
    dev::{ContextFut, channel},
};
use entities::Timestamp;

use super::shard::Shards;
use crate::port::Clock;

/// Deaths that put a webhook aside.
const DEATHS_MAX: usize = 3;
/// Within this many milliseconds.
const DEATHS_WITHIN_MS: i64 = 60_000;
/// For how long it is put aside.
const ASIDE_MS: i64 = 30_000;
/// Slots of a mailbox before its actor has begun and sets its own bound.
const MAILBOX_FIRST: usize = 16;

/// What an actor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, actix::Message)]
#[rtype(result = "()")]
pub enum Tell {
    /// There may be something due.
    Stir,
    /// Begin nothing more; finish, give the lease back and stop.
    Drain,
    /// Finish no longer: give the lease back and stop.
    Abandon,
}

/// What an actor is one per: an id.
pub trait Key: Copy + Eq + Hash + Display + Send + 'static {}

impl<T: Copy + Eq + Hash + Display + Send + 'static> Key for T {}

/// An actor that is awake only while there is work.
pub trait Worker: Actor<Context = Context<Self>> + Handler<Tell> {
    /// What it is one per.
    type Key: Key;
    /// Its world.
    type Doors: Send + Sync + 'static;
    /// What its key names, for the log.
    const OF: &'static str;

    /// One that has just been woken.
    fn new(key: Self::Key, doors: Arc<Self::Doors>, registration: Registration<Self>) -> Self;
}

/// Who is awake.
pub struct Roster<W: Worker> {
    doors: Arc<W::Doors>,
    clock: Arc<dyn Clock>,
    shards: Arc<Shards>,
    awake_max: usize,
    /// One map a shard. Bounded by `awake_max` in all.
    maps: Vec<Mutex<HashMap<W::Key, Entry<W>>>>,
    /// Recent deaths: only of those whose actor died lately, pruned at each death.
    deaths: Mutex<HashMap<W::Key, Vec<Timestamp>>>,
    awake: AtomicUsize,
    generation: AtomicU64,
    draining: AtomicBool,
    death_count: AtomicU64,
    put_off_count: AtomicU64,
}

struct Entry<W: Worker> {
    addr: Addr<W>,
    /// Told and not yet heard. Changed under the map's lock only, or to false by the actor.
    stirred: Arc<AtomicBool>,
    generation: u64,
}

impl<W: Worker> Entry<W> {
    fn stir(&self, id: W::Key) {
        if !self.stirred.swap(true, Ordering::AcqRel) && self.addr.try_send(Tell::Stir).is_err() {
            // Dying: its registration takes the entry away, and whoever comes then starts a fresh one.
            self.stirred.store(false, Ordering::Release);
            tracing::warn!(of = W::OF, id = %id, "an actor takes no hints; the sweep will repair what it misses");
        }
    }
}

impl<W: Worker> Roster<W> {
    /// Nobody is awake yet.
    #[must_use]
    pub fn new(doors: Arc<W::Doors>, clock: Arc<dyn Clock>, shards: Arc<Shards>, awake_max: usize) -> Arc<Self> {
        let maps = (0..shards.count()).map(|_| Mutex::default()).collect();
        Arc::new(Self {
            doors,
            clock,
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

    /// Their world.
    #[must_use]
    pub fn doors(&self) -> &W::Doors {
        &self.doors
    }

    /// Wakes one, or tells the one awake that something is due now, if it is.
    pub fn wake(self: &Arc<Self>, id: W::Key, is_due_now: bool) {
        let place = self.shards.place(&id);
        let (Some(map), Some(arbiter)) = (self.maps.get(place), self.shards.arbiter(place)) else { return };
        let mut map = lock(map);
        if self.draining.load(Ordering::Acquire) {
            return;
        }
        if let Some(entry) = map.get(&id) {
            if is_due_now {
                entry.stir(id);
            }
            return;
        }
        if self.awake.load(Ordering::Relaxed) >= self.awake_max || self.is_aside(id) {
            self.put_off_count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let generation = self.generation.fetch_add(1, Ordering::Relaxed);
        let stirred = Arc::new(AtomicBool::new(false));
        let registration = Registration { roster: self.clone(), id, generation, stirred: stirred.clone(), left: false };
        let (sender, receiver) = channel::channel(MAILBOX_FIRST);
        map.insert(id, Entry { addr: Addr::new(sender), stirred, generation });
        self.awake.fetch_add(1, Ordering::Relaxed);
        // Not under the lock: a thread that has ended drops the registration here, and that takes the entry away.
        drop(map);
        let doors = self.doors.clone();
        arbiter.spawn_fn(move || {
            let context: Context<W> = Context::with_receiver(receiver);
            let running: ContextFut<_, _> = context.into_future(W::new(id, doors, registration));
            actix::spawn(running);
        });
    }

    /// Tells one that something is due now, if it is awake; wakes nobody.
    pub fn stir(&self, id: W::Key) {
        let Some(map) = self.maps.get(self.shards.place(&id)) else { return };
        if let Some(entry) = lock(map).get(&id) {
            entry.stir(id);
        }
    }

    /// Lets nobody in any more, and tells everybody who is.
    pub fn tell_all(&self, tell: Tell) {
        self.draining.store(true, Ordering::Release);
        for map in &self.maps {
            for (id, entry) in lock(map).iter() {
                if entry.addr.try_send(tell).is_err() {
                    tracing::warn!(of = W::OF, id = %id, ?tell, "an actor could not be told; its lease ends by itself");
                }
            }
        }
    }

    /// How many are awake.
    #[must_use]
    pub fn awake(&self) -> usize {
        self.awake.load(Ordering::Relaxed)
    }

    /// Actors that died of a panic since the start.
    #[must_use]
    pub fn deaths(&self) -> u64 {
        self.death_count.load(Ordering::Relaxed)
    }

    /// Hints that were not followed since the start, because too many were awake or the one hinted at was put aside: the sweep repeats them.
    #[must_use]
    pub fn put_off(&self) -> u64 {
        self.put_off_count.load(Ordering::Relaxed)
    }

    fn is_aside(&self, id: W::Key) -> bool {
        let now = self.clock.now();
        let deaths = lock(&self.deaths);
        let last = deaths.get(&id).filter(|times| times.len() >= DEATHS_MAX).and_then(|times| times.last());
        last.is_some_and(|last| now.ms_since(*last) < ASIDE_MS)
    }

    fn record_death(&self, id: W::Key) {
        self.death_count.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now();
        let mut deaths = lock(&self.deaths);
        deaths.retain(|_, times| times.last().is_some_and(|last| now.ms_since(*last) < DEATHS_WITHIN_MS));
        let times = deaths.entry(id).or_default();
        times.retain(|time| now.ms_since(*time) < DEATHS_WITHIN_MS);
        times.push(now);
        tracing::error!(of = W::OF, id = %id, deaths = times.len(), "an actor died and will be started again; what was under way is due again");
    }
}

/// An actor's place in the roster; dropping it without having left means that the actor died, or that its thread has ended.
pub struct Registration<W: Worker> {
    roster: Arc<Roster<W>>,
    id: W::Key,
    generation: u64,
    stirred: Arc<AtomicBool>,
    left: bool,
}

impl<W: Worker> Registration<W> {
    /// A hint was heard.
    pub fn heard(&self) {
        self.stirred.store(false, Ordering::Release);
    }

    /// Leaves the roster, unless there is a hint that was not heard: then the actor must stay.
    pub fn leave(&mut self) -> bool {
        let draining = self.roster.draining.load(Ordering::Acquire);
        self.left = self.remove(|entry| draining || !entry.stirred.load(Ordering::Acquire));
        self.left
    }

    fn remove(&self, may: impl Fn(&Entry<W>) -> bool) -> bool {
        let Some(map) = self.roster.maps.get(self.roster.shards.place(&self.id)) else { return false };
        let mut map = lock(map);
        let mine = map.get(&self.id).is_some_and(|entry| entry.generation == self.generation && may(entry));
        if mine {
            map.remove(&self.id);
            self.roster.awake.fetch_sub(1, Ordering::Relaxed);
        }
        mine
    }
}

impl<W: Worker> Drop for Registration<W> {
    fn drop(&mut self) {
        // Without a panic it is the thread that ends, and there is nothing to be started again.
        if !self.left && self.remove(|_| true) && std::thread::panicking() {
            self.roster.record_death(self.id);
            self.roster.wake(self.id, true);
        }
    }
}

/// The maps hold no invariant that a panic could break half-way: a poisoned lock is taken all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
