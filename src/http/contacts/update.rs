//! Changing what is known about a contact.

use actix_web::{HttpRequest, patch, web};
use actors::conversation::{AskError, Command, Rejection};
use entities::{Change, Changes, Contact, EventKind, TenantId, text};
use serde::Serialize;
use serde_json::json;

use super::{ADDRESSES_MAX, ContactPath, fields as contact_fields, wire::UpdateContact};
use crate::{
    http::{
        App,
        access::{Allowed, WriteContacts},
        answer,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;
/// Conversations that are told at a time.
const CONVERSATIONS_AT_ONCE: u64 = 100;

/// Changes a contact. Only what is in the body changes; the answer is the contact after it.
#[utoipa::path(
    tag = "contacts",
    params(
        ("contact_id" = String, Path, format = "uuid", description = "The contact"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateContact,
    responses((status = 200, description = "The contact", body = Contact, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/contacts/{contact_id}")]
pub async fn update_contact(
    app: web::Data<App>,
    allowed: Allowed<WriteContacts>,
    path: web::Path<ContactPath>,
    request: HttpRequest,
    body: Json<UpdateContact>,
) -> Answer {
    let expected_version = if_match(&request)?;
    let body = body.into_inner();
    for _attempt in 0..ATTEMPTS_MAX {
        let before = super::find(&app, allowed.tenant_id, path.contact_id).await?;
        answer::require_version(expected_version, before.version)?;
        let mut after = changed(&before, &body)?;
        let changes = changes(&before, &after);
        if changes.is_empty() {
            if before.blocked && body.blocked == Some(true) {
                // It may not have reached all of them when it was said first.
                tell_conversations(&app, allowed.tenant_id, &before).await;
            }
            return Ok(answer::ok(before.version, &before));
        }
        super::refuse_taken(&app, allowed.tenant_id, &after).await?;
        after.version = before.version + 1;
        after.updated_at = app.clock.now();
        if super::commit(&app, allowed.tenant_id, &after, EventKind::ContactUpdated, changes).await? {
            if before.summary() != after.summary() {
                tell_conversations(&app, allowed.tenant_id, &after).await;
            }
            return Ok(answer::ok(after.version, &after));
        }
    }
    Err(Problem::new(Code::Busy).detail("the contact is being changed by others"))
}

fn changed(before: &Contact, body: &UpdateContact) -> Answer<Contact> {
    let mut after = before.clone();
    let mut fields = Fields::new();
    if let Some(name) = &body.name {
        after.name = name.as_deref().and_then(|name| fields.text("/name", contact_fields::name(name)));
    }
    if let Some(email) = &body.email {
        let email = email.as_deref().and_then(|email| fields.text("/email", text::email(email)));
        contact_fields::set_email(&mut after, email);
    }
    if let Some(phone) = &body.phone {
        let phone = phone.as_deref().and_then(|phone| fields.text("/phone", contact_fields::phone(phone)));
        contact_fields::set_phone(&mut after, phone);
    }
    if let Some(url) = &body.avatar_url {
        after.avatar_url = url.as_deref().and_then(|url| fields.text("/avatar_url", contact_fields::picture(url)));
    }
    if let Some(attributes) = &body.custom_attributes {
        let mut all = before.custom_attributes.clone();
        all.extend(attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
        all.retain(|_name, value| !value.is_null());
        contact_fields::set_attributes(&mut after, all, &mut fields);
    }
    after.blocked = body.blocked.unwrap_or(after.blocked);
    if after.addresses.len() > ADDRESSES_MAX {
        fields.refuse("", "too_many", format!("the contact would have more than {ADDRESSES_MAX} addresses"));
    }
    fields.finish()?;
    Ok(after)
}

fn changes(before: &Contact, after: &Contact) -> Changes {
    let mut changes = Changes::new();
    note(&mut changes, "name", &before.name, &after.name);
    note(&mut changes, "email", &before.email, &after.email);
    note(&mut changes, "phone", &before.phone, &after.phone);
    note(&mut changes, "avatar_url", &before.avatar_url, &after.avatar_url);
    note(&mut changes, "custom_attributes", &before.custom_attributes, &after.custom_attributes);
    note(&mut changes, "addresses", &before.addresses, &after.addresses);
    note(&mut changes, "blocked", &before.blocked, &after.blocked);
    changes
}

fn note<T: PartialEq + Serialize>(changes: &mut Changes, field: &'static str, from: &T, to: &T) {
    if from != to {
        changes.insert(field, Change { from: json!(from), to: json!(to) });
    }
}

/// Tells the contact's conversations how it is called now, and whether it may write: each writes that down as a change of its own, by which every
/// node learns of it. Those that are awake keep a copy; the others read the contact when they wake, and
/// lists read it every time. So a conversation that could not be told shows the old name in its events until it sleeps, and nowhere else:
/// the change itself is durable and answered as such.
async fn tell_conversations(app: &App, tenant_id: TenantId, contact: &Contact) {
    let mut after = None;
    loop {
        let page = read::conversation::list_of_contact(&app.db, tenant_id, contact.id, after, CONVERSATIONS_AT_ONCE).await;
        let ids = match page {
            Ok(ids) => ids,
            Err(error) => {
                tracing::warn!(%error, tenant.id = %tenant_id, contact.id = %contact.id, "a contact's conversations could not be listed");
                return;
            }
        };
        for id in &ids {
            let told = app.directory.ask(tenant_id, *id, Command::ChangeContact { contact: contact.summary() }).await;
            match told {
                Ok(_) | Err(AskError::Rejected(Rejection::NotFound)) => {}
                Err(error) => {
                    tracing::warn!(%error, tenant.id = %tenant_id, conversation.id = %id, "a conversation was not told of its contact's change");
                }
            }
        }
        after = ids.last().copied();
        if (ids.len() as u64) < CONVERSATIONS_AT_ONCE {
            return;
        }
    }
}
