//! Who handles a conversation at its provider: we, or another sender there (its own automation, another app). Pure, like its parent.
//!
//! Guarantees: news of it may come twice and in any order: the latest, by the provider's clock, counts.

use entities::{
    Direction, Message, MessageType, Remote, Timestamp,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::Value;

use super::{Fact, State};

impl State {
    /// Another sender was handed the conversation, or we were.
    pub(super) fn handed_over(&self, news: &ChannelNews, at: Timestamp, now: Timestamp) -> Vec<Fact> {
        let owner = news.data.as_ref().and_then(|data| data.get("owner")).and_then(Value::as_str);
        let (Some(remote), ChannelNewsKind::ThreadControl, Some(owner)) = (self.row.remote.as_deref(), news.kind, owner) else {
            return Vec::new();
        };
        if remote.owner_at.is_some_and(|known| known > at) {
            return Vec::new();
        }
        let (was, is) = (remote.handled_elsewhere, owner != "us");
        let mut moved = remote.clone();
        (moved.handled_elsewhere, moved.owner_at) = (is, Some(at));
        if was != is {
            return vec![self.remote_changed(moved, "handled_elsewhere", &was, &is, now)];
        }
        if remote.owner_at == Some(at) {
            return Vec::new();
        }
        // It was so, and is said again: what was said in between, and comes later, must not undo it.
        vec![self.remote_changed(moved, "owner_at", &remote.owner_at, &Some(at), now)]
    }
}

/// Takes in what a message says of who handles the conversation: those of another's come marked, and what the contact says to us does not.
pub(super) fn said(remote: &mut Remote, message: &Message, at: Timestamp) {
    let Some(via) = message.via.as_deref().filter(|via| via.kind != Some(MessageType::Call)) else { return };
    let standby = via.details.as_ref().and_then(|details| details.get("standby")) == Some(&Value::Bool(true));
    let says = standby || message.direction == Direction::In;
    if says && remote.owner_at.is_none_or(|known| at > known) {
        remote.handled_elsewhere = standby;
        remote.owner_at = Some(at);
    }
}
