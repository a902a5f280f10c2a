//! Beginning: the browser is sent to the provider.

use actix_web::{HttpResponse, get, http::header, web};
use entities::InstallId;

use super::{STATE_MS, client_app, consent, session, trip};
use crate::{
    crypto::token,
    http::{
        App,
        access::{Allowed, WriteChannels},
        problem::Answer,
    },
    store::settings::install::{self, NewInstall},
};

/// What a state begins with, so that people and scanners know one when they see it.
const STATE_PREFIX: &str = "st_";

/// Sends the browser to the provider, where somebody agrees that this server may send and receive for an account of theirs. The way back is good
/// for ten minutes, once, and in the same sign-in. 409 `app_missing` where the operator has set up no app at the provider.
#[utoipa::path(
    tag = "installs",
    params(("provider" = String, Path, description = "`whatsapp`, `messenger`, `slack` or `dialpad`")),
    responses((status = 302, description = "The provider's page", headers(("Location" = String, description = "Where it is")))),
)]
#[get("/api/{provider:whatsapp|messenger|slack|dialpad}/install")]
pub async fn begin(app: web::Data<App>, allowed: Allowed<WriteChannels>, path: web::Path<String>) -> Answer {
    let consent = consent(&path)?;
    let provider = consent.provider();
    let (agent_id, session_id) = session(&allowed.caller)?;
    let client = client_app(&app, provider)?;
    let state = token::make(STATE_PREFIX);
    let now = app.clock.now();
    let new = NewInstall {
        id: InstallId::new(app.clock.new_id()),
        provider,
        agent_id,
        session_id,
        hash: token::hash(&state),
        created_at: now,
        expires_at: now.plus_ms(STATE_MS),
    };
    install::begin(&app.db, allowed.tenant_id, &new).await?;
    let page = consent.page(&client, &trip(&app, provider, &state), &state);
    let address = app.providers.address(provider, page.base, &page.path);
    let redirect = (header::LOCATION, address);
    Ok(HttpResponse::Found().insert_header(redirect).insert_header((header::CACHE_CONTROL, "no-store")).finish())
}
