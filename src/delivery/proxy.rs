//! The operator's proxy: a connection goes to it, and through it to the one address that was vetted here.
//!
//! Guarantees: the proxy is asked (CONNECT, RFC 9110 section 9.3.6) for an address and never for a name, so it cannot lead anywhere but where
//! the address guard let the connection go; of its answer at most [`HEAD_BYTES_MAX`] are read. A refusal holds neither the proxy's address nor
//! its words nor the credentials: attempts are shown to those who own the webhook, and the proxy is the operator's.
//!
//! Does not: limit the time (whoever waits does), or look at what goes through it: TLS is spoken inside, with the receiver.

use std::{io, net::SocketAddr, sync::Arc};

use actix_web::rt::net::TcpStream;
use awc::http::StatusCode;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::resolver::Resolve;
use crate::options::ProxyAddress;

/// The most bytes of the proxy's answer, interim ones included.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How every answer of HTTP/1 begins.
const BEGINNING: &[u8] = b"HTTP/1.";

/// A way out that leads through a proxy. Cheap to clone.
#[derive(Clone)]
pub struct Proxy {
    address: Arc<ProxyAddress>,
    resolver: Arc<dyn Resolve>,
}

/// Why the proxy opens no connection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProxyRefusal {
    /// It is not there.
    #[error("the server's proxy cannot be reached: {0}")]
    Unreachable(String),
    /// It says no.
    #[error("the server's proxy answered {}{}", words(*.0), advice(*.0))]
    Status(u16),
    /// It is gone before it has answered.
    #[error("the server's proxy closed the connection without an answer")]
    Closed,
    /// The connection to it broke.
    #[error("the connection to the server's proxy broke: {0}")]
    Broken(String),
    /// It is something else.
    #[error("what the server's proxy answered is not HTTP")]
    Garbage,
    /// It does not come to an end.
    #[error("the head of the answer of the server's proxy is too long")]
    TooLong,
    /// It answered for somebody who was not asked yet.
    #[error("the server's proxy sent more than an answer")]
    Surplus,
}

impl ProxyRefusal {
    /// Whether it may be that address alone: another one is worth a try.
    pub const fn is_of_the_address(&self) -> bool {
        matches!(self, Self::Status(403 | 500..600))
    }
}

fn words(status: u16) -> String {
    StatusCode::from_u16(status).map_or_else(|_unusual| status.to_string(), |status| status.to_string())
}

const fn advice(status: u16) -> &'static str {
    match status {
        407 => ": an operator names the user and the password in --webhook-proxy",
        403 => ": its rules do not let webhooks go to this address",
        _ => "",
    }
}

impl Proxy {
    /// The proxy at this address. Its name, if it has one, is looked up for every connection.
    #[must_use]
    pub fn new(address: ProxyAddress, resolver: Arc<dyn Resolve>) -> Self {
        Self { address: Arc::new(address), resolver }
    }

    /// Opens a connection to `target` through the proxy. What is sent over it then goes to `target` as it is.
    ///
    /// # Errors
    /// [`ProxyRefusal`].
    pub async fn open(&self, target: SocketAddr) -> Result<TcpStream, ProxyRefusal> {
        let mut tcp = self.reach().await.map_err(|error| ProxyRefusal::Unreachable(error.to_string()))?;
        let broken = |error: io::Error| ProxyRefusal::Broken(error.to_string());
        tcp.write_all(self.request(target).as_bytes()).await.map_err(broken)?;
        match answer(&mut tcp).await? {
            200..300 => Ok(tcp),
            status => Err(ProxyRefusal::Status(status)),
        }
    }

    /// Connects to the proxy itself. The operator named it: it may be anywhere.
    async fn reach(&self) -> io::Result<TcpStream> {
        let addresses = match self.address.host().parse() {
            Ok(literal) => vec![literal],
            Err(_a_name) => self.resolver.lookup(self.address.host()).await?,
        };
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "its name has no address");
        for address in addresses {
            match TcpStream::connect((address, self.address.port())).await {
                Ok(tcp) => {
                    tcp.set_nodelay(true)?;
                    return Ok(tcp);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn request(&self, target: SocketAddr) -> String {
        let authorization = self.address.authorization().map(|value| format!("Proxy-Authorization: {value}\r\n")).unwrap_or_default();
        format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n")
    }
}

/// Reads the final answer's head, and not a byte of what lies behind it.
async fn answer(tcp: &mut TcpStream) -> Result<u16, ProxyRefusal> {
    let (mut head, mut read) = (Vec::new(), 0);
    loop {
        while let Some((status, length)) = first_head(&head)? {
            match status {
                // Interim answers are passed over (RFC 9110 section 15.2).
                100..200 => drop(head.drain(..length)),
                // Behind a 2xx the tunnel begins at once, whatever lengths the head speaks of; and the receiver was not asked anything yet.
                200..300 if head.len() > length => return Err(ProxyRefusal::Surplus),
                _ => return Ok(status),
            }
        }
        if read >= HEAD_BYTES_MAX {
            return Err(ProxyRefusal::TooLong);
        }
        let mut chunk = [0; 1024];
        let count = tcp.read(&mut chunk).await.map_err(|error| ProxyRefusal::Broken(error.to_string()))?;
        if count == 0 {
            return Err(ProxyRefusal::Closed);
        }
        read += count;
        head.extend(chunk.iter().take(count));
    }
}

/// The status and the length of the head that the bytes begin with; `None` if it is not whole yet.
fn first_head(bytes: &[u8]) -> Result<Option<(u16, usize)>, ProxyRefusal> {
    if bytes.iter().zip(BEGINNING).any(|(byte, expected)| byte != expected) {
        return Err(ProxyRefusal::Garbage);
    }
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    // "HTTP/1.1 200" and a blank or the line's end.
    let line: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != b'\r').collect();
    let mut parts = line.split(|byte| *byte == b' ').skip(1);
    let status = parts.next().filter(|digits| digits.len() == 3).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    match status {
        Some(status @ 100..) => Ok(Some((status, end + 4))),
        _ => Err(ProxyRefusal::Garbage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole_and_garbage_is_told_at_once() {
        for (bytes, expected) in [
            ("", Ok(None)),
            ("HTTP", Ok(None)),
            ("HTTP/1.1 200 Connection established\r\n", Ok(None)),
            ("HTTP/1.0 200 Connection established\r\n\r\nrest", Ok(Some((200, 39)))),
            ("HTTP/1.1 407\r\n\r\n", Ok(Some((407, 16)))),
            ("HTTP/1.1 999 \r\na: b\r\n\r\n", Ok(Some((999, 23)))),
            ("HTTP/2 200 OK", Err(ProxyRefusal::Garbage)),
            ("SSH-2.0", Err(ProxyRefusal::Garbage)),
            ("HTTP/1.1 2000 OK\r\n\r\n", Err(ProxyRefusal::Garbage)),
            ("HTTP/1.1 +20 OK\r\n\r\n", Err(ProxyRefusal::Garbage)),
            ("HTTP/1.1\r\n\r\n", Err(ProxyRefusal::Garbage)),
        ] {
            assert_eq!(first_head(bytes.as_bytes()), expected, "{bytes}");
        }
    }
}
