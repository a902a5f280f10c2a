//! Conversations. Written by the journal alone.

use sea_orm::entity::prelude::*;

/// A row of table `conversation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// Part of the primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As the noun has it.
    pub tenant_id: Uuid,
    /// As the noun has it.
    pub channel_id: Uuid,
    /// As the noun has it.
    pub contact_id: Uuid,
    /// See [`crate::ConversationStatus`].
    pub status: String,
    /// See [`crate::Priority`].
    pub priority: String,
    /// As the noun has it.
    pub assignee_id: Option<Uuid>,
    /// As the noun has it.
    pub team_id: Option<Uuid>,
    /// As the noun has it.
    pub owner_id: Option<Uuid>,
    /// JSON array, sorted.
    pub labels: String,
    /// As the noun has it.
    pub ticket_id: Option<Uuid>,
    /// The number of its last event, and its version.
    pub seq: i64,
    /// As the noun has it.
    pub inbound_count: i64,
    /// As the noun has it.
    pub inbound_seen: i64,
    /// As the noun has it.
    pub contact_read_seq: i64,
    /// As the noun has it.
    pub agent_read_seq: i64,
    /// As the noun has it.
    pub last_message_seq: i64,
    /// As the noun has it.
    pub last_reply_seq: Option<i64>,
    /// As the noun has it.
    pub last_reply_kind: Option<String>,
    /// As the noun has it.
    pub last_reply_by: Option<Uuid>,
    /// As the noun has it.
    pub other_reply_seq: Option<i64>,
    /// As the noun has it.
    pub other_reply_kind: Option<String>,
    /// As the noun has it.
    pub other_reply_by: Option<Uuid>,
    /// Where the other side is, as JSON; null on the widget.
    pub remote: Option<String>,
    /// In microseconds.
    pub snoozed_until: Option<i64>,
    /// As the noun has it.
    pub scheduled_count: i64,
    /// In microseconds.
    pub trashed_at: Option<i64>,
    /// When it was deleted for good, in microseconds: nothing is left but the place to which the contact's next message comes.
    pub erased_at: Option<i64>,
    /// As the noun has it.
    pub created_at: DateTimeUtc,
    /// As the noun has it.
    pub updated_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
