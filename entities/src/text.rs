//! Bounded text: strings that were checked once, at the edge.
//!
//! Guarantees: no control characters but line breaks and tabs, no NUL (PostgreSQL refuses it), never longer than the bound.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest text of a message, in characters.
pub const MESSAGE_CHARS_MAX: usize = 10_000;
/// Longest name of anything, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest key a client may choose for its own message, in bytes.
pub const CLIENT_ID_BYTES_MAX: usize = 64;
/// Longest label, in characters.
pub const LABEL_CHARS_MAX: usize = 64;
/// Most labels on one conversation.
pub const LABELS_MAX: usize = 50;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Over the bound.
    #[error("is longer than {max} characters")]
    TooLong {
        /// The bound, in characters.
        max: usize,
    },
    /// A character that cannot be shown or stored.
    #[error("holds a control character")]
    Control,
    /// Not in the form that this field has.
    #[error("{0}")]
    Malformed(&'static str),
}

/// Checks a text of any number of lines and returns it without white space at its ends.
///
/// # Errors
/// [`TextError::Empty`], [`TextError::TooLong`] or [`TextError::Control`].
pub fn lines(text: &str, chars_max: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    // Bytes bound characters from above: a cheap check first, so that a megabyte is not walked.
    if text.len() > chars_max && text.chars().nth(chars_max).is_some() {
        return Err(TextError::TooLong { max: chars_max });
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(TextError::Control);
    }
    Ok(text.to_owned())
}

/// Like [`lines`], for what stands on one line: a name, a subject.
///
/// # Errors
/// As [`lines`]; a line break is a control character here.
pub fn line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let text = lines(text, chars_max)?;
    if text.chars().any(char::is_control) {
        return Err(TextError::Control);
    }
    Ok(text)
}

/// Checks an e-mail address well enough to find a contact by it, and lower-cases it.
///
/// # Errors
/// [`TextError::Malformed`] if it has not one `@` with text on both sides and a dot behind it, or is over 254 characters.
pub fn email(text: &str) -> Result<String, TextError> {
    const MALFORMED: TextError = TextError::Malformed("is not an e-mail address");
    let text = line(text, 254)?.to_lowercase();
    let (local, domain) = text.split_once('@').ok_or(MALFORMED)?;
    let dotted = domain.split('.').all(|part| !part.is_empty()) && domain.contains('.');
    if local.is_empty() || !dotted || domain.contains('@') || text.contains(char::is_whitespace) {
        return Err(MALFORMED);
    }
    Ok(text)
}

/// The key that a client gave its message; a repeat of it is the same message for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(Box<str>);

impl ClientId {
    /// Takes 1 to 64 visible ASCII characters.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`] or [`TextError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > CLIENT_ID_BYTES_MAX {
            return Err(TextError::TooLong { max: CLIENT_ID_BYTES_MAX });
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(TextError::Malformed("may hold visible ASCII characters only"));
        }
        Ok(Self(text.into()))
    }

    /// The key as the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl utoipa::PartialSchema for ClientId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for ClientId {}

/// A label of a conversation: one line, lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(Box<str>);

impl Label {
    /// Takes one line of at most 64 characters and lower-cases it.
    ///
    /// # Errors
    /// As [`line`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(&text.to_lowercase(), LABEL_CHARS_MAX).map(|text| Self(text.into()))
    }

    /// The label's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0.into()
    }
}

impl utoipa::PartialSchema for Label {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Label {}
