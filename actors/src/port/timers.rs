//! What is due by the clock: snoozes that are over, and messages whose time has come.
//!
//! Guarantees of every implementation (held by `testing::conformance`): whatever was committed as due at an instant is found from that instant on,
//! by every node, until the conversation has dealt with it; nothing is found before.
//!
//! Does not: claim anything. Finding is a hint: the conversation decides, and its version sees to it that it happens once.

use entities::{ConversationId, Refusal, ScheduledMessageId, TenantId, Timestamp};
use uuid::Uuid;

use super::{Promise, StoreError};

/// What kinds of timers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// A conversation is snoozed until then.
    Snooze,
    /// A message is sent then.
    Message,
}

/// A place in the order in which timers of a kind are found: by time, and by id within it.
pub type DueMark = (Timestamp, Uuid);

/// A timer whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTimer {
    /// Whose.
    pub tenant_id: TenantId,
    /// The conversation that is to deal with it.
    pub conversation_id: ConversationId,
    /// Its time.
    pub at: Timestamp,
    /// The scheduled message; `None` for a snooze.
    pub message_id: Option<ScheduledMessageId>,
    /// Why the message cannot be sent, as far as that is not the conversation's to know.
    pub refusal: Option<Refusal>,
}

impl DueTimer {
    /// Where it stands among those of its kind.
    #[must_use]
    pub fn mark(&self) -> DueMark {
        (self.at, self.message_id.map_or(self.conversation_id.uuid(), ScheduledMessageId::uuid))
    }
}

/// Finds what is due, of every tenant: the sweep asks, not a caller.
pub trait Timers: Send + Sync + 'static {
    /// Timers of this kind whose time has come by `now`, behind `after`, in order, at most `limit`.
    fn due(&self, timer: Timer, now: Timestamp, after: Option<DueMark>, limit: usize) -> Promise<'_, Result<Vec<DueTimer>, StoreError>>;
}
