//! Changing settings: one transaction each. The tenant comes first in every query.

pub mod agent;
pub mod attachment;
pub mod audit;
pub mod bulk;
pub mod channel;
pub mod channel_change;
pub mod consent;
pub mod credential;
pub mod delivery;
pub mod event;
pub mod idempotency;
pub mod inquiry;
pub mod install;
pub mod invitation;
pub mod media_fetch;
pub mod part;
pub mod preset;
pub mod provider;
pub mod routing;
pub mod service_token;
pub mod session;
pub mod team;
pub mod template;
pub mod tenant;
pub mod thread;
pub mod token;
pub mod webhook;
pub mod workspace;

use actors::port::StoreError;

/// The row changed between reading and writing: read again, and decide again.
const STALE: &str = "it was changed by somebody else at the same time";

const fn stale() -> StoreError {
    StoreError::Conflict(STALE)
}

/// Whether a write failed because the row changed since it was read.
pub fn is_stale(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict(what) if *what == STALE)
}
