//! The few requests that set a run up: HTTP/1.1 over one kept connection each, JSON both ways.
//!
//! Does not: speak TLS, follow redirects, or read chunked bodies (the server gives lengths).

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::LoadError;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A connection to the server. Opened again if the server has closed it.
pub struct Http {
    authority: String,
    stream: Option<TcpStream>,
}

impl Http {
    /// A connection to `http://HOST:PORT`, opened when needed.
    pub fn new(url: &str) -> Result<Self, LoadError> {
        Ok(Self { authority: authority(url)?.to_owned(), stream: None })
    }

    /// Posts a body and answers with the one that comes back.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn post(&mut self, what: &'static str, path: &str, token: Option<&str>, body: &Value) -> Result<Value, LoadError> {
        self.ask(what, "POST", path, token, Some(body)).await
    }

    /// Makes a request and answers with the body that comes back; null if there is none.
    ///
    /// # Errors
    /// [`LoadError::Refused`] unless the status is 2xx; [`LoadError::Io`]; [`LoadError::Unreadable`].
    pub async fn ask(
        &mut self,
        what: &'static str,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, LoadError> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let bearer = token.map(|token| ("authorization", format!("Bearer {token}")));
        let headers: Vec<_> = bearer.into_iter().chain([("content-type", "application/json".to_owned())]).collect();
        let (status, body) = self.send(what, method, path, &headers, body.as_bytes()).await?;
        let text = String::from_utf8_lossy(&body);
        if !(200..300).contains(&status) {
            return Err(LoadError::Refused { what, answer: format!("{status} {text}") });
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_not_json| LoadError::Unreadable { what, answer: text.into_owned() })
    }

    /// Makes a request and answers with the status and the body that come back, whatever they are.
    ///
    /// # Errors
    /// [`LoadError::Io`]; [`LoadError::Unreadable`].
    pub async fn send(
        &mut self,
        what: &'static str,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), LoadError> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.authority, body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let request = [request.as_bytes(), body].concat();
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(&self.authority).await.map_err(LoadError::io("connect to the server"))?;
            stream.set_nodelay(true).map_err(LoadError::io("connect to the server"))?;
            stream
        };
        stream.write_all(&request).await.map_err(LoadError::io(what))?;
        let answer = read_answer(&mut stream, what).await?;
        self.stream = Some(stream);
        Ok(answer)
    }
}

/// `HOST:PORT` of `http://HOST:PORT`.
pub fn authority(url: &str) -> Result<&str, LoadError> {
    let rest = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    rest.filter(|rest| rest.contains(':') && !rest.contains('/')).ok_or_else(|| LoadError::Url(url.to_owned()))
}

async fn read_answer(stream: &mut TcpStream, what: &'static str) -> Result<(u16, Vec<u8>), LoadError> {
    let mut bytes = Vec::with_capacity(2048);
    let head_end = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes, what).await?;
    };
    let mut body = bytes.split_off(head_end + 4);
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let unreadable = || LoadError::Unreadable { what, answer: head.clone() };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(unreadable)?;
    let length: usize = match head.lines().find_map(|line| line.strip_prefix("content-length:")) {
        Some(length) => length.trim().parse().map_err(|_not_a_number| unreadable())?,
        None if status == 204 => 0,
        None => return Err(unreadable()),
    };
    if length > ANSWER_BYTES_MAX {
        return Err(unreadable());
    }
    while body.len() < length {
        more(stream, &mut body, what).await?;
    }
    Ok((status, body))
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>, what: &'static str) -> Result<(), LoadError> {
    let read = stream.read_buf(bytes).await.map_err(LoadError::io(what))?;
    if read == 0 || bytes.len() > ANSWER_BYTES_MAX {
        return Err(LoadError::Unreadable { what, answer: String::from_utf8_lossy(bytes).into_owned() });
    }
    Ok(())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
