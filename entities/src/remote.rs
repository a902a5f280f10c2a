//! Where the other side of a conversation is at its provider, and what it may be told.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Address, Capabilities, ChannelKind, MessageType, Timestamp, outbound::MessageExtra};

/// What the table keeps of the other side; none on the widget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// What the channel connects to.
    pub kind: ChannelKind,
    /// Where answers go.
    pub address: Address,
    /// The provider's thread that they go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// The contact's newest message, by the provider's clock: what reply windows count from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_inbound_at: Option<Timestamp>,
    /// The provider's id of that message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_inbound_id: Option<String>,
    /// The newest message of the contact's of which the provider was to be told that we have read it, by its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked_read_seq: Option<u64>,
    /// The provider has said that the window is closed, whatever we count; until the contact writes again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub window_closed: bool,
    /// When it said so; what the contact wrote before does not open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_closed_at: Option<Timestamp>,
    /// Another sender of ours at the provider (its own automation, another app) handles the conversation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handled_elsewhere: bool,
    /// Since when it is known who handles it; what is older does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_at: Option<Timestamp>,
    /// Everything sent before has been delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_up_to: Option<Timestamp>,
    /// Everything sent before has been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_up_to: Option<Timestamp>,
    /// The contact wants no messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opted_out: bool,
    /// The contact wants no marketing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opted_out_of_marketing: bool,
    /// When the contact last said whether it wants messages; what is older does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference_at: Option<Timestamp>,
    /// Likewise of marketing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing_at: Option<Timestamp>,
}

impl Remote {
    /// Somebody who has not said anything yet.
    #[must_use]
    pub fn new(kind: ChannelKind, address: Address, thread: Option<String>) -> Self {
        Self {
            kind,
            address,
            thread,
            last_inbound_at: None,
            last_inbound_id: None,
            marked_read_seq: None,
            window_closed: false,
            window_closed_at: None,
            handled_elsewhere: false,
            owner_at: None,
            delivered_up_to: None,
            read_up_to: None,
            opted_out: false,
            opted_out_of_marketing: false,
            preference_at: None,
            marketing_at: None,
        }
    }

    /// Until when anything may be said, where the provider sets a window; what has been long ago if the contact never wrote.
    #[must_use]
    pub fn reply_until(&self) -> Option<Timestamp> {
        let hours = Capabilities::of(self.kind)?.reply_window_hours?;
        Some(self.until(hours))
    }

    /// Until when a person (no automation) may answer, where that is longer.
    #[must_use]
    pub fn human_until(&self) -> Option<Timestamp> {
        let hours = Capabilities::of(self.kind)?.human_window_hours?;
        Some(self.until(hours))
    }

    /// Whether the other side may be shown now that somebody is typing.
    #[must_use]
    pub fn may_show_typing(&self, now: Timestamp) -> bool {
        let able = Capabilities::of(self.kind).is_some_and(|able| able.typing);
        able && !self.opted_out && self.reply_until().is_none_or(|until| until >= now)
    }

    fn until(&self, hours: u32) -> Timestamp {
        const NEVER: Timestamp = Timestamp::EPOCH;
        let counted = self.last_inbound_at.map_or(NEVER, |at| at.plus_ms(i64::from(hours) * 3_600_000));
        if self.window_closed { NEVER } else { counted }
    }

    /// What the outside sees of it.
    #[must_use]
    pub fn view(&self) -> RemoteView {
        RemoteView {
            kind: self.kind,
            address: self.address.clone(),
            reply_until: self.reply_until(),
            human_until: self.human_until(),
            opted_out: self.opted_out,
            handled_elsewhere: self.handled_elsewhere,
        }
    }
}

/// What the outside sees of a conversation's other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemoteView {
    /// What the channel connects to.
    pub kind: ChannelKind,
    /// Where answers go.
    pub address: Address,
    /// Until when anything may be said; null where the provider sets no window.
    pub reply_until: Option<Timestamp>,
    /// Until when a person may still answer, where that is longer.
    pub human_until: Option<Timestamp>,
    /// The contact wants no messages: none can be sent.
    pub opted_out: bool,
    /// Another sender (the provider's own automation, another app) handles the conversation: only a person may answer, and takes it over.
    #[serde(default)]
    pub handled_elsewhere: bool,
}

/// What a message has because it went over a provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Via {
    /// What kind of message it is there.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MessageType>,
    /// When it was said, by the provider's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_at: Option<Timestamp>,
    /// The message of this conversation that it answers, by its `seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to_seq: Option<u64>,
    /// The provider's id of the message that it answers, where that is none of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to_id: Option<String>,
    /// What a pressed button stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// A place, cards, an order, a call, where the contact came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<Value>,
    /// Buttons, a list or a template that it was sent with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<MessageExtra>,
}

impl Eq for Via {}
