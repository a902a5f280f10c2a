//! Opening connections: the name is looked up once, every address is vetted, and only those addresses are connected to.
//!
//! Guarantees: no connection is opened to an address that the guard did not let through in this very look-up. A literal address goes the same
//! way, and so does a connection through a proxy, which is told the vetted address. TLS is spoken here and not in the client, so that its time
//! and its errors are known.
//!
//! Does not: limit the time of it all; whoever waits does.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use actix_web::rt::net::TcpStream;
use actors::port::LocalPromise;
use awc::http::Uri;
use tokio::time::timeout;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

use super::{
    address_guard::{AddressGuard, NoAddresses},
    judge::Failure,
    proxy::Proxy,
    stream::Stream,
    tls,
    trace::{Phase, Trace},
};

/// How long one address may take while there are others to try.
const TRY_NEXT_AFTER: Duration = Duration::from_secs(3);

/// Opens connections for one pool.
#[derive(Clone)]
pub struct GuardedConnector {
    guard: AddressGuard,
    tls: Option<Arc<ClientConfig>>,
    proxy: Option<Proxy>,
}

impl GuardedConnector {
    /// Opens plain connections.
    pub const fn plain(guard: AddressGuard) -> Self {
        Self { guard, tls: None, proxy: None }
    }

    /// Opens encrypted connections.
    pub const fn secure(guard: AddressGuard, tls: Arc<ClientConfig>) -> Self {
        Self { guard, tls: Some(tls), proxy: None }
    }

    /// The same, through a proxy if there is one.
    pub fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy, ..self }
    }

    async fn connect(self, host: &str, port: u16, trace: &Trace) -> Result<Stream, Failure> {
        trace.open();
        if !is_literal(host) {
            trace.enter(Phase::Lookup);
        }
        let addresses = self.guard.addresses(host).await.map_err(|error| match error {
            NoAddresses::Refused(refusal) => Failure::Refused(refusal),
            lookup @ (NoAddresses::Lookup { .. } | NoAddresses::None { .. }) => Failure::Lookup(lookup.to_string()),
        })?;
        trace.enter(if self.proxy.is_some() { Phase::Tunnel } else { Phase::Connect });
        let candidates: Vec<SocketAddr> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        let (peer, tcp) = self.first_that_answers(&candidates, trace).await?;
        let Some(config) = self.tls else {
            trace.enter(Phase::Answer);
            return Ok(Stream::plain(peer, tcp));
        };
        trace.enter(Phase::Tls);
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|_no_name| Failure::Tls(format!("{host} is no name that a certificate can hold")))?;
        let session = TlsConnector::from(config).connect(name, tcp).await.map_err(|error| Failure::Tls(tls::explain(&error)))?;
        trace.enter(Phase::Answer);
        Ok(Stream::tls(peer, session))
    }

    /// Tries the addresses in order. All but the last have [`TRY_NEXT_AFTER`]; the last has whatever the attempt has left.
    async fn first_that_answers(&self, candidates: &[SocketAddr], trace: &Trace) -> Result<(SocketAddr, TcpStream), Failure> {
        let mut failure = Failure::Lookup("there is no address to connect to".to_owned());
        for (index, peer) in candidates.iter().enumerate() {
            trace.connected_to(*peer);
            let opening = self.open(*peer);
            let outcome = if index + 1 == candidates.len() {
                opening.await
            } else {
                let slow = || Failure::Connect { address: *peer, error: format!("no answer within {} s", TRY_NEXT_AFTER.as_secs()) };
                timeout(TRY_NEXT_AFTER, opening).await.unwrap_or_else(|_elapsed| Err(slow()))
            };
            match outcome {
                Ok(tcp) => return Ok((*peer, tcp)),
                // It would say the same of every other address.
                Err(Failure::Proxy(refusal)) if !refusal.is_of_the_address() => return Err(Failure::Proxy(refusal)),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn open(&self, peer: SocketAddr) -> Result<TcpStream, Failure> {
        if let Some(proxy) = &self.proxy {
            return proxy.open(peer).await.map_err(Failure::Proxy);
        }
        let failed = |error: io::Error| Failure::Connect { address: peer, error: error.to_string() };
        let tcp = TcpStream::connect(peer).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        Ok(tcp)
    }
}

fn is_literal(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

impl Service<ConnectInfo<Uri>> for GuardedConnector {
    type Response = Connection<Uri, Stream>;
    type Error = ConnectError;
    type Future = LocalPromise<Result<Self::Response, Self::Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, info: ConnectInfo<Uri>) -> Self::Future {
        let this = self.clone();
        let uri = info.request().clone();
        let trace = Trace::current();
        Box::pin(async move {
            let default_port = if this.tls.is_some() { 443 } else { 80 };
            let port = uri.port_u16().unwrap_or(default_port);
            match this.connect(uri.host().unwrap_or_default(), port, &trace).await {
                Ok(stream) => Ok(Connection::new(uri.clone(), stream)),
                Err(failure) => {
                    trace.fail(failure);
                    // What it was is in the trace, with its data; this only ends the client's own waiting.
                    Err(ConnectError::Unresolved)
                }
            }
        })
    }
}
