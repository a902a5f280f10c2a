//! A connection that stands, plain or encrypted. It says where it goes when something is sent over it, and can be spoilt: then it reads as
//! ended, and the client's pool, which reads before it hands a connection out again, throws it away.

use std::{
    cell::Cell,
    fmt, io,
    net::SocketAddr,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::{ActixStream, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio_rustls::client::TlsStream;

use super::{interim::Interim, trace::Trace};

/// How much is read at once while the answer's head has not begun.
const HEAD_CHUNK: usize = 1024;

/// A connection to a receiver.
pub struct Stream {
    peer: SocketAddr,
    /// Shared with the trace of the attempt that last sent something, which sees the answer.
    spoilt: Rc<Cell<bool>>,
    interim: Interim,
    /// Read already, to be handed on first; at most what [`Interim`] holds back and one chunk.
    waiting: Vec<u8>,
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
        Self::new(peer, Wire::Plain(tcp))
    }

    /// Wraps an encrypted one.
    pub fn tls(peer: SocketAddr, tls: TlsStream<TcpStream>) -> Self {
        Self::new(peer, Wire::Tls(Box::new(tls)))
    }

    fn new(peer: SocketAddr, wire: Wire) -> Self {
        Self { peer, spoilt: Rc::default(), interim: Interim::default(), waiting: Vec::new(), wire }
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

impl Wire {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.spoilt.get() {
            return Poll::Ready(Ok(()));
        }
        while this.waiting.is_empty() {
            if this.interim.is_through() {
                return this.wire.poll_read(cx, buf);
            }
            let mut chunk = [0; HEAD_CHUNK];
            let mut read = ReadBuf::new(&mut chunk);
            ready!(this.wire.poll_read(cx, &mut read))?;
            this.waiting = if read.filled().is_empty() { this.interim.give_up() } else { this.interim.take(read.filled()) };
        }
        let count = this.waiting.len().min(buf.remaining());
        for byte in this.waiting.drain(..count) {
            buf.put_slice(&[byte]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Trace::sending_over(self.peer, &self.spoilt);
        self.interim.expect_head();
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
