//! Who a visitor is: proofs, and what a proven or a merely stated identity changes.
//!
//! Guarantees:
//! * Only a proof leads a visitor to a known contact; what a visitor merely says fills its own anonymous contact and nobody else's, and
//!   nobody is found by an unproven e-mail address.
//! * A conversation that was begun anonymously is kept: it becomes the known contact's. A conversation that was begun as somebody else
//!   stays theirs, and is not seen by the next person at the same browser.
//! * Every step may be repeated. The thread is led elsewhere last, so that after a crash the next `init` does the rest.

use actors::conversation::{AskError, Command, Rejection};
use entities::{
    Address, AddressKind, Contact, ContactId, ContactSummary, ConversationId, TenantId,
    thread::{ThreadIds, derive_ids},
};
use serde_json::{Map, Value};

use super::{
    contact_change::{Absent, change},
    fields::{self, Said},
};
use crate::{
    crypto::identity::{self, IdentityError, IdentitySecret, Proven},
    http::{
        App,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{identity as secrets, thread, visitor::Standing, visitor::Widget},
        settings,
    },
};

/// The column for which identity secrets are sealed.
pub const SEALED_COLUMN: &str = "identity_secret.secret";
/// Most browsers by which one contact is remembered; the oldest is forgotten first.
const BROWSERS_MAX: usize = 20;
/// Members of `identity` that are no answers of the visitor's.
const PROOF_FIELDS: &[&str] = &["jwt", "identifier", "identifier_hash"];

/// What a request says of its visitor.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// Proven by the site's server.
    pub proven: Option<Proven>,
    /// Said by the page.
    pub said: Said,
}

/// Reads and checks `identity`.
///
/// # Errors
/// 401 `identity_invalid` if a proof does not hold, `identity_required` if there is none and the widget wants one; 422 for bad fields.
pub async fn check(app: &App, widget: &Widget, identity: Option<&Map<String, Value>>) -> Answer<Identity> {
    let Some(given) = identity else { return require(widget, Identity::default()) };
    let said = fields::said(given, PROOF_FIELDS, "/identity")?;
    let text = |name: &str| match given.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Problem::invalid(format!("/identity/{name}"), "wrong_type", "must be a text")),
    };
    let proven = match (text("jwt")?, text("identifier")?, text("identifier_hash")?) {
        (None, None, None) => None,
        (Some(jwt), _, _) => {
            let proven = identity::verify_jwt(&live_secrets(app, widget).await?, jwt, app.clock.now()).map_err(invalid)?;
            Some(signed(proven)?)
        }
        (None, Some(identifier), Some(hash)) => {
            let identifier = identity::verify_hash(&live_secrets(app, widget).await?, identifier, hash).map_err(invalid)?;
            Some(Proven { identifier, name: None, email: None })
        }
        (None, _, _) => {
            return Err(Problem::new(Code::IdentityInvalid).detail("identifier and identifier_hash belong together"));
        }
    };
    require(widget, Identity { proven, said })
}

fn require(widget: &Widget, identity: Identity) -> Answer<Identity> {
    if widget.settings.identity.required && identity.proven.is_none() {
        return Err(Problem::new(Code::IdentityRequired).detail("this widget is for signed-in visitors: send a jwt, or identifier_hash"));
    }
    Ok(identity)
}

fn invalid(error: IdentityError) -> Problem {
    Problem::new(Code::IdentityInvalid).detail(error.to_string())
}

/// Bounds the signed claims, which end in the same columns as what visitors say.
fn signed(proven: Proven) -> Answer<Proven> {
    let claims = [("name", proven.name), ("email", proven.email)];
    let claims = claims.into_iter().filter_map(|(name, claim)| Some((name.to_owned(), Value::String(claim?)))).collect();
    let said = fields::said(&claims, &[], "/identity/jwt")?;
    Ok(Proven { identifier: proven.identifier, name: said.name, email: said.email })
}

async fn live_secrets(app: &App, widget: &Widget) -> Answer<Vec<IdentitySecret>> {
    let sealed = secrets::list_secrets(&app.db, widget.tenant_id, widget.channel_id).await?;
    sealed
        .into_iter()
        .map(|secret| {
            let text = std::str::from_utf8(&secret.sealed).map_err(Problem::internal)?;
            let plain = app.keys.open(widget.tenant_id, SEALED_COLUMN, text).map_err(Problem::internal)?;
            let plain = String::from_utf8(plain.to_vec()).map_err(Problem::internal)?;
            Ok(IdentitySecret { key_id: secret.key_id, secret: plain.into() })
        })
        .collect()
}

/// Takes over what a visitor merely says: fills its own contact, making it if need be. A contact for whom a site has vouched is left as it
/// is, because anybody at that browser could say anything.
///
/// # Errors
/// 503.
pub async fn tell(app: &App, widget: &Widget, key: &str, standing: &Standing, said: &Said, country: Option<&String>) -> Answer<()> {
    let address = visitor_address(key);
    let contact = change(app, widget.tenant_id, standing.ids.contact_id, Absent::Make, |contact| {
        if !contact.verified && external(contact).is_none() {
            hold(contact, &address);
            fill(contact, said);
            fill_country(contact, country);
        }
    })
    .await?;
    rename(app, widget.tenant_id, standing, contact.as_ref()).await
}

/// Keeps where the visitor is, if there is a contact to keep it on.
///
/// # Errors
/// 503.
pub async fn note_where(
    app: &App,
    tenant_id: TenantId,
    contact_id: ContactId,
    metadata: &std::collections::BTreeMap<String, Value>,
    country: Option<&String>,
) -> Answer<()> {
    if metadata.is_empty() && country.is_none() {
        return Ok(());
    }
    change(app, tenant_id, contact_id, Absent::Leave, |contact| {
        fields::merge(&mut contact.custom_attributes, metadata);
        fill_country(contact, country);
    })
    .await?;
    Ok(())
}

/// Leads a proven visitor to its contact, and answers where its thread now leads.
///
/// # Errors
/// 503.
pub async fn lead(
    app: &App,
    widget: &Widget,
    key: &str,
    standing: &Standing,
    proven: &Proven,
    said: &Said,
    country: Option<&String>,
) -> Answer<ThreadIds> {
    let tenant_id = widget.tenant_id;
    let (visitor, person) = (visitor_address(key), Address { kind: AddressKind::External, value: proven.identifier.clone() });
    let own = app.journal.find_contact(tenant_id, standing.ids.contact_id).await?;
    let own_is_anonymous = own.as_ref().is_none_or(|own| external(own).is_none_or(|bound| *bound == proven.identifier));
    let by_person = derive_ids(widget.channel_id, &format!("external:{}", proven.identifier));

    let contact_id = match thread::find_contact_by_address(&app.db, tenant_id, &person).await? {
        Some(known) => known,
        None if own_is_anonymous => standing.ids.contact_id,
        None => by_person.contact_id,
    };
    if contact_id != standing.ids.contact_id {
        // An address is one contact's: it is let go before it is taken.
        let let_go = |contact: &mut Contact| contact.addresses.retain(|address| *address != visitor);
        change(app, tenant_id, standing.ids.contact_id, Absent::Leave, let_go).await?;
    }
    let contact = change(app, tenant_id, contact_id, Absent::Make, |contact| {
        hold(contact, &person);
        hold(contact, &visitor);
        fill(contact, said);
        fill(contact, &Said { name: proven.name.clone(), email: proven.email.clone(), ..Said::default() });
        fill_country(contact, country);
        contact.verified = true;
    })
    .await?;
    let summary = contact.as_ref().map(Contact::summary);

    let keeps_own = own_is_anonymous && standing.seq.is_some();
    let conversation_id = if keeps_own {
        standing.ids.conversation_id
    } else {
        let latest = thread::find_latest_conversation(&app.db, tenant_id, widget.channel_id, contact_id).await?;
        latest.unwrap_or(by_person.conversation_id)
    };
    if let Some(summary) = summary {
        show_contact(app, tenant_id, conversation_id, summary).await?;
    }
    let ids = ThreadIds { contact_id, conversation_id };
    if !standing.led || ids != standing.ids {
        settings::thread::lead(&app.db, tenant_id, widget.channel_id, key, ids).await?;
    }
    Ok(ids)
}

/// Shows a changed name in the visitor's conversation.
async fn rename(app: &App, tenant_id: TenantId, standing: &Standing, contact: Option<&Contact>) -> Answer<()> {
    match contact.filter(|_| standing.seq.is_some()) {
        Some(contact) => show_contact(app, tenant_id, standing.ids.conversation_id, contact.summary()).await,
        None => Ok(()),
    }
}

/// Makes a conversation show the contact as it is now; nothing happens if it has not begun or shows it already.
async fn show_contact(app: &App, tenant_id: TenantId, id: ConversationId, contact: ContactSummary) -> Answer<()> {
    match app.directory.ask(tenant_id, id, Command::ChangeContact { contact }).await {
        Ok(_) | Err(AskError::Rejected(Rejection::NotFound)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The address by which a browser is recognised.
#[must_use]
pub fn visitor_address(key: &str) -> Address {
    Address { kind: AddressKind::Visitor, value: key.to_owned() }
}

fn external(contact: &Contact) -> Option<&String> {
    contact.addresses.iter().find(|address| address.kind == AddressKind::External).map(|address| &address.value)
}

/// Adds an address, forgetting the oldest browser if there are too many.
fn hold(contact: &mut Contact, address: &Address) {
    if contact.addresses.contains(address) {
        return;
    }
    let browsers = contact.addresses.iter().filter(|held| held.kind == AddressKind::Visitor).count();
    if address.kind == AddressKind::Visitor && browsers >= BROWSERS_MAX {
        let oldest = contact.addresses.iter().position(|held| held.kind == AddressKind::Visitor);
        if let Some(oldest) = oldest {
            contact.addresses.remove(oldest);
        }
    }
    contact.addresses.push(address.clone());
}

/// Keeps the first country that was found: people travel, and who answers them wants to know where they are from.
fn fill_country(contact: &mut Contact, country: Option<&String>) {
    if contact.country.is_none() {
        contact.country = country.cloned();
    }
}

/// Puts what was said where it belongs; what was not said stays.
fn fill(contact: &mut Contact, said: &Said) {
    for (field, value) in [(&mut contact.name, &said.name), (&mut contact.email, &said.email), (&mut contact.phone, &said.phone)] {
        if value.is_some() {
            field.clone_from(value);
        }
    }
    fields::merge(&mut contact.custom_attributes, &said.attributes);
}
