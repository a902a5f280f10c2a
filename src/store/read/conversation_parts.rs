//! Joins conversations with what they show of their contact and ticket.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    AgentId, ChannelId, ContactId, ContactSummary, Conversation, ConversationId, ConversationStatus, Label, Priority, Remote, TeamId,
    TenantId, TicketId, TicketSummary, Timestamp,
    table::{contact, conversation, ticket},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{damaged, json};
use crate::store::{Database, unavailable};

/// The conversations in the order of the rows.
///
/// # Errors
/// [`StoreError::Unavailable`] if the database does not answer, or if it holds something that was never written.
pub async fn join(db: &Database, tenant_id: TenantId, rows: Vec<conversation::Model>) -> Result<Vec<Conversation>, StoreError> {
    let contacts = contacts(db, tenant_id, rows.iter().map(|row| row.contact_id).collect()).await?;
    let tickets = tickets(db, tenant_id, rows.iter().filter_map(|row| row.ticket_id).collect()).await?;
    rows.into_iter()
        .map(|row| {
            let ticket = match row.ticket_id {
                Some(id) => Some(tickets.get(&id).cloned().ok_or_else(|| damaged("ticket_id"))?),
                None => None,
            };
            let contact = contacts.get(&row.contact_id).cloned().ok_or_else(|| damaged("contact_id"))?;
            conversation(row, contact, ticket)
        })
        .collect()
}

fn conversation(row: conversation::Model, contact: ContactSummary, ticket: Option<TicketSummary>) -> Result<Conversation, StoreError> {
    let labels: Vec<Label> = json("labels", &row.labels)?;
    let remote: Option<Remote> = row.remote.as_deref().map(|text| json("remote", text)).transpose()?;
    Ok(Conversation {
        id: ConversationId::new(row.id),
        channel_id: ChannelId::new(row.channel_id),
        contact,
        status: ConversationStatus::parse(&row.status).ok_or_else(|| damaged("status"))?,
        snoozed_until: row.snoozed_until.map(Timestamp::from_micros),
        priority: Priority::parse(&row.priority).ok_or_else(|| damaged("priority"))?,
        assignee_id: row.assignee_id.map(AgentId::new),
        team_id: row.team_id.map(TeamId::new),
        owner_id: row.owner_id.map(AgentId::new),
        labels,
        ticket,
        remote: remote.map(|remote| Box::new(remote.view())),
        scheduled_count: row.scheduled_count as u64,
        trashed_at: row.trashed_at.map(Timestamp::from_micros),
        seq: row.seq as u64,
        version: row.seq as u64,
        created_at: Timestamp::new(row.created_at),
        updated_at: Timestamp::new(row.updated_at),
    })
}

/// What conversations show of these contacts.
pub async fn contacts(db: &Database, tenant_id: TenantId, ids: Vec<Uuid>) -> Result<HashMap<Uuid, ContactSummary>, StoreError> {
    let rows = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(tenant_id.uuid()))
        .filter(contact::Column::Id.is_in(ids))
        .all(db.read())
        .await
        .map_err(unavailable)?;
    let summary = |row: contact::Model| ContactSummary {
        id: ContactId::new(row.id),
        name: row.name,
        email: row.email,
        avatar_url: row.avatar_url,
        blocked: row.blocked,
    };
    Ok(rows.into_iter().map(|row| (row.id, summary(row))).collect())
}

/// What conversations show of these tickets.
pub async fn tickets(db: &Database, tenant_id: TenantId, ids: Vec<Uuid>) -> Result<HashMap<Uuid, TicketSummary>, StoreError> {
    let rows = ticket::Entity::find()
        .filter(ticket::Column::TenantId.eq(tenant_id.uuid()))
        .filter(ticket::Column::Id.is_in(ids))
        .all(db.read())
        .await
        .map_err(unavailable)?;
    rows.into_iter()
        .map(|row| {
            let status = ConversationStatus::parse(&row.status).ok_or_else(|| damaged("ticket.status"))?;
            Ok((row.id, TicketSummary { id: TicketId::new(row.id), number: row.number as u64, subject: row.subject, status }))
        })
        .collect()
}
