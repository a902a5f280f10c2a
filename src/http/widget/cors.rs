//! Which pages may read the widget's answers, and which may ask at all.
//!
//! A handler that has found its widget says so with [`allow`] or [`admit`]; `http::middleware::cors` puts the header on the answer,
//! refusals included, and answers preflights.

use actix_web::{HttpMessage, HttpRequest, http::header};
use entities::WidgetSettings;

use super::origin;
use crate::http::{
    App,
    middleware::cors::AllowedOrigin,
    problem::{Answer, Code, Problem},
};

/// Lets the page read the answer if its origin may use the widget.
pub fn allow(app: &App, request: &HttpRequest, settings: &WidgetSettings) {
    let sent = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
    if let Some(sent) = sent.filter(|sent| origin::allowed(settings, Some(sent), &app.public_url)) {
        request.extensions_mut().insert(AllowedOrigin(sent.to_owned()));
    }
}

/// As [`allow`], and refuses pages that may not use the widget.
///
/// # Errors
/// 403 `origin_forbidden`.
pub fn admit(app: &App, request: &HttpRequest, settings: &WidgetSettings) -> Answer<()> {
    // A header that is no text is an origin that nobody has: only a missing one is none.
    let sent = request.headers().get(header::ORIGIN).map(|value| value.to_str().unwrap_or_default());
    if !origin::allowed(settings, sent, &app.public_url) {
        return Err(Problem::new(Code::OriginForbidden).detail("this widget may not be used from this origin"));
    }
    allow(app, request, settings);
    Ok(())
}
