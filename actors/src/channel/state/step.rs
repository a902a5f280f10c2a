//! What the state of a channel at work asks its actor to do.

use entities::{Address, ConversationId, Outbound, Timestamp};

use crate::{
    conversation::message::Settled,
    port::{Line, PartDone, Postponed},
};

/// What is to be done next.
#[derive(Debug)]
pub enum Step {
    /// Claim or renew the lease: [`super::State::claimed`].
    Claim {
        /// Until then.
        until: Timestamp,
    },
    /// Read what is due: [`super::State::read`].
    Page {
        /// On which channel.
        line: Line,
        /// Without these conversations.
        busy: Vec<ConversationId>,
        /// At most so many.
        limit: usize,
    },
    /// Find a place for a send: [`super::State::take_up`] with it, [`super::State::await_place`] without.
    TakeUp,
    /// Do the next thing with a dispatch in hand.
    Work {
        /// Which.
        position: i64,
        /// What.
        work: Work,
    },
    /// Say that the channel cannot send: [`super::State::halted`].
    Halt {
        /// In words.
        reason: String,
    },
    /// Give the lease back: [`super::State::released`].
    Release,
    /// Nothing until something ends, or until then.
    Wait(Option<Timestamp>),
    /// There is nothing left to do here; whatever is under way is void.
    Leave,
}

/// The next thing to do with a dispatch in hand.
#[derive(Debug, Clone)]
pub enum Work {
    /// Mark it as begun: [`super::State::begun`].
    Begin,
    /// Have the provider do it: [`super::State::sent`].
    Send(Box<ToSend>),
    /// Write that it was in vain: [`super::State::postponed`].
    Postpone(Postponed),
    /// Tell its conversation how it ended: [`super::State::settled`].
    Settle {
        /// Which.
        conversation_id: ConversationId,
        /// How.
        settled: Box<Settled>,
        /// Other addresses of the contact.
        also: Vec<Address>,
    },
}

/// What the gateway is given.
#[derive(Debug, Clone)]
pub struct ToSend {
    /// On which channel.
    pub line: Line,
    /// What.
    pub outbound: Outbound,
    /// Without these parts.
    pub done: Vec<PartDone>,
    /// Since when something of it may have been sent of which nothing was heard.
    pub doubt: Option<Timestamp>,
}

/// What a conversation says to a dispatch's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is written.
    Written,
    /// Not now.
    NotNow {
        /// Come back after so long; `None` by one's own count.
        after_ms: Option<u64>,
    },
    /// It will never have it.
    Never,
}
