//! Stories: a real server process on a real database, real sockets, and what people see at the end.
//!
//! `house` starts servers, `client` speaks to them frame by frame, `person` behaves as `docs/sockets.md` tells a client to (resumes, and
//! sends again until it is acknowledged), `ledger` compares what they saw with what the database holds. The drills of the same kind, at
//! the sizes that environment variables give, are run by `scripts/drill`.

mod blocked;
pub mod chance;
mod channels;
pub mod client;
mod drain;
mod hostile;
mod house;
mod http;
mod kill;
mod ledger;
mod loadtest;
mod person;
mod presence;
mod repeats;
mod resume;
mod routing;
mod stale;
mod talk;
mod timers;
mod webhooks;

/// A size that the environment may set, so that the same story runs small in the tests and large as a drill.
fn size(variable: &str, default: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text}")),
        Err(_) => default,
    }
}
