//! `POST /api/widget/init`: a visitor arrives.
//!
//! Nothing is written for a visitor of whom nothing is said: its contact and conversation are derived from the visitor id, and their rows
//! come with the first message. So that a page with a million idle visitors costs a million answers and not a row.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use entities::{VisitorId, WidgetSettings};
use serde_json::{Map, Value};
use uuid::{Builder, Uuid};

use super::{
    cors, fields, identify, session,
    wire::{ConfigQuery, ConfigResponse, FormConfig, FrameConfig, InitRequest, InitResponse},
};
use crate::{
    crypto::random_bytes,
    http::{
        App,
        extract::{Json, Query},
        middleware::context,
        problem::{Answer, Code, Problem},
    },
    store::read::visitor::{self, Standing, Widget},
};

/// What a widget looks like whose owner has chosen nothing; the loader draws the same before it is told.
const PRIMARY_COLOR: &str = "#1f5eff";
const POSITION: &str = "bottom-right";
/// Longest public key that is looked up, in bytes.
const API_KEY_BYTES_MAX: usize = 128;

/// Begins or continues a visitor's session.
#[utoipa::path(
    tag = "widget", request_body = InitRequest, security(()),
    responses(
        (status = 200, description = "The session", body = InitResponse),
    )
)]
#[post("/api/widget/init")]
pub async fn init(app: web::Data<App>, request: HttpRequest, body: Json<InitRequest>) -> Answer {
    let body = body.into_inner();
    let widget = find(&app, &body.api_key).await?;
    cors::admit(&app, &request, &widget.settings)?;
    let visitor_id = match &body.visitor_id {
        Some(text) => known_visitor(text)?,
        None => new_visitor(&app),
    };
    let identity = identify::check(&app, &widget, body.identity.as_ref()).await?;
    let key = visitor_id.to_string();
    let country = app.countries.find(context::current().address);
    let mut standing = stand(&app, &widget, &key).await?;
    if let Some(proven) = &identity.proven {
        identify::lead(&app, &widget, &key, &standing, proven, &identity.said, country.as_ref()).await?;
        standing = stand(&app, &widget, &key).await?;
    } else if !identity.said.is_empty() {
        identify::tell(&app, &widget, &key, &standing, &identity.said, country.as_ref()).await?;
        standing.contact_known = true;
    }
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let metadata = if body.metadata.is_empty() { BTreeMap::new() } else { fields::metadata(&body.metadata, agent) };
    if standing.contact_known {
        identify::note_where(&app, widget.tenant_id, standing.ids.contact_id, &metadata, country.as_ref()).await?;
    } else {
        // Kept for a while, in case the visitor writes; the first message finds the country itself.
        app.newcomers.remember(widget.channel_id, visitor_id, metadata);
    }

    let session_token = session::begin(&app.keys, widget.tenant_id, widget.channel_id, visitor_id, app.clock.now());
    let begun = standing.seq.is_some();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(InitResponse {
        success: true,
        session_token,
        visitor_id: visitor_id.uuid(),
        config: FrameConfig {
            theme: theme(&standing.settings),
            pre_chat_form: standing.settings.pre_chat_form,
            allow_file_uploads: standing.settings.allow_file_uploads,
        },
        conversation_id: begun.then(|| standing.ids.conversation_id.uuid()),
        cursor: app.journal.epoch().at(standing.seq.unwrap_or(0)),
    }))
}

/// Tells a page how to draw a contact form.
#[utoipa::path(
    tag = "widget", params(ConfigQuery), security(()),
    responses(
        (status = 200, description = "The form", body = ConfigResponse),
    )
)]
#[get("/api/widget/config")]
pub async fn config(app: web::Data<App>, request: HttpRequest, query: Query<ConfigQuery>) -> Answer {
    let widget = find(&app, &query.0.api_key).await?;
    cors::allow(&app, &request, &widget.settings);
    let config = FormConfig { theme: theme(&widget.settings), form_fields: widget.settings.pre_chat_form };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(ConfigResponse { success: true, config }))
}

/// Finds a widget by its public key.
///
/// # Errors
/// 401 if there is none: the key is what says who is asking. 503.
pub async fn find(app: &App, api_key: &str) -> Answer<Widget> {
    let unknown = || Problem::new(Code::Unauthenticated).detail("apiKey names no widget of this server");
    if api_key.is_empty() || api_key.len() > API_KEY_BYTES_MAX || !api_key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unknown());
    }
    visitor::find_widget(&app.db, api_key).await?.ok_or_else(unknown)
}

async fn stand(app: &App, widget: &Widget, key: &str) -> Answer<Standing> {
    visitor::find_standing(&app.db, widget.tenant_id, widget.channel_id, key)
        .await?
        .ok_or_else(|| Problem::new(Code::Unauthenticated).detail("apiKey names no widget of this server"))
}

/// The visitor id doubles as the browser's key to its history: only ids with enough randomness are taken.
fn known_visitor(text: &str) -> Answer<VisitorId> {
    let id = Uuid::try_parse(text).ok().filter(|id| matches!(id.get_version_num(), 4 | 7));
    id.map(VisitorId::new)
        .ok_or_else(|| Problem::invalid("/visitorId", "invalid_value", "must be a UUID of version 4 or 7, as init gave it"))
}

/// A UUIDv7 whose 74 free bits are all random. The clock's own ids count within a millisecond, so that a neighbour's could be guessed.
fn new_visitor(app: &App) -> VisitorId {
    let millis = u64::try_from(app.clock.now().micros() / 1_000).unwrap_or(0);
    VisitorId::new(Builder::from_unix_timestamp_millis(millis, &random_bytes()).into_uuid())
}

/// What was set, with every field that clients rely on: an empty `headerText` means the client's own words.
fn theme(settings: &WidgetSettings) -> Map<String, Value> {
    let mut theme = settings.theme.clone();
    theme.entry("primaryColor").or_insert_with(|| Value::from(PRIMARY_COLOR));
    theme.entry("position").or_insert_with(|| Value::from(POSITION));
    theme.insert("headerText".to_owned(), Value::String(settings.header_text.clone()));
    theme
}
