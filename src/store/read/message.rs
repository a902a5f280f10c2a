//! Messages and notes as timelines show them.

use actors::port::StoreError;
use entities::{ClientId, ConversationId, Message, MessageId, TenantId};
use sea_orm::{
    ConnectionTrait, Order as Direction,
    sea_query::{Alias, Asterisk, Condition, Expr, ExprTrait, Query, SelectStatement},
};

use crate::store::{Database, journal, unavailable};

/// Which of a conversation's messages to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    /// Only those behind this place.
    pub after_seq: Option<u64>,
    /// Only those before this place.
    pub before_seq: Option<u64>,
    /// The newest first.
    pub descending: bool,
}

/// Lists a conversation's messages and notes, at most `limit`.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    range: Range,
    limit: u64,
) -> Result<Vec<Message>, StoreError> {
    let mut query = of(tenant_id, Condition::all().add(column("conversation_id").eq(conversation_id.uuid())));
    // Places beyond what a column can hold are beyond every message.
    let place = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    if let Some(seq) = range.after_seq {
        query.and_where(column("seq").gt(place(seq)));
    }
    if let Some(seq) = range.before_seq {
        query.and_where(column("seq").lt(place(seq)));
    }
    query
        .order_by((Alias::new("message"), Alias::new("seq")), if range.descending { Direction::Desc } else { Direction::Asc })
        .limit(limit);
    read(db, &query).await
}

/// Finds one message of a conversation.
pub async fn find(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    // Clustered by conversation: this reads one conversation's messages, and no index by id costs every message its upkeep.
    let wanted = Condition::all().add(column("conversation_id").eq(conversation_id.uuid())).add(column("id").eq(id.uuid()));
    let mut query = of(tenant_id, wanted);
    Ok(read(db, query.limit(1)).await?.pop())
}

/// Finds the message of a conversation that was made with a client id.
pub async fn find_repeat(
    db: &Database,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    client_id: &ClientId,
) -> Result<Option<Message>, StoreError> {
    let wanted = Condition::all().add(column("conversation_id").eq(conversation_id.uuid())).add(column("client_id").eq(client_id.as_str()));
    let mut query = of(tenant_id, wanted);
    Ok(read(db, query.limit(1)).await?.pop())
}

/// The messages at these places, in no particular order.
pub async fn list_at(db: &Database, tenant_id: TenantId, places: &[(ConversationId, u64)]) -> Result<Vec<Message>, StoreError> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let any = places.iter().fold(Condition::any(), |any, (id, seq)| {
        any.add(Condition::all().add(column("conversation_id").eq(id.uuid())).add(column("seq").eq(*seq as i64)))
    });
    read(db, &of(tenant_id, any)).await
}

/// A column of the message, where the conversation has one of the same name.
fn column(name: &'static str) -> Expr {
    Expr::col((Alias::new("message"), Alias::new(name)))
}

fn of(tenant_id: TenantId, wanted: Condition) -> SelectStatement {
    let state = |name: &'static str| Expr::col((Alias::new("message_state"), Alias::new(name)));
    let conversation = |name: &'static str| Expr::col((Alias::new("conversation"), Alias::new(name)));
    Query::select()
        .column((Alias::new("message"), Asterisk))
        .columns(["contact_read_seq", "agent_read_seq"].map(|name| (Alias::new("conversation"), Alias::new(name))))
        .column((Alias::new("message_state"), Alias::new("state")))
        .from(Alias::new("message"))
        .left_join(
            Alias::new("message_state"),
            Condition::all()
                .add(state("conversation_id").equals((Alias::new("message"), Alias::new("conversation_id"))))
                .add(state("seq").equals((Alias::new("message"), Alias::new("seq")))),
        )
        .inner_join(Alias::new("conversation"), conversation("id").equals((Alias::new("message"), Alias::new("conversation_id"))))
        .cond_where(wanted)
        .and_where(column("tenant_id").eq(tenant_id.uuid()))
        .to_owned()
}

async fn read(db: &Database, query: &SelectStatement) -> Result<Vec<Message>, StoreError> {
    let rows = db.read().query_all(query).await.map_err(unavailable)?;
    rows.iter().map(|row| journal::read::seen_message(db.backend(), row).map_err(unavailable)).collect()
}
