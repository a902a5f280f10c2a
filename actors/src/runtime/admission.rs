//! Admission: the real bound on what is under way. A mailbox's own capacity is per sender handle and would not hold.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A bound with the number of those inside it.
#[derive(Debug)]
pub struct Gate {
    max: usize,
    inside: AtomicUsize,
}

/// A place inside one or two gates, given back when dropped.
#[derive(Debug)]
pub struct Permit {
    gates: [Option<Arc<Gate>>; 2],
}

impl Gate {
    /// A gate that lets `max` in at once.
    #[must_use]
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, inside: AtomicUsize::new(0) })
    }

    /// How many are inside.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.inside.load(Ordering::Acquire)
    }

    fn enter(&self) -> bool {
        let entered = self.inside.fetch_add(1, Ordering::AcqRel) < self.max;
        if !entered {
            self.inside.fetch_sub(1, Ordering::AcqRel);
        }
        entered
    }
}

impl Permit {
    /// Enters both gates, or neither.
    #[must_use]
    pub fn enter(node: &Arc<Gate>, own: &Arc<Gate>) -> Option<Self> {
        if !node.enter() {
            return None;
        }
        // From here the permit's drop gives back what was taken.
        let mut permit = Self { gates: [Some(node.clone()), None] };
        if !own.enter() {
            return None;
        }
        let [_, second] = &mut permit.gates;
        *second = Some(own.clone());
        Some(permit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        for gate in self.gates.iter().flatten() {
            gate.inside.fetch_sub(1, Ordering::AcqRel);
        }
    }
}
