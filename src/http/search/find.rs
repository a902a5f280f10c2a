//! The search.

use actix_web::{get, web};
use entities::{ContactId, Permission, Timestamp};

use super::{
    excerpt,
    wire::{Hit, HitType, Part, SearchQuery, Wanted},
};
use crate::{
    http::{
        App,
        access::{Allowed, Permit as _, ReadContacts, ReadConversations},
        answer,
        conversations::viewer,
        extract::Query,
        page::{self, Page},
        problem::{Answer, Code, Problem},
    },
    store::read::search::{self, Words},
};

/// Longest text that is searched for, in characters.
const SEARCH_CHARS_MAX: usize = 256;
/// Between the things that a contact is found by.
const BESIDE: &str = " · ";

/// Searches what was said, contacts, and tickets by their number: the conversation of the ticket first, then contacts, then messages, each the
/// newest first. Contacts are for those who may see contacts. A page may hold fewer hits than `limit`, or none, and goes on for as long as there
/// is a `next_cursor`.
#[utoipa::path(
    tag = "search",
    params(SearchQuery),
    responses((status = 200, description = "A page of hits", body = Page<Hit>)),
)]
#[get("/search")]
pub async fn search_all(
    app: web::Data<App>,
    allowed: Allowed<ReadConversations>,
    query: Query<SearchQuery>,
) -> Answer<web::Json<Page<Hit>>> {
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let text = searched(&query.q)?;
    let may_see_contacts = allowed.caller.may(Permission::ContactsRead);
    if query.r#type == Some(Wanted::Contacts) && !may_see_contacts {
        return Err(Problem::new(Code::Forbidden).detail(format!("this needs the permission {}", ReadContacts::PERMISSION)));
    }
    let is = |kind: Wanted| query.r#type.is_none_or(|wanted| wanted == kind);
    let wanted = search::Wanted {
        words: if text.starts_with('#') && number(text).is_some() { Words::default() } else { Words::parse(text) },
        number: number(text).filter(|_| is(Wanted::Conversations)),
        contacts: is(Wanted::Contacts) && may_see_contacts,
        messages: is(Wanted::Messages),
    };
    let viewer = viewer(&allowed.caller);
    let list = format!("search {} {viewer:?} {wanted:?}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.cursor.as_deref())?;
    let listed = search::list(&app.db, allowed.tenant_id, viewer, &wanted, after, limit).await?;
    answer::page(&app.keys, &list, listed, |found| hit(found, &wanted.words)).map(web::Json)
}

fn searched(q: &str) -> Answer<&str> {
    let refused = |code, detail: String| Err(Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?q", code, detail));
    let text = q.trim();
    if text.is_empty() {
        return refused("empty", "q must say what to search for".to_owned());
    }
    if q.chars().nth(SEARCH_CHARS_MAX).is_some() {
        return refused("too_long", format!("q must be text of at most {SEARCH_CHARS_MAX} characters"));
    }
    Ok(text)
}

/// The number of a ticket: digits, with or without a `#`.
fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn hit(found: search::Hit, words: &Words) -> Hit {
    match found {
        search::Hit::Conversation(conversation, ticket) => Hit {
            kind: HitType::Conversation,
            conversation_id: Some(conversation.id),
            message_id: None,
            seq: None,
            contact_id: conversation.contact.id,
            contact_name: conversation.contact.name,
            number: Some(ticket.number),
            created_at: ticket.created_at,
            excerpt: vec![
                Part { text: format!("#{}", ticket.number), hit: true },
                Part { text: format!(" {}", ticket.subject), hit: false },
            ],
        },
        search::Hit::Contact(contact, conversation_id) => {
            let known = [&contact.name, &contact.email, &contact.phone];
            let text = known.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(BESIDE);
            Hit {
                kind: HitType::Contact,
                conversation_id,
                message_id: None,
                seq: None,
                contact_id: ContactId::new(contact.id),
                number: None,
                created_at: Timestamp::new(contact.created_at),
                excerpt: excerpt::of(&text, words),
                contact_name: contact.name,
            }
        }
        search::Hit::Message(message, contact, number) => Hit {
            kind: HitType::Message,
            conversation_id: Some(message.conversation_id),
            message_id: Some(message.id),
            seq: Some(message.seq),
            contact_id: contact.id,
            contact_name: contact.name,
            number,
            created_at: message.created_at,
            excerpt: excerpt::of(&message.content_text, words),
        },
    }
}
