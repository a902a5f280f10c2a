//! What the journal keeps of a conversation's dealings with its provider.

use std::{collections::BTreeMap, sync::Arc};

use entities::{Message, Timestamp};
use serde::{Deserialize, Serialize};

/// What a write changes of a conversation's dealings with its provider. A write that has nothing but these takes no `seq` and leaves the row.
#[derive(Debug, Clone, Default)]
pub struct RemoteWrite {
    /// Messages that are no longer what they first were.
    pub changed: Vec<Arc<HeldMessage>>,
    /// What the provider calls messages: its id, and the message's place. An id that is known keeps its place.
    pub provider_ids: Vec<(String, u64)>,
    /// What is to be done at the provider.
    pub dispatches: Vec<NewDispatch>,
    /// Dispatches that are over, by position.
    pub settled: Vec<i64>,
}

impl RemoteWrite {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.provider_ids.is_empty() && self.dispatches.is_empty() && self.settled.is_empty()
    }
}

/// Something to be done at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDispatch {
    /// Which of the write's events wishes for it: its position is the dispatch's.
    pub event: usize,
    /// Where the message stands that it is about.
    pub seq: u64,
    /// What to do, if it is not to send that message.
    pub action: Option<DispatchAction>,
}

/// What to do with a message at a provider, other than send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DispatchAction {
    /// React to it, or take that back.
    React {
        /// The emoji; `None` takes it back.
        emoji: Option<String>,
        /// The one that was there before.
        previous: Option<String>,
    },
    /// Say that it was read.
    MarkRead,
}

impl DispatchAction {
    /// Whether it says all that the same wish of the conversation before it would have said: of those that were not begun the newest stays.
    #[must_use]
    pub const fn supersedes(&self) -> bool {
        match self {
            Self::MarkRead => true,
            Self::React { .. } => false,
        }
    }
}

/// A message as it is now, with what is remembered of how it came to be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMessage {
    /// The message.
    pub message: Message,
    /// What newer news is measured against.
    #[serde(default)]
    pub marks: Marks,
}

/// What is remembered of a message so that news of it may come in any order, and twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The newest edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// Who reacted last when, and with what; nothing for a reaction that was taken back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reactions: BTreeMap<String, (Timestamp, Option<String>)>,
    /// How far each part came, by the provider's id, where a message went out in several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, entities::ReceiptStatus>,
    /// Parts that were given up when the message was sent again: news of them no longer counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<String>,
}

/// Which messages to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Those at these places.
    At(Vec<u64>),
    /// The newest that we sent up to an instant, at most so many.
    SentUntil(Timestamp, usize),
}
