//! Files both ways (section 10).

use entities::{
    InboundMedia, OutboundMessage,
    outbound::{MessageExtra, OutboundMedia},
};
use serde_json::{Map, Value, json};

use super::{COUNT, Part};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, MediaCall, MediaSource},
    credential::Credential,
    meta::graph::{self, Request},
};

/// Longest caption (section 11.1).
const CAPTION_MAX: usize = 1_024;
const MIB: u64 = 1_024 * 1_024;
/// Largest picture (section 10).
const IMAGE_BYTES_MAX: u64 = 5 * MIB;
/// Largest sound or film.
const AUDIO_VIDEO_BYTES_MAX: u64 = 16 * MIB;
/// Largest file at all.
const DOCUMENT_BYTES_MAX: u64 = 100 * MIB;
/// Hosts of Meta that may see the token (section 10).
const TRUSTED_HOSTS: &[&str] = &["graph.facebook.com", "lookaside.fbsbx.com", "*.fbsbx.com", "*.fbcdn.net"];
/// Names under which the ids of uploaded files are kept: as many files as one message may have.
const CAPTURES: &[&str] = &[
    "wa_media_1",
    "wa_media_2",
    "wa_media_3",
    "wa_media_4",
    "wa_media_5",
    "wa_media_6",
    "wa_media_7",
    "wa_media_8",
    "wa_media_9",
    "wa_media_10",
];

/// A file on its way to WhatsApp.
pub struct Upload {
    pub body: Body,
    /// Under which name its id is kept.
    pub capture: &'static str,
}

/// As what a file is sent. What fits no other kind by type or size goes as a document.
fn kind(file: &OutboundMedia) -> Result<&'static str, Unsupported> {
    let mut parts = file.mime.split(';').map(|part| part.trim().to_ascii_lowercase());
    let mime = parts.next().unwrap_or_default();
    let opus = parts.find_map(|part| part.strip_prefix("codecs=").map(|codecs| codecs.trim_matches('"') == "opus")).unwrap_or(true);
    let kind = match mime.as_str() {
        "image/jpeg" | "image/png" if file.size <= IMAGE_BYTES_MAX => "image",
        "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" if file.size <= AUDIO_VIDEO_BYTES_MAX => "audio",
        "audio/ogg" if opus && file.size <= AUDIO_VIDEO_BYTES_MAX => "audio",
        "video/mp4" | "video/3gpp" if file.size <= AUDIO_VIDEO_BYTES_MAX => "video",
        _ => "document",
    };
    if file.size > DOCUMENT_BYTES_MAX {
        return Err(Unsupported::new("file_too_large", format!("{} is larger than the 100 MB that WhatsApp takes", file.filename)));
    }
    Ok(kind)
}

/// As what type a file is uploaded. What goes as a document because WhatsApp takes it for no picture, sound or film must not be measured by
/// the limits of those (not confirmed on a live account).
fn uploaded_type(kind: &str, file: &OutboundMedia) -> String {
    let mime = file.mime.to_ascii_lowercase();
    let measured = ["image/", "audio/", "video/"].iter().any(|family| mime.starts_with(family));
    if kind == "document" && (measured || mime.is_empty()) { "application/octet-stream".to_owned() } else { file.mime.clone() }
}

/// The text that goes as a caption, and the place of the file that it goes with; `None` if it goes by itself. Sound has no caption.
pub fn caption<'a>(message: &'a OutboundMessage, extra: Option<&MessageExtra>) -> Option<(usize, &'a str)> {
    let text = message.text.trim();
    if text.is_empty() || extra.is_some() || COUNT.of(text) > CAPTION_MAX {
        return None;
    }
    let at = message.media.iter().position(|file| kind(file).is_ok_and(|kind| kind != "audio"))?;
    Some((at, text))
}

/// A message for each file. Meta fetches it where it lies; what lies where it cannot (no https) is uploaded.
pub(super) fn parts(files: &[OutboundMedia], caption: Option<&(usize, &str)>) -> Result<Vec<Part>, Unsupported> {
    if files.len() > CAPTURES.len() {
        return Err(Unsupported::new("too_many_files", format!("At most {} files can be sent at once", CAPTURES.len())));
    }
    let mut parts = Vec::new();
    for ((at, file), capture) in files.iter().enumerate().zip(CAPTURES) {
        let kind = kind(file)?;
        let mut content = Map::new();
        if kind == "document" {
            content.insert("filename".to_owned(), json!(file.filename));
        }
        if let Some((_, text)) = caption.filter(|(place, _)| *place == at) {
            content.insert("caption".to_owned(), json!(text));
        }
        if file.url.starts_with("https://") {
            content.insert("link".to_owned(), json!(file.url));
            parts.push(Part::Said(kind, Value::Object(content)));
            continue;
        }
        content.insert("id".to_owned(), json!(format!("{{{capture}}}")));
        let fields = vec![("messaging_product", "whatsapp".to_owned()), ("type", uploaded_type(kind, file))];
        let body = Body::Multipart { fields, file_field: "file", file: file.id };
        parts.push(Part::Uploaded(Box::new(Upload { body, capture }), kind, Value::Object(content)));
    }
    Ok(parts)
}

/// How to fetch a file of a customer: first where it lies (an address that lives five minutes), then the file, both with the token.
pub fn fetch(credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
    let token = credential.secret("access_token");
    let headers = token.map(|token| ("authorization", format!("Bearer {token}"))).into_iter().collect();
    let source = |url: &str| MediaSource {
        url: url.to_owned(),
        headers,
        trusted_hosts: TRUSTED_HOSTS,
        follow_redirects: true,
        html_means_unauthorised: true,
    };
    if let Some(id) = &media.id {
        let request = Request {
            method: "GET",
            base: graph::BASE,
            token,
            segments: &[id],
            query: "",
            body: Body::None,
            purpose: "media",
            sends: false,
        };
        return Ok(MediaCall::Located {
            call: request.call(credential),
            url: "/url",
            mime: Some("/mime_type"),
            sha256: Some("/sha256"),
            source: source(""),
        });
    }
    match &media.url {
        Some(url) => Ok(MediaCall::Direct(source(url))),
        None => Err(Unsupported::new("file_gone", "WhatsApp gave neither an id nor an address of the file")),
    }
}
