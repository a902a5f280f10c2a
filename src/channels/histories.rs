//! What a provider's folder implements where what was missed is read room by room, and slowly.
//!
//! A subject is what is read: nothing for the list of rooms, else a room or a thread of one, as the provider's folder names it.

use entities::{Inbound, Timestamp};

use super::{
    call::{ProviderCall, ProviderReply},
    credential::Credential,
};

/// What a provider keeps of what was said.
pub trait Histories: Send + Sync {
    /// The call that tells who we are there: what we said ourselves must not come back as somebody's.
    fn who(&self, credential: &Credential) -> ProviderCall;

    /// The call for a page of what was said since an instant, behind the page that ended with `cursor`; answered by [`Histories::read`].
    /// `None`: the subject is nothing that can be read.
    fn ask(&self, credential: &Credential, subject: &str, since: Timestamp, cursor: Option<&str>) -> Option<ProviderCall>;

    /// Whether a subject is a thread of a room: those are read when there is a reason, and rooms now and then.
    fn is_thread(&self, subject: &str) -> bool;

    /// What the answer to [`Histories::ask`] says, the oldest first; nothing of an answer that is none.
    fn read(&self, credential: &Credential, asked: &Asked<'_>, reply: &ProviderReply) -> Page;
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Our account.
    pub account: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// Since when.
    pub since: Timestamp,
    /// The answer to [`Histories::who`].
    pub who: &'a ProviderReply,
}

/// A page of what was said.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Page {
    /// What happened, as notifications would have told it.
    pub items: Vec<Inbound>,
    /// What is to be read besides.
    pub further: Vec<String>,
    /// Where the next page begins; `None` at the end.
    pub cursor: Option<String>,
}
