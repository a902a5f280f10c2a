//! Remembering a person who has not written yet.

use std::collections::BTreeMap;

use actix_web::{post, web};
use entities::{Changes, Contact, ContactId, EventKind, text};

use super::{fields as contact_fields, wire::CreateContact};
use crate::http::{
    App,
    access::{Allowed, WriteContacts},
    answer,
    extract::Json,
    fields::Fields,
    problem::{Answer, Code, Problem},
};

/// Makes a contact. At least one of name, e-mail address and telephone number must be there.
#[utoipa::path(
    tag = "contacts",
    request_body = CreateContact,
    responses((status = 201, description = "The contact", body = Contact, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[post("/contacts")]
pub async fn create_contact(app: web::Data<App>, allowed: Allowed<WriteContacts>, body: Json<CreateContact>) -> Answer {
    let contact = draft(&app, body.into_inner())?;
    super::refuse_taken(&app, allowed.tenant_id, &contact).await?;
    if super::commit(&app, allowed.tenant_id, &contact, EventKind::ContactCreated, Changes::new()).await? {
        return Ok(answer::created(contact.version, &contact));
    }
    // The id is fresh, so only an address can have been taken in the meantime.
    super::refuse_taken(&app, allowed.tenant_id, &contact).await?;
    Err(Problem::new(Code::Busy).detail("the contact's addresses are being changed"))
}

fn draft(app: &App, body: CreateContact) -> Answer<Contact> {
    let now = app.clock.now();
    let mut contact = Contact {
        id: ContactId::new(app.clock.new_id()),
        name: None,
        email: None,
        phone: None,
        avatar_url: None,
        verified: false,
        addresses: Vec::new(),
        custom_attributes: BTreeMap::new(),
        country: None,
        blocked: false,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut fields = Fields::new();
    if body.name.is_none() && body.email.is_none() && body.phone.is_none() {
        fields.refuse("", "missing_field", "a contact needs a name, an e-mail address or a telephone number");
    }
    contact.name = body.name.and_then(|name| fields.text("/name", contact_fields::name(&name)));
    let email = body.email.and_then(|email| fields.text("/email", text::email(&email)));
    contact_fields::set_email(&mut contact, email);
    let phone = body.phone.and_then(|phone| fields.text("/phone", contact_fields::phone(&phone)));
    contact_fields::set_phone(&mut contact, phone);
    contact.avatar_url = body.avatar_url.and_then(|url| fields.text("/avatar_url", contact_fields::picture(&url)));
    contact_fields::set_attributes(&mut contact, body.custom_attributes, &mut fields);
    fields.finish()?;
    Ok(contact)
}
