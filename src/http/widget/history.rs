//! `GET /api/widget/message`: what was said in a visitor's conversation, without notes.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};

use super::{
    cors, session,
    wire::{HistoryMessage, HistoryQuery, HistoryResponse},
};
use crate::{
    http::{
        App,
        extract::Query,
        page::LIMIT_MAX,
        problem::{Answer, Code, Problem},
    },
    store::read::visitor::{self, Side},
};

/// How many messages a page has unless asked otherwise.
const LIMIT_DEFAULT: u32 = 50;

/// Lists a visitor's messages by rising `seq`.
#[utoipa::path(
    tag = "widget", params(HistoryQuery), security(("visitor" = [])),
    responses(
        (status = 200, description = "The messages", body = HistoryResponse),
    )
)]
#[get("/api/widget/message")]
pub async fn list_messages(app: web::Data<App>, request: HttpRequest, query: Query<HistoryQuery>) -> Answer {
    let query = query.into_inner();
    let session = session::open(&app, session::token(&request, query.session_token.as_deref())?).await?;
    cors::allow(&app, &request, &session.settings);
    let invalid = |name: &str, detail: &str| Problem::new(Code::InvalidRequest).detail(detail).field(name, "invalid", detail);
    let limit @ 1..=LIMIT_MAX = query.limit.unwrap_or(LIMIT_DEFAULT) else {
        return Err(invalid("?limit", "limit must be between 1 and 100"));
    };
    let side = match (query.after, query.before) {
        (Some(_), Some(_)) => return Err(invalid("?before", "after and before cannot be asked for together")),
        (Some(after), None) => Side::Behind(after),
        (None, Some(before)) => Side::Before(before),
        (None, None) => Side::Before(u64::MAX),
    };
    // The head was read with the session, before the messages: what comes in between is in the page and is sent as an event again, which
    // a client drops by its seq. The other way round it would be in neither.
    let messages = if session.begun {
        visitor::list_messages(&app.db, session.tenant_id, session.conversation_id, side, limit).await?
    } else {
        Vec::new()
    };
    let full_behind = messages.len() == limit as usize && matches!(side, Side::Behind(_));
    let place = messages.last().filter(|_| full_behind).map_or(session.seq, |last| last.seq);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(HistoryResponse {
        messages: messages.into_iter().map(HistoryMessage::from).collect(),
        cursor: app.journal.epoch().at(place),
    }))
}
