//! Calls to providers: one request, one answer, one deadline over all of it.
//!
//! Guarantees: a call goes to the provider's own address over https, or to the one that the operator put in its place; no redirect is
//! followed; of an answer at most [`ANSWER_BYTES_MAX`] are read. [`ProviderReply::Unreachable`] is said only if no byte of the request can
//! have been sent: the address was refused, the name was not found, no connection came about, or the handshake failed. Whatever goes wrong
//! behind that is [`ProviderReply::Silent`]. What stands in either never holds a path, a header or a body.
//!
//! Does not: judge an answer, fill in captures, repeat what makes a message, limit how many calls run at once, or log.
//!
//! Start reading at [`ProviderHttp::call`].

use std::{collections::BTreeMap, io, net::IpAddr, path::Path, str::FromStr, sync::Arc, time::Duration};

use actix_http::error::ParseError;
use actix_web::web::Bytes;
use actors::port::Promise;
use awc::{
    ClientResponse,
    error::{ConnectError, SendRequestError},
    http::{
        Method, Version,
        header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    },
};
use entities::Provider;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    address_guard::{AddressGuard, AddressRefusal, VettedUrl},
    http_client::ends_by_itself,
    judge::Failure,
    pools::{PoolSource, Pools},
    provider_body::{self, Files},
    resolver::Resolve,
    tls,
    trace::{Phase, Trace},
    webhook_courier::PRODUCT,
};
use crate::{
    channels::call::{ProviderCall, ProviderReply},
    options::{Cidr, ProviderOptions, provider::is_near},
};

/// The limit of one call: look-up, connection, handshake, request, head and body together.
pub const DEADLINE: Duration = Duration::from_secs(15);
/// The most of an answer's body that is read; more is cut off.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// How long a connection may lie idle before it is used again. Short: a provider that closes one just as it is used again leaves us not
/// knowing whether the message was sent.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Calls providers. Cheap to clone; may be shared by every thread that runs an arbiter.
#[derive(Clone)]
pub struct ProviderHttp {
    /// To the providers' own addresses, and to those that their answers name.
    abroad: Way,
    /// To the addresses that the operator put in their place.
    named: Way,
    base_urls: Arc<BTreeMap<Provider, String>>,
    deadline: Duration,
}

#[derive(Clone)]
struct Way {
    guard: AddressGuard,
    pools: PoolSource,
}

/// A call that is ready to be sent.
struct Request {
    method: Method,
    url: VettedUrl,
    headers: HeaderMap,
    body: Bytes,
    pools: PoolSource,
}

impl ProviderHttp {
    /// As the operator wants it. `ca_file` holds certificates to trust beside the well-known ones; `deadline` is [`DEADLINE`] but in tests.
    ///
    /// # Errors
    /// The file with the operator's certificates cannot be used.
    pub fn new(options: &ProviderOptions, ca_file: Option<&Path>, resolver: Arc<dyn Resolve>, deadline: Duration) -> io::Result<Self> {
        let tls = tls::client_config(ca_file)?;
        let way = |guard: AddressGuard| Way { pools: PoolSource::new(guard.clone(), tls.clone(), deadline, KEEP_ALIVE), guard };
        let base_urls = options.by_provider();
        let clear = base_urls.values().filter_map(|base| Url::parse(base).ok()).filter(|base| base.scheme() == "http");
        let near =
            Arc::new(Near { names: clear.filter_map(|base| base.host_str().map(str::to_owned)).collect(), resolver: resolver.clone() });
        Ok(Self {
            abroad: way(AddressGuard::new(&[], false, resolver)),
            named: way(AddressGuard::new(&Cidr::EVERYWHERE, true, near)),
            base_urls: Arc::new(base_urls),
            deadline,
        })
    }

    /// Makes the call. One that makes no message is made once more if a kept connection turned out to be dead. `files` has what the call's
    /// body sends along.
    pub async fn call(&self, provider: Provider, call: &ProviderCall, files: &dyn Files) -> ProviderReply {
        let until = Instant::now() + self.deadline;
        let request = match timeout_at(until, self.request(provider, call, files)).await {
            Ok(Ok(request)) => request,
            Ok(Err(why)) => return ProviderReply::Unreachable { why },
            Err(_elapsed) => return ProviderReply::Unreachable { why: "the file to be sent could not be read in time".to_owned() },
        };
        let (reply, over_kept) = self.exchange(&request.pools.current(), &request, until).await;
        match reply {
            ProviderReply::Silent { .. } if over_kept && !call.sends && Instant::now() < until => {
                self.exchange(&request.pools.fresh(), &request, until).await.0
            }
            reply => reply,
        }
    }

    /// Where a browser finds a page of the provider's: at its own address, or at the one that the operator put in its place.
    #[must_use]
    pub fn address(&self, provider: Provider, base: &str, path: &str) -> String {
        format!("{}{path}", self.base_urls.get(&provider).map_or(base, String::as_str))
    }

    async fn request(&self, provider: Provider, call: &ProviderCall, files: &dyn Files) -> Result<Request, String> {
        let (way, url) = self.target(provider, call)?;
        let method = Method::from_str(call.method).map_err(|_no_method| "the call has no method".to_owned())?;
        let body = provider_body::encode(&call.body, files).await?;
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
        headers.insert(HOST, value("host", url.authority())?);
        if let Some(content_type) = &body.content_type {
            headers.insert(CONTENT_TYPE, value("content-type", content_type)?);
        }
        for (name, text) in &call.headers {
            let header = HeaderName::from_str(name).map_err(|_no_name| format!("the header {name} cannot be sent"))?;
            headers.insert(header, value(name, text)?);
        }
        Ok(Request { method, url, headers, body: Bytes::from(body.bytes), pools: way.pools.clone() })
    }

    /// Where the call goes, and by which way.
    fn target(&self, provider: Provider, call: &ProviderCall) -> Result<(&Way, VettedUrl), String> {
        let named = self.base_urls.get(&provider).map(String::as_str);
        if call.path.starts_with('/') {
            let (way, base) = named.map_or((&self.abroad, call.base), |base| (&self.named, base));
            return Ok((way, vetted(&way.guard, &format!("{base}{}", call.path))?));
        }
        let (way, _near) = self.way(provider, &call.path);
        Ok((way, vetted(&way.guard, &call.path)?))
    }

    /// By which way an address goes that the provider gave: it may be where the operator put the provider, and nowhere else that is special.
    /// And whether it is there.
    fn way(&self, provider: Provider, address: &str) -> (&Way, bool) {
        let near = self.base_urls.get(&provider).is_some_and(|base| same_origin(base, address));
        (if near { &self.named } else { &self.abroad }, near)
    }

    /// The same for who fetches a file: the address vetted, connections to it, and whether the operator named it.
    ///
    /// # Errors
    /// Why it is not called, in words that do not repeat it.
    pub(super) fn open_way(&self, provider: Provider, address: &str) -> Result<(VettedUrl, Pools, bool), String> {
        let (way, near) = self.way(provider, address);
        Ok((vetted(&way.guard, address)?, way.pools.fresh(), near))
    }

    /// One request; the second value says whether it went over a kept connection.
    async fn exchange(&self, pools: &Pools, request: &Request, until: Instant) -> (ProviderReply, bool) {
        let trace = Trace::begin();
        let reply = Box::pin(trace.follow(self.answer(pools, request, until, &trace))).await;
        (reply, trace.reused())
    }

    async fn answer(&self, pools: &Pools, request: &Request, until: Instant, trace: &Trace) -> ProviderReply {
        let url = &request.url;
        // The connector speaks TLS; for the client every connection is a plain one.
        let address = format!("http://{}{}", url.authority(), url.target());
        let mut sending = pools.client(url.is_secure()).request(request.method.clone(), address);
        for (name, value) in &request.headers {
            sending.headers_mut().append(name.clone(), value.clone());
        }
        let sent = async {
            if request.body.is_empty() && request.method == Method::GET {
                sending.send().await
            } else {
                sending.send_body(request.body.clone()).await
            }
        };
        let response = match timeout_at(until, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                return match trace.take_failure() {
                    Some(failure) => ProviderReply::Unreachable { why: unconnected(&failure) },
                    None => ProviderReply::Silent { why: broken(&error) },
                };
            }
            Err(_elapsed) => return self.late(trace.phase()),
        };
        if response.version() > Version::HTTP_10 && !ends_by_itself(response.status(), response.headers()) {
            trace.spoil_connection();
        }
        let status = response.status().as_u16();
        // All of them: the client reads a head of 128 KiB and 96 headers at most.
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
        match timeout_at(until, read_body(response)).await {
            Ok(Ok(body)) => ProviderReply::Answered { status, headers, body },
            Ok(Err(why)) => ProviderReply::Silent { why },
            Err(_elapsed) => ProviderReply::Silent { why: format!("the answer was not whole within {}", self.limit()) },
        }
    }

    /// What it means that there was no head in time.
    fn late(&self, phase: Phase) -> ProviderReply {
        let limit = self.limit();
        match phase {
            Phase::Lookup => ProviderReply::Unreachable { why: format!("the provider's name was not looked up within {limit}") },
            Phase::Connect | Phase::Tunnel => ProviderReply::Unreachable { why: format!("no connection came about within {limit}") },
            Phase::Tls => ProviderReply::Unreachable { why: format!("the TLS handshake was not finished within {limit}") },
            Phase::Answer => ProviderReply::Silent { why: format!("no answer came within {limit}") },
        }
    }

    fn limit(&self) -> String {
        if self.deadline.subsec_millis() == 0 {
            format!("{} s", self.deadline.as_secs())
        } else {
            format!("{} ms", self.deadline.as_millis())
        }
    }
}

/// Reads the body, at most [`ANSWER_BYTES_MAX`] of it. Dropping a response that was not read to its end drops the connection.
async fn read_body(mut response: ClientResponse) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let announced = header(CONTENT_LENGTH).parse::<usize>().ok();
    if announced == Some(0) {
        return Ok(body);
    }
    let is_json = header(CONTENT_TYPE).starts_with("application/json");
    while let Some(chunk) = response.next().await {
        let chunk = chunk.map_err(|error| format!("the answer broke off: {error}"))?;
        let room = ANSWER_BYTES_MAX - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok(body);
        }
    }
    // The client takes the end of the connection for the end of the body. A body in chunks does not say how long it is; JSON shows its end.
    let whole = announced.map_or_else(|| !is_json || body.is_empty() || is_whole_json(&body), |length| body.len() >= length);
    if whole { Ok(body) } else { Err(format!("the answer broke off after {} bytes", body.len())) }
}

fn is_whole_json(body: &[u8]) -> bool {
    !serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

fn vetted(guard: &AddressGuard, text: &str) -> Result<VettedUrl, String> {
    guard.vet_url(text).map_err(|refusal| refused(&refusal))
}

/// Why an address is not called. The guard's own words name the options of webhooks.
pub(super) fn refused(refusal: &AddressRefusal) -> String {
    const NAME_IT: &str = "where that is meant, an operator names it with --provider-base-url";
    match refusal {
        AddressRefusal::Insecure => "the address does not begin with https://".to_owned(),
        AddressRefusal::Localhost { host } => format!("{host} is this machine; {NAME_IT}"),
        AddressRefusal::Special { name: Some(name), address, range, .. } => {
            format!("{name} leads to {address}, which is {}; {NAME_IT}", range.what)
        }
        AddressRefusal::Special { name: None, address, range, .. } => format!("{address} is {}; {NAME_IT}", range.what),
        AddressRefusal::Port { port, .. } => format!("port {port} is refused"),
        // These may repeat what was written, which for a provider may hold secrets.
        AddressRefusal::Malformed(_) | AddressRefusal::Scheme { .. } | AddressRefusal::UserInfo | AddressRefusal::Fragment => {
            "the address cannot be called".to_owned()
        }
    }
}

/// Why there is no connection.
pub(super) fn unconnected(failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => refused(refusal),
        other => other.to_string(),
    }
}

/// Why there is no answer although a connection stood.
pub(super) fn broken(error: &SendRequestError) -> String {
    match error {
        SendRequestError::Connect(ConnectError::Disconnected) => "the provider closed the connection without an answer".to_owned(),
        SendRequestError::Send(error)
        | SendRequestError::Connect(ConnectError::Io(error))
        | SendRequestError::Response(ParseError::Io(error)) => format!("the connection broke before the answer's head was there: {error}"),
        SendRequestError::Response(ParseError::TooLarge) => "the answer's head is too long".to_owned(),
        SendRequestError::Response(error) => format!("the answer is not HTTP: {error}"),
        other => format!("the request failed: {other}"),
    }
}

/// A header's value; it may be secret, so it is not repeated where it cannot be sent.
pub(super) fn value(name: &str, text: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(text).map_err(|_no_value| format!("the header {name} cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn same_origin(base: &str, address: &str) -> bool {
    match (Url::parse(base), Url::parse(address)) {
        (Ok(base), Ok(address)) => base.origin() == address.origin(),
        _ => false,
    }
}

/// Looks up names, and refuses to lead plain http abroad: there it would carry secrets in the clear.
struct Near {
    /// The names that plain http goes to.
    names: Vec<String>,
    resolver: Arc<dyn Resolve>,
}

impl Resolve for Near {
    fn lookup(&self, name: &str) -> Promise<'static, io::Result<Vec<IpAddr>>> {
        let looking = self.resolver.lookup(name);
        if !self.names.iter().any(|known| known == name) {
            return looking;
        }
        Box::pin(async move {
            let found = looking.await?;
            match found.iter().find(|address| !is_near(**address)) {
                Some(far) => Err(io::Error::other(format!("{far} is neither loopback nor private: plain http does not go there"))),
                None => Ok(found),
            }
        })
    }
}
