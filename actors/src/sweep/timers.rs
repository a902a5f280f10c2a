//! Snoozes and scheduled messages whose time has come: found in the table, and put before their conversations.
//!
//! Guarantees: each one that is due is put before its conversation in every round until that has dealt with it, also behind others that cannot be
//! dealt with now. The conversation decides whether the time has come, and its version sees to it that of two nodes one acts.
//!
//! Does not: remember anything. What a crash interrupts is found again by the next round.

use std::sync::Arc;

use entities::Timestamp;
use futures_util::{StreamExt, stream};

use super::Chore;
use crate::{
    conversation::{AskError, Command},
    port::{DueTimer, Promise, StoreError, Timer, Timers},
    runtime::Directory,
};

/// Timers that are read at once.
const PAGE: usize = 256;
/// Conversations that are asked at once: they share the journal's commits.
const AT_ONCE: usize = 64;

/// The timers of one kind, for the sweep.
pub struct DueTimers {
    /// Which kind.
    pub timer: Timer,
    /// Where they are found.
    pub timers: Arc<dyn Timers>,
    /// Who deals with them.
    pub conversations: Directory,
}

impl DueTimers {
    async fn put_all(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (mut dealt_with, mut after, mut away) = (0, None, None);
        loop {
            let page = self.timers.due(self.timer, now, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.mark());
            let is_last = page.len() < PAGE;
            let answers = stream::iter(page).map(|due| self.put(due)).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
            for answer in answers {
                match answer {
                    Ok(()) => dealt_with += 1,
                    // Its turn comes again with the next round.
                    Err(AskError::Busy { .. }) => {}
                    Err(AskError::Rejected(rejection)) => tracing::warn!(%rejection, "a timer's conversation would not deal with it"),
                    Err(AskError::Unavailable(why)) => away = Some(why),
                }
            }
            if is_last || away.is_some() {
                break;
            }
        }
        away.map_or(Ok(dealt_with), |why| Err(StoreError::Unavailable(why)))
    }

    async fn put(&self, due: DueTimer) -> Result<(), AskError> {
        let command = due.message_id.map_or(Command::Wake, |id| Command::Fire { id, refusal: due.refusal });
        self.conversations.ask(due.tenant_id, due.conversation_id, command).await.map(|_reply| ())
    }
}

impl Chore for DueTimers {
    fn name(&self) -> &'static str {
        match self.timer {
            Timer::Snooze => "end snoozes",
            Timer::Message => "send scheduled messages",
        }
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(self.put_all(now))
    }
}
