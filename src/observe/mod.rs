//! What is told to operators: the log and the counters.
//!
//! Guarantees: neither holds message text, tokens, e-mail addresses or names of people.

mod log;
mod metrics;

pub use log::init;
pub use metrics::{Exporter, fetched, install, request, sent, swept, typing};
