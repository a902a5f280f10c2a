//! The bus: how committed events and signals reach the hubs.

mod local;

pub use local::LocalBus;
