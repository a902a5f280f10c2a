//! Changing a contact through the journal: load, change, commit, and again if somebody else was faster.
//!
//! Guarantees: the change is decided on the row that it replaces; it comes with `contact.created` or `contact.updated`; a change that
//! changes nothing writes nothing.

use actors::port::{Body, CommitError, ContactWrite, NewEvent, Write};
use entities::{Change, Changes, Contact, ContactId, EventId, EventKind, TenantId};
use serde_json::Value;

use crate::http::{
    App,
    problem::{Answer, Code, Problem},
};

/// How often a change is decided before the caller is told to come back.
const ATTEMPTS_MAX: usize = 3;
/// What the caller is told to wait then.
const BUSY_RETRY_MS: u64 = 500;

/// The fields whose changes an event names.
const FIELDS: &[&str] = &["name", "email", "phone", "avatar_url", "verified", "addresses", "custom_attributes", "country", "blocked"];

/// Whether a contact that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// It is made from an empty one.
    Make,
    /// It is left absent.
    Leave,
}

/// Changes a contact; `f` is given the contact as it is, or an empty one, and changes it. It may be called several times.
/// Answers the contact as it is afterwards, `None` if it is absent and was left so.
///
/// # Errors
/// 503 if others kept changing it, an address belongs to somebody else, or the database is away.
pub async fn change(app: &App, tenant_id: TenantId, id: ContactId, absent: Absent, f: impl Fn(&mut Contact)) -> Answer<Option<Contact>> {
    for _attempt in 0..ATTEMPTS_MAX {
        let before = app.journal.find_contact(tenant_id, id).await?;
        if before.is_none() && absent == Absent::Leave {
            return Ok(None);
        }
        let now = app.clock.now();
        let mut after = before.clone().unwrap_or_else(|| empty(id, now));
        f(&mut after);
        if before.as_ref() == Some(&after) {
            return Ok(before);
        }
        after.version += 1;
        after.updated_at = now;
        let write = Write {
            tenant_id,
            contact: Some(ContactWrite { contact: after.clone() }),
            conversation: None,
            settings: None,
            events: vec![NewEvent {
                id: EventId::new(app.clock.new_id()),
                kind: if before.is_some() { EventKind::ContactUpdated } else { EventKind::ContactCreated },
                place: None,
                visitor_visible: false,
                body: Body::Contact(
                    Box::new(after.clone()),
                    before.map(|before| changes(&before, &after)).transpose()?.unwrap_or_default(),
                ),
                at: now,
            }],
        };
        match app.journal.commit(write).await {
            Ok(_committed) => return Ok(Some(after)),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Busy) => return Err(busy()),
            Err(CommitError::Unavailable(cause)) => return Err(Problem::new(Code::Unavailable).because(cause)),
            Err(error @ CommitError::Duplicate { .. }) => return Err(Problem::internal(error)),
        }
    }
    Err(busy())
}

fn busy() -> Problem {
    Problem::new(Code::Busy).retry_after_ms(BUSY_RETRY_MS)
}

/// A contact of whom nothing is known; its version is the one before the first.
fn empty(id: ContactId, now: entities::Timestamp) -> Contact {
    Contact {
        id,
        name: None,
        email: None,
        phone: None,
        avatar_url: None,
        verified: false,
        addresses: Vec::new(),
        custom_attributes: std::collections::BTreeMap::new(),
        country: None,
        blocked: false,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

fn changes(before: &Contact, after: &Contact) -> Answer<Changes> {
    let (before, after) =
        (serde_json::to_value(before).map_err(Problem::internal)?, serde_json::to_value(after).map_err(Problem::internal)?);
    let field = |contact: &Value, name: &str| contact.get(name).cloned().unwrap_or(Value::Null);
    Ok(FIELDS
        .iter()
        .map(|name| (*name, Change { from: field(&before, name), to: field(&after, name) }))
        .filter(|(_, change)| change.from != change.to)
        .collect())
}
