//! Files both ways (section 9).

use entities::{InboundMedia, outbound::OutboundMedia};
use serde_json::{Value, json};

use crate::channels::{
    adapter::Unsupported,
    call::{Body, MediaCall, MediaSource},
};

const MIB: u64 = 1_024 * 1_024;
/// Largest picture.
const IMAGE_BYTES_MAX: u64 = 8 * MIB;
/// Largest sound, film or other file.
const FILE_BYTES_MAX: u64 = 25 * MIB;
/// Hosts where Meta keeps files; no header goes to them, and none is needed.
const TRUSTED_HOSTS: &[&str] = &["*.fbcdn.net", "*.fbsbx.com", "*.cdninstagram.com"];
/// Names under which the ids of uploaded files are kept: as many files as one message may have.
const CAPTURES: &[&str] =
    &["fb_file_1", "fb_file_2", "fb_file_3", "fb_file_4", "fb_file_5", "fb_file_6", "fb_file_7", "fb_file_8", "fb_file_9", "fb_file_10"];

/// One message of several that make up ours.
pub struct Part {
    /// The file that has to be with Meta first.
    pub upload: Option<Box<Upload>>,
    /// What stands under `message`.
    pub message: Value,
}

/// A file on its way to Meta.
pub struct Upload {
    pub body: Body,
    /// Under which name its id is kept.
    pub capture: &'static str,
}

/// A message for each file. Meta fetches it where it lies; what lies where it cannot (no https) is uploaded for Messenger.
pub fn parts(files: &[OutboundMedia], instagram: bool) -> Result<Vec<Part>, Unsupported> {
    if files.len() > CAPTURES.len() {
        return Err(Unsupported::new("too_many_files", format!("At most {} files can be sent at once", CAPTURES.len())));
    }
    let mut parts = Vec::new();
    for (file, capture) in files.iter().zip(CAPTURES) {
        let kind = if instagram { instagram_kind(file)? } else { kind(file)? };
        if instagram || file.url.starts_with("https://") {
            let payload = json!({"url": file.url, "is_reusable": true});
            parts.push(Part { upload: None, message: json!({"attachment": {"type": kind, "payload": payload}}) });
            continue;
        }
        let description = json!({"attachment": {"type": kind, "payload": {"is_reusable": true}}}).to_string();
        let body = Body::Multipart { fields: vec![("message", description)], file_field: "filedata", file: file.id };
        let payload = json!({"attachment_id": format!("{{{capture}}}")});
        parts.push(Part {
            upload: Some(Box::new(Upload { body, capture })),
            message: json!({"attachment": {"type": kind, "payload": payload}}),
        });
    }
    Ok(parts)
}

fn bare(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// As what Messenger takes a file; what fits no other kind is a file.
fn kind(file: &OutboundMedia) -> Result<&'static str, Unsupported> {
    if file.size > FILE_BYTES_MAX {
        return Err(Unsupported::new("file_too_large", format!("{} is larger than the 25 MB that Messenger takes", file.filename)));
    }
    let mime = bare(&file.mime);
    Ok(match mime.as_str() {
        "image/jpeg" | "image/png" | "image/gif" if file.size <= IMAGE_BYTES_MAX => "image",
        _ if mime.starts_with("audio/") => "audio",
        _ if mime.starts_with("video/") => "video",
        _ => "file",
    })
}

/// As what Instagram takes a file: fewer types, and nothing else.
fn instagram_kind(file: &OutboundMedia) -> Result<&'static str, Unsupported> {
    let kind = match bare(&file.mime).as_str() {
        "image/jpeg" | "image/png" => "image",
        "video/mp4" | "video/quicktime" | "video/webm" => "video",
        "audio/aac" | "audio/mp4" | "audio/m4a" | "audio/x-m4a" | "audio/wav" | "audio/x-wav" | "audio/wave" => "audio",
        "application/pdf" => "file",
        _ => {
            let title = format!(
                "Instagram takes pictures (JPEG, PNG), films (MP4, MOV, WebM), sound (AAC, M4A, WAV) and PDF, not {}",
                file.filename
            );
            return Err(Unsupported::new("file_type", title));
        }
    };
    let (max, words) = if kind == "image" { (IMAGE_BYTES_MAX, "8 MB") } else { (FILE_BYTES_MAX, "25 MB") };
    if file.size > max {
        return Err(Unsupported::new("file_too_large", format!("{} is larger than the {words} that Instagram takes", file.filename)));
    }
    Ok(kind)
}

/// How to fetch a file of a customer: its address is signed, needs no token, and is good for hours or days.
pub fn fetch(media: &InboundMedia) -> Result<MediaCall, Unsupported> {
    let Some(url) = &media.url else { return Err(Unsupported::new("file_gone", "Meta gave no address of the file")) };
    Ok(MediaCall::Direct(MediaSource {
        url: url.clone(),
        headers: Vec::new(),
        trusted_hosts: TRUSTED_HOSTS,
        follow_redirects: true,
        html_means_unauthorised: false,
    }))
}
