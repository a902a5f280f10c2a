//! Shares: how many calls to the outside may be under way on this node, for a workspace and for one that asks: a webhook, a channel.
//!
//! Guarantees: a workspace takes no more than a quarter of what the node has left, and an asker no more than a quarter of what its workspace has
//! left. So a few that hang, or a few dozen, leave places for those that do not, which find one at once; and what comes free goes to the one
//! with the fewest, by turns, so that in the end all that want places have alike.
//!
//! Does not: hold up anybody: who gets no place at once is told when there is one, or goes away by dropping what it waits with.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entities::TenantId;
use tokio::sync::oneshot;

/// One takes a place only if it has less than this part of what is left.
const PART: usize = 4;

/// What asks for places: an id.
pub trait Asker: Copy + Eq + Hash + Send + 'static {}

impl<T: Copy + Eq + Hash + Send + 'static> Asker for T {}

/// The node's places, for askers of one kind.
pub struct Shares<K: Asker> {
    node_max: usize,
    tenant_max: usize,
    held: Mutex<Held<K>>,
}

/// A place, given back when dropped.
pub struct Slot<K: Asker> {
    shares: Option<Arc<Shares<K>>>,
    tenant_id: TenantId,
    asker: K,
}

/// What [`Shares::ask`] answers.
pub enum Asked<K: Asker> {
    /// Here it is.
    Now(Slot<K>),
    /// It comes when it is this asker's turn.
    Later(oneshot::Receiver<Slot<K>>),
}

struct Held<K: Asker> {
    used: usize,
    /// Only workspaces with something under way or waiting.
    tenants: HashMap<TenantId, Part<K>>,
    /// Workspaces that wait: those with the fewest places first, then those that were served the longest ago.
    line: BTreeSet<(usize, u64, TenantId)>,
    turn: u64,
}

struct Part<K: Asker> {
    used: usize,
    /// Only askers with something under way.
    askers: HashMap<K, usize>,
    /// At most one an asker, in the order in which they came.
    waiting: Vec<Waiting<K>>,
    turn: u64,
}

struct Waiting<K: Asker> {
    asker: K,
    sender: oneshot::Sender<Slot<K>>,
}

// By hand: derived, they would ask the same of the askers.
impl<K: Asker> Default for Held<K> {
    fn default() -> Self {
        Self { used: 0, tenants: HashMap::new(), line: BTreeSet::new(), turn: 0 }
    }
}

impl<K: Asker> Default for Part<K> {
    fn default() -> Self {
        Self { used: 0, askers: HashMap::new(), waiting: Vec::new(), turn: 0 }
    }
}

impl<K: Asker> Shares<K> {
    /// So many for the node and, of those, for one workspace.
    #[must_use]
    pub fn new(node_max: usize, tenant_max: usize) -> Arc<Self> {
        Arc::new(Self { node_max, tenant_max, held: Mutex::default() })
    }

    /// How many attempts are under way.
    #[must_use]
    pub fn used(&self) -> usize {
        self.lock().used
    }

    /// Asks for one place. An asker asks again only when it has got it, or has dropped what it waits with.
    pub fn ask(self: &Arc<Self>, tenant_id: TenantId, asker: K) -> Asked<K> {
        let mut held = self.lock();
        if self.may(&held, tenant_id, asker) {
            held.take(tenant_id, asker);
            return Asked::Now(self.slot(tenant_id, asker));
        }
        let (sender, receiver) = oneshot::channel();
        held.wait(tenant_id, Waiting { asker, sender });
        Asked::Later(receiver)
    }

    fn may(&self, held: &Held<K>, tenant_id: TenantId, asker: K) -> bool {
        let left = self.node_max.saturating_sub(held.used);
        match held.tenants.get(&tenant_id) {
            None => left > 0 && self.tenant_max > 0,
            Some(part) => part.used < self.tenant_max && part.used * PART < left && part.may(asker, self.tenant_max),
        }
    }

    fn slot(self: &Arc<Self>, tenant_id: TenantId, asker: K) -> Slot<K> {
        Slot { shares: Some(self.clone()), tenant_id, asker }
    }

    fn give_back(self: &Arc<Self>, tenant_id: TenantId, asker: K) {
        self.lock().give_back(tenant_id, asker);
        // Each round serves or forgets one that waits.
        loop {
            let served = self.lock().serve(self.node_max, self.tenant_max);
            let Some((tenant_id, waiting)) = served else { return };
            // Not under the lock: what is sent may be dropped at once, and comes back here then.
            if let Err(mut unwanted) = waiting.sender.send(self.slot(tenant_id, waiting.asker)) {
                unwanted.shares = None;
                self.lock().give_back(tenant_id, waiting.asker);
            }
        }
    }

    /// Counts that a panic cannot leave half-way: a poisoned lock is taken all the same.
    fn lock(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Asker> Drop for Slot<K> {
    fn drop(&mut self) {
        if let Some(shares) = self.shares.take() {
            shares.give_back(self.tenant_id, self.asker);
        }
    }
}

impl<K: Asker> Held<K> {
    fn take(&mut self, tenant_id: TenantId, asker: K) {
        self.used += 1;
        self.turn += 1;
        let turn = self.turn;
        self.change(tenant_id, |part| {
            part.used += 1;
            part.turn = turn;
            *part.askers.entry(asker).or_default() += 1;
        });
    }

    fn give_back(&mut self, tenant_id: TenantId, asker: K) {
        self.used = self.used.saturating_sub(1);
        self.change(tenant_id, |part| {
            part.used = part.used.saturating_sub(1);
            if let Some(used) = part.askers.get_mut(&asker) {
                *used = used.saturating_sub(1);
                if *used == 0 {
                    part.askers.remove(&asker);
                }
            }
        });
    }

    fn wait(&mut self, tenant_id: TenantId, waiting: Waiting<K>) {
        self.change(tenant_id, |part| {
            // Who asks again has dropped what it waited with before.
            part.waiting.retain(|other| other.asker != waiting.asker);
            part.waiting.push(waiting);
        });
    }

    /// Takes a place for whoever's turn it is.
    fn serve(&mut self, node_max: usize, tenant_max: usize) -> Option<(TenantId, Waiting<K>)> {
        let left = node_max.saturating_sub(self.used);
        let mut found = None;
        // Workspaces with nothing under way always find an asker, and those with something are at most as many as there are places.
        for (used, _, tenant_id) in &self.line {
            if *used >= tenant_max || used * PART >= left {
                break;
            }
            found = self.tenants.get(tenant_id).and_then(|part| part.whose_turn(tenant_max)).map(|index| (*tenant_id, index));
            if found.is_some() {
                break;
            }
        }
        let (tenant_id, index) = found?;
        let mut waiting = None;
        self.change(tenant_id, |part| waiting = Some(part.waiting.remove(index)));
        let waiting = waiting?;
        self.take(tenant_id, waiting.asker);
        Some((tenant_id, waiting))
    }

    /// Changes a part and keeps its place in the line.
    fn change(&mut self, tenant_id: TenantId, change: impl FnOnce(&mut Part<K>)) {
        let part = self.tenants.entry(tenant_id).or_default();
        self.line.remove(&(part.used, part.turn, tenant_id));
        change(part);
        if !part.waiting.is_empty() {
            self.line.insert((part.used, part.turn, tenant_id));
        } else if part.used == 0 {
            self.tenants.remove(&tenant_id);
        }
    }
}

impl<K: Asker> Part<K> {
    fn may(&self, asker: K, tenant_max: usize) -> bool {
        self.of(asker) * PART < tenant_max.saturating_sub(self.used)
    }

    fn of(&self, asker: K) -> usize {
        self.askers.get(&asker).copied().unwrap_or(0)
    }

    /// Which of those that wait has the fewest places, the first of them.
    fn whose_turn(&self, tenant_max: usize) -> Option<usize> {
        let waiting = self.waiting.iter().enumerate();
        let (index, waiting) = waiting.min_by_key(|(index, waiting)| (self.of(waiting.asker), *index))?;
        self.may(waiting.asker, tenant_max).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use entities::WebhookId;
    use uuid::Uuid;

    use super::*;

    fn tenant(number: usize) -> TenantId {
        TenantId::new(Uuid::from_u128(number as u128))
    }

    fn webhook(number: usize) -> WebhookId {
        WebhookId::new(Uuid::from_u128(number as u128))
    }

    /// Takes places until there is none, and what it waits with then.
    fn greedy(
        shares: &Arc<Shares<WebhookId>>,
        tenant: TenantId,
        webhook: WebhookId,
        most: usize,
    ) -> (Vec<Slot<WebhookId>>, Option<oneshot::Receiver<Slot<WebhookId>>>) {
        let mut slots = Vec::new();
        for _ in 0..most {
            match shares.ask(tenant, webhook) {
                Asked::Now(slot) => slots.push(slot),
                Asked::Later(receiver) => return (slots, Some(receiver)),
            }
        }
        (slots, None)
    }

    #[test]
    fn a_workspace_takes_its_part_and_no_more() {
        let shares = Shares::new(512, 64);
        let mut all = Vec::new();
        for number in 0..100 {
            all.push(greedy(&shares, tenant(1), webhook(number), 8));
        }
        assert_eq!(shares.used(), 64);
        drop(all);
        assert_eq!(shares.used(), 0);
        assert!(shares.lock().tenants.is_empty() && shares.lock().line.is_empty());
    }

    #[test]
    fn dozens_of_workspaces_hang_and_another_finds_a_place() {
        let shares = Shares::new(512, 64);
        let mut all = Vec::new();
        for number in 0..20 {
            for hook in 0..8 {
                all.push(greedy(&shares, tenant(number), webhook(number * 100 + hook), 8));
            }
            assert!(matches!(shares.ask(tenant(1_000), webhook(1)), Asked::Now(_)), "with {number} workspaces that hang");
        }
    }

    #[test]
    fn many_webhooks_of_a_workspace_hang_and_another_finds_a_place() {
        let shares = Shares::new(512, 64);
        let mut all = Vec::new();
        for number in 0..14 {
            all.push(greedy(&shares, tenant(1), webhook(number), 8));
            assert!(matches!(shares.ask(tenant(1), webhook(1_000)), Asked::Now(_)), "with {number} webhooks that hang");
        }
    }

    #[test]
    fn who_waits_is_served_by_turns() {
        let shares = Shares::new(1, 1);
        let Asked::Now(mut slot) = shares.ask(tenant(0), webhook(0)) else { panic!("the first place") };
        let mut waiting: HashMap<usize, oneshot::Receiver<Slot<WebhookId>>> = HashMap::new();
        for (number, hook) in [(1, 10), (1, 11), (2, 20), (1, 12), (3, 30)] {
            let Asked::Later(receiver) = shares.ask(tenant(number), webhook(hook)) else { panic!("there is one place only") };
            waiting.insert(hook, receiver);
        }
        let mut served = Vec::new();
        while !waiting.is_empty() {
            drop(slot);
            let (hook, next) = waiting
                .iter_mut()
                .find_map(|(hook, receiver)| receiver.try_recv().ok().map(|next| (*hook, next)))
                .expect("somebody is served");
            waiting.remove(&hook);
            served.push(hook);
            slot = next;
        }
        assert_eq!(served, [10, 20, 30, 11, 12]);
    }

    #[test]
    fn what_comes_free_makes_all_alike() {
        let shares = Shares::new(512, 64);
        let mut all: HashMap<usize, Vec<Slot<WebhookId>>> = HashMap::new();
        let mut waiting = Vec::new();
        for number in 0..100 {
            for hook in 0..8 {
                let (slots, receiver) = greedy(&shares, tenant(number), webhook(number * 100 + hook), 8);
                all.entry(number).or_default().extend(slots);
                waiting.extend(receiver.map(|receiver| (number, hook, receiver)));
            }
        }
        assert!(all[&0].len() > 32 && all[&99].is_empty());
        // Everything ends once, one after the other, and whoever got a place asks for the next.
        for number in 0..100 {
            for slot in all.insert(number, Vec::new()).unwrap_or_default() {
                drop(slot);
                let served = waiting.iter_mut().enumerate().find_map(|(index, (_, _, receiver))| Some((index, receiver.try_recv().ok()?)));
                let Some((index, slot)) = served else { continue };
                let (number, hook, _) = waiting.remove(index);
                all.entry(number).or_default().push(slot);
                if let Asked::Later(receiver) = shares.ask(tenant(number), webhook(number * 100 + hook)) {
                    waiting.push((number, hook, receiver));
                }
            }
        }
        let counts: Vec<usize> = (0..100).map(|number| all[&number].len()).collect();
        let (least, most) = (counts.iter().min().copied(), counts.iter().max().copied());
        assert!(least >= Some(1) && most <= Some(8), "{counts:?}");
    }

    #[test]
    fn who_went_away_is_passed_over() {
        let shares = Shares::new(1, 1);
        let Asked::Now(slot) = shares.ask(tenant(0), webhook(0)) else { panic!("the first place") };
        for number in 1..5_000 {
            drop(shares.ask(tenant(number), webhook(number)));
        }
        let Asked::Later(mut last) = shares.ask(tenant(5_000), webhook(5_000)) else { panic!("there is one place only") };
        drop(slot);
        assert!(last.try_recv().is_ok());
        drop(last);
        assert_eq!(shares.used(), 0);
    }
}
