//! What conversations look like on the REST API, and what may be asked about them.

use entities::{AgentId, ChannelId, ContactId, Conversation, ConversationStatus, Label, Message, Priority, TeamId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::nullable::{Nullable, nullable};

/// A conversation as its reader sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationView {
    /// What everybody sees.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// Messages of the contact that the caller has not read; for a token: that no agent has read.
    pub unread_count: u64,
    /// The newest message (no note), if there is one.
    pub last_message: Option<Message>,
}

/// Which conversations to list, and in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those that stand here.
    pub status: Option<ConversationStatus>,
    /// Only those that this agent answers: an agent's id, `me`, or `none` for those nobody answers.
    #[param(example = "me")]
    pub assignee_id: Option<String>,
    /// Only those of this team.
    pub team_id: Option<TeamId>,
    /// Only those on this channel.
    pub channel_id: Option<ChannelId>,
    /// Only those with this label.
    #[param(example = "billing", max_length = 64)]
    pub label: Option<String>,
    /// Only those with this contact.
    pub contact_id: Option<ContactId>,
    /// Only those of this priority.
    pub priority: Option<Priority>,
    /// Only those in the trash. Without it none of those.
    pub trashed: Option<bool>,
    /// Only those in which this is found: in the contact's name or e-mail address, in the ticket's number or subject, or in what was
    /// said. Upper and lower case are the same for ASCII letters.
    #[param(example = "invoice", max_length = 200)]
    pub q: Option<String>,
    /// The order; a minus sign means the greatest first. `-updated_at` unless said.
    #[param(inline)]
    pub sort: Option<Sort>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The orders in which conversations can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum Sort {
    /// The longest quiet first.
    #[serde(rename = "updated_at")]
    UpdatedAt,
    /// The latest event first.
    #[default]
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
    /// The oldest first.
    #[serde(rename = "created_at")]
    CreatedAt,
    /// The newest first.
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
    /// The least urgent first.
    #[serde(rename = "priority")]
    Priority,
    /// The most urgent first.
    #[serde(rename = "-priority")]
    PriorityDescending,
}

/// Changes to a conversation; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "open", "assignee_id": "01980000-0000-7000-8000-000000000001", "priority": "high", "labels": ["billing"]}))]
pub struct UpdateConversation {
    /// Where it stands. Any other than `snoozed` ends a snooze.
    pub status: Option<ConversationStatus>,
    /// With the status `snoozed`: when it opens by itself, at most a year ahead. Null, or left out beside that status: when the contact writes.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Timestamp>)]
    pub snoozed_until: Nullable<Timestamp>,
    /// Who answers: an enabled member of the workspace, or null for nobody.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<AgentId>)]
    pub assignee_id: Nullable<AgentId>,
    /// The team that answers: a team of the workspace, or null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Nullable<TeamId>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// All its labels; they replace those it has.
    #[schema(max_items = 50)]
    pub labels: Option<Vec<Label>>,
}
