//! A provider's request as it came, and a bare answer to it.

use entities::Timestamp;

/// A request from outside, nothing of it believed yet.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The whole address under which the provider called us: the public URL of this server and the request's target as it came.
    pub url: String,
    /// The query as it came, without `?`; empty if there is none.
    pub query: String,
    /// The rest of the path behind the credential's (`status`); empty if there is none.
    pub kind: String,
    /// Header names in lower case, with their values, in order; a name may come several times.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
}

impl RawRequest {
    /// The one value of a header; `None` if it is missing, comes twice, or is no visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = values.next()?;
        if values.next().is_some() {
            return None;
        }
        std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
    }

    /// Whether a header comes at all, however often.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known == name)
    }

    /// The content type in lower case, without parameters; empty if there is none.
    pub fn content_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// An answer to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body's type; empty: no body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A status alone.
    pub const fn empty(status: u16) -> Self {
        Self { status, content_type: "", body: String::new() }
    }

    /// 200 with plain text, which no browser takes for a page.
    pub fn plain(body: impl Into<String>) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", body: body.into() }
    }
}
