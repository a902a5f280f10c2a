//! The gateway: does at a provider what we want of it, once.
//!
//! Guarantees of every implementation: [`Gateway::send`] always answers, within one bounded time ([`SEND_MS_MAX`]); it stops at the first
//! call that is not accepted, and says which parts were; what may have been sent is never called not sent.
//!
//! Does not: retry, wait its turn, or remember anything of earlier tries.

use entities::{ChannelId, ChannelKind, CredentialId, Outbound, SendOutcome, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use super::LocalPromise;

/// Longest that [`Gateway::send`] takes, in milliseconds.
pub const SEND_MS_MAX: u64 = 60_000;

/// A channel as the gateway needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: ChannelId,
    /// What it connects to.
    pub kind: ChannelKind,
    /// Our account there.
    pub address: String,
    /// What proves that it is ours.
    pub credential_id: CredentialId,
}

/// A part of a message that the provider has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartDone {
    /// The provider's id of it, if it gave one.
    pub id: Option<String>,
    /// The provider knows of no receipts: it counts as delivered.
    pub delivered: bool,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every part that the provider has, those from before among them, in order.
    pub done: Vec<PartDone>,
    /// What came of the last call; [`SendOutcome::Accepted`] means that all of it is done.
    pub outcome: SendOutcome,
}

/// The gateway. See the module's head for what every implementation guarantees.
pub trait Gateway: Send + Sync + 'static {
    /// Does what is wanted, but for the parts that are done. With `doubt` a try since that instant may have been made of which no answer came:
    /// where the provider can be asked, it is, before anything is sent again. The future must be polled on the thread that asked for it.
    fn send(&self, line: Line, outbound: Outbound, done: Vec<PartDone>, doubt: Option<Timestamp>) -> LocalPromise<Report>;
}
