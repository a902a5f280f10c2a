//! The context of a request: its id and whether it came by the widget's door, known wherever an answer is made.
//!
//! It is a task-local and not a request extension, because `ResponseError` is not handed the request: so even errors that actix makes
//! itself become problems with the request's id.

use std::{
    net::{IpAddr, Ipv4Addr},
    rc::Rc,
};

use actix_web::HttpRequest;

use crate::options::{Cidr, cidr};

/// Longest request id that is taken from a client, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

tokio::task_local! {
    static CURRENT: Rc<Context>;
}

/// What is known of the request that is being answered.
#[derive(Debug, Clone)]
pub struct Context {
    /// The client's own id for the request, or one that was made.
    pub request_id: String,
    /// Its path is one of the widget's endpoints.
    pub widget: bool,
    /// Where it came from; see [`client_address`].
    pub address: IpAddr,
}

/// The context of the request that is being answered; an empty one outside of any.
#[must_use]
pub fn current() -> Rc<Context> {
    CURRENT.try_with(Rc::clone).unwrap_or_else(|_outside_of_a_request| {
        Rc::new(Context { request_id: String::new(), widget: false, address: IpAddr::V4(Ipv4Addr::UNSPECIFIED) })
    })
}

/// Runs a request's future with its context.
pub async fn within<F: Future>(context: Rc<Context>, future: F) -> F::Output {
    CURRENT.scope(context, future).await
}

/// A client's `X-Request-Id`, if it is visible ASCII and within its bound.
#[must_use]
pub fn sent_request_id(request: &HttpRequest) -> Option<&str> {
    let id = request.headers().get("x-request-id")?.to_str().ok()?;
    (!id.is_empty() && id.len() <= REQUEST_ID_BYTES_MAX && id.bytes().all(|b| b.is_ascii_graphic())).then_some(id)
}

/// The address a request came from: the socket's, or, where that is a trusted proxy, the last address in `X-Forwarded-For` that is not one.
/// What a client writes into that header itself stands before it and is not believed.
#[must_use]
pub fn client_address(peer: Option<IpAddr>, forwarded: impl Iterator<Item = String>, trusted: &[Cidr]) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.to_canonical());
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    let hops: Vec<String> = forwarded.flat_map(|line| line.split(',').map(|hop| hop.trim().to_owned()).collect::<Vec<_>>()).collect();
    let mut client = peer;
    for hop in hops.iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// The address's prefix by which strangers are counted: /24, or /48 for IPv6.
#[must_use]
pub fn prefix(address: IpAddr) -> IpAddr {
    let bits = if address.is_ipv4() { 24 } else { 48 };
    cidr::masked(address, bits).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<Cidr> = trusted.iter().map(|range| range.parse().unwrap()).collect();
        client_address(Some(peer.parse().unwrap()), forwarded.iter().map(|line| (*line).to_owned()), &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("9.9.9.9", &["1.1.1.1"], &[]), "9.9.9.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1"], &["10.0.0.0/8"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 1.1.1.1, 10.0.0.2"], &["10.0.0.0/8"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6", "1.1.1.1"], &["10.0.0.0/8"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &["rubbish"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(client("::ffff:9.9.9.9", &[], &[]), "9.9.9.9");
    }

    #[test]
    fn strangers_are_counted_by_prefix() {
        assert_eq!(prefix("203.0.113.77".parse().unwrap()).to_string(), "203.0.113.0");
        assert_eq!(prefix("2001:db8:1:2::3".parse().unwrap()).to_string(), "2001:db8:1::");
    }
}
