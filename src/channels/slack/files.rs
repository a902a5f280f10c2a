//! Files in both directions (`slack.md`, parts 4.5 and 9).
//!
//! Guarantees: the token goes to Slack's own hosts alone; a file that is gone or that lies elsewhere is a line of text and no download.

use entities::{AttachmentId, InboundMedia, MediaAuth, MessageType, outbound::OutboundMedia};
use serde_json::{Value, json};

use super::{credential, wire};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, MediaCall, MediaSource, ProviderCall},
    credential::Credential,
    tidy,
};

/// Where Slack's methods are.
pub const API: &str = "https://slack.com";
/// Where files go; the answer of the first step names the whole address.
const FILES: &str = "https://files.slack.com";
/// Hosts that may see the token (part 9).
const TRUSTED_HOSTS: &[&str] = &["files.slack.com", "*.slack.com"];
/// Most files of one message that are taken in.
const INBOUND_FILES_MAX: usize = 20;
/// Names under which the upload's steps hand on an address and an id, one pair a file of a message.
const CAPTURES: &[(&str, &str)] = &[
    ("slack-upload-1", "slack-file-1"),
    ("slack-upload-2", "slack-file-2"),
    ("slack-upload-3", "slack-file-3"),
    ("slack-upload-4", "slack-file-4"),
    ("slack-upload-5", "slack-file-5"),
    ("slack-upload-6", "slack-file-6"),
    ("slack-upload-7", "slack-file-7"),
    ("slack-upload-8", "slack-file-8"),
    ("slack-upload-9", "slack-file-9"),
    ("slack-upload-10", "slack-file-10"),
];

/// What a message's files are to us: those to fetch, and lines for those that cannot be.
#[derive(Debug, Default)]
pub struct Files {
    /// To be fetched.
    pub media: Vec<InboundMedia>,
    /// To be read instead.
    pub lines: Vec<String>,
}

/// Reads `files`.
pub fn read(event: &Value) -> Files {
    let mut found = Files::default();
    let list = event.get("files").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for file in list.iter().take(INBOUND_FILES_MAX) {
        one(file, &mut found);
    }
    if list.len() > INBOUND_FILES_MAX {
        found.lines.push(format!("[{} more files]", list.len() - INBOUND_FILES_MAX));
    }
    found
}

fn one(file: &Value, found: &mut Files) {
    let name = ["/name", "/title"].iter().find_map(|at| wire::text(file, at)).and_then(tidy::name);
    let shown = name.clone().unwrap_or_else(|| "file".to_owned());
    match wire::text(file, "/mode").unwrap_or("hosted") {
        "tombstone" => found.lines.push("[a file that was deleted]".to_owned()),
        "hidden_by_limit" => found.lines.push("[a file that Slack no longer shows because of the workspace's storage limit]".to_owned()),
        "external" => {
            let link = ["/url_private", "/permalink", "/external_url"].iter().find_map(|at| wire::text(file, at));
            found.lines.push(link.map_or_else(|| format!("[file elsewhere: {shown}]"), |link| format!("{shown} ({link})")));
        }
        _ => {
            let id = wire::id(file, "/id").map(str::to_owned);
            let url = ["/url_private_download", "/url_private"].iter().find_map(|at| wire::text(file, at)).map(str::to_owned);
            if id.is_none() && url.is_none() {
                found.lines.push(format!("[a file that cannot be read: {shown}]"));
                return;
            }
            let mime = wire::text(file, "/mimetype").map(str::to_ascii_lowercase);
            found.media.push(InboundMedia {
                kind: kind(file, mime.as_deref()),
                id,
                url,
                mime,
                filename: name,
                size: file.get("size").and_then(Value::as_u64).filter(|size| *size > 0),
                sha256: None,
                auth: MediaAuth::Bearer,
                expires_at: None,
            });
        }
    }
}

fn kind(file: &Value, mime: Option<&str>) -> MessageType {
    match (wire::text(file, "/subtype"), mime.and_then(|mime| mime.split('/').next())) {
        (Some("slack_audio"), _) => MessageType::Voice,
        (Some("slack_video"), _) | (_, Some("video")) => MessageType::Video,
        (_, Some("image")) => MessageType::Image,
        (_, Some("audio")) => MessageType::Audio,
        _ => MessageType::Document,
    }
}

/// How to fetch a file: where it lies, or (shared channels tell only its id) by asking first.
pub fn media(credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
    let page = media.mime.as_deref().is_some_and(|mime| mime.starts_with("text/html"));
    let source = |url: &str| MediaSource {
        url: url.to_owned(),
        headers: vec![("authorization", credential::bearer(credential))],
        trusted_hosts: TRUSTED_HOSTS,
        follow_redirects: true,
        // Without a good token Slack answers with its page for signing in, directly or by a redirect.
        html_means_unauthorised: !page,
    };
    if let Some(url) = media.url.as_deref() {
        return Ok(MediaCall::Direct(source(url)));
    }
    let id = media.id.as_deref().ok_or_else(|| Unsupported::new("no_file", "Slack named neither the file's address nor its id"))?;
    let form = Body::Form(vec![("file".to_owned(), id.to_owned())]);
    Ok(MediaCall::Located {
        call: ProviderCall::asking("POST", API, "/api/files.info", form, "files.info")
            .header("authorization", credential::bearer(credential)),
        url: "/file/url_private",
        mime: Some("/file/mimetype"),
        sha256: None,
        source: source(""),
    })
}

/// The calls that upload files and share them as one message: two a file, and one for all.
pub fn upload(
    credential: &Credential,
    files: &[OutboundMedia],
    channel: &str,
    root: Option<&str>,
) -> Result<Vec<ProviderCall>, Unsupported> {
    if files.len() > CAPTURES.len() {
        return Err(Unsupported::new("too_many_files", format!("Slack takes at most {} files in one message", CAPTURES.len())));
    }
    if let Some(empty) = files.iter().find(|file| file.size == 0) {
        return Err(Unsupported::new("file_empty", format!("{} is empty, which Slack refuses", tidy::cut(&empty.filename, 100))));
    }
    let mut calls = Vec::new();
    let mut shared = Vec::new();
    for (file, (address, id)) in files.iter().zip(CAPTURES) {
        // Braces would be taken for the name of something that an earlier answer gave.
        let filename = tidy::name(&file.filename).unwrap_or_else(|| "file".to_owned()).replace('{', "(").replace('}', ")");
        calls.extend(store(credential, file.id, file.size, &filename, (*address, *id)));
        shared.push(json!({ "id": format!("{{{id}}}"), "title": filename }));
    }
    let mut body = json!({ "files": shared, "channel_id": channel });
    if let (Some(root), Some(body)) = (root, body.as_object_mut()) {
        body.insert("thread_ts".to_owned(), json!(root));
    }
    calls.push(
        ProviderCall::sending("POST", API, "/api/files.completeUploadExternal", Body::Json(body), "files.completeUploadExternal")
            .header("authorization", credential::bearer(credential)),
    );
    Ok(calls)
}

/// Asks for an address, and sends the bytes there. The address itself is the permission: the token does not go with them (part 9, step 2).
fn store(credential: &Credential, file: AttachmentId, size: u64, name: &str, captures: (&'static str, &'static str)) -> [ProviderCall; 2] {
    let form = Body::Form(vec![("filename".to_owned(), name.to_owned()), ("length".to_owned(), size.to_string())]);
    let (address, id) = captures;
    [
        ProviderCall::asking("POST", API, "/api/files.getUploadURLExternal", form, "files.getUploadURLExternal")
            .header("authorization", credential::bearer(credential))
            .capture(address, "/upload_url")
            .capture(id, "/file_id"),
        ProviderCall::asking("POST", FILES, format!("{{{address}}}"), Body::File(file), "upload"),
    ]
}
