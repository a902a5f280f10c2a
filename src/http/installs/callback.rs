//! The way back: the provider leads the browser here, with a code or with what is wrong.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use entities::{InstallId, Provider, TenantId};

use super::{client_app, connect, consent, session, trip};
use crate::{
    channels::{form, oauth::Consent, tidy},
    crypto::token,
    delivery::provider_dialogue,
    http::{
        App,
        access::{Allowed, WriteChannels},
        audit_log,
        problem::{Answer, Problem},
    },
    store::{
        read::install::Status,
        settings::{
            audit::Doer,
            install::{self, Bearer},
        },
    },
};

/// Longest state that is looked up, in bytes.
const STATE_BYTES_MAX: usize = 256;
/// Longest words of the provider's that are kept, in characters.
const WORDS_CHARS_MAX: usize = 300;
/// The page of the console that tells what came of it; its last part is the install's id, or [`STALE`].
const OUTCOME_PAGE: &str = "/#/settings/channels/installs/";
/// In place of an id: the way back was not good (any more), and nothing was done.
const STALE: &str = "stale";

/// Takes what the provider brings back: asks it for tokens, keeps them as a credential, and connects the channels that were granted; an account
/// that is connected already gets the new tokens. Then leads to the page of the console that tells what came of it, also where nothing did.
#[utoipa::path(
    tag = "installs",
    params(
        ("provider" = String, Path, description = "`whatsapp`, `messenger`, `slack` or `dialpad`"),
        ("state" = Option<String>, Query, description = "What this server gave along"),
        ("code" = Option<String>, Query, description = "What tokens are given for"),
        ("error" = Option<String>, Query, description = "Why there is no code"),
    ),
    responses((status = 302, description = "The console", headers(("Location" = String, description = "Its page for what came of it")))),
)]
#[get("/api/{provider:whatsapp|messenger|slack|dialpad}/callback")]
pub async fn callback(app: web::Data<App>, allowed: Allowed<WriteChannels>, request: HttpRequest, path: web::Path<String>) -> Answer {
    let consent = consent(&path)?;
    let (_agent, session_id) = session(&allowed.caller)?;
    let given = form::decode(request.query_string().as_bytes());
    let state = form::first(&given, "state").filter(|state| state.len() <= STATE_BYTES_MAX);
    let bearer = Bearer { provider: consent.provider(), session_id, now: app.clock.now() };
    let taken = match state {
        Some(state) => install::take(&app.db, allowed.tenant_id, &token::hash(state), bearer).await?,
        None => None,
    };
    let Some(id) = taken else {
        tracing::info!(tenant.id = %allowed.tenant_id, provider = %consent.provider(), "a provider led back with a state that is not good");
        return Ok(lead_to(STALE));
    };
    let doer = audit_log::doer(&app, &allowed.caller);
    let back = Back { app, tenant_id: allowed.tenant_id, id, doer, consent, given };
    // A task of its own: a browser that goes away must not leave half of it undone, for the state and the code are used up.
    let ended = actix_web::rt::spawn(back.take_in()).await;
    ended.map_err(Problem::internal)??;
    Ok(lead_to(&id.to_string()))
}

fn lead_to(outcome: &str) -> HttpResponse {
    let redirect = (header::LOCATION, format!("{OUTCOME_PAGE}{outcome}"));
    HttpResponse::Found().insert_header(redirect).insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

/// What was brought back, with a state that was good.
struct Back {
    app: web::Data<App>,
    tenant_id: TenantId,
    id: InstallId,
    doer: Doer,
    consent: &'static dyn Consent,
    given: Vec<(String, String)>,
}

impl Back {
    /// Connects what was granted, and writes down what came of it.
    async fn take_in(self) -> Answer<()> {
        let outcome = match self.connected().await {
            Ok(outcome) => outcome,
            Err(problem) => {
                tracing::error!(install.id = %self.id, tenant.id = %self.tenant_id, ?problem, "an account could not be connected");
                connect::Outcome::failed("something went wrong on this server; begin again")
            }
        };
        let status = if outcome.whole { Status::Connected } else { Status::Failed };
        install::finish(&self.app.db, self.tenant_id, self.id, status, &outcome.words, &outcome.channels).await?;
        tracing::info!(
            install.id = %self.id, tenant.id = %self.tenant_id, provider = %self.consent.provider(), whole = outcome.whole,
            channels = outcome.channels.len(), "an install came to its end"
        );
        Ok(())
    }

    async fn connected(&self) -> Answer<connect::Outcome> {
        let provider = self.consent.provider();
        if let Some(error) = form::first(&self.given, "error") {
            return Ok(connect::Outcome::failed(&refused(provider, error, &self.given)));
        }
        let Some(code) = form::first(&self.given, "code").filter(|code| !code.is_empty()) else {
            return Ok(connect::Outcome::failed(&format!("{provider} led back with neither a code nor a reason; begin again")));
        };
        let client = client_app(&self.app, provider)?;
        let state = form::first(&self.given, "state").unwrap_or_default();
        let dialogue = self.consent.redeem(&client, &trip(&self.app, provider, state), code, self.app.clock.now());
        match Box::pin(provider_dialogue::follow(&self.app.providers, provider, dialogue)).await {
            Ok(granted) => {
                let connector = connect::Connector {
                    app: &self.app,
                    tenant_id: self.tenant_id,
                    doer: &self.doer,
                    consent: self.consent,
                    client: &client,
                };
                Box::pin(connector.all(granted)).await
            }
            Err(failed) => Ok(connect::Outcome::failed(&failed.error.to_string())),
        }
    }
}

/// Why somebody did not agree, or the provider did not let them.
fn refused(provider: Provider, error: &str, given: &[(String, String)]) -> String {
    let told = |name: &str| form::first(given, name).and_then(tidy::name).map(|words| tidy::cut(&words, WORDS_CHARS_MAX));
    let words = told("error_description").or_else(|| told("error_reason"));
    let error = tidy::cut(&tidy::name(error).unwrap_or_default(), WORDS_CHARS_MAX);
    if error == "access_denied" {
        let words = words.map(|words| format!(" ({words})")).unwrap_or_default();
        return format!("it was not allowed at {provider}{words}: nothing was connected");
    }
    match words {
        Some(words) => format!("{provider} refused: {words} ({error})"),
        None => format!("{provider} refused: {error}"),
    }
}
