//! A misbehaving receiver of webhooks: real sockets on 127.0.0.1, plain or TLS, that behave as they are told and remember what they were sent.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

/// How long apart the bytes of a dripping answer are.
const DRIP: Duration = Duration::from_millis(10);

/// How a receiver behaves once it has read a request.
#[derive(Debug, Clone)]
pub enum Manner {
    /// Writes this and waits for the next request on the same connection.
    Answer(Vec<u8>),
    /// Writes this and closes.
    AnswerAndClose(Vec<u8>),
    /// Writes this and then one `x` after the other, for as long as the other side takes them.
    Drip(Vec<u8>),
    /// Writes this and then so many `x`, as fast as the other side takes them.
    Flood(Vec<u8>, usize),
    /// Says nothing and keeps the connection.
    Silence,
    /// Resets the connection.
    Reset,
    /// Ends its own side without an answer, and goes on reading.
    HalfClose,
    /// Answers with the first unless the `authorization` is this one: then with the second.
    Unless(String, Vec<u8>, Vec<u8>),
    /// Answers the first request of each connection, and closes at the second without an answer.
    Once(Vec<u8>),
}

impl Manner {
    /// A complete answer after which the connection is kept.
    pub fn status(status: &str, headers: &[&str], body: &str) -> Self {
        Self::Answer(answer(status, headers, body))
    }
}

/// A complete answer with a length.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let length = format!("content-length: {}", body.len());
    let head: Vec<_> = headers.iter().copied().chain([length.as_str()]).collect();
    format!("HTTP/1.1 {status}\r\n{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request line.
    pub line: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// What has happened so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Connections accepted.
    pub opened: usize,
    /// Connections over.
    pub closed: usize,
    /// Bytes written on all of them.
    pub written: usize,
    /// Requests that came.
    pub requests: usize,
}

/// The receiver. Ends when it is dropped.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    tally: watch::Sender<Tally>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Starts a receiver that speaks plain http.
    pub async fn plain(manner: Manner) -> Self {
        Self::start(manner, None).await
    }

    /// Starts a receiver that speaks TLS.
    pub async fn tls(manner: Manner, acceptor: TlsAcceptor) -> Self {
        Self::start(manner, Some(acceptor)).await
    }

    async fn start(manner: Manner, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (tally, _) = watch::channel(Tally::default());
        let (seen, counted) = (Arc::clone(&received), tally.clone());
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                counted.send_modify(|tally| tally.opened += 1);
                let connection = Connection { manner: manner.clone(), seen: Arc::clone(&seen), tally: counted.clone() };
                tokio::spawn(connection.serve(socket, acceptor.clone()));
            }
        });
        Self { address, received, tally, task }
    }

    /// Every request so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// What has happened so far.
    pub fn tally(&self) -> Tally {
        *self.tally.borrow()
    }

    /// Waits until so many requests have come.
    pub async fn requested(&self, count: usize) -> Tally {
        *self.tally.subscribe().wait_for(|tally| tally.requests >= count).await.unwrap()
    }

    /// Waits until so many connections are over.
    pub async fn closed(&self, count: usize) -> Tally {
        *self.tally.subscribe().wait_for(|tally| tally.closed >= count).await.unwrap()
    }
}

struct Connection {
    manner: Manner,
    seen: Arc<Mutex<Vec<Received>>>,
    tally: watch::Sender<Tally>,
}

impl Connection {
    async fn serve(self, socket: TcpStream, acceptor: Option<TlsAcceptor>) {
        // How it ends is what the other side's test is about; here it only ends.
        let _ended = match acceptor {
            None => self.talk(socket).await,
            Some(acceptor) => match acceptor.accept(socket).await {
                Ok(stream) => self.talk(stream).await,
                Err(error) => Err(error),
            },
        };
        self.tally.send_modify(|tally| tally.closed += 1);
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin + Resettable>(&self, mut stream: S) -> io::Result<()> {
        let mut buffer = Vec::new();
        for number in 0.. {
            let Some(request) = read_request(&mut stream, &mut buffer).await? else { return Ok(()) };
            let authorization = request.header("authorization").to_owned();
            self.seen.lock().unwrap().push(request);
            self.tally.send_modify(|tally| tally.requests += 1);
            match &self.manner {
                Manner::Unless(one, most, other) => stream.write_all(if authorization == *one { other } else { most }).await?,
                Manner::Answer(bytes) => stream.write_all(bytes).await?,
                Manner::Once(bytes) if number == 0 => stream.write_all(bytes).await?,
                Manner::AnswerAndClose(bytes) => {
                    stream.write_all(bytes).await?;
                    return stream.shutdown().await;
                }
                Manner::Drip(bytes) => {
                    stream.write_all(bytes).await?;
                    loop {
                        stream.write_all(b"x").await?;
                        stream.flush().await?;
                        sleep(DRIP).await;
                    }
                }
                Manner::Flood(bytes, count) => {
                    stream.write_all(bytes).await?;
                    return self.flood(&mut stream, *count).await;
                }
                Manner::Silence => return drain(&mut stream).await,
                Manner::Reset => return stream.reset(),
                Manner::HalfClose => {
                    stream.shutdown().await?;
                    return drain(&mut stream).await;
                }
                Manner::Once(_) => return Ok(()),
            }
            stream.flush().await?;
        }
        Ok(())
    }

    async fn flood<S: AsyncWrite + Unpin>(&self, stream: &mut S, count: usize) -> io::Result<()> {
        let chunk = vec![b'x'; 64 * 1024];
        let mut left = count;
        while left > 0 {
            let written = stream.write(&chunk[..left.min(chunk.len())]).await?;
            left -= written;
            self.tally.send_modify(|tally| tally.written += written);
        }
        stream.flush().await
    }
}

/// Reads until the other side is gone.
async fn drain<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    tokio::io::copy(stream, &mut tokio::io::sink()).await.map(drop)
}

/// Reads one request with a length; `None` when the connection ended before one began.
async fn read_request<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> io::Result<Option<Received>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let mut lines = head.split("\r\n").map(str::to_owned);
            let line = lines.next().unwrap();
            let headers: Vec<_> =
                lines.map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())).unwrap()).collect();
            let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, length)| length.parse().unwrap());
            let whole = end + 4 + length;
            if buffer.len() >= whole {
                let body = buffer[end + 4..whole].to_vec();
                buffer.drain(..whole);
                return Ok(Some(Received { line, headers, body }));
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// What can be cut off without a farewell.
trait Resettable {
    fn reset(self) -> io::Result<()>;
}

impl Resettable for TcpStream {
    fn reset(self) -> io::Result<()> {
        // With nothing to linger for, closing sends a reset.
        socket2::SockRef::from(&self).set_linger(Some(Duration::ZERO))
    }
}

impl Resettable for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset(self) -> io::Result<()> {
        self.into_inner().0.reset()
    }
}
