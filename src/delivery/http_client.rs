//! The HTTP client: one request, one answer, one deadline over all of it.
//!
//! Guarantees: no redirect is followed; nothing is waited for beyond the deadline; of an answer at most [`BODY_BYTES_MAX`] of body,
//! [`HEADERS_MAX`] headers and [`HEADER_BYTES_MAX`] of them are kept, and a connection whose answer was not read to its end is dropped.
//! Connections are kept for the next request to the same origin, for at most a minute.
//!
//! Does not: limit how many requests run at once (whoever calls does: one pool over all receivers would let hanging ones stop the rest), or
//! judge an answer.
//!
//! Start reading at [`HttpClient::post`].

use std::{sync::Arc, time::Duration};

use actix_http::error::ParseError;
use actix_web::web::Bytes;
use awc::{
    ClientResponse,
    error::{ConnectError, SendRequestError},
    http::{
        StatusCode, Version,
        header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, TRANSFER_ENCODING},
    },
};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::ClientConfig;

use super::{
    address_guard::{AddressGuard, VettedUrl},
    judge::{Answer, Exchange, Failure},
    pools::{PoolSource, Pools},
    proxy::Proxy,
    trace::Trace,
};

/// The most of an answer's body that is read.
pub const BODY_BYTES_MAX: usize = 16 * 1024;
/// The most headers of an answer that are kept.
pub const HEADERS_MAX: usize = 64;
/// The most bytes of an answer's headers that are kept, names and values together.
pub const HEADER_BYTES_MAX: usize = 8 * 1024;
/// How long a connection may lie idle before it is used again; receivers close theirs after 5 seconds and more.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The HTTP client. Usable from every thread that runs an arbiter; cheap to clone.
#[derive(Clone)]
pub struct HttpClient {
    pools: PoolSource,
    deadline: Duration,
}

impl HttpClient {
    /// A client that goes where `guard` lets it, through `proxy` if there is one, trusts whom `tls` trusts, and gives every request `deadline`.
    #[must_use]
    pub fn new(guard: AddressGuard, tls: Arc<ClientConfig>, proxy: Option<Proxy>, deadline: Duration) -> Self {
        Self { pools: PoolSource::new(guard, tls, deadline, KEEP_ALIVE).through(proxy), deadline }
    }

    /// Sends one POST and reads its answer. A kept connection that turns out to be dead before the answer began is replaced once, within the
    /// same deadline; so a receiver may see the same request twice.
    pub async fn post(&self, url: &VettedUrl, headers: &[(HeaderName, HeaderValue)], body: Arc<[u8]>) -> Exchange {
        let until = Instant::now() + self.deadline;
        let first = self.exchange(&self.pools.current(), url, headers, Arc::clone(&body), until).await;
        match first {
            (Exchange { answer: Err(Failure::Reset(_)), .. }, true) => {
                self.exchange(&self.pools.fresh(), url, headers, body, until).await.0
            }
            (exchange, _) => exchange,
        }
    }

    /// One request; the second value says whether it went over a kept connection.
    async fn exchange(
        &self,
        pools: &Pools,
        url: &VettedUrl,
        headers: &[(HeaderName, HeaderValue)],
        body: Arc<[u8]>,
        until: Instant,
    ) -> (Exchange, bool) {
        let trace = Trace::begin();
        let answer = Box::pin(trace.follow(self.answer(pools, url, headers, body, until, &trace))).await;
        (Exchange { answer, timings: trace.timings(), address: trace.address() }, trace.reused())
    }

    async fn answer(
        &self,
        pools: &Pools,
        url: &VettedUrl,
        headers: &[(HeaderName, HeaderValue)],
        body: Arc<[u8]>,
        until: Instant,
        trace: &Trace,
    ) -> Result<Answer, Failure> {
        let client = pools.client(url.is_secure());
        // The connector speaks TLS; for the client every connection is a plain one.
        let mut request = client.post(format!("http://{}{}", url.authority(), url.target()));
        let host =
            HeaderValue::from_str(url.authority()).map_err(|_not_a_value| Failure::Protocol("the host cannot be sent".to_owned()))?;
        request.headers_mut().insert(HOST, host);
        for (name, value) in headers {
            request.headers_mut().append(name.clone(), value.clone());
        }
        let sent = timeout_at(until, request.send_body(Bytes::from_owner(body))).await;
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(trace.take_failure().unwrap_or_else(|| explain(&error))),
            Err(_elapsed) => return Err(Failure::Timeout { phase: trace.phase(), limit: self.deadline }),
        };
        trace.head_came();
        let status = response.status();
        // Up to HTTP/1.0 the client itself reads such an answer to the connection's end.
        if response.version() > Version::HTTP_10 && !ends_by_itself(status, response.headers()) {
            trace.spoil_connection();
        }
        let headers = kept(response.headers());
        let retry_after = response.headers().get(RETRY_AFTER).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let body = read_body(response, until).await;
        Ok(Answer { status: status.as_u16(), status_words: status.to_string(), headers, retry_after, body })
    }
}

/// Whether the answer says where it ends (RFC 9112 section 6.3). An answer without a length goes on until the connection ends, and behind
/// 101 it is no longer HTTP; the client takes both to be over at their head, and what comes behind it for the next answer.
pub(super) fn ends_by_itself(status: StatusCode, headers: &HeaderMap) -> bool {
    let bodiless = status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    !status.is_informational() && (bodiless || headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING))
}

/// Reads what comes in time, at most [`BODY_BYTES_MAX`]. A body that breaks off, or is late, or too long, is kept as far as it came: the
/// status is what counts. Dropping the response then drops the connection.
async fn read_body(mut response: ClientResponse, until: Instant) -> Vec<u8> {
    let mut body = Vec::new();
    if response.headers().get(CONTENT_LENGTH).is_some_and(|length| length == "0") {
        return body;
    }
    while let Ok(Some(Ok(chunk))) = timeout_at(until, response.next()).await {
        let room = BODY_BYTES_MAX - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            break;
        }
    }
    body
}

/// The headers as far as they are kept, whole ones only, sorted by name (the client hands them out in no order).
fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut all: Vec<_> = headers.iter().collect();
    all.sort_by_key(|(name, _)| name.as_str());
    let mut bytes = 0;
    let mut kept = Vec::new();
    for (name, value) in all.into_iter().take(HEADERS_MAX) {
        bytes += name.as_str().len() + value.as_bytes().len();
        if bytes > HEADER_BYTES_MAX {
            break;
        }
        kept.push((name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    }
    kept
}

/// What the client's error means. Errors from before the connection stood are in the trace.
fn explain(error: &SendRequestError) -> Failure {
    match error {
        SendRequestError::Connect(ConnectError::Disconnected) => {
            Failure::Reset("the receiver closed the connection without an answer".to_owned())
        }
        SendRequestError::Send(error)
        | SendRequestError::Connect(ConnectError::Io(error))
        | SendRequestError::Response(ParseError::Io(error)) => {
            Failure::Reset(format!("the connection broke before the answer's head was there: {error}"))
        }
        SendRequestError::Response(ParseError::TooLarge) => Failure::Protocol("the answer's head is too long".to_owned()),
        SendRequestError::Response(error) => Failure::Protocol(format!("the answer is not HTTP: {error}")),
        other => Failure::Protocol(format!("the request failed: {other}")),
    }
}
