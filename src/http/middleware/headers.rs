//! Around every request, outermost: its context, the buckets of callers without a token, the headers of the answer, and one line in the log.

use std::{rc::Rc, time::Instant};

use actix_web::{
    HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use super::{
    context::{self, Context},
    cors::{self, AllowedOrigin},
};
use crate::{
    crypto::visitor_token,
    http::{
        App,
        access::SESSION_COOKIE,
        limits::{Exceeded, Standing},
        problem::Problem,
        widget,
    },
};

/// The security headers of every answer; a handler's own value stands.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];
/// Paths whose handlers look at no token or cookie of an agent or a service.
const OPEN: [&str; 3] = ["/api/widget/", "/api/auth/login", "/api/health"];
/// What an answer may do in a browser unless its handler says otherwise: nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The outermost middleware.
pub async fn around<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Ok(request.error_response(Problem::internal("the application is not attached to the server")));
    };
    let context = Rc::new(context_of(&app, &request));
    let method = request.method().clone();
    let path = request.path().to_owned();
    let mut response = context::within(Rc::clone(&context), answer(&app, request, next, context.address)).await?;
    let allowed = response.request().extensions().get::<AllowedOrigin>().cloned();
    let standing = response.request().extensions().get::<Standing>().copied();
    write_headers(&app, &path, &context, standing, allowed.as_ref(), response.headers_mut());
    let route = response.request().match_pattern();
    let duration = begun.elapsed();
    crate::observe::request(&method, route.as_deref(), response.status(), duration);
    tracing::info!(
        request.id = %context.request_id, %method, route = route.as_deref().unwrap_or("none"), status = response.status().as_u16(),
        duration_ms = duration.as_secs_f64() * 1000.0, "request"
    );
    Ok(response)
}

async fn answer<B: MessageBody + 'static>(
    app: &App,
    request: ServiceRequest,
    next: Next<B>,
    address: std::net::IpAddr,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(response) = cors::preflight(&request) {
        return Ok(request.into_response(response));
    }
    let is_api = request.path().starts_with("/api/");
    let is_health = request.path().starts_with("/api/health");
    let is_stranger = is_stranger(&request);
    if is_api && is_stranger {
        let counted = app.limits.anonymous(address);
        request.extensions_mut().insert(standing(&counted));
        if let (Err(exceeded), false) = (counted, is_health) {
            return Ok(request.error_response(Problem::from(exceeded)));
        }
    }
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        // No handler's error comes this way (they are answers already), only middleware's. The answer is made here, where the context is.
        Err(error) => {
            let response = error.error_response();
            return Err(InternalError::from_response(error, response).into());
        }
    };
    let nobody = || response.status() == StatusCode::UNAUTHORIZED || response.request().extensions().get::<Standing>().is_none();
    if is_api && !is_stranger && nobody() {
        return Ok(count_failure(app, response, address));
    }
    Ok(response)
}

/// Whether a request is counted by where it comes from: it shows no proof, or none that a bucket of its own belongs to. A proof that was not
/// asked for must not be a way around the count.
fn is_stranger(request: &ServiceRequest) -> bool {
    let path = request.path();
    let visitor = widget::session::bearer(request.request()).is_some_and(|token| token.starts_with(visitor_token::PREFIX));
    let shows_proof = request.headers().contains_key(header::AUTHORIZATION) || request.cookie(SESSION_COOKIE).is_some();
    !shows_proof || visitor || OPEN.iter().any(|open| path.starts_with(open))
}

/// A proof that does not hold, or that nobody asked for, counts like no proof at all, so that guessing is bounded.
fn count_failure(app: &App, response: ServiceResponse<BoxBody>, address: std::net::IpAddr) -> ServiceResponse<BoxBody> {
    let counted = app.limits.anonymous(address);
    response.request().extensions_mut().insert(standing(&counted));
    match counted {
        Ok(_) => response,
        Err(exceeded) => response.into_response(HttpResponse::from_error(Problem::from(exceeded))),
    }
}

fn standing(counted: &Result<Standing, Exceeded>) -> Standing {
    counted.as_ref().map_or_else(|exceeded| exceeded.standing, |standing| *standing)
}

fn context_of(app: &App, request: &ServiceRequest) -> Context {
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok().map(str::to_owned));
    Context {
        request_id: context::sent_request_id(request.request()).map_or_else(|| app.clock.new_id().to_string(), str::to_owned),
        widget: request.path().starts_with("/api/widget/"),
        address: context::client_address(request.peer_addr().map(|peer| peer.ip()), forwarded, &app.options.server.trusted_proxies),
    }
}

fn write_headers(
    app: &App,
    path: &str,
    context: &Context,
    standing: Option<Standing>,
    allowed: Option<&AllowedOrigin>,
    headers: &mut HeaderMap,
) {
    insert(headers, HeaderName::from_static("x-request-id"), &context.request_id);
    for (name, value) in standing.iter().filter(|_api| path.starts_with("/api/")).flat_map(Standing::headers) {
        // A refusal has said which bucket is empty.
        if !headers.contains_key(&name) {
            insert(headers, name, &value);
        }
    }
    // A handler that says what its page may do also says who may frame it; everything else is in nobody's frame.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        insert(headers, header::CONTENT_SECURITY_POLICY, POLICY);
        insert(headers, header::X_FRAME_OPTIONS, "DENY");
    }
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            insert(headers, name, value);
        }
    }
    if app.public_url.starts_with("https://") {
        insert(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if path.starts_with("/api/") && !headers.contains_key(header::CACHE_CONTROL) {
        insert(headers, header::CACHE_CONTROL, "no-store");
    }
    cors::allow(headers, path, allowed);
}

/// Sets a header. Values are numbers, constants and checked ASCII, so none is ever refused.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
