//! A connection that stands, plain or encrypted. It says where it goes when something is sent over it, and can be spoilt: then it reads as
//! ended, and the client's pool, which reads before it hands a connection out again, throws it away.

use std::{
    cell::Cell,
    fmt, io,
    net::SocketAddr,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::rt::net::{ActixStream, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio_rustls::client::TlsStream;

use super::trace::Trace;

/// A connection to a receiver.
pub struct Stream {
    peer: SocketAddr,
    /// Shared with the trace of the attempt that last sent something, which sees the answer.
    spoilt: Rc<Cell<bool>>,
    wire: Wire,
}

enum Wire {
    Plain(TcpStream),
    // Boxed: the state of a TLS connection is some kilobytes, and streams are moved into and out of the pool.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Wraps a plain connection.
    pub fn plain(peer: SocketAddr, tcp: TcpStream) -> Self {
        Self { peer, spoilt: Rc::default(), wire: Wire::Plain(tcp) }
    }

    /// Wraps an encrypted one.
    pub fn tls(peer: SocketAddr, tls: TlsStream<TcpStream>) -> Self {
        Self { peer, spoilt: Rc::default(), wire: Wire::Tls(Box::new(tls)) }
    }

    fn tcp(&self) -> &TcpStream {
        match &self.wire {
            Wire::Plain(tcp) => tcp,
            Wire::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Drop for Stream {
    /// The pool drops what it does not keep; a TLS peer is told that this end was meant (RFC 8446 section 6.1).
    fn drop(&mut self) {
        if let Wire::Tls(tls) = &mut self.wire {
            let (tcp, session) = tls.get_mut();
            session.send_close_notify();
            let mut farewell = Vec::new();
            if session.write_tls(&mut farewell).is_ok() {
                // A courtesy: a peer whose buffer is full, or who is gone, does without it.
                let _courtesy = tcp.try_write(&farewell);
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.spoilt.get() {
            return Poll::Ready(Ok(()));
        }
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Trace::sending_over(self.peer, &self.spoilt);
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

impl ActixStream for Stream {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        pin!(self.tcp().ready(Interest::READABLE)).poll(cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        pin!(self.tcp().ready(Interest::WRITABLE)).poll(cx)
    }
}
