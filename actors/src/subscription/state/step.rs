//! What the state of a webhook at work asks its actor to do.

use std::sync::Arc;

use entities::Timestamp;

use crate::port::{Attempted, Claimed, Health, Room, WebhookRequest};

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
        /// For whom.
        claimed: Arc<Claimed>,
        /// Without these positions.
        busy: Vec<i64>,
        /// At most so much.
        room: Room,
    },
    /// Find a place for an attempt: [`super::State::begin`] with it, [`super::State::await_place`] without.
    Begin,
    /// Record attempts: [`super::State::recorded`].
    Record {
        /// Those.
        attempts: Vec<Attempted>,
        /// The webhook's health after them.
        health: Health,
    },
    /// Disable the webhook: [`super::State::disabled`].
    Disable {
        /// In words.
        reason: String,
    },
    /// Tell the webhook's owner that it keeps failing: [`super::State::warned`].
    Warn,
    /// Give the lease back: [`super::State::released`].
    Release,
    /// Nothing until something ends, or until then.
    Wait(Option<Timestamp>),
    /// There is nothing left to do here; whatever is under way is void.
    Leave,
}

/// An attempt that is begun.
#[derive(Debug)]
pub struct Begun {
    /// Its delivery.
    pub position: i64,
    /// What is sent.
    pub request: WebhookRequest,
}
