//! The webhook courier: takes one delivery to its receiver, once, and says what came of it.
//!
//! Guarantees: those of the port [`Courier`]. The URL is vetted before every attempt and the address on every connect; the body is signed and
//! sent byte for byte; every failure, also of our own making, is an outcome.
//!
//! Does not: retry, count, or know of a webhook's state; the subscription's actor does.

use std::{io, sync::Arc, time::Duration};

use actors::port::{Courier, LocalPromise, WebhookRequest};
use awc::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use entities::{AttemptOutcome, Timings};

use super::{
    address_guard::AddressGuard,
    custom_headers,
    http_client::HttpClient,
    judge::{Exchange, Failure, judge},
    proxy::Proxy,
    resolver::Resolve,
    signature::{self, Signed},
    tls,
};
use crate::options::{SignatureHeader, WebhookOptions};

/// The limit of one attempt: look-up, connection, handshake, request, head and body together.
pub const DEADLINE: Duration = Duration::from_secs(15);
/// What we say we are.
pub(super) const PRODUCT: &str = concat!("Switchboard/", env!("CARGO_PKG_VERSION"));

/// The webhook courier. Cheap to clone; may be shared by every thread that runs an arbiter.
#[derive(Clone)]
pub struct WebhookCourier {
    guard: AddressGuard,
    client: HttpClient,
    signature: Arc<SignatureHeader>,
}

impl WebhookCourier {
    /// A courier as the operator wants it. `deadline` is [`DEADLINE`] but in tests.
    ///
    /// # Errors
    /// The file with the operator's certificates cannot be used.
    pub fn new(options: &WebhookOptions, resolver: Arc<dyn Resolve>, deadline: Duration) -> io::Result<Self> {
        let proxy = options.proxy.clone().map(|address| Proxy::new(address, Arc::clone(&resolver)));
        let guard = AddressGuard::new(&options.allow_cidrs, options.allow_insecure, resolver);
        let tls = tls::client_config(options.ca_file.as_deref())?;
        let client = HttpClient::new(guard.clone(), tls, proxy, deadline);
        Ok(Self { guard, client, signature: Arc::new(options.signature_header.clone()) })
    }

    /// Where webhooks may go: for whoever makes or changes one.
    #[must_use]
    pub const fn guard(&self) -> &AddressGuard {
        &self.guard
    }

    async fn attempt(&self, request: &WebhookRequest) -> Exchange {
        let undone = |failure| Exchange { answer: Err(failure), timings: Timings::default(), address: None };
        let url = match self.guard.vet_url(&request.url) {
            Ok(url) => url,
            Err(refusal) => return undone(Failure::Refused(refusal)),
        };
        match headers(request, &self.signature) {
            Ok(headers) => self.client.post(&url, &headers, Arc::clone(&request.body)).await,
            Err(failure) => undone(failure),
        }
    }
}

impl Courier for WebhookCourier {
    fn deliver(&self, request: WebhookRequest) -> LocalPromise<AttemptOutcome> {
        let this = self.clone();
        Box::pin(async move {
            let exchange = this.attempt(&request).await;
            let over = request.at.plus_ms(exchange.timings.total.into());
            judge(exchange, over)
        })
    }
}

/// Everything that is sent beside the body.
fn headers(request: &WebhookRequest, signature: &SignatureHeader) -> Result<Vec<(HeaderName, HeaderValue)>, Failure> {
    let mut headers = custom_headers::vet(&request.headers, signature).map_err(|refusal| Failure::Protocol(refusal.to_string()))?;
    headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    headers.push((USER_AGENT, HeaderValue::from_static(PRODUCT)));
    let signed = Signed {
        event_id: request.event_id,
        at: request.at,
        body: &request.body,
        secret: &request.secret,
        previous_secret: request.previous_secret.as_ref(),
    };
    let ours = [
        ("X-Switchboard-Event".to_owned(), request.event.to_string()),
        ("X-Switchboard-Delivery".to_owned(), request.delivery_id.to_string()),
        ("X-Switchboard-Attempt".to_owned(), request.attempt.to_string()),
    ];
    for (name, value) in signature::headers(&signed, signature).into_iter().chain(ours) {
        let cannot = || Failure::Protocol(format!("the header {name} cannot be sent"));
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_not_a_name| cannot())?;
        headers.push((header, HeaderValue::from_str(&value).map_err(|_not_a_value| cannot())?));
    }
    Ok(headers)
}
