//! The receiver: HTTPS on this machine, beside the server. It checks each delivery's signature, takes it down, and answers.
//!
//! Guarantees: what it says 200 to is on the board. It runs on the tool's own thread: what it costs is in the tool's time.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use actors::port::Clock;
use entities::{Timestamp, WebhookSecret};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{JoinHandle, spawn_local},
    time::sleep,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    super::{LoadError, frame::Mark, open::Due},
    board::Board,
    certificate::HOST,
    request::{Read, Request, read},
};
use crate::compose::SystemClock;

/// A request's bytes at most.
const REQUEST_BYTES_MAX: usize = 512 * 1024;
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const PUT_OFF: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
/// Of so many messages one is put off where retries are looked at: too few for the webhook to seem broken.
pub const ONE_IN: u32 = 10;

/// How a webhook's deliveries are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// With 200.
    Take,
    /// The first attempt of one in [`ONE_IN`] messages with 500, everything else with 200.
    PutOffSome,
    /// Not at all.
    Hang,
    /// With 200, and not taken down: a webhook of which only the number of deliveries counts.
    Count,
}

/// A webhook of the tool's.
pub struct Hook {
    /// Its number among those of its workspace.
    pub number: usize,
    /// Its secret.
    pub secret: WebhookSecret,
    /// How it is answered.
    pub manner: Manner,
}

/// A delivery that was put off, and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct PutOff {
    /// Which webhook.
    pub hook: usize,
    /// When it came again.
    pub again_at: Option<Timestamp>,
}

/// What the connections of the receiver share.
pub struct Desk {
    /// Everything that is counted.
    pub board: RefCell<Board>,
    /// The webhooks, by the number in their URLs.
    pub hooks: RefCell<Vec<Hook>>,
    /// Who says the next thing when a message of theirs has come to all webhooks; by conversation, empty in an open loop.
    pub turns: RefCell<Vec<mpsc::Sender<Due>>>,
    /// What was put off, by the delivery's id.
    pub put_off: RefCell<HashMap<String, PutOff>>,
    /// Deliveries of webhooks that are only counted.
    pub counted: Cell<usize>,
    clock: SystemClock,
}

impl Desk {
    /// With this board, and no webhook yet.
    pub fn new(board: Board) -> Rc<Self> {
        Rc::new(Self {
            board: RefCell::new(board),
            hooks: RefCell::default(),
            turns: RefCell::default(),
            put_off: RefCell::default(),
            counted: Cell::new(0),
            clock: SystemClock::default(),
        })
    }

    /// The conversation's next message may be said now, unless the time is over.
    pub fn turn(&self, conversation: u32) {
        let board = self.board.borrow();
        let (now, end) = (board.now(), board.end());
        let turns = self.turns.borrow();
        let Some(turn) = turns.get(conversation as usize).filter(|_| now < end) else { return };
        if turn.try_send((conversation, now)).is_err() {
            tracing::debug!(conversation, "a message was due on a socket that has ended");
        }
    }

    /// Takes a delivery down; what to answer, if anything.
    fn take(&self, request: &Request<'_>) -> Option<&'static [u8]> {
        let hooks = self.hooks.borrow();
        let Some((at, hook)) = request.hook.and_then(|at| Some((at, hooks.get(at)?))) else { return Some(NOT_FOUND) };
        if hook.manner == Manner::Hang {
            return None;
        }
        let mut board = self.board.borrow_mut();
        if !request.is_signed(&hook.secret) {
            board.badly_signed();
        }
        if hook.manner == Manner::Count {
            self.counted.set(self.counted.get() + 1);
            return Some(TAKEN);
        }
        let mark = std::str::from_utf8(request.body).ok().and_then(Mark::find);
        let Some(mark) = mark else {
            board.unreadable();
            return Some(TAKEN);
        };
        let is_put_off = hook.manner == Manner::PutOffSome && mark.number.is_multiple_of(ONE_IN);
        if is_put_off && request.attempt == 1 {
            self.put_off.borrow_mut().insert(request.delivery_id.to_owned(), PutOff { hook: at, again_at: None });
            return Some(PUT_OFF);
        }
        if is_put_off && let Some(put_off) = self.put_off.borrow_mut().get_mut(request.delivery_id) {
            put_off.again_at.get_or_insert_with(|| self.clock.now());
        }
        let now = board.now();
        let complete = board.delivered(mark, hook.number, is_put_off, now);
        drop(board);
        if let Some(conversation) = complete {
            self.turn(conversation);
        }
        Some(TAKEN)
    }
}

/// The receiver. Ends when it is dropped.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Listens on a free port.
    ///
    /// # Errors
    /// [`LoadError::Io`].
    pub async fn start(acceptor: TlsAcceptor, desk: Rc<Desk>) -> Result<Self, LoadError> {
        let what = "listen as a receiver";
        let listener = TcpListener::bind((HOST, 0)).await.map_err(LoadError::io(what))?;
        let address = listener.local_addr().map_err(LoadError::io(what))?;
        let task = spawn_local(async move {
            loop {
                match listener.accept().await {
                    Ok((socket, _)) => {
                        spawn_local(serve(socket, acceptor.clone(), desk.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the receiver could not take a connection");
                        sleep(Duration::from_millis(10)).await;
                    }
                }
            }
        });
        Ok(Self { address, task })
    }
}

/// Answers one request after the other until the server closes the connection.
async fn serve(socket: TcpStream, acceptor: TlsAcceptor, desk: Rc<Desk>) {
    let talked = async {
        socket.set_nodelay(true)?;
        // Boxed: the state of a TLS connection is some kilobytes.
        let mut stream = Box::new(acceptor.accept(socket).await?);
        talk(&mut stream, &desk).await
    };
    if let Err(error) = talked.await {
        // The server drops a connection that it does not want any more.
        tracing::debug!(%error, "a connection to the receiver ended");
    }
}

async fn talk(stream: &mut TlsStream<TcpStream>, desk: &Desk) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(4 * 1024);
    loop {
        let (answer, length) = match read(&buffer) {
            Read::Whole(request, length) => (desk.take(&request), length),
            Read::More if buffer.len() <= REQUEST_BYTES_MAX => {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
                continue;
            }
            Read::More | Read::Unreadable => {
                desk.board.borrow_mut().unreadable();
                return Ok(());
            }
        };
        buffer.drain(..length);
        let Some(answer) = answer else {
            // Until the other side gives up.
            return tokio::io::copy(stream, &mut tokio::io::sink()).await.map(drop);
        };
        stream.write_all(answer).await?;
        stream.flush().await?;
    }
}
