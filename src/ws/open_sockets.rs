//! How many sockets are open, and how many of one person: both are bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

/// Sockets of one visitor or one agent.
pub const EACH_MAX: usize = 50;

/// The open sockets of this node. Cheap to clone.
#[derive(Clone)]
pub struct OpenSockets {
    inner: Arc<Inner>,
}

struct Inner {
    max: usize,
    /// Visitors and agents with an open socket; an entry goes with its last one.
    of: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    each: HashMap<Uuid, usize>,
}

/// A socket's place, given back when dropped.
pub struct Place {
    inner: Arc<Inner>,
    owner: Uuid,
}

impl OpenSockets {
    /// Room for `max` sockets.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { inner: Arc::new(Inner { max, of: Mutex::default() }) }
    }

    /// A place for one more socket of this visitor or agent, if there is one.
    #[must_use]
    pub fn enter(&self, owner: Uuid) -> Option<Place> {
        let mut open = self.inner.of.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= self.inner.max || open.each.get(&owner).is_some_and(|count| *count >= EACH_MAX) {
            return None;
        }
        open.all += 1;
        *open.each.entry(owner).or_default() += 1;
        metrics::gauge!("switchboard_sockets").set(open.all as f64);
        Some(Place { inner: self.inner.clone(), owner })
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.of.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.inner.of.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        if let Some(count) = open.each.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                open.each.remove(&self.owner);
            }
        }
        metrics::gauge!("switchboard_sockets").set(open.all as f64);
    }
}
