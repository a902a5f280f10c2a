//! Checking what somebody enters for a credential.

use std::collections::BTreeMap;

use entities::{
    CredentialSecretId, TenantId,
    text::{self, NAME_CHARS_MAX},
};

use crate::{
    channels::{
        adapter::Adapter,
        credential::{Credential, Field},
        entry::{self, Flaw},
    },
    http::{App, extract::escape, fields::Fields, problem::Answer, problem::Problem},
    store::settings::credential::NewSecret,
};

/// Checks a name.
pub fn name(fields: &mut Fields, text: &str) -> String {
    fields.text("/name", text::line(text, NAME_CHARS_MAX)).unwrap_or_default()
}

/// Checks an account; blank means none.
pub fn account(fields: &mut Fields, text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    fields.text("/account", text::line(text, NAME_CHARS_MAX))
}

/// Checks that a vendor is named where one is needed, and one that is known.
pub fn vendor(fields: &mut Fields, adapter: &dyn Adapter, vendor: Option<&str>) {
    let known = adapter.vendors();
    match vendor {
        None if !adapter.fields(None).is_empty() => {}
        None => fields.refuse("/vendor", "missing_field", format!("must be one of {}", known.join(", "))),
        Some(_) if known.is_empty() => fields.refuse("/vendor", "unsupported", format!("{} has no vendors", adapter.provider())),
        Some(vendor) if known.contains(&vendor) => {}
        Some(_) => fields.refuse("/vendor", "unknown_value", format!("must be one of {}", known.join(", "))),
    }
}

/// Notes what is wrong with the fields of a whole credential.
pub fn secrets(fields: &mut Fields, known: &[Field], given: &BTreeMap<String, String>) {
    for Flaw { name, code, detail } in entry::flaws(known, given) {
        fields.refuse(format!("/secrets/{}", escape(&name)), code, detail);
    }
}

/// The secret, sealed.
pub fn sealed(app: &App, tenant_id: TenantId, known: &[Field], name: &str, value: &str) -> Answer<NewSecret> {
    let field = known.iter().find(|field| field.name == name);
    let id = CredentialSecretId::new(app.clock.new_id());
    NewSecret::seal(&app.keys, tenant_id, id, name, value, entry::hint(field, value)).map_err(Problem::internal)
}

/// The credential as it would be, open.
pub fn opened(app: &App, vendor: Option<String>, account: Option<String>, secrets: &BTreeMap<String, String>) -> Credential {
    let mut credential = Credential::new(secrets.iter().map(|(name, value)| (name.clone(), value.trim().to_owned())));
    credential.vendor = vendor;
    credential.account = account;
    credential.public_url.clone_from(&app.public_url);
    credential
}
