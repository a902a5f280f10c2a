//! Files that come with a message (MMS).

use entities::{InboundMedia, MessageType};
use url::{Host, Url};

use crate::channels::{
    adapter::Unsupported,
    call::{MediaCall, MediaSource},
};

/// What kind of message a file of this type would be alone; the type is claimed and may be wrong.
pub fn kind(mime: &str) -> MessageType {
    let mime = mime.to_ascii_lowercase();
    match mime.split('/').next().unwrap_or_default() {
        _ if matches!(mime.as_str(), "text/x-vcard" | "text/vcard" | "text/directory") => MessageType::Contacts,
        "image" => MessageType::Image,
        "video" => MessageType::Video,
        "audio" => MessageType::Audio,
        _ => MessageType::Document,
    }
}

/// A file's address, if it is one that may be fetched. It is only data, also in a notification that verified: whoever fetches it still
/// refuses private addresses, here and behind each redirect.
///
/// # Errors
/// [`Unsupported`] for what is not `https`. Plain `http` is let through for this very machine alone, where a simulator may listen.
pub fn address(media: &InboundMedia) -> Result<String, Unsupported> {
    let refuse = |why: &str| Unsupported::new("media_address", format!("the file's address cannot be fetched: {why}"));
    let text = media.url.as_deref().ok_or_else(|| refuse("there is none"))?;
    let url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => Err(refuse("it holds a name or password")),
        "https" => Ok(url.into()),
        "http" if here => Ok(url.into()),
        _ => Err(refuse("it is not https")),
    }
}

/// A file that anybody may fetch who knows its address.
///
/// # Errors
/// As [`address`].
pub fn public(media: &InboundMedia) -> Result<MediaCall, Unsupported> {
    Ok(MediaCall::Direct(MediaSource {
        url: address(media)?,
        headers: Vec::new(),
        trusted_hosts: &[],
        follow_redirects: true,
        html_means_unauthorised: false,
    }))
}
