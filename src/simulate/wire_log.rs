//! What went over the wire, in lines for people.

use serde::Serialize;

/// Characters kept of a body in a log.
const PREVIEW_CHARS_MAX: usize = 6_000;

/// A notification that was sent, or could not be.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Counts attempts from 1.
    pub attempt: u32,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What it told, in a few words.
    pub about: String,
    /// Where it went.
    pub url: String,
    /// The status of the answer; nothing if there was none.
    pub status: Option<u16>,
    /// The answer's beginning, or why there was none.
    pub answer: String,
    /// Until the answer, in milliseconds.
    pub took_ms: u64,
    /// The body as it was sent, its beginning.
    pub body: String,
    /// It will be sent again after so many milliseconds.
    pub again_in_ms: Option<u64>,
}

/// A call that the business made.
#[derive(Debug, Clone, Serialize)]
pub struct ApiCall {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// `POST`, …
    pub method: String,
    /// Path and query, without secrets in it.
    pub path: String,
    /// The body's beginning.
    pub body: String,
    /// The status of the answer.
    pub status: u16,
    /// The answer's beginning.
    pub answer: String,
}

/// The beginning of a body, for people.
pub fn preview(bytes: &[u8]) -> String {
    let head = bytes.get(..PREVIEW_CHARS_MAX * 4).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    if text.chars().take(200).any(|c| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace())) {
        return format!("({} bytes)", bytes.len());
    }
    match text.char_indices().nth(PREVIEW_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
