//! Where visitors are who have not written yet: remembered on this node for a while, so that their first message's contact shows it.
//!
//! Does not: survive a restart or reach other nodes. What is lost is a hint about a page, and no row was written for people who never
//! say a word.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use entities::{ChannelId, VisitorId};
use serde_json::Value;

/// Most newcomers that are remembered; the oldest is forgotten first. About 1 KiB each.
const NEWCOMERS_MAX: usize = 4_096;

type Key = (ChannelId, VisitorId);

/// The newcomers of this node. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Newcomers {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    /// At most [`NEWCOMERS_MAX`].
    known: HashMap<Key, BTreeMap<String, Value>>,
    /// Oldest first; holds the keys of `known`, each once.
    order: VecDeque<Key>,
}

impl Newcomers {
    /// Remembers where a visitor is.
    pub fn remember(&self, channel_id: ChannelId, visitor_id: VisitorId, metadata: BTreeMap<String, Value>) {
        if metadata.is_empty() {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (channel_id, visitor_id);
        if inner.known.insert(key, metadata).is_none() {
            inner.order.push_back(key);
        }
        while inner.known.len() > NEWCOMERS_MAX {
            let Some(oldest) = inner.order.pop_front() else { break };
            inner.known.remove(&oldest);
        }
    }

    /// What is remembered of a visitor. It stays, so that a first message that is sent twice finds it twice.
    #[must_use]
    pub fn recall(&self, channel_id: ChannelId, visitor_id: VisitorId) -> BTreeMap<String, Value> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.known.get(&(channel_id, visitor_id)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_oldest_newcomer_is_forgotten_first() {
        let newcomers = Newcomers::default();
        let channel = ChannelId::new(Uuid::from_u128(1));
        let visitor = |n: usize| VisitorId::new(Uuid::from_u128(n as u128));
        let page = |n: usize| BTreeMap::from([("page_url".to_owned(), Value::from(n))]);
        for n in 0..=NEWCOMERS_MAX {
            newcomers.remember(channel, visitor(n), page(n));
            newcomers.remember(channel, visitor(n), page(n));
        }
        assert!(newcomers.recall(channel, visitor(0)).is_empty());
        assert_eq!(newcomers.recall(channel, visitor(1)), page(1));
        assert_eq!(newcomers.recall(channel, visitor(NEWCOMERS_MAX)), page(NEWCOMERS_MAX));
        assert!(newcomers.recall(ChannelId::new(Uuid::from_u128(2)), visitor(1)).is_empty());
        let inner = newcomers.inner.lock().unwrap();
        assert_eq!((inner.known.len(), inner.order.len()), (NEWCOMERS_MAX, NEWCOMERS_MAX));
    }
}
