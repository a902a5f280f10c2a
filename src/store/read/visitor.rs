//! What the widget's endpoints read: the widget by its public key, and where a visitor stands.

use actors::port::StoreError;
use entities::{ChannelId, ChannelKind, ContactId, ConversationId, Message, TenantId, WidgetSettings, table::channel, thread::ThreadIds};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult, Statement, prelude::Uuid};

use crate::store::{
    Database,
    journal::read::{MESSAGE_COLUMNS, MESSAGE_STATE_JOIN, seen_message},
    unavailable,
};

/// A widget, found by its public key: this is how the tenant is learnt.
#[derive(Debug, Clone)]
pub struct Widget {
    /// Whose widget.
    pub tenant_id: TenantId,
    /// The channel.
    pub channel_id: ChannelId,
    /// What its owner set.
    pub settings: WidgetSettings,
}

/// Where a visitor stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What the widget's owner set.
    pub settings: WidgetSettings,
    /// Where the visitor's thread leads.
    pub ids: ThreadIds,
    /// Table `thread` says so; else the ids are derived.
    pub led: bool,
    /// The conversation's last event; `None` if it has not begun.
    pub seq: Option<u64>,
    /// The contact's row is there.
    pub contact_known: bool,
    /// The contact may not write to us.
    pub blocked: bool,
}

/// Finds a widget by its public key.
pub async fn find_widget(db: &Database, api_key: &str) -> Result<Option<Widget>, StoreError> {
    let row = channel::Entity::find()
        .filter(channel::Column::ApiKey.eq(api_key))
        .filter(channel::Column::Kind.eq(ChannelKind::Widget.as_str()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    row.map(|row| {
        Ok(Widget { tenant_id: TenantId::new(row.tenant_id), channel_id: ChannelId::new(row.id), settings: settings(&row.settings)? })
    })
    .transpose()
}

/// Finds where a visitor stands, in one query; `None` if the widget is gone.
pub async fn find_standing(db: &Database, tenant_id: TenantId, channel_id: ChannelId, key: &str) -> Result<Option<Standing>, StoreError> {
    const QUERY: &str = "SELECT c.settings, t.contact_id, t.conversation_id, v.seq, p.version, p.blocked \
        FROM channel c \
        LEFT JOIN thread t ON t.tenant_id = c.tenant_id AND t.channel_id = c.id AND t.thread_key = $3 \
        LEFT JOIN conversation v ON v.id = COALESCE(t.conversation_id, $4) AND (v.tenant_id = c.tenant_id) IS TRUE \
        LEFT JOIN contact p ON p.id = COALESCE(t.contact_id, $5) AND (p.tenant_id = c.tenant_id) IS TRUE \
        WHERE c.id = $2 AND c.tenant_id = $1 AND c.kind = 'widget'";
    let derived = entities::thread::derive_ids(channel_id, key);
    let statement = Statement::from_sql_and_values(
        db.backend(),
        QUERY,
        [
            tenant_id.uuid().into(),
            channel_id.uuid().into(),
            key.into(),
            derived.conversation_id.uuid().into(),
            derived.contact_id.uuid().into(),
        ],
    );
    let Some(row) = db.read().query_one_raw(statement).await.map_err(unavailable)? else { return Ok(None) };
    standing(&row, derived).map_err(unavailable)?.map(Some)
}

/// Which of a conversation's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first behind this place.
    Behind(u64),
    /// The last before this place.
    Before(u64),
}

/// Lists what was said in a visitor's conversation, by rising `seq`; never notes.
pub async fn list_messages(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    side: Side,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let (than, place, order) = match side {
        Side::Behind(place) => (">", place, "ASC"),
        Side::Before(place) => ("<", place, "DESC"),
    };
    let query = format!(
        "SELECT {MESSAGE_COLUMNS}, ms.state, c.contact_read_seq, c.agent_read_seq FROM message m {MESSAGE_STATE_JOIN} JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.conversation_id = $1 AND m.seq {than} $2 AND m.tenant_id = $3 \
         AND m.kind = 'message' ORDER BY m.seq {order} LIMIT $4"
    );
    // Places beyond what a column can hold are beyond every message.
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    let values = [conversation_id.uuid().into(), place.into(), tenant_id.uuid().into(), i64::from(limit).into()];
    let statement = Statement::from_sql_and_values(db.backend(), query, values);
    let rows = db.read().query_all_raw(statement).await.map_err(unavailable)?;
    let mut messages: Vec<Message> =
        rows.iter().map(|row| seen_message(db.backend(), row)).collect::<Result<_, _>>().map_err(unavailable)?;
    if order == "DESC" {
        messages.reverse();
    }
    Ok(messages)
}

/// The outer result is the row's, the inner one the settings'.
fn standing(row: &QueryResult, derived: ThreadIds) -> Result<Result<Standing, StoreError>, DbErr> {
    let text: String = row.try_get("", "settings")?;
    let contact: Option<Uuid> = row.try_get("", "contact_id")?;
    let conversation: Option<Uuid> = row.try_get("", "conversation_id")?;
    let seq: Option<i64> = row.try_get("", "seq")?;
    let version: Option<i64> = row.try_get("", "version")?;
    let blocked: Option<bool> = row.try_get("", "blocked")?;
    Ok(settings(&text).map(|settings| Standing {
        settings,
        ids: ThreadIds {
            contact_id: contact.map_or(derived.contact_id, ContactId::new),
            conversation_id: conversation.map_or(derived.conversation_id, ConversationId::new),
        },
        led: contact.is_some(),
        seq: seq.map(|seq| seq as u64),
        contact_known: version.is_some(),
        blocked: blocked.unwrap_or(false),
    }))
}

fn settings(text: &str) -> Result<WidgetSettings, StoreError> {
    super::json("channel.settings", text)
}
