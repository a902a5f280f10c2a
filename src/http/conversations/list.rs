//! The list of conversations.

use actix_web::{get, web};
use entities::{AgentId, ConversationId, Label, TenantId};

use super::{
    viewer,
    wire::{ConversationView, ListQuery, Sort},
};
use crate::{
    http::{
        App,
        access::{Allowed, Caller, ReadConversations},
        answer,
        extract::Query,
        page::{self, Page},
        problem::{Answer, Code, Problem},
    },
    store::read::conversation::{self, Filter, Key, Order},
};

/// Longest text that is searched for, in characters.
const SEARCH_CHARS_MAX: usize = 200;

/// Lists the conversations that the caller may see. A search (`q`) looks through them in the list's order, a bounded number for each page:
/// its pages may hold fewer than `limit`, or none, and go on for as long as there is a `next_cursor`.
#[utoipa::path(
    tag = "conversations",
    params(ListQuery),
    responses((status = 200, description = "A page of conversations", body = Page<ConversationView>)),
)]
#[get("/conversations")]
pub async fn list_conversations(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    query: Query<ListQuery>,
) -> Answer<web::Json<Page<ConversationView>>> {
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let order = order(query.sort.unwrap_or_default());
    let filter = filter(&query, &allowed.caller, order)?;
    // Everything but the page itself: a cursor of another list leads nowhere in this one.
    let list = format!("conversations {} {:?} {order:?} {filter:?}", allowed.tenant_id, viewer(&allowed.caller));
    let after = page::after(&app.keys, &list, query.cursor.as_deref())?;
    let listed = conversation::list(&app.db, allowed.tenant_id, viewer(&allowed.caller), &filter, order, after, limit).await?;
    answer::page(&app.keys, &list, listed, super::view).map(web::Json)
}

/// The ids of all that the caller may see and that fit; `None` if there are more than `max`.
///
/// # Errors
/// As the list.
pub async fn fitting(app: &App, tenant_id: TenantId, caller: &Caller, query: &ListQuery, max: u64) -> Answer<Option<Vec<ConversationId>>> {
    let filter = filter(query, caller, order(Sort::default()))?;
    Ok(conversation::fitting(&app.db, tenant_id, viewer(caller), &filter, max).await?)
}

fn order(sort: Sort) -> Order {
    let (key, descending) = match sort {
        Sort::UpdatedAt => (Key::UpdatedAt, false),
        Sort::UpdatedAtDescending => (Key::UpdatedAt, true),
        Sort::CreatedAt => (Key::CreatedAt, false),
        Sort::CreatedAtDescending => (Key::CreatedAt, true),
        Sort::Priority => (Key::Priority, false),
        Sort::PriorityDescending => (Key::Priority, true),
    };
    Order { key, descending }
}

fn filter(query: &ListQuery, caller: &Caller, order: Order) -> Answer<Filter> {
    let text = query.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().nth(SEARCH_CHARS_MAX).is_some() || text.contains('\0')) {
        return Err(refused("?q", "invalid", format!("q must be text of at most {SEARCH_CHARS_MAX} characters")));
    }
    if text.is_some() && order.key != Key::UpdatedAt {
        return Err(refused("?sort", "invalid", "with q, sort must be updated_at or -updated_at".to_owned()));
    }
    let label = query.label.as_deref().map(Label::parse).transpose();
    let label = label.map_err(|error| refused("?label", "invalid", format!("label {error}")))?;
    Ok(Filter {
        status: query.status,
        assignee_id: query.assignee_id.as_deref().map(|text| assignee(text, caller)).transpose()?,
        team_id: query.team_id,
        channel_id: query.channel_id,
        label: label.map(|label| label.as_str().to_owned()),
        contact_id: query.contact_id,
        priority: query.priority,
        trashed: query.trashed.unwrap_or(false),
        text: text.map(str::to_owned),
    })
}

fn assignee(text: &str, caller: &Caller) -> Answer<Option<AgentId>> {
    match (text, caller.agent_id()) {
        ("none", _) => Ok(None),
        ("me", Some(id)) => Ok(Some(id)),
        ("me", None) => Err(refused("?assignee_id", "invalid", "a token is nobody: me is for agents".to_owned())),
        (text, _) => match text.parse() {
            Ok(id) => Ok(Some(id)),
            Err(_not_an_id) => Err(refused("?assignee_id", "invalid", "assignee_id must be me, none or an agent's id".to_owned())),
        },
    }
}

fn refused(parameter: &str, code: &'static str, detail: String) -> Problem {
    Problem::new(Code::InvalidRequest).detail(detail.clone()).field(parameter, code, detail)
}
