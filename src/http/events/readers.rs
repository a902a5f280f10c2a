//! Who waits for events: woken by a hint when something is committed, and each second in any case.
//!
//! Guarantees: the number of waiting readers is bounded, for each token, each workspace and the node; a hint that comes while a reader reads
//! is not lost to it; telling costs next to nothing where nobody waits.
//!
//! Does not: carry events. Whoever is woken reads the journal, which other nodes write to as well.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entities::TenantId;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};
use uuid::Uuid;

use crate::http::problem::{Answer, Code, Problem};

/// Readers of one token (or one agent's sign-in) that may wait at once.
pub const TOKEN_MAX: usize = 10;
/// Readers of one workspace that may wait at once.
pub const WORKSPACE_MAX: usize = 50;
/// Readers of this node that may wait at once: each asks the database once a second.
pub const NODE_MAX: usize = 2_000;
/// How often a reader looks without a hint: for events of other nodes, and hints that were lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The least time between two looks: a busy workspace's hints do not make a query each.
const PAUSE: Duration = Duration::from_millis(20);
/// When to come back where there is no place.
const COME_BACK_MS: u64 = 5_000;

/// The waiting readers of this node. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readers {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    all: usize,
    /// Workspaces with a reader; an entry goes with its last one.
    of: HashMap<TenantId, Workspace>,
}

struct Workspace {
    /// Changes with every hint; what it counts means nothing.
    told: watch::Sender<u64>,
    readers: usize,
    /// By token; an entry goes with its last reader.
    each: HashMap<Uuid, usize>,
}

/// A reader's place, given back when dropped.
pub struct Reader {
    readers: Readers,
    tenant_id: TenantId,
    token: Uuid,
    told: watch::Receiver<u64>,
    /// When [`Reader::told`] last returned.
    looked_at: Option<Instant>,
}

impl Readers {
    /// A place for one more reader with this token.
    ///
    /// # Errors
    /// 429 `rate_limited` where the token or the workspace has too many, 503 `busy` where the node has; both say when to come back.
    pub fn enter(&self, tenant_id: TenantId, token: Uuid) -> Answer<Reader> {
        let mut inner = self.lock();
        if inner.all >= NODE_MAX {
            return Err(Problem::new(Code::Busy).detail("too many readers wait for events").retry_after_ms(COME_BACK_MS));
        }
        let (of_workspace, of_token) = inner.of.get(&tenant_id).map_or((0, 0), |workspace| {
            let of_token = workspace.each.get(&token).copied().unwrap_or(0);
            (workspace.readers, of_token)
        });
        let refuse = |max, whose| {
            let detail = format!("at most {max} readers of one {whose} may wait for events at once");
            Err(Problem::new(Code::RateLimited).detail(detail).retry_after_ms(COME_BACK_MS))
        };
        if of_token >= TOKEN_MAX {
            return refuse(TOKEN_MAX, "token");
        }
        if of_workspace >= WORKSPACE_MAX {
            return refuse(WORKSPACE_MAX, "workspace");
        }
        inner.all += 1;
        metrics::gauge!("switchboard_feed_readers").set(inner.all as f64);
        let fresh = || Workspace { told: watch::Sender::new(0), readers: 0, each: HashMap::new() };
        let workspace = inner.of.entry(tenant_id).or_insert_with(fresh);
        workspace.readers += 1;
        *workspace.each.entry(token).or_default() += 1;
        Ok(Reader { readers: self.clone(), tenant_id, token, told: workspace.told.subscribe(), looked_at: None })
    }

    /// Tells the readers of a workspace that something was committed. Never waits; may be lost.
    pub fn tell(&self, tenant_id: TenantId) {
        if let Some(workspace) = self.lock().of.get(&tenant_id) {
            workspace.told.send_modify(|hints| *hints = hints.wrapping_add(1));
        }
    }

    /// Tells every reader: the server is about to stop.
    pub fn tell_all(&self) {
        for workspace in self.lock().of.values() {
            workspace.told.send_modify(|hints| *hints = hints.wrapping_add(1));
        }
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Waits until something was committed since the last call returned, or a second has passed. What is committed while the caller reads
    /// ends the next call.
    pub async fn told(&mut self) {
        let looks_at = Instant::now() + LOOK_EVERY;
        // An error means that all senders are gone, and this place itself keeps one.
        if let Ok(Err(_gone)) = timeout_at(looks_at, self.told.changed()).await {
            sleep_until(looks_at).await;
        }
        if let Some(looked_at) = self.looked_at {
            sleep_until(looked_at + PAUSE).await;
        }
        // What was told of during the pause is found by the look that comes now.
        self.told.mark_unchanged();
        self.looked_at = Some(Instant::now());
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut inner = self.readers.lock();
        inner.all = inner.all.saturating_sub(1);
        metrics::gauge!("switchboard_feed_readers").set(inner.all as f64);
        let Some(workspace) = inner.of.get_mut(&self.tenant_id) else { return };
        workspace.readers = workspace.readers.saturating_sub(1);
        if let Some(count) = workspace.each.get_mut(&self.token) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                workspace.each.remove(&self.token);
            }
        }
        if workspace.readers == 0 {
            inner.of.remove(&self.tenant_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::new(Uuid::from_u128(number))
    }

    #[test]
    fn one_token_cannot_take_every_place_nor_one_workspace_those_of_another() {
        let readers = Readers::default();
        let token = |number: usize| Uuid::from_u128(number as u128);
        let mut places: Vec<_> = (0..TOKEN_MAX).map(|_| readers.enter(tenant(1), token(0)).ok().unwrap()).collect();
        let refused = readers.enter(tenant(1), token(0)).err().unwrap();
        assert_eq!((refused.code(), refused.retry_after()), (Code::RateLimited, Some(COME_BACK_MS)));
        places.extend((TOKEN_MAX..WORKSPACE_MAX).map(|number| readers.enter(tenant(1), token(number)).ok().unwrap()));
        assert_eq!(readers.enter(tenant(1), token(99)).err().unwrap().code(), Code::RateLimited);
        assert!(readers.enter(tenant(2), token(0)).is_ok());
        places.clear();
        assert!(readers.lock().of.is_empty() && readers.lock().all == 0);
    }

    #[tokio::test]
    async fn a_hint_during_a_read_ends_the_next_wait_and_one_for_others_does_not() {
        let readers = Readers::default();
        let mut reader = readers.enter(tenant(1), Uuid::nil()).ok().unwrap();
        readers.tell(tenant(1));
        readers.tell(tenant(2));
        assert!(reader.told().now_or_never().is_some());
        readers.tell(tenant(2));
        assert!(reader.told().now_or_never().is_none());
        // Without a hint it looks all the same, by and by.
        reader.told().await;
    }
}
