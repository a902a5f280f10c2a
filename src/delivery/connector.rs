//! Opening connections: the name is looked up once, every address is vetted, and only those addresses are connected to.
//!
//! Guarantees: no connection is opened to an address that the guard did not let through in this very look-up. A literal address goes the same
//! way. TLS is spoken here and not in the client, so that its time and its errors are known.
//!
//! Does not: limit the time of it all; whoever waits does.

use std::{
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
}

impl GuardedConnector {
    /// Opens plain connections.
    pub const fn plain(guard: AddressGuard) -> Self {
        Self { guard, tls: None }
    }

    /// Opens encrypted connections.
    pub const fn secure(guard: AddressGuard, tls: Arc<ClientConfig>) -> Self {
        Self { guard, tls: Some(tls) }
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
        trace.enter(Phase::Connect);
        let candidates: Vec<SocketAddr> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        let (peer, tcp) = first_that_answers(&candidates, trace).await?;
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
}

fn is_literal(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

/// Tries the addresses in order. All but the last have [`TRY_NEXT_AFTER`]; the last has whatever the attempt has left.
async fn first_that_answers(candidates: &[SocketAddr], trace: &Trace) -> Result<(SocketAddr, TcpStream), Failure> {
    let mut failure = Failure::Lookup("there is no address to connect to".to_owned());
    for (index, peer) in candidates.iter().enumerate() {
        trace.connected_to(*peer);
        let connecting = TcpStream::connect(peer);
        let outcome = if index + 1 == candidates.len() {
            connecting.await.map_err(|error| error.to_string())
        } else {
            match timeout(TRY_NEXT_AFTER, connecting).await {
                Ok(outcome) => outcome.map_err(|error| error.to_string()),
                Err(_elapsed) => Err(format!("no answer within {} s", TRY_NEXT_AFTER.as_secs())),
            }
        };
        match outcome.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp).map_err(|error| error.to_string())) {
            Ok(tcp) => return Ok((*peer, tcp)),
            Err(error) => failure = Failure::Connect { address: *peer, error },
        }
    }
    Err(failure)
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
