//! `POST /api/widget/contact`: a form on a page, without a session.
//!
//! The contact is found by its e-mail address, or made with it. Whoever fills in the form has proven nothing: what is known of the contact
//! stays as it is, only gaps are filled. One conversation a widget and e-mail address keeps what is sent.

use actix_web::{HttpRequest, HttpResponse, post, web};
use actors::conversation::{Command, ContactDraft, Opening, Post, Reply};
use entities::{
    Address, AddressKind, Author, AuthorKind, Contact, Direction, Document, MessageKind,
    text::{self, MESSAGE_CHARS_MAX, NAME_CHARS_MAX, TextError},
    thread::{ThreadIds, derive_ids},
};
use serde_json::{Map, Value};

use super::{
    contact_change::{Absent, change},
    cors,
    fields::{self, Said},
    init, keyed,
    wire::{ContactRequest, ContactResponse},
};
use crate::{
    crypto::short_sha256,
    http::{
        App,
        extract::Json,
        middleware::context,
        problem::{Answer, Problem},
    },
    store::read::{thread, visitor::Widget},
};

/// What the page may show.
const THANKS: &str = "Thank you. Your message has arrived, and we will answer by e-mail.";

/// A form, read.
struct Form {
    email: String,
    text: String,
    subject: Option<String>,
    said: Said,
    /// Where the address is from which it came.
    country: Option<String>,
}

/// Takes a message from somebody who leaves an e-mail address.
#[utoipa::path(
    tag = "widget", request_body = ContactRequest, security(()),
    responses(
        (status = 200, description = "Committed", body = ContactResponse),
    )
)]
#[post("/api/widget/contact")]
pub async fn post_contact(app: web::Data<App>, request: HttpRequest, body: Json<ContactRequest>) -> Answer {
    let body = body.into_inner();
    let widget = init::find(&app, &body.api_key).await?;
    cors::admit(&app, &request, &widget.settings)?;
    let address = context::current().address;
    app.limits.prefix_message(widget.tenant_id, address)?;
    let form = Form { country: app.countries.find(address), ..read(&body)? };
    let owner = format!("contact form {}", form.email);
    keyed(app.clone(), widget.tenant_id, owner, &request, &body, take(&app, &widget, form)).await
}

async fn take(app: &App, widget: &Widget, form: Form) -> Answer {
    let key = format!("contact-form:{}", form.email);
    let address = Address { kind: AddressKind::Email, value: form.email.clone() };
    let ids = find_thread(app, widget, &key, &address).await?;
    change(app, widget.tenant_id, ids.contact_id, Absent::Leave, |contact| fill_gaps(contact, &form)).await?;

    let guard = short_sha256(key.as_bytes());
    let post = Post {
        author: Author { kind: AuthorKind::Visitor, id: Some(ids.contact_id.uuid()), name: None, avatar_url: None },
        kind: MessageKind::Message,
        direction: Direction::In,
        content: Document::plain(&form.text),
        text: form.text,
        attachments: Vec::new(),
        client_id: None,
        // A button that is pressed twice sends one message.
        repeat_guard: Some(u64::from_be_bytes(guard)),
        last_seen_seq: None,
        opening: Some(Opening {
            channel_id: widget.channel_id,
            thread_key: key,
            contact_id: ids.contact_id,
            contact: ContactDraft {
                name: form.said.name,
                email: Some(form.email),
                addresses: vec![address],
                custom_attributes: form.said.attributes,
                country: form.country,
            },
            remote: None,
        }),
        subject: form.subject,
        via: None,
        provider_id: None,
    };
    match app.directory.ask(widget.tenant_id, ids.conversation_id, Command::Post(Box::new(post))).await? {
        Reply::Posted(posted) => Ok(HttpResponse::Ok().json(ContactResponse {
            success: true,
            ticket_id: posted.ticket_id.uuid(),
            ticket_number: posted.ticket_number,
            message: THANKS,
        })),
        Reply::Updated(_) | Reply::Read | Reply::Received(_) | Reply::Scheduled { .. } => {
            Err(Problem::internal("a message was answered as something else"))
        }
    }
}

/// The thread's own contact and conversation; for a new thread the contact that has the e-mail address, if there is one.
async fn find_thread(app: &App, widget: &Widget, key: &str, address: &Address) -> Answer<ThreadIds> {
    if let Some(ids) = thread::find(&app.db, widget.tenant_id, widget.channel_id, key).await? {
        return Ok(ids);
    }
    let derived = derive_ids(widget.channel_id, key);
    let known = thread::find_contact_by_address(&app.db, widget.tenant_id, address).await?;
    Ok(ThreadIds { contact_id: known.unwrap_or(derived.contact_id), ..derived })
}

fn read(body: &ContactRequest) -> Answer<Form> {
    let invalid = |pointer: &str, error: TextError| {
        let code = if error == TextError::Empty { "empty" } else { "invalid_value" };
        Problem::invalid(pointer, code, error.to_string())
    };
    let mut said = fields::said(&body.custom_fields, &[], "/customFields")?;
    // `email` among the further answers is an answer like any other; the form's own is the one that counts.
    said.email = None;
    if let Some(name) = &body.name {
        let only = Map::from_iter([("name".to_owned(), Value::String(name.clone()))]);
        said.name = fields::said(&only, &[], "")?.name;
    }
    let subject = body.subject.as_deref().filter(|subject| !subject.trim().is_empty());
    Ok(Form {
        email: text::email(&body.email).map_err(|error| invalid("/email", error))?,
        text: text::lines(&body.message, MESSAGE_CHARS_MAX).map_err(|error| invalid("/message", error))?,
        subject: subject.map(|subject| text::line(subject, NAME_CHARS_MAX)).transpose().map_err(|error| invalid("/subject", error))?,
        said,
        country: None,
    })
}

/// Fills what is not known yet, and changes nothing that is.
fn fill_gaps(contact: &mut Contact, form: &Form) {
    let email = Some(form.email.clone());
    let gaps = [
        (&mut contact.name, &form.said.name),
        (&mut contact.email, &email),
        (&mut contact.phone, &form.said.phone),
        (&mut contact.country, &form.country),
    ];
    for (field, value) in gaps {
        if field.is_none() {
            field.clone_from(value);
        }
    }
    let new = form.said.attributes.iter().filter(|(name, _)| !contact.custom_attributes.contains_key(*name));
    let new = new.map(|(name, value)| (name.clone(), value.clone())).collect();
    fields::merge(&mut contact.custom_attributes, &new);
}
