//! CORS: for the widget's endpoints and files alone, without credentials.
//!
//! Which origins a widget allows is known only when the request has named its widget. So a preflight is answered for any origin (it tells
//! nobody anything, and the request behind it is checked), and a handler that has found its widget and its origin allowed says so by putting
//! [`AllowedOrigin`] among the request's extensions; only then may the page read the answer.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

/// Paths under which pages of other sites may call.
const PATHS: [&str; 3] = ["/api/widget/", "/api/upload", "/api/attachments/"];
/// Headers that such pages may read.
const EXPOSED: &str = "X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Idempotent-Replay";

/// The origin that may read the answer, as the browser wrote it.
#[derive(Debug, Clone)]
pub struct AllowedOrigin(pub String);

/// Whether pages of other sites may call this path.
#[must_use]
pub fn is_open(path: &str) -> bool {
    PATHS.iter().any(|open| path.starts_with(open))
}

/// The answer to a preflight, if this is one.
#[must_use]
pub fn preflight(request: &ServiceRequest) -> Option<HttpResponse> {
    let headers = request.headers();
    if *request.method() != Method::OPTIONS || !is_open(request.path()) || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let origin = headers.get(header::ORIGIN)?;
    Some(
        HttpResponse::NoContent()
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()))
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"))
            .insert_header((
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "Content-Type, Authorization, Idempotency-Key, X-Request-Id, Last-Event-ID",
            ))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"))
            .insert_header((header::VARY, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"))
            .finish(),
    )
}

/// Lets the allowed origin's page read the answer.
pub fn allow(headers: &mut HeaderMap, path: &str, allowed: Option<&AllowedOrigin>) {
    if !is_open(path) {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed.and_then(|allowed| HeaderValue::from_str(&allowed.0).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
