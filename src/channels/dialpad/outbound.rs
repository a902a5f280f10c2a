//! Text messages as calls to Dialpad, and how to fetch what it keeps for us (`dialpad.md`, parts 5.3 and 9).

use entities::{Action, AddressKind, InboundMedia, Outbound, OutboundMessage};
use serde_json::{Value, json};

use super::credential;
use crate::channels::{
    adapter::Unsupported,
    call::{Body, MediaCall, MediaSource, ProviderCall},
    credential::Credential,
    sms::{media as files, phone},
    split::{Count, split},
    tidy,
};

/// Longest text of one message: Dialpad documents none, so that of text messages is kept (part 9).
const TEXT_MAX: usize = 1_600;
/// Largest file, before base64 (part 9).
const FILE_BYTES_MAX: u64 = 500 * 1_024;
/// Most files of one message of ours; each goes out in a message of its own.
const FILES_MAX: usize = 10;
/// The one host that gets the key with a download (part 5.3).
const MEDIA_HOSTS: &[&str] = &["dialpad.com"];

/// The calls that do it.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    match &outbound.what {
        Action::Send(message) => send(credential, outbound, message),
        Action::React { .. } | Action::Edit { .. } | Action::Delete { .. } => {
            Err(Unsupported::new("unsupported", "a text message cannot be changed, taken back or reacted to"))
        }
        Action::MarkRead { .. } | Action::Typing { .. } => {
            Err(Unsupported::new("unsupported", "Dialpad shows nobody that we read or type"))
        }
    }
}

fn send(credential: &Credential, outbound: &Outbound, message: &OutboundMessage) -> Result<Vec<ProviderCall>, Unsupported> {
    if message.extra.is_some() {
        return Err(Unsupported::new("unsupported", "text messages have no buttons, lists or templates"));
    }
    if !outbound.account.starts_with('+') {
        return Err(Unsupported::new("no_number", "this channel's address is no telephone number, so nothing can be sent from it"));
    }
    if outbound.to.kind != AddressKind::Phone {
        return Err(Unsupported::new("address", "the contact has no telephone number that a text message can be sent to"));
    }
    let to = phone::dialled(&outbound.to)?;
    if message.media.len() > FILES_MAX {
        return Err(Unsupported::new("too_many_files", format!("at most {FILES_MAX} files can be sent at once")));
    }
    if let Some(large) = message.media.iter().find(|file| file.size > FILE_BYTES_MAX) {
        let title = format!("{} is larger than the 500 KiB that Dialpad takes", tidy::cut(&large.filename, 100));
        return Err(Unsupported::new("file_too_large", title));
    }
    let mut texts = split(message.text.trim(), TEXT_MAX, Count::CodePoints);
    let mut files = message.media.iter();
    if texts.is_empty() && message.media.is_empty() {
        return Err(Unsupported::new("no_text", "there is nothing to send"));
    }
    let mut calls = Vec::new();
    // The first file goes with the last words.
    let last = if message.media.is_empty() { None } else { texts.pop() };
    for text in texts {
        calls.push(sms(credential, Body::Json(body(outbound, &to, Some(&text)))));
    }
    if let Some(file) = files.next() {
        calls.push(sms(credential, with_file(body(outbound, &to, last.as_deref()), file.id)));
    }
    for file in files {
        calls.push(sms(credential, with_file(body(outbound, &to, None), file.id)));
    }
    Ok(calls)
}

fn sms(credential: &Credential, body: Body) -> ProviderCall {
    ProviderCall::sending("POST", credential::base(credential), "/api/v2/sms", body, "sms")
        .header("authorization", credential::bearer(credential))
}

/// One recipient a request: several might become a group (part 9).
fn body(outbound: &Outbound, to: &str, text: Option<&str>) -> Value {
    let mut body = json!({ "from_number": outbound.account, "to_numbers": [to], "infer_country_code": false });
    if let (Some(text), Some(fields)) = (text, body.as_object_mut()) {
        fields.insert("text".to_owned(), json!(text));
    }
    body
}

fn with_file(mut json: Value, file: entities::AttachmentId) -> Body {
    if let Some(fields) = json.as_object_mut() {
        fields.insert("media".to_owned(), json!(""));
    }
    Body::JsonWithFile { json, pointer: "/media", file }
}

/// How to fetch a picture, a recording or a transcript. Redirects within the host are part of it (part 6.6); elsewhere the key does not go.
pub fn media(credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
    Ok(MediaCall::Direct(MediaSource {
        url: files::address(media)?,
        headers: vec![("authorization", credential::bearer(credential))],
        trusted_hosts: MEDIA_HOSTS,
        follow_redirects: true,
        html_means_unauthorised: true,
    }))
}
