//! Fetching a file of a provider: where it lies, the way there, and its bytes into a sink, under one deadline.
//!
//! Guarantees: only https is spoken, or what the operator named; private and special addresses are refused when connecting. A source's
//! headers go to its trusted hosts at the port of https and to the operator's own address, and nowhere else, whatever redirects say. At most
//! [`REDIRECTS_MAX`] redirects are followed and [`FILE_BYTES_MAX`] bytes taken; the file is never whole in memory. What is said of a failure
//! holds no path, no header and nothing of a body.
//!
//! Does not: keep the file, look into it, retry, or log.
//!
//! Start reading at [`ProviderMedia::fetch`].

use std::{io, str::FromStr, time::Duration};

use awc::{
    ClientResponse,
    http::{
        StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT},
    },
};
use entities::{Provider, SendOutcome, attachment::FILE_BYTES_MAX};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    address_guard::VettedUrl,
    judge::Failure,
    pools::Pools,
    provider_body::NoFiles,
    provider_http::{ProviderHttp, broken, unconnected, value},
    trace::Trace,
    webhook_courier::PRODUCT,
};
use crate::channels::{
    adapter::Adapter,
    call::{MediaCall, MediaSource, ProviderCall, ProviderReply},
};

/// The limit of one fetch: finding where it lies, redirects, and all of its bytes.
pub const MEDIA_DEADLINE: Duration = Duration::from_mins(1);
/// How many redirects are followed.
pub const REDIRECTS_MAX: usize = 3;

/// Where a file's bytes go.
pub trait Sink {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// They cannot be kept: the fetch ends.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>>;
}

/// What came of a fetch. The words are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The sink has all of it.
    Whole {
        /// Bytes.
        size: u64,
        /// The type that the provider names, which may be wrong.
        mime: Option<String>,
        /// The SHA-256 that the provider names on the way, in lower-case hexadecimal digits.
        sha256: Option<String>,
    },
    /// It may come another time: the provider is busy or cannot be reached, or the address that it gave had expired.
    Again {
        /// Why not now.
        why: String,
    },
    /// The provider does not take the token.
    Unauthorised {
        /// What it says.
        why: String,
    },
    /// It can no longer be had, or never could.
    Gone {
        /// Why.
        why: String,
    },
    /// It is larger than files may be.
    TooLarge,
}

/// Fetches files. Cheap to clone.
#[derive(Clone)]
pub struct ProviderMedia {
    http: ProviderHttp,
    deadline: Duration,
}

/// A file that was found.
struct Found {
    source: MediaSource,
    mime: Option<String>,
    sha256: Option<String>,
    /// Its address was just given, by the provider itself.
    fresh: bool,
}

/// One request, ready to be sent.
struct Request<'a> {
    url: &'a VettedUrl,
    pools: &'a Pools,
    /// What goes along; empty where the host is not to have it.
    headers: &'a [(&'static str, String)],
}

impl ProviderMedia {
    /// Fetches by the ways of `http`. `deadline` is [`MEDIA_DEADLINE`] but in tests.
    #[must_use]
    pub const fn new(http: ProviderHttp, deadline: Duration) -> Self {
        Self { http, deadline }
    }

    /// Fetches one file. What the sink has is worth nothing unless the answer is [`Fetched::Whole`].
    pub async fn fetch(&self, adapter: &dyn Adapter, call: &MediaCall, sink: &mut impl Sink) -> Fetched {
        let until = Instant::now() + self.deadline;
        match timeout_at(until, Box::pin(self.work(adapter, call, sink))).await {
            Ok(Ok(fetched) | Err(fetched)) => fetched,
            Err(_elapsed) => Fetched::Again { why: format!("the file was not whole within {} s", self.deadline.as_secs_f64()) },
        }
    }

    async fn work(&self, adapter: &dyn Adapter, call: &MediaCall, sink: &mut impl Sink) -> Result<Fetched, Fetched> {
        let mut found = match call {
            MediaCall::Direct(source) => Found { source: source.clone(), mime: None, sha256: None, fresh: false },
            MediaCall::Located { call, url, mime, sha256, source } => {
                let answer = self.locate(adapter, call, url).await?;
                let text = |pointer: Option<&str>| pointer.and_then(|at| answer.pointer(at)?.as_str()).map(str::to_owned);
                let source = MediaSource { url: text(Some(*url)).unwrap_or_default(), ..source.clone() };
                Found { source, mime: text(*mime), sha256: text(*sha256).map(|hex| hex.to_ascii_lowercase()), fresh: true }
            }
        };
        match self.download(adapter.provider(), &found, sink).await {
            // Some hosts refuse headers that they do not need (sms.md, A8): nothing was written yet, and it costs one request to know.
            Err(Fetched::Unauthorised { why }) if !found.fresh && !found.source.headers.is_empty() => {
                found.source.headers.clear();
                match self.download(adapter.provider(), &found, sink).await {
                    Err(Fetched::Gone { .. } | Fetched::Unauthorised { .. }) => Err(Fetched::Unauthorised { why }),
                    other => other,
                }
            }
            other => other,
        }
    }

    /// Asks where a file lies: the answer's JSON, which holds an address.
    async fn locate(&self, adapter: &dyn Adapter, call: &ProviderCall, url: &str) -> Result<Value, Fetched> {
        let reply = self.http.call(adapter.provider(), call, &NoFiles).await;
        let status = match &reply {
            ProviderReply::Answered { status, .. } => *status,
            ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => return Err(Fetched::Again { why: why.clone() }),
        };
        let answer = reply.json();
        if (200..300).contains(&status) && answer.pointer(url).is_some_and(|at| at.as_str().is_some_and(|text| !text.is_empty())) {
            return Ok(answer);
        }
        Err(match adapter.classify(call, &reply) {
            SendOutcome::Halted { error, .. } => Fetched::Unauthorised { why: error.to_string() },
            SendOutcome::Refused { error, .. } if status == 401 || status == 403 => Fetched::Unauthorised { why: error.to_string() },
            SendOutcome::Refused { error, .. } => Fetched::Gone { why: error.to_string() },
            SendOutcome::Retry { error, .. } | SendOutcome::Unknown { error } => Fetched::Again { why: error.to_string() },
            SendOutcome::Accepted { .. } => Fetched::Again { why: "the provider's answer does not say where the file lies".to_owned() },
        })
    }

    /// Goes to the file's address and on to where that leads.
    async fn download(&self, provider: Provider, found: &Found, sink: &mut impl Sink) -> Result<Fetched, Fetched> {
        let mut address = found.source.url.clone();
        for _hop in 0..=REDIRECTS_MAX {
            let (url, pools, near) = self.http.open_way(provider, &address).map_err(|why| Fetched::Gone { why })?;
            let trusted = near || (url.is_secure() && is_trusted(url.authority(), found.source.trusted_hosts));
            let headers = if trusted { found.source.headers.as_slice() } else { &[] };
            let response = get(&Request { url: &url, pools: &pools, headers }).await?;
            if !response.status().is_redirection() {
                return take(response, found, sink).await;
            }
            if !found.source.follow_redirects {
                return Err(Fetched::Gone { why: "the file's address leads elsewhere, where it is not looked for".to_owned() });
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            address = location
                .and_then(|location| next(url.as_str(), location))
                .ok_or_else(|| Fetched::Gone { why: "the file's address leads elsewhere and does not say where".to_owned() })?;
        }
        Err(Fetched::Gone { why: format!("the file's address leads on more than {REDIRECTS_MAX} times") })
    }
}

/// Whether a host, at the port of https, is one of those; `*.` stands for all below a name.
fn is_trusted(authority: &str, trusted: &[&str]) -> bool {
    trusted.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(below) => authority.len() > below.len() && authority.ends_with(below),
        None => authority == *pattern,
    })
}

/// Where a redirect leads; without the part that is never sent.
fn next(from: &str, location: &str) -> Option<String> {
    let mut to = Url::parse(from).ok()?.join(location).ok()?;
    to.set_fragment(None);
    Some(to.into())
}

/// Sends a request and waits for the answer's head.
async fn get(request: &Request<'_>) -> Result<ClientResponse, Fetched> {
    let unsendable = |why: String| Fetched::Gone { why };
    // The connector speaks TLS; for the client every connection is a plain one.
    let address = format!("http://{}{}", request.url.authority(), request.url.target());
    let mut sending = request.pools.client(request.url.is_secure()).get(address);
    let headers = sending.headers_mut();
    // Some hosts answer errors to clients that do not say who they are (whatsapp.md, section 10).
    headers.insert(USER_AGENT, value("user-agent", PRODUCT).map_err(unsendable)?);
    headers.insert(ACCEPT, value("accept", "*/*").map_err(unsendable)?);
    headers.insert(HOST, value("host", request.url.authority()).map_err(unsendable)?);
    for (name, text) in request.headers {
        let header = HeaderName::from_str(name).map_err(|_no_name| unsendable(format!("the header {name} cannot be sent")))?;
        headers.insert(header, value(name, text).map_err(unsendable)?);
    }
    let trace = Trace::begin();
    match Box::pin(trace.follow(sending.send())).await {
        Ok(response) => Ok(response),
        Err(error) => Err(match trace.take_failure() {
            Some(failure @ Failure::Refused(_)) => Fetched::Gone { why: unconnected(&failure) },
            Some(failure) => Fetched::Again { why: unconnected(&failure) },
            None => Fetched::Again { why: broken(&error) },
        }),
    }
}

/// What an answer means, and its body into the sink.
async fn take(response: ClientResponse, found: &Found, sink: &mut impl Sink) -> Result<Fetched, Fetched> {
    let status = response.status();
    if status != StatusCode::OK {
        return Err(refused(status, found));
    }
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let mime = header(CONTENT_TYPE);
    let is_page = |mime: &str| mime.starts_with("text/html");
    if found.source.html_means_unauthorised && is_page(&mime) && !found.mime.as_deref().is_some_and(is_page) {
        return Err(Fetched::Unauthorised {
            why: "the provider answered with a page instead of the file: the token was refused".to_owned(),
        });
    }
    let announced = header(CONTENT_LENGTH).parse::<u64>().ok();
    if announced.is_some_and(|length| length > FILE_BYTES_MAX) {
        return Err(Fetched::TooLarge);
    }
    let size = pour(response, announced, sink).await?;
    let mime = found.mime.clone().or_else(|| Some(mime).filter(|mime| !mime.is_empty()));
    Ok(Fetched::Whole { size, mime, sha256: found.sha256.clone() })
}

/// Pours a body into the sink and answers how much it was. The client takes the end of the connection for the end of a body; only its length
/// shows that it broke off, where it has one.
async fn pour(mut response: ClientResponse, announced: Option<u64>, sink: &mut impl Sink) -> Result<u64, Fetched> {
    let mut size = 0;
    // An empty body may be no end of a stream at all.
    while announced != Some(0) {
        let Some(chunk) = response.next().await else { break };
        let chunk = chunk.map_err(|error| Fetched::Again { why: format!("the file broke off: {error}") })?;
        size += chunk.len() as u64;
        if size > FILE_BYTES_MAX {
            return Err(Fetched::TooLarge);
        }
        sink.write(&chunk).await.map_err(|error| Fetched::Again { why: format!("the file could not be written: {error}") })?;
    }
    match announced {
        Some(length) if length != size => Err(Fetched::Again { why: format!("the file broke off after {size} bytes") }),
        _ => Ok(size),
    }
}

/// What it means that the file was not given.
fn refused(status: StatusCode, found: &Found) -> Fetched {
    let why = format!("the provider answered {}", status.as_u16());
    let expires = matches!(status.as_u16(), 401 | 403 | 404 | 410);
    match status.as_u16() {
        // The address lives for minutes (whatsapp.md, section 10): the next time it is asked for anew.
        _ if expires && found.fresh => Fetched::Again { why },
        // Nothing was shown that could have been refused: the address itself had been signed, and is over (messenger.md, section 9).
        401 | 403 if found.source.headers.is_empty() => Fetched::Gone { why: format!("{why}: the file's address has expired") },
        401 | 403 => Fetched::Unauthorised { why },
        408 | 425 | 429 => Fetched::Again { why },
        _ if status.is_client_error() => Fetched::Gone { why },
        _ => Fetched::Again { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_trusted_by_its_whole_name_or_below_a_star_and_at_the_port_of_https_alone() {
        let trusted = ["graph.facebook.com", "*.fbcdn.net"];
        for (host, is) in [
            ("graph.facebook.com", true),
            ("graph.facebook.com:8443", false),
            ("a.graph.facebook.com", false),
            ("evilgraph.facebook.com", false),
            ("scontent.xx.fbcdn.net", true),
            ("fbcdn.net", false),
            (".fbcdn.net", false),
            ("evilfbcdn.net", false),
            ("fbcdn.net.example.org", false),
            ("x.fbcdn.net:1443", false),
        ] {
            assert_eq!(is_trusted(host, &trusted), is, "{host}");
        }
    }

    #[test]
    fn a_redirect_is_read_from_where_it_stands() {
        assert_eq!(next("https://a.example/x/y?q=1", "../z#part").as_deref(), Some("https://a.example/z"));
        assert_eq!(next("https://a.example/x", "//b.example/z").as_deref(), Some("https://b.example/z"));
        assert_eq!(next("https://a.example/x", "http://[").as_deref(), None);
    }
}
