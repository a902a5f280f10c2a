//! Readers of the event feed: pages and streams, with each envelope's own bytes.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::{
    api::Api,
    widget::{Raw, call},
};

/// A page of the feed.
#[derive(Debug, Deserialize)]
pub struct FeedPage {
    data: Vec<Box<RawValue>>,
    pub next_cursor: String,
    pub caught_up: bool,
}

impl FeedPage {
    /// The envelopes, byte for byte.
    pub fn envelopes(&self) -> Vec<String> {
        self.data.iter().map(|envelope| envelope.get().to_owned()).collect()
    }
}

/// Asks for a page; `query` is what stands behind the `?`.
pub async fn ask(api: &Api, token: &str, query: &str) -> Raw {
    call(api, "GET", &format!("/api/v1/events?{query}"), &[("authorization", &format!("Bearer {token}"))], b"").await
}

/// Reads a page.
pub async fn page(api: &Api, token: &str, query: &str) -> FeedPage {
    let raw = ask(api, token, query).await;
    assert_eq!(raw.status, 200, "{}", String::from_utf8_lossy(&raw.body));
    serde_json::from_slice(&raw.body).unwrap()
}

/// Reads on from a cursor (or from the oldest event) until there is nothing more: all envelopes, and where to go on.
pub async fn read_all(api: &Api, token: &str, query: &str, after: Option<&str>) -> (Vec<String>, String) {
    let (mut after, mut envelopes) = (after.map(str::to_owned), Vec::new());
    loop {
        let place = after.as_ref().map(|cursor| format!("&after={cursor}")).unwrap_or_default();
        let page = page(api, token, &format!("{query}{place}")).await;
        envelopes.extend(page.envelopes());
        if page.caught_up {
            return (envelopes, page.next_cursor);
        }
        after = Some(page.next_cursor);
    }
}

/// A block of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    pub id: Option<String>,
    pub event: Option<String>,
    pub data: Option<String>,
}

/// An open stream.
pub struct Stream {
    pub status: u16,
    pub head: String,
    socket: TcpStream,
    buffer: Vec<u8>,
    /// The body, with the chunks taken apart.
    text: String,
    /// The last chunk came: the server ended the stream, and did not break it off.
    pub whole: bool,
}

impl Stream {
    /// Opens one with further headers.
    pub async fn open(api: &Api, token: &str, query: &str, headers: &[(&str, &str)]) -> Self {
        Self::over(TcpStream::connect(api.server.address).await.unwrap(), token, query, headers).await
    }

    /// Opens one with the smallest receive buffer, and reads nothing of it.
    pub async fn open_unread(api: &Api, token: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut socket = socket.connect(api.server.address).await.unwrap();
        socket.write_all(head(token, "", &[]).as_bytes()).await.unwrap();
        socket
    }

    async fn over(mut socket: TcpStream, token: &str, query: &str, headers: &[(&str, &str)]) -> Self {
        socket.write_all(head(token, query, headers).as_bytes()).await.unwrap();
        let mut buffer = Vec::new();
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            assert_ne!(socket.read_buf(&mut buffer).await.unwrap(), 0, "the stream was not answered");
        };
        let head = String::from_utf8(buffer[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        buffer.drain(..end + 4);
        Self { status, head, socket, buffer, text: String::new(), whole: false }
    }

    /// The next block; `None` at the end.
    pub async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let mut read = Block::default();
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => read.id = Some(id.to_owned()),
                        Some(("event", event)) => read.event = Some(event.to_owned()),
                        Some(("data", data)) => read.data = Some(data.to_owned()),
                        _ => {}
                    }
                }
                return Some(read);
            }
            if self.whole || !self.more().await {
                return None;
            }
        }
    }

    /// The next block that has data; `None` at the end.
    pub async fn event(&mut self) -> Option<Block> {
        loop {
            let block = self.block().await?;
            if block.data.is_some() {
                return Some(block);
            }
        }
    }

    /// The next events.
    pub async fn events(&mut self, count: usize) -> Vec<Block> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.event().await.expect("the stream ended too early"));
        }
        events
    }

    /// Takes whole chunks out of the buffer, reading on where there is none; false at the end.
    async fn more(&mut self) -> bool {
        loop {
            let line = self.buffer.windows(2).position(|two| two == b"\r\n");
            if let Some(line) = line {
                let size = usize::from_str_radix(std::str::from_utf8(&self.buffer[..line]).unwrap(), 16).unwrap();
                if self.buffer.len() >= line + 2 + size + 2 {
                    let chunk: Vec<u8> = self.buffer.drain(..line + 2 + size + 2).collect();
                    self.whole = size == 0;
                    // Chunks of this server never cut a character in two: each is one block.
                    self.text.push_str(std::str::from_utf8(&chunk[line + 2..line + 2 + size]).unwrap());
                    return !self.whole;
                }
            }
            match self.socket.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return false,
                Ok(_) => {}
            }
        }
    }
}

fn head(token: &str, query: &str, headers: &[(&str, &str)]) -> String {
    let mut head =
        format!("GET /api/v1/events?{query} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer {token}\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head + "\r\n"
}
