//! A small HTTP client of our own: it sends what it is told, also what is wrong, and follows nothing.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::multipart::{BOUNDARY, Part, form};

/// The longest a test waits for an answer: only so that a server that hangs fails a test instead of stalling it.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// A request to be sent on a connection of its own.
#[derive(Debug, Clone)]
pub struct Request {
    address: SocketAddr,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without a body.
    pub fn new(address: SocketAddr, method: &str, path: &str) -> Self {
        Self { address, method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Shows a token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Shows a session as a browser does.
    pub fn cookie(self, session: &str) -> Self {
        self.header("Cookie", format!("__Host-switchboard_session={session}"))
    }

    /// Sends JSON.
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    /// Sends a form with files.
    pub fn form(self, parts: &[Part<'_>]) -> Self {
        self.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}")).body(form(parts))
    }

    /// Sends bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it and waits for the whole answer.
    pub async fn send(self) -> Reply {
        tokio::time::timeout(ANSWER_TIMEOUT, self.exchange()).await.expect("the server did not answer")
    }

    /// Sends it and reads an answer that does not end, as far as the `count`th time that this stands in it.
    pub async fn send_until(self, text: &str, count: usize) -> String {
        let read = async {
            let mut stream = self.begin().await;
            let mut bytes = Vec::new();
            loop {
                let so_far = String::from_utf8_lossy(&bytes);
                if so_far.matches(text).count() >= count {
                    return so_far.into_owned();
                }
                let more = stream.read_buf(&mut bytes).await.expect("read on");
                assert!(more > 0, "the answer ended before {text}: {}", String::from_utf8_lossy(&bytes));
            }
        };
        tokio::time::timeout(ANSWER_TIMEOUT, read).await.expect("the server did not say it")
    }

    async fn exchange(self) -> Reply {
        let mut stream = self.begin().await;
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes).await;
        assert!(read.is_ok() || !bytes.is_empty(), "no answer: {read:?}");
        parse(&bytes)
    }

    async fn begin(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("connect");
        let mut head = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", self.method, self.path);
        let has = |name: &str| self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !has("host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        if !has("content-length") && (!self.body.is_empty() || matches!(self.method.as_str(), "POST" | "PATCH" | "PUT")) {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.expect("send the head");
        // A server that refuses a large body early may close before it has read everything; its answer is what counts.
        drop(stream.write_all(&self.body).await);
        stream
    }
}

impl Reply {
    /// A header's value, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text()))
    }

    /// Status and code of a problem, after checking that it is a whole one.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let document = self.json();
        let code = document["code"].as_str().expect("a code").to_owned();
        assert_eq!(document["status"], self.status);
        assert_eq!(document["type"], format!("/docs/errors#{code}"));
        assert_eq!(document["request_id"], self.header("x-request-id"));
        assert!(!self.header("x-request-id").is_empty());
        assert!(document["title"].is_string() && document["detail"].is_string());
        (self.status, code)
    }
}

fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).expect("a head in ASCII");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok()).expect("a status");
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let rest = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunk(rest) } else { rest.to_vec() };
    Reply { status, headers, body }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).expect("a size"), 16).expect("a size in hex");
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 2 + size + 2..];
    }
    body
}
