//! What can go wrong on request: switches that stay on, and failures that come a number of times.

use serde::{Deserialize, Serialize};

/// Something that stays on until it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Every send is refused for being one too many.
    RateLimit,
    /// Every free text is refused, as if the customer had not written for days.
    WindowClosed,
    /// Every call is refused for its token.
    TokenExpired,
    /// Every answer comes late.
    Slow,
    /// Everything is done, and the connection breaks before the answer is whole.
    LostAnswers,
    /// Receipts of a message are there before the answer to its send.
    ReceiptsFirst,
    /// Every notification comes twice.
    Duplicate,
    /// Notifications come in the wrong order.
    Reorder,
    /// Notifications are gathered and come as one, where the provider does that.
    Batch,
    /// Notifications come without a signature.
    Unsigned,
    /// Notifications come with somebody else's signature.
    WrongSignature,
    /// What is not answered well is sent again. On at the beginning.
    Redeliver,
}

/// When a failure happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// In the answer to the call.
    Answer,
    /// Later, as the message's status.
    Status,
    /// In the answer to a read mark, or to what shows that somebody types.
    Mark,
}

/// A failure that is to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Injected {
    /// The provider's code.
    pub code: String,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
    /// When.
    #[serde(default = "at_once")]
    pub when: When,
}

fn once() -> u32 {
    1
}

fn at_once() -> When {
    When::Answer
}

/// One row of a provider's table of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The code, as text.
    pub code: &'static str,
    /// The HTTP status that it comes with.
    pub http: u16,
    /// What the provider says.
    pub title: &'static str,
}

/// The proof that a notification carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The right one.
    Right,
    /// One made with another secret.
    Wrong,
    /// None.
    Missing,
}
