//! Customers who write: each notification is a message with a number of its own.

use std::sync::Arc;

use actors::port::Clock;

use super::Plan;
use crate::{
    compose::SystemClock,
    simulate::{
        Now,
        faults::Proof,
        provider::{Act, Notice, Provider, Sealed, Sealing, To},
        world::World,
    },
};

/// The customers of a run, and the provider whose they are.
pub struct Customers {
    provider: Arc<dyn Provider>,
    world: World,
    now: Now,
    hook_url: String,
    people: Vec<String>,
    run: u32,
    next: u64,
}

impl Customers {
    /// As many as are wanted, or as many as the simulator keeps.
    pub fn new(plan: &Plan, provider: Arc<dyn Provider>, run: u32) -> Self {
        let hook_url = format!("{}/api/webhooks/{}", plan.public_url, plan.provider.name());
        let clock = SystemClock::default();
        let now: Now = Arc::new(move || clock.now().micros() / 1_000);
        let mut world = World::new(Arc::clone(&now), String::new(), hook_url.clone());
        let mut people = Vec::new();
        while people.len() < plan.customers {
            let customer = provider.customer(&mut world, &format!("Customer {}", people.len() + 1), None);
            let key = customer.key.clone();
            if !world.add_customer(customer) {
                break;
            }
            people.push(key);
        }
        Self { provider, world, now, hook_url, people, run, next: 0 }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// The next one writes: the message's number, and the notification as it goes over the wire.
    pub fn write(&mut self) -> Option<(u64, Sealed)> {
        let number = self.next;
        self.next += 1;
        let person = self.people.get(number as usize % self.people.len().max(1))?;
        let act = Act::Write { text: text(self.run, number), file_id: None, reply_to: None };
        let notice = self.provider.act(&mut self.world, person, &act).ok()?.notices.into_iter().next()?;
        Some((number, self.seal(&notice)))
    }

    fn seal(&self, notice: &Notice) -> Sealed {
        let url = match &notice.to {
            To::Hook(suffix) => format!("{}{suffix}", self.hook_url),
            To::Url(url) => url.clone(),
        };
        let sealing = Sealing { url, proof: Proof::Right, now_ms: (self.now)(), attempt: 1, reason: "" };
        self.provider.seal(notice, &sealing)
    }
}

/// What a message says.
fn text(run: u32, number: u64) -> String {
    format!("load {run:08x} number {number}")
}

/// The number of a message of this run.
pub fn number(run: u32, text: &str) -> Option<u64> {
    text.strip_prefix(&format!("load {run:08x} number "))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_its_own_runs_words_alone() {
        assert_eq!(number(7, &text(7, 42)), Some(42));
        assert_eq!(number(8, &text(7, 42)), None);
        assert_eq!(number(7, "load 00000007 number x"), None);
    }
}
