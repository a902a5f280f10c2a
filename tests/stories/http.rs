//! One request on a connection of its own, and the whole answer.

use std::io;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    /// The body, of an answer that is good.
    pub fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "refused: {self:?}");
        self.body
    }

    /// What `Retry-After` asks for, in milliseconds.
    pub fn retry_after_ms(&self) -> Option<u64> {
        let line = self.head.lines().find_map(|line| line.strip_prefix("retry-after: "))?;
        line.trim().parse::<u64>().ok().map(|secs| secs * 1_000)
    }
}

/// Sends a request. An error means that nothing is known of its outcome.
pub async fn request(address: &str, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> io::Result<Answer> {
    let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    exchange(address, method, path, &bearer, body).await
}

/// Posts with an `Idempotency-Key`.
pub async fn keyed(address: &str, path: &str, token: &str, key: &str, body: &Value) -> io::Result<Answer> {
    exchange(address, "POST", path, &format!("authorization: Bearer {token}\r\nidempotency-key: {key}\r\n"), Some(body)).await
}

async fn exchange(address: &str, method: &str, path: &str, headers: &str, body: Option<&Value>) -> io::Result<Answer> {
    let text = body.map(Value::to_string).unwrap_or_default();
    let kind = if body.is_some() { "content-type: application/json\r\n" } else { "" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}{kind}content-length: {}\r\n\r\n{text}",
        text.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    read(&bytes)
}

fn read(bytes: &[u8]) -> io::Result<Answer> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let mut body = bytes[end + 4..].to_vec();
    if head.contains("transfer-encoding: chunked") {
        body = unchunked(&body).ok_or_else(cut)?;
    } else if let Some(length) = head.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        // Cut off in the middle: the outcome is as unknown as without an answer.
        if length.trim().parse() != Ok(body.len()) {
            return Err(cut());
        }
    }
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).map_err(|_not_json| cut())? };
    Ok(Answer { status, head, body })
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(end + 2..end + 2 + length)?);
        bytes = bytes.get(end + 2 + length + 2..)?;
    }
}
