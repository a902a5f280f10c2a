//! Contacts: the people who write to us.
//!
//! Guarantees: a change and its event are one commit; no two contacts of a workspace have the same address; after a change the contact's
//! conversations are told, so that lists and open timelines show it.

mod create;
mod fields;
mod get;
mod list;
mod update;
pub mod wire;

use actors::port::{CommitError, ContactWrite, NewEvent, Write, journal::Body};
use entities::{Changes, Contact, ContactId, EventId, EventKind, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::store::read;

pub use fields::picture;

/// Most addresses of one contact.
const ADDRESSES_MAX: usize = 50;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::list_contacts).service(create::create_contact).service(get::get_contact).service(update::update_contact);
}

/// Which contact a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ContactPath {
    contact_id: ContactId,
}

async fn find(app: &App, tenant_id: TenantId, id: ContactId) -> Answer<Contact> {
    let found = app.journal.find_contact(tenant_id, id).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound).detail("no such contact"))
}

/// Makes the contact's new state and its event durable. `Ok(false)` if somebody else changed it first.
async fn commit(app: &App, tenant_id: TenantId, contact: &Contact, kind: EventKind, changes: Changes) -> Answer<bool> {
    let event = NewEvent {
        id: EventId::new(app.clock.new_id()),
        kind,
        place: None,
        visitor_visible: false,
        body: Body::Contact(Box::new(contact.clone()), changes),
        at: contact.updated_at,
    };
    let write = Write {
        tenant_id,
        contact: Some(ContactWrite { contact: contact.clone() }),
        conversation: None,
        settings: None,
        events: vec![event],
    };
    match app.journal.commit(write).await {
        Ok(_committed) => Ok(true),
        Err(CommitError::Conflict) => Ok(false),
        Err(CommitError::Busy) => Err(Problem::new(Code::Busy)),
        Err(CommitError::Unavailable(cause)) => Err(Problem::new(Code::Unavailable).because(cause)),
        Err(CommitError::Duplicate { .. }) => Err(Problem::internal("a contact was taken for a message")),
    }
}

/// Answers 409 if another contact has one of these addresses.
async fn refuse_taken(app: &App, tenant_id: TenantId, contact: &Contact) -> Answer<()> {
    for address in &contact.addresses {
        let owner = read::contact::find_by_address(&app.db, tenant_id, address).await?;
        if let Some(owner) = owner.filter(|owner| *owner != contact.id) {
            let detail = format!("another contact has this {}", address.kind);
            return Err(Problem::new(Code::Conflict).detail(detail).with("contact_id", owner.to_string()));
        }
    }
    Ok(())
}
