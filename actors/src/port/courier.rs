//! The courier: takes one webhook delivery to its receiver, once.
//!
//! Guarantees of every implementation: [`Courier::deliver`] always answers, within one bounded time; every failure is an outcome, also an
//! address that may not be reached. The body is sent byte for byte.
//!
//! Does not: retry, wait its turn, or remember anything of earlier attempts.

use std::sync::Arc;

use entities::{AttemptOutcome, DeliveryId, EventId, Timestamp, WebhookSecret};

use super::LocalPromise;

/// One attempt to be made.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    /// Where to.
    pub url: Arc<str>,
    /// The event's id; the same on every attempt and replay.
    pub event_id: EventId,
    /// The event's name on the wire.
    pub event: Arc<str>,
    /// The delivery's id.
    pub delivery_id: DeliveryId,
    /// Which attempt of the delivery, from 1.
    pub attempt: u32,
    /// What is sent and signed.
    pub body: Arc<[u8]>,
    /// Signs.
    pub secret: WebhookSecret,
    /// Signs too, while a rotation's overlap lasts.
    pub previous_secret: Option<WebhookSecret>,
    /// Headers that the webhook's owner wants sent with it.
    pub headers: Arc<[(String, String)]>,
    /// When the attempt is made: part of the signature, and what a date in the answer is counted from.
    pub at: Timestamp,
}

/// The courier. See the module's head for what every implementation guarantees.
pub trait Courier: Send + Sync + 'static {
    /// Makes the attempt. The future must be polled on the thread that asked for it: that thread keeps the connections.
    fn deliver(&self, request: WebhookRequest) -> LocalPromise<AttemptOutcome>;
}
