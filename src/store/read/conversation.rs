//! Conversations as lists and screens show them.
//!
//! Guarantees: a list's order is total, so its pages neither repeat nor miss a row that stays where it is; nobody finds a conversation
//! in somebody else's personal inbox. Every order is served by an index: `updated_at` by `conversation_by_change` and its narrower
//! sisters, the others by `conversation_by_priority`, which `created_at` reads as five sorted streams and merges.
//!
//! Does not: look at more than [`SEARCHED_MAX`] conversations for one page of a search. Such a page may be short, and goes on.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    AgentId, ChannelId, ContactId, Conversation, ConversationId, ConversationStatus, Message, Priority, TeamId, TenantId, Timestamp,
    table::{conversation, read_mark},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order as Direction, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    conversation_parts, conversation_search, message,
    page::{Listed, cut},
};
use crate::store::{Database, unavailable};

/// Most conversations that are looked through for one page of a search.
pub const SEARCHED_MAX: u64 = 2_000;

/// Who is looking.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    /// The agent, whose own read marks count; a program has none.
    pub agent_id: Option<AgentId>,
    /// Sees the personal inboxes of others, too.
    pub sees_all: bool,
}

/// What a screen shows of a conversation.
#[derive(Debug, Clone)]
pub struct Found {
    /// The conversation.
    pub conversation: Conversation,
    /// Messages of the contact that the viewer has not read.
    pub unread_count: u64,
    /// The newest message.
    pub last_message: Option<Message>,
}

/// Which conversations to list; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Where they stand.
    pub status: Option<ConversationStatus>,
    /// Who answers; `Some(None)` for nobody.
    pub assignee_id: Option<Option<AgentId>>,
    /// Of which team.
    pub team_id: Option<TeamId>,
    /// On which channel.
    pub channel_id: Option<ChannelId>,
    /// With which label, in its normal form.
    pub label: Option<String>,
    /// With whom.
    pub contact_id: Option<ContactId>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// Those in the trash, and no others; otherwise none of them.
    pub trashed: bool,
    /// What is found in them; with [`Key::UpdatedAt`] alone.
    pub text: Option<String>,
}

/// By what a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The last event.
    UpdatedAt,
    /// The first event.
    CreatedAt,
    /// The urgency, then the first event.
    Priority,
}

/// How a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub key: Key,
    /// The greatest first.
    pub descending: bool,
}

/// What was last talked in first.
const NEWEST_FIRST: Order = Order { key: Key::UpdatedAt, descending: true };

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The instant by which the list is ordered, in microseconds.
    at: i64,
    /// The conversation.
    id: Uuid,
    /// Its urgency, where the list is ordered by that.
    priority: Option<Priority>,
}

/// Finds one conversation that the viewer may see.
pub async fn find(db: &Database, tenant_id: TenantId, viewer: Viewer, id: ConversationId) -> Result<Option<Found>, StoreError> {
    let row = visible(tenant_id, viewer).filter(conversation::Column::Id.eq(id.uuid())).one(db.read()).await.map_err(unavailable)?;
    let Some(row) = row else { return Ok(None) };
    Ok(fill(db, tenant_id, viewer, vec![row]).await?.pop())
}

/// Whether there is such a conversation and the viewer may see it.
pub async fn is_visible(db: &Database, tenant_id: TenantId, viewer: Viewer, id: ConversationId) -> Result<bool, StoreError> {
    let query = visible(tenant_id, viewer).filter(conversation::Column::Id.eq(id.uuid()));
    let row: Option<Uuid> = query.select_only().column(conversation::Column::Id).into_tuple().one(db.read()).await.map_err(unavailable)?;
    Ok(row.is_some())
}

/// Those of these conversations that the viewer's list would show, in no particular order.
pub async fn list_among(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<conversation::Model>, StoreError> {
    let query = select(tenant_id, viewer, &Filter::default(), NEWEST_FIRST, None, None);
    query.filter(conversation::Column::Id.is_in(ids)).all(db.read()).await.map_err(unavailable)
}

/// The contact's last conversation that the viewer's list would show.
pub async fn find_last_of_contact(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    contact_id: ContactId,
) -> Result<Option<ConversationId>, StoreError> {
    let filter = Filter { contact_id: Some(contact_id), ..Filter::default() };
    let query = select(tenant_id, viewer, &filter, NEWEST_FIRST, None, None);
    let id: Option<Uuid> = query.select_only().column(conversation::Column::Id).into_tuple().one(db.read()).await.map_err(unavailable)?;
    Ok(id.map(ConversationId::new))
}

/// The ids of a contact's conversations behind `after`, in the order of their ids.
pub async fn list_of_contact(
    db: &Database,
    tenant_id: TenantId,
    contact_id: ContactId,
    after: Option<ConversationId>,
    limit: u64,
) -> Result<Vec<ConversationId>, StoreError> {
    let mut query = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(conversation::Column::TenantId.eq(tenant_id.uuid()))
        .filter(conversation::Column::ContactId.eq(contact_id.uuid()))
        .order_by_asc(conversation::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(conversation::Column::Id.gt(after.uuid()));
    }
    let ids: Vec<Uuid> = query.into_tuple().all(db.read()).await.map_err(unavailable)?;
    Ok(ids.into_iter().map(ConversationId::new).collect())
}

/// The ids of all that the viewer may see and that fit, in no order that means anything; `None` if there are more than `max`.
pub async fn fitting(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    filter: &Filter,
    max: u64,
) -> Result<Option<Vec<ConversationId>>, StoreError> {
    let query = select(tenant_id, viewer, filter, NEWEST_FIRST, None, None).select_only().column(conversation::Column::Id).limit(max + 1);
    let ids: Vec<Uuid> = query.into_tuple().all(db.read()).await.map_err(unavailable)?;
    Ok((ids.len() as u64 <= max).then(|| ids.into_iter().map(ConversationId::new).collect()))
}

/// Lists a page of what the viewer may see.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    filter: &Filter,
    order: Order,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Found, Place>, StoreError> {
    let (mut rows, window_end) = match &filter.text {
        Some(text) => {
            conversation_search::rows(db, tenant_id, select(tenant_id, viewer, filter, order, after, None), text, order, limit).await?
        }
        None => (rows(db, tenant_id, viewer, filter, order, after, limit).await?, None),
    };
    let window_end = window_end.map(|(at, id)| Place { at: Timestamp::new(at).micros(), id, priority: None });
    let next = cut(&mut rows, limit, |row| place(row, order.key)).or(window_end);
    Ok(Listed { data: fill(db, tenant_id, viewer, rows).await?, next })
}

/// At most one row more than the page has, by which one sees that there is another page.
async fn rows(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    filter: &Filter,
    order: Order,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<conversation::Model>, StoreError> {
    let mut rows = Vec::new();
    for stream in streams(filter, order) {
        let mut after = after;
        if let (Key::Priority, Some(from), Some(here)) = (order.key, after.and_then(|place| place.priority), stream) {
            let (from, here) = (rank(from), rank(here));
            if here != from {
                if (here < from) != order.descending {
                    continue;
                }
                after = None;
            }
        }
        let query = select(tenant_id, viewer, filter, order, after, stream).limit(limit + 1);
        rows.extend(query.all(db.read()).await.map_err(unavailable)?);
        if order.key == Key::Priority && rows.len() as u64 > limit {
            break;
        }
    }
    if order.key == Key::CreatedAt {
        rows.sort_by_key(|row| (row.created_at, row.id));
        if order.descending {
            rows.reverse();
        }
    }
    rows.truncate(limit as usize + 1);
    Ok(rows)
}

/// The urgencies that are read one by one, in the list's order; `None` reads them all at once.
fn streams(filter: &Filter, order: Order) -> Vec<Option<Priority>> {
    if order.key == Key::UpdatedAt {
        return vec![None];
    }
    if let Some(priority) = filter.priority {
        return vec![Some(priority)];
    }
    let mut all: Vec<_> = Priority::ALL.to_vec();
    all.sort_by_key(|priority| rank(*priority));
    if order.descending {
        all.reverse();
    }
    all.into_iter().map(Some).collect()
}

const fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::None => 0,
        Priority::Low => 1,
        Priority::Normal => 2,
        Priority::High => 3,
        Priority::Urgent => 4,
    }
}

fn place(row: &conversation::Model, key: Key) -> Place {
    let (at, priority) = match key {
        Key::UpdatedAt => (row.updated_at, None),
        Key::CreatedAt => (row.created_at, None),
        Key::Priority => (row.created_at, Priority::parse(&row.priority)),
    };
    Place { at: Timestamp::new(at).micros(), id: row.id, priority }
}

fn visible(tenant_id: TenantId, viewer: Viewer) -> Select<conversation::Entity> {
    let query = conversation::Entity::find()
        .filter(conversation::Column::TenantId.eq(tenant_id.uuid()))
        .filter(conversation::Column::ErasedAt.is_null());
    if viewer.sees_all {
        return query;
    }
    let own = viewer.agent_id.map(|id| conversation::Column::OwnerId.eq(id.uuid()));
    query.filter(Condition::any().add(conversation::Column::OwnerId.is_null()).add_option(own))
}

fn select(
    tenant_id: TenantId,
    viewer: Viewer,
    filter: &Filter,
    order: Order,
    after: Option<Place>,
    stream: Option<Priority>,
) -> Select<conversation::Entity> {
    use conversation::Column as C;
    let mut query = visible(tenant_id, viewer);
    query = query.filter(if filter.trashed { C::TrashedAt.is_not_null() } else { C::TrashedAt.is_null() });
    if let Some(status) = filter.status {
        query = query.filter(C::Status.eq(status.as_str()));
    }
    if let Some(assignee) = filter.assignee_id {
        query = query.filter(match assignee {
            Some(id) => C::AssigneeId.eq(id.uuid()),
            None => C::AssigneeId.is_null(),
        });
    }
    if let Some(id) = filter.team_id {
        query = query.filter(C::TeamId.eq(id.uuid()));
    }
    if let Some(id) = filter.channel_id {
        query = query.filter(C::ChannelId.eq(id.uuid()));
    }
    if let Some(id) = filter.contact_id {
        query = query.filter(C::ContactId.eq(id.uuid()));
    }
    if let Some(priority) = stream.or(filter.priority) {
        query = query.filter(C::Priority.eq(priority.as_str()));
    }
    if let Some(label) = &filter.label {
        query = query.filter(conversation_search::labelled(tenant_id, label));
    }
    let column = if order.key == Key::UpdatedAt { C::UpdatedAt } else { C::CreatedAt };
    if let Some(place) = after {
        let here = Expr::tuple([Expr::col(column), Expr::col(C::Id)]);
        let there = Expr::tuple([Expr::value(Timestamp::from_micros(place.at).utc()), Expr::value(place.id)]);
        query = query.filter(if order.descending { here.lt(there) } else { here.gt(there) });
    }
    let direction = if order.descending { Direction::Desc } else { Direction::Asc };
    query.order_by(column, direction.clone()).order_by(C::Id, direction)
}

/// Puts beside each row what a screen shows of it: one query for each kind of thing, whatever the number of rows.
async fn fill(db: &Database, tenant_id: TenantId, viewer: Viewer, rows: Vec<conversation::Model>) -> Result<Vec<Found>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let seen = match viewer.agent_id {
        Some(agent_id) => seen_by(db, tenant_id, agent_id, ids).await?,
        None => rows.iter().map(|row| (row.id, row.inbound_seen)).collect(),
    };
    let newest: Vec<_> =
        rows.iter().filter(|row| row.last_message_seq > 0).map(|row| (ConversationId::new(row.id), row.last_message_seq as u64)).collect();
    let mut newest: HashMap<_, _> =
        message::list_at(db, tenant_id, &newest).await?.into_iter().map(|message| (message.conversation_id, message)).collect();
    let counts: HashMap<Uuid, i64> = rows.iter().map(|row| (row.id, row.inbound_count)).collect();
    let conversations = conversation_parts::join(db, tenant_id, rows).await?;
    Ok(conversations
        .into_iter()
        .map(|conversation| {
            let id = conversation.id.uuid();
            let count = counts.get(&id).copied().unwrap_or(0) - seen.get(&id).copied().unwrap_or(0);
            let last_message = newest.remove(&conversation.id);
            Found { conversation, unread_count: u64::try_from(count).unwrap_or(0), last_message }
        })
        .collect())
}

async fn seen_by(db: &Database, tenant_id: TenantId, agent_id: AgentId, ids: Vec<Uuid>) -> Result<HashMap<Uuid, i64>, StoreError> {
    let marks = read_mark::Entity::find()
        .filter(read_mark::Column::TenantId.eq(tenant_id.uuid()))
        .filter(read_mark::Column::ConversationId.is_in(ids))
        .filter(read_mark::Column::AgentId.eq(agent_id.uuid()))
        .all(db.read())
        .await
        .map_err(unavailable)?;
    Ok(marks.into_iter().map(|mark| (mark.conversation_id, mark.inbound_seen)).collect())
}
