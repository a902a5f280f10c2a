//! Calls to a provider as data: what `plan` gives, and what came back.

use entities::AttachmentId;
use serde_json::Value;

/// One HTTP call to a provider.
#[derive(Clone, PartialEq)]
pub struct ProviderCall {
    /// `GET`, `POST`, `DELETE`, …
    pub method: &'static str,
    /// Scheme and host where the provider listens (`https://graph.facebook.com`); an operator may put another in its place.
    pub base: &'static str,
    /// Path and query, beginning with `/`; or a whole address, where an earlier answer gave one. May hold `{name}` of a [`Capture`].
    pub path: String,
    /// Headers besides those that the body brings. Values may be secret.
    pub headers: Vec<(&'static str, String)>,
    /// The body. Strings in it may hold `{name}` of a [`Capture`].
    pub body: Body,
    /// What later calls of the same plan need of the answer.
    pub captures: Vec<Capture>,
    /// What the call is for, to `classify`: a word of the adapter's own.
    pub purpose: &'static str,
    /// The call makes a message at the other side: its outcome counts, and it is not repeated blindly.
    pub sends: bool,
}

/// A call's body.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// `application/x-www-form-urlencoded`, in order.
    Form(Vec<(String, String)>),
    /// `multipart/form-data`: fields, and a stored file under this field's name.
    Multipart {
        /// Plain fields.
        fields: Vec<(&'static str, String)>,
        /// The file's field.
        file_field: &'static str,
        /// The stored file.
        file: AttachmentId,
    },
    /// A stored file's bytes.
    File(AttachmentId),
    /// JSON in which one string, found by pointer, is a stored file in base64.
    JsonWithFile {
        /// The JSON.
        json: Value,
        /// Where the file goes.
        pointer: &'static str,
        /// The stored file.
        file: AttachmentId,
    },
}

/// A piece of an answer that later calls need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its name: `{name}` in a later call's path, headers and body stands for it.
    pub name: &'static str,
    /// Where it is: a JSON pointer (RFC 6901) into the answer; a string or a number.
    pub pointer: &'static str,
}

impl ProviderCall {
    /// A call that sends a message.
    pub fn sending(method: &'static str, base: &'static str, path: impl Into<String>, body: Body, purpose: &'static str) -> Self {
        Self { method, base, path: path.into(), headers: Vec::new(), body, captures: Vec::new(), purpose, sends: true }
    }

    /// A call that makes no message and may be repeated.
    pub fn asking(method: &'static str, base: &'static str, path: impl Into<String>, body: Body, purpose: &'static str) -> Self {
        Self { method, base, path: path.into(), headers: Vec::new(), body, captures: Vec::new(), purpose, sends: false }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a piece of the answer kept for later calls.
    #[must_use]
    pub fn capture(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.captures.push(Capture { name, pointer });
        self
    }
}

impl std::fmt::Debug for ProviderCall {
    /// Without headers' values and without the body: both may hold secrets or people's words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderCall")
            .field("method", &self.method)
            .field("base", &self.base)
            .field("purpose", &self.purpose)
            .field("sends", &self.sends)
            .finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderReply {
    /// An answer, whatever it says.
    Answered {
        /// The status.
        status: u16,
        /// Header names in lower case, with their values.
        headers: Vec<(String, String)>,
        /// The body, at most 1 MiB of it.
        body: Vec<u8>,
    },
    /// Nothing was sent: no connection could be made.
    Unreachable {
        /// Why.
        why: String,
    },
    /// The request went out, and no (whole) answer came: what became of it is not known.
    Silent {
        /// Why.
        why: String,
    },
}

impl ProviderReply {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        match self {
            Self::Answered { body, .. } => serde_json::from_slice(body).unwrap_or(Value::Null),
            Self::Unreachable { .. } | Self::Silent { .. } => Value::Null,
        }
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        match self {
            Self::Answered { headers, .. } => headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()),
            Self::Unreachable { .. } | Self::Silent { .. } => None,
        }
    }
}

/// How to fetch a file of a provider.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one is made for a download and used up by it; none are kept in numbers")]
pub enum MediaCall {
    /// It lies at an address.
    Direct(MediaSource),
    /// A first call's answer says where it lies.
    Located {
        /// The call.
        call: ProviderCall,
        /// Where in the answer's JSON the address stands.
        url: &'static str,
        /// Where the type stands.
        mime: Option<&'static str>,
        /// Where the SHA-256 in hexadecimal digits stands.
        sha256: Option<&'static str>,
        /// How the address is then fetched; its own address is empty.
        source: MediaSource,
    },
}

/// Where a file lies, and what fetching it needs.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaSource {
    /// The address.
    pub url: String,
    /// Headers (`authorization`), sent to the hosts of `trusted_hosts` alone and over https alone, never across a redirect to another.
    pub headers: Vec<(&'static str, String)>,
    /// Hosts that get the headers: `graph.facebook.com`, or `*.fbcdn.net` for all below.
    pub trusted_hosts: &'static [&'static str],
    /// Redirects are followed (without the headers where the host is not trusted).
    pub follow_redirects: bool,
    /// An answer of HTML means that the token was refused.
    pub html_means_unauthorised: bool,
}

impl std::fmt::Debug for MediaSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaSource").field("trusted_hosts", &self.trusted_hosts).finish_non_exhaustive()
    }
}
