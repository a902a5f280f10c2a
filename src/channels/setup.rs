//! Having a provider tell us of what happens, where that takes more than one call: what is ours there is looked at, made, mended or removed.
//!
//! Guarantees: pure, like all of `channels`: what is asked next depends on what was answered before and on nothing else. What is as it should be
//! is left alone, and what is not ours is never touched.
//!
//! Does not: call (`crate::delivery` does), or know when it is time for it (`http/channels/set_up` does).

use super::{
    call::{ProviderCall, ProviderReply},
    credential::Credential,
    oauth::Failed,
};

/// The most calls of one errand.
pub const TURNS_MAX: usize = 120;

/// What an adapter has us do at the provider before it tells us of anything.
pub trait Setup: Send + Sync {
    /// What brings the provider to tell `hook_url` of what happens to these accounts of ours, and of no others; without accounts, what is ours
    /// is removed. `hook_url` is the address of this credential and no other's.
    fn begin(&self, credential: &Credential, hook_url: &str, accounts: &[String]) -> Box<dyn Errand>;
}

/// Some calls, each depending on the answers before.
pub trait Errand {
    /// What comes next; `reply` answers the call of the turn before, and is `None` at first. `None`: all is as it should be.
    ///
    /// # Errors
    /// [`Failed`] ends it. What was done stays, and the next errand goes on from there.
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Option<ProviderCall>, Failed>;
}
