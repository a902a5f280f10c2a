//! The conversation: one actor each, awake on this node while there is something to do.
//!
//! Guarantees: commands take effect one after the other; each is answered after its commit; a repeat of a `client_id` is answered
//! with the first result; the in-memory state is what loading would give.
//!
//! Does not: check who may ask (the edge does), or know HTTP, SQL or providers.
//!
//! Start reading at [`message`] (what can be asked), then `state` (the rules), then `actor` (the sequence).

pub mod actor;
pub mod message;
mod plan;
pub mod run;
pub mod state;
#[cfg(test)]
mod tests;

pub use plan::own_id;
pub use state::{call_key, new_addresses};

pub use message::{
    Ask, AskError, Assign, Command, ContactDraft, Opening, Post, Posted, Reader, Received, Rejection, Reply, Reschedule, Schedule, Settled,
    Update,
};
