//! A write that is sent again is answered again, and done once.
//!
//! Guarantees: of requests with one `Idempotency-Key` that arrive at once, one does the work and the others wait for its answer; the answer
//! is kept for 24 hours, per workspace and caller, sealed; the same key with another request is refused. Work once begun is finished also
//! if the client hangs up.
//!
//! Does not: keep answers that say nothing about the request itself (401, 403, 429, 5xx): those give the key back. A process that dies
//! between its commit and keeping the answer leaves the key free after a minute; where that matters, rows carry keys of their own (a
//! message's `client_id`).

use std::time::Duration;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web,
};
use entities::TenantId;
use serde_json::{Map, Value};

use super::{
    App,
    access::identify,
    extract::{self, BODY_BYTES_MAX},
    middleware::context,
    problem::{Answer, Code, Problem},
};
use crate::{
    crypto::sha256,
    store::settings::idempotency::{self as answers, Claim, Kept, KeyName},
};

/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 255;
/// How long a repeat waits for the first request's answer.
const WAIT_MS_MAX: u64 = 10_000;
/// How often it looks.
const WAIT_STEP_MS: u64 = 20;
/// The column that answers are sealed for.
const COLUMN: &str = "idempotency_key.body";
/// Headers that belong to an answer and come back with it.
const HEADERS: [header::HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// What to do with a request that has a key.
pub enum Begun {
    /// It was done before: this is the answer.
    Before(HttpResponse),
    /// Do it, and hand the answer to [`Work::finish`].
    Ours(Work),
}

/// Stands among an answer's extensions where part of the work could not be done just now: a repeat is to try it again, so the answer is not kept.
/// What was done must bear being done again.
pub struct Unfinished;

/// A claimed key.
pub struct Work {
    app: web::Data<App>,
    tenant_id: TenantId,
    name: KeyName,
}

/// The key of a request, if it has one.
///
/// # Errors
/// 400 `invalid_request` if it is empty, too long, or more than visible ASCII.
pub fn key(request: &HttpRequest) -> Answer<Option<&str>> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    match value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX && key.bytes().all(|b| b.is_ascii_graphic())) {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::new(Code::InvalidRequest).detail(format!("Idempotency-Key must be 1 to {KEY_BYTES_MAX} visible characters"))),
    }
}

/// Claims a key for a request, or finds its answer. `owner` is the caller within the tenant: a service account, an agent, a visitor.
///
/// # Errors
/// 422 `idempotency_mismatch`, 409 `idempotency_in_progress` if the first request does not end in time, 503.
pub async fn begin(
    app: web::Data<App>,
    tenant_id: TenantId,
    owner: String,
    key: &str,
    request: &HttpRequest,
    body: &[u8],
) -> Answer<Begun> {
    let name = KeyName { caller: owner, key: key.to_owned() };
    let asked = format!("{} {}\n", request.method(), request.uri().path_and_query().map_or("", |path| path.as_str()));
    let fingerprint = sha256(&[asked.as_bytes(), body].concat());
    let mut waited_ms = 0;
    loop {
        match answers::claim(&app.db, tenant_id, &name, &fingerprint, app.clock.now()).await? {
            Claim::Ours => return Ok(Begun::Ours(Work { app, tenant_id, name })),
            Claim::Answered(kept) => return replay(&app, tenant_id, kept).map(Begun::Before),
            Claim::Mismatch => {
                return Err(Problem::new(Code::IdempotencyMismatch).detail("this Idempotency-Key was used for another request"));
            }
            Claim::InProgress if waited_ms >= WAIT_MS_MAX => return Err(Problem::new(Code::IdempotencyInProgress).retry_after_ms(1000)),
            Claim::InProgress => {
                tokio::time::sleep(Duration::from_millis(WAIT_STEP_MS)).await;
                waited_ms += WAIT_STEP_MS;
            }
        }
    }
}

impl Work {
    /// Keeps the answer, or gives the key back if the answer says nothing about the request; returns the answer.
    ///
    /// # Errors
    /// 500 if the answer's own body cannot be read.
    pub async fn finish<B: MessageBody + 'static>(self, response: HttpResponse<B>) -> Answer {
        let status = response.status();
        let kept = status.is_success() || (status.is_client_error() && !matches!(status.as_u16(), 401 | 403 | 408 | 413 | 429));
        if !kept || response.extensions().get::<Unfinished>().is_some() {
            self.release().await;
            return Ok(response.map_into_boxed_body());
        }
        let (head, body) = response.into_parts();
        let body = to_bytes(body).await.map_err(|_unreadable| Problem::internal("an answer's body could not be read"))?;
        let headers: Map<String, Value> = HEADERS
            .iter()
            .filter_map(|name| Some((name.as_str().to_owned(), Value::from(head.headers().get(name)?.to_str().ok()?))))
            .collect();
        let sealed = self.app.keys.seal(self.tenant_id, COLUMN, &body).map_err(Problem::internal)?;
        let kept = Kept { status: status.as_u16(), headers: Value::Object(headers).to_string(), body: sealed.into_bytes() };
        // The work is done and answered whatever becomes of the key; a repeat then waits for the lease to end and is done again, which
        // is why this is worth a line in the log.
        if let Err(error) = answers::keep(&self.app.db, self.tenant_id, &self.name, kept).await {
            tracing::error!(%error, tenant.id = %self.tenant_id, "an answer could not be kept for its idempotency key");
        }
        Ok(head.set_body(BoxBody::new(body)))
    }

    async fn release(self) {
        if let Err(error) = answers::release(&self.app.db, self.tenant_id, &self.name).await {
            tracing::warn!(%error, tenant.id = %self.tenant_id, "an idempotency key could not be given back; it is free again in a minute");
        }
    }
}

fn replay(app: &App, tenant_id: TenantId, kept: Kept) -> Answer {
    let sealed = String::from_utf8(kept.body).map_err(Problem::internal)?;
    let body = app.keys.open(tenant_id, COLUMN, &sealed).map_err(|error| Problem::internal(format!("a kept answer {error}")))?;
    let status = StatusCode::from_u16(kept.status).map_err(Problem::internal)?;
    let headers: Map<String, Value> = serde_json::from_str(&kept.headers).map_err(Problem::internal)?;
    let mut response = HttpResponseBuilder::new(status);
    for (name, value) in &headers {
        if let Some(value) = value.as_str() {
            response.insert_header((name.as_str(), value));
        }
    }
    response.insert_header(("Idempotent-Replay", "true"));
    Ok(response.body(body.to_vec()))
}

/// Around every v1 request: honours the key of a POST or PATCH.
pub async fn around<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let writes = matches!(*request.method(), Method::POST | Method::PATCH) && request.path().starts_with("/api/v1/");
    if !writes || !request.headers().contains_key("idempotency-key") {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let begun = claim(&mut request).await;
    match begun {
        Err(problem) => Ok(request.error_response(problem)),
        Ok(Begun::Before(response)) => Ok(request.into_response(response)),
        // In a task of its own, so that a client that hangs up does not leave the work half done.
        Ok(Begun::Ours(work)) => {
            let context = context::current();
            let task = actix_web::rt::spawn(context::within(context, async move {
                match next.call(request).await {
                    Ok(response) => {
                        let (request, response) = response.into_parts();
                        let response = work.finish(response).await.unwrap_or_else(HttpResponse::from_error);
                        Ok(ServiceResponse::new(request, response))
                    }
                    Err(error) => {
                        work.release().await;
                        Err(error)
                    }
                }
            }));
            task.await.unwrap_or_else(|_panicked| Err(Problem::internal("the work for an idempotency key panicked").into()))
        }
    }
}

async fn claim(request: &mut ServiceRequest) -> Answer<Begun> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(Problem::internal("the application is not attached to the server"));
    };
    let identity = identify(&app, request.request()).await?;
    let mut payload = request.take_payload();
    let body = extract::read(request.request(), &mut payload, BODY_BYTES_MAX).await?;
    let Some(key) = key(request.request())?.map(str::to_owned) else {
        return Err(Problem::internal("an idempotency key vanished"));
    };
    let begun = begin(app, identity.tenant_id, identity.caller.key_owner(), &key, request.request(), &body).await;
    request.set_payload(Payload::from(body));
    begun
}
