//! Which conversations hold a label or a text.
//!
//! A text is any part of what was written, also of a word, which no index over words serves (that is [`super::search`]). So this looks through
//! the conversations in the list's order, a bounded number for each page.

use actors::port::StoreError;
use entities::{
    TenantId,
    table::{contact, conversation, conversation_label, ticket},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    prelude::DateTimeUtc,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::conversation::{Order, SEARCHED_MAX};
use crate::store::{Database, dialect, unavailable};

/// Conversations with a label.
pub fn labelled(tenant_id: TenantId, label: &str) -> SimpleExpr {
    let mut ids = conversation_label::Entity::find()
        .select_only()
        .column(conversation_label::Column::ConversationId)
        .filter(conversation_label::Column::TenantId.eq(tenant_id.uuid()))
        .filter(conversation_label::Column::Label.eq(label));
    conversation::Column::Id.in_subquery(QueryTrait::query(&mut ids).clone())
}

/// The first matches of a query that is ordered by `updated_at`, at most `limit + 1`; and where the search stopped, if it stopped before the end.
pub async fn rows(
    db: &Database,
    tenant_id: TenantId,
    query: Select<conversation::Entity>,
    text: &str,
    order: Order,
    limit: u64,
) -> Result<(Vec<conversation::Model>, Option<(DateTimeUtc, Uuid)>), StoreError> {
    use conversation::Column as C;
    let end: Option<(DateTimeUtc, Uuid)> = query
        .clone()
        .select_only()
        .columns([C::UpdatedAt, C::Id])
        .offset(SEARCHED_MAX - 1)
        .limit(1)
        .into_tuple()
        .one(db.read())
        .await
        .map_err(unavailable)?;
    let mut matching = query.filter(holds(db, tenant_id, text)).limit(limit + 1);
    if let Some((at, id)) = end {
        let here = Expr::tuple([Expr::col(C::UpdatedAt), Expr::col(C::Id)]);
        let there = Expr::tuple([Expr::value(at), Expr::value(id)]);
        matching = matching.filter(if order.descending { here.gte(there) } else { here.lte(there) });
    }
    Ok((matching.all(db.read()).await.map_err(unavailable)?, end))
}

/// The text is in the contact's name or e-mail address, the ticket's number or subject, or a message.
fn holds(db: &Database, tenant_id: TenantId, text: &str) -> Condition {
    let like = |column: SimpleExpr| Func::lower(column).like(dialect::containing(db.backend(), text));
    let number = text.trim_start_matches('#').parse::<i64>().ok();
    let conversation_id = || Expr::col((conversation::Entity, conversation::Column::Id));
    let of_contact = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(tenant_id.uuid()))
        .filter(Expr::col((contact::Entity, contact::Column::Id)).eq(Expr::col((conversation::Entity, conversation::Column::ContactId))))
        .filter(
            Condition::any()
                .add(like(Expr::col((contact::Entity, contact::Column::Name))))
                .add(like(Expr::col((contact::Entity, contact::Column::Email)))),
        )
        .into_query();
    let of_ticket = ticket::Entity::find()
        .filter(ticket::Column::TenantId.eq(tenant_id.uuid()))
        .filter(Expr::col((ticket::Entity, ticket::Column::ConversationId)).eq(conversation_id()))
        .filter(
            Condition::any()
                .add(like(Expr::col((ticket::Entity, ticket::Column::Subject))))
                .add_option(number.map(|number| ticket::Column::Number.eq(number))),
        )
        .into_query();
    let message = Alias::new("message");
    let of_message: SelectStatement = Query::select()
        .expr(Expr::value(1))
        .from(message.clone())
        .and_where(Expr::col((message.clone(), Alias::new("conversation_id"))).eq(conversation_id()))
        .and_where(Expr::col((message.clone(), Alias::new("tenant_id"))).eq(tenant_id.uuid()))
        .and_where(like(Expr::col((message, Alias::new("content_text")))))
        .to_owned();
    Condition::any().add(Expr::exists(of_contact)).add(Expr::exists(of_ticket)).add(Expr::exists(of_message))
}
