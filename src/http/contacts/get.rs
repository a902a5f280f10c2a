//! One contact.

use actix_web::{get, web};
use entities::Contact;

use super::ContactPath;
use crate::http::{
    App,
    access::{Allowed, ReadContacts},
    answer,
    problem::Answer,
};

/// Reads one contact, with everything that is known about it.
#[utoipa::path(
    tag = "contacts",
    params(("contact_id" = String, Path, format = "uuid", description = "The contact")),
    responses((status = 200, description = "The contact", body = Contact, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[get("/contacts/{contact_id}")]
pub async fn get_contact(app: web::Data<App>, allowed: Allowed<ReadContacts>, path: web::Path<ContactPath>) -> Answer {
    let contact = super::find(&app, allowed.tenant_id, path.contact_id).await?;
    Ok(answer::ok(contact.version, &contact))
}
