//! Subscriptions: which events somebody wants sent, and what becomes of each.
//!
//! Guarantees: [`EventPattern`] and [`SubscriptionFilter`] decide alike wherever they are asked: when deliveries are made, in the feed, and
//! in a replay.
//!
//! Does not: sign or send ([`crate::webhook`] holds the nouns of that).

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::{ChannelId, EventKind, Label, TeamId, Timestamp, WebhookId, message::words};

/// Most patterns of one subscription.
pub const PATTERNS_MAX: usize = 100;
/// Most values in each list of a filter.
pub const FILTER_VALUES_MAX: usize = 100;

words! {
    /// Whether a webhook is at work.
    WebhookStatus {
        /// Events are delivered.
        Enabled = "enabled",
        /// Events are kept as skipped.
        Disabled = "disabled",
    }
}

words! {
    /// What became of an event for a webhook.
    DeliveryStatus {
        /// Waiting for its attempt, the first or a later one.
        Pending = "pending",
        /// The receiver has it.
        Delivered = "delivered",
        /// Every attempt failed.
        Failed = "failed",
        /// The webhook was disabled when it happened.
        Skipped = "skipped",
    }
}

words! {
    /// Why an attempt was made.
    Trigger {
        /// The event happened, or an earlier attempt failed.
        Auto = "auto",
        /// Somebody asked for this delivery again.
        Manual = "manual",
        /// A replay asked for it.
        Replay = "replay",
        /// Somebody tried the webhook out.
        Test = "test",
    }
}

words! {
    /// Which deliveries a replay sends again.
    ReplayOnly {
        /// Those whose every attempt failed.
        Failed = "failed",
        /// Those never attempted: skipped, or from before the webhook was made.
        Missing = "missing",
        /// All of them.
        All = "all",
    }
}

words! {
    /// How far a replay is.
    ReplayStatus {
        /// Going through the events.
        Running = "running",
        /// All that it found is waiting to be sent, or was.
        Done = "done",
    }
}

/// A kind of event, all kinds of a resource (`ticket.*`), or all (`*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventPattern {
    /// `*`
    All,
    /// `ticket.*`; holds `ticket`.
    Resource(&'static str),
    /// `ticket.created`
    One(EventKind),
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no event `{0}`: see /api/v1/event-types for those there are; `ticket.*` means all of a resource and `*` all")]
pub struct NoSuchEvent(pub String);

impl EventPattern {
    /// Whether it means this kind.
    #[must_use]
    pub fn covers(self, kind: EventKind) -> bool {
        match self {
            Self::All => true,
            Self::Resource(resource) => kind.resource() == resource,
            Self::One(one) => one == kind,
        }
    }
}

impl FromStr for EventPattern {
    type Err = NoSuchEvent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::All);
        }
        let found = match text.strip_suffix(".*") {
            Some(resource) => EventKind::ALL.iter().map(|kind| kind.resource()).find(|known| *known == resource).map(Self::Resource),
            None => EventKind::parse(text).map(Self::One),
        };
        found.ok_or_else(|| NoSuchEvent(text.to_owned()))
    }
}

impl std::fmt::Display for EventPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Resource(resource) => write!(f, "{resource}.*"),
            Self::One(kind) => f.write_str(kind.as_str()),
        }
    }
}

impl Serialize for EventPattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventPattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What the events `webhook.failing` and `webhook.disabled` say of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookReport {
    /// The webhook.
    pub id: WebhookId,
    /// Where its events go.
    pub url: String,
    /// What its owner calls it.
    pub description: String,
    /// Whether it is at work.
    pub status: WebhookStatus,
    /// Why it is not.
    pub disabled_reason: Option<String>,
    /// When the first of the attempts was that failed since the last success.
    pub failing_since: Option<Timestamp>,
}

/// What an event must be about. An empty list asks for nothing; of each list that is not empty, one value must fit. An event that happened
/// in no conversation (a contact's, a channel's) has no team and no labels; a channel's event has its channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionFilter {
    /// The channel it happened on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_ids: Vec<ChannelId>,
    /// The team that the conversation was given to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team_ids: Vec<TeamId>,
    /// A label of the conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
}

/// What an event is about, for the filter.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The channel.
    pub channel_id: Option<ChannelId>,
    /// The conversation's team.
    pub team_id: Option<TeamId>,
    /// The conversation's labels.
    pub labels: &'a [Label],
}

impl SubscriptionFilter {
    /// Whether an event about this is wanted.
    #[must_use]
    pub fn wants(&self, about: About<'_>) -> bool {
        let channel = self.channel_ids.is_empty() || about.channel_id.is_some_and(|id| self.channel_ids.contains(&id));
        let team = self.team_ids.is_empty() || about.team_id.is_some_and(|id| self.team_ids.contains(&id));
        let label = self.labels.is_empty() || self.labels.iter().any(|label| about.labels.contains(label));
        channel && team && label
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.channel_ids.is_empty() && self.team_ids.is_empty() && self.labels.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_pattern_means_one_kind_all_of_a_resource_or_all() {
        let means = |text: &str| -> Vec<&str> {
            let pattern: EventPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), text);
            EventKind::ALL.iter().filter(|kind| pattern.covers(**kind)).map(|kind| kind.as_str()).collect()
        };
        assert_eq!(means("ticket.created"), ["ticket.created"]);
        assert_eq!(means("ticket.*"), ["ticket.created", "ticket.updated", "ticket.deleted", "ticket.message_created"]);
        assert_eq!(means("*").len(), EventKind::ALL.len());
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for text in ["", ".", ".*", "**", "ticket", "ticket.", "tick.*", "*.created", "ticket.exploded", "Ticket.created", " *"] {
            assert_eq!(text.parse::<EventPattern>(), Err(NoSuchEvent(text.to_owned())));
        }
    }

    #[test]
    fn a_filter_wants_one_of_each_list_it_has() {
        let channel = |n| ChannelId::new(Uuid::from_u128(n));
        let label = |text: &str| Label::parse(text).unwrap();
        let labels = [label("vip"), label("bike")];
        let about = About { channel_id: Some(channel(1)), team_id: None, labels: &labels };
        let filter = |channels: &[u128], wanted: &[&str]| SubscriptionFilter {
            channel_ids: channels.iter().copied().map(channel).collect(),
            team_ids: Vec::new(),
            labels: wanted.iter().copied().map(label).collect(),
        };
        assert!(filter(&[], &[]).wants(about) && filter(&[], &[]).wants(About::default()));
        assert!(filter(&[2, 1], &["vip", "other"]).wants(about));
        assert!(!filter(&[2], &["vip"]).wants(about));
        assert!(!filter(&[1], &["other"]).wants(about));
        assert!(!filter(&[1], &[]).wants(About::default()));
        let team = SubscriptionFilter { team_ids: vec![TeamId::new(Uuid::from_u128(7))], ..SubscriptionFilter::default() };
        assert!(!team.wants(about));
    }
}
