//! Asking a server over its API, above all for its event feed: for programs on the developer's side of a firewall.
//!
//! Guarantees: one request and one whole answer within one deadline; no redirect is followed, so a token goes nowhere but to the server that
//! was named; certificates are verified; an answer of more than [`ANSWER_BYTES_MAX`] is refused.
//!
//! Does not: judge the answer, or ask again.

use std::{sync::Arc, time::Duration};

use awc::http::{
    Method,
    header::{AUTHORIZATION, HOST, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use futures_util::StreamExt;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use super::{
    address_guard::{AddressGuard, VettedUrl},
    connector::GuardedConnector,
    trace::Trace,
    webhook_courier::PRODUCT,
};

/// The longest answer that is read: a page of the feed is 2 MiB of events and one more, of 256 KiB at most, in its envelopes.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Reads from one server. Belongs to the thread that made it.
pub struct FeedClient {
    client: awc::Client,
    token: HeaderValue,
    deadline: Duration,
}

/// What the server said.
#[derive(Debug)]
pub struct FeedAnswer {
    /// The status.
    pub status: u16,
    /// When to come back, if it said so in seconds.
    pub retry_after: Option<Duration>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl FeedClient {
    /// A client for one server: over TLS if `tls` is given. Each request has `deadline`, which must be longer than the wait it asks for.
    ///
    /// # Errors
    /// The token cannot be sent in a header.
    pub fn new(guard: AddressGuard, tls: Option<Arc<ClientConfig>>, token: &str, deadline: Duration) -> Result<Self, String> {
        let mut token = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_secret| "the token cannot be sent".to_owned())?;
        token.set_sensitive(true);
        let connector = match tls {
            Some(tls) => GuardedConnector::secure(guard, tls),
            None => GuardedConnector::plain(guard),
        };
        let connector = awc::Connector::new().connector(connector).timeout(deadline).handshake_timeout(deadline);
        let client = awc::Client::builder().connector(connector).disable_timeout().disable_redirects().no_default_headers().finish();
        Ok(Self { client, token, deadline })
    }

    /// Gets a page.
    ///
    /// # Errors
    /// A sentence: what went wrong on the way.
    pub async fn get(&self, url: &VettedUrl) -> Result<FeedAnswer, String> {
        self.ask(Method::GET, url).await
    }

    /// Has something done that needs no body.
    ///
    /// # Errors
    /// A sentence: what went wrong on the way.
    pub async fn post(&self, url: &VettedUrl) -> Result<FeedAnswer, String> {
        self.ask(Method::POST, url).await
    }

    async fn ask(&self, method: Method, url: &VettedUrl) -> Result<FeedAnswer, String> {
        match timeout(self.deadline, self.exchange(method, url)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(format!("no answer came within {} s", self.deadline.as_secs())),
        }
    }

    async fn exchange(&self, method: Method, url: &VettedUrl) -> Result<FeedAnswer, String> {
        let host = HeaderValue::from_str(url.authority()).map_err(|_not_a_value| "the host cannot be sent".to_owned())?;
        // The connector speaks TLS; for the client every connection is a plain one.
        let request = self.client.request(method, format!("http://{}{}", url.authority(), url.target()));
        let request = request
            .insert_header((HOST, host))
            .insert_header((AUTHORIZATION, self.token.clone()))
            .insert_header((USER_AGENT, PRODUCT))
            .insert_header(("accept", "application/json"));
        let trace = Trace::begin();
        let sent = Box::pin(trace.follow(request.send())).await;
        // What stood in the way of the connection is in the trace; the client's own error would only say that there was something.
        let mut response = sent.map_err(|error| trace.take_failure().map_or_else(|| error.to_string(), |failure| failure.to_string()))?;
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.next().await {
            let chunk = chunk.map_err(|error| format!("the answer broke off: {error}"))?;
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(format!("the answer is longer than {ANSWER_BYTES_MAX} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(FeedAnswer { status: response.status().as_u16(), retry_after: seconds.map(Duration::from_secs), body })
    }
}
