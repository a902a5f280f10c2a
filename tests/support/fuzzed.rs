//! What must hold for any bytes that a stranger sends; the fuzz targets and the corpus test run these.

use entities::{Cursor, Document, Timestamp, WidgetSettings};
use switchboard::{
    crypto::{Keys, visitor_token},
    http::{
        attachments::{filename, media, range},
        extract,
        widget::{fields, origin, wire},
    },
    ws::frame::ClientFrame,
};

/// A frame is read or refused with a sentence, and never breaks the reader.
pub fn client_frame(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(sentence) = ClientFrame::parse(text) {
        assert!(!sentence.is_empty());
    }
}

/// A body is read or refused; what is kept of it is bounded.
pub fn widget_body(bytes: &[u8]) {
    if let Ok(body) = extract::parse::<wire::InitRequest>(bytes) {
        let kept = fields::metadata(&body.metadata, Some("fuzz"));
        assert!(kept.len() <= fields::FIELDS_MAX + 1);
        if let Some(Ok(said)) = body.identity.map(|identity| fields::said(&identity, &[], "/identity")) {
            assert!(said.attributes.len() <= fields::FIELDS_MAX);
            assert!(said.attributes.keys().all(|name| name.len() <= fields::FIELD_NAME_BYTES_MAX));
        }
    }
    drop(extract::parse::<wire::PostRequest>(bytes));
    drop(extract::parse::<wire::ContactRequest>(bytes));
}

/// Nobody but us writes a token.
pub fn session_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let keys = Keys::new([7; 32]);
    assert!(visitor_token::open(&keys, text, Timestamp::from_micros(0)).is_err());
}

/// A cursor that is read is written the same way.
pub fn cursor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
    }
}

/// A name is harmless and fits its header; a type is one that is served safely; a range lies within the file.
pub fn file_name(bytes: &[u8]) {
    let (kept, inline) = media::served_as(media::sniff(bytes, true, None));
    assert!(!kept.contains("html") && !kept.contains("svg") && (!inline || kept.starts_with("image/") || kept.starts_with("text/plain")));
    let text = String::from_utf8_lossy(bytes);
    let name = filename::clean(&text);
    assert!(!name.is_empty() && !name.contains(['/', '\\']) && !name.chars().any(char::is_control));
    assert!(name.chars().count() <= filename::CHARS_MAX);
    assert!(filename::disposition(false, &name).bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
    if let range::Wanted::Part { first, last } = range::parse(Some(&text), 1000) {
        assert!(first <= last && last < 1000);
    }
}

/// No origin is taken but those that are named.
pub fn origin(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    drop(origin::Pattern::parse(text));
    let settings = WidgetSettings {
        api_key: String::new(),
        allowed_origins: vec!["https://example.com".to_owned(), "https://*.example.org".to_owned()],
        theme: serde_json::Map::new(),
        header_text: String::new(),
        pre_chat_form: Vec::new(),
        allow_file_uploads: false,
        identity: entities::channel::IdentitySettings::default(),
    };
    if origin::allowed(&settings, Some(text), "https://chat.test") {
        let named = text == "https://example.com" || text == "https://chat.test";
        assert!(named || (text.starts_with("https://") && text.ends_with(".example.org")), "{text}");
    }
}

/// A document is bounded once it is checked.
pub fn document(bytes: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Document>(bytes) else { return };
    if let Ok((_document, text)) = document.check() {
        assert!(!text.is_empty() && text.chars().count() <= entities::text::MESSAGE_CHARS_MAX);
    }
}
