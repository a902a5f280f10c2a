//! The list of contacts.

use actix_web::{get, web};
use entities::Contact;

use super::wire::ListQuery;
use crate::{
    http::{
        App,
        access::{Allowed, ReadContacts},
        answer,
        extract::Query,
        page::{self, Page},
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Longest text that is searched for, in characters.
const SEARCH_CHARS_MAX: usize = 200;

/// Lists contacts, the newest first. A search (`q`) looks through a bounded number of contacts for each page: its pages may hold fewer than
/// `limit`, or none, and go on for as long as there is a `next_cursor`.
#[utoipa::path(
    tag = "contacts",
    params(ListQuery),
    responses((status = 200, description = "A page of contacts", body = Page<Contact>)),
)]
#[get("/contacts")]
pub async fn list_contacts(
    app: web::Data<App>,
    allowed: Allowed<ReadContacts>,
    query: Query<ListQuery>,
) -> Answer<web::Json<Page<Contact>>> {
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let text = query.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().nth(SEARCH_CHARS_MAX).is_some() || text.contains('\0')) {
        let detail = format!("q must be text of at most {SEARCH_CHARS_MAX} characters");
        return Err(Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?q", "invalid", detail));
    }
    let list = format!("contacts {} {text:?}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.cursor.as_deref())?;
    let listed = read::contact::list(&app.db, allowed.tenant_id, text, after, limit).await?;
    answer::page(&app.keys, &list, listed, |contact| contact).map(web::Json)
}
