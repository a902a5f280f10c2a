//! The list of providers.

use actix_web::{get, web};
use entities::Capabilities;

use super::wire::{Consent, CredentialForm, Field, Kind, Provider, Providers};
use crate::{
    channels::{adapter::Adapter, registry},
    http::{
        App,
        access::{Allowed, ReadChannels},
    },
};

/// Lists the providers that this server speaks with: what a credential of each consists of and where to find it, where the provider has to
/// call, and what its channels can do.
#[utoipa::path(tag = "providers", responses((status = 200, description = "All of them", body = Providers)))]
#[get("/providers")]
pub async fn list_providers(app: web::Data<App>, _allowed: Allowed<ReadChannels>) -> web::Json<Providers> {
    web::Json(Providers { data: registry::all().iter().map(|adapter| provider(&app, *adapter)).collect() })
}

fn provider(app: &App, adapter: &dyn Adapter) -> Provider {
    let (provider, public_url) = (adapter.provider(), &app.public_url);
    let kinds = provider.kinds().iter();
    let kinds = kinds.filter_map(|kind| Capabilities::of(*kind).map(|capabilities| Kind { kind: *kind, capabilities }));
    let form = |vendor: Option<&'static str>| CredentialForm { vendor, fields: adapter.fields(vendor).iter().map(field).collect() };
    let alone = Some(form(None)).filter(|form| !form.fields.is_empty());
    let credentials = alone.into_iter().chain(adapter.vendors().iter().map(|vendor| form(Some(vendor)))).collect();
    let install = registry::consent(provider).map(|_consent| Consent {
        path: format!("/api/{provider}/install"),
        redirect_uri: format!("{public_url}/api/{provider}/callback"),
        missing: app.options.server.apps.find(provider).err().unwrap_or_default(),
    });
    Provider { provider, kinds: kinds.collect(), credentials, webhook_url: format!("{public_url}/api/webhooks/{provider}"), install }
}

const fn field(field: &crate::channels::credential::Field) -> Field {
    Field {
        name: field.name,
        label: field.label,
        hint: field.hint,
        required: field.required,
        verifies: field.verifies,
        secret: field.secret,
    }
}
